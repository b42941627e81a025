import type { LogEntry } from '../../../src/pleg/lifecycle-event.ts';
import {
  LifecycleLog,
  type SubscriptionOptions,
  type UnnumberedEvent,
} from '../../../src/pleg/lifecycle-log.ts';
import { settle } from '../../helpers/simulated-time.ts';

const podSync = (podUid: string): UnnumberedEvent => ({
  type: 'PodSync',
  podUid,
  podNamespace: 'default',
  podName: podUid,
  source: 'relist',
  observedAt: '2026-11-20T22:50:59.359Z',
});

export const started = (containerId: string): UnnumberedEvent => ({
  ...podSync('p'),
  type: 'ContainerStarted',
  containerId,
  sandbox: false,
});

export interface LogSetup {
  readonly capacity?: number;
  /** Uids of the pods that live when a snapshot is taken. */
  readonly livePods?: string[];
}

export const newLog = ({ capacity = 4, livePods = [] }: LogSetup = {}) => {
  const gaps: number[] = [];
  const log = new LifecycleLog({
    capacity,
    snapshot: () => livePods.map(podSync),
    onGap: (count) => gaps.push(count),
  });
  const append = (count: number): void => {
    for (let index = 0; index < count; index += 1) log.append(started(`c${String(log.lastSeq + 1)}`));
  };
  return { log, append, gaps };
};

const word = (entry: LogEntry): string =>
  entry.type === 'Gap'
    ? `${String(entry.seq)} Gap ${String(entry.from)}..${String(entry.to)}`
    : `${String(entry.seq)} ${entry.type} ${entry.containerId ?? entry.podUid}`;

/** A subscriber that takes what there is; `read` gives what it has got since the last call. */
export const follow = (log: LifecycleLog, options?: SubscriptionOptions) => {
  const seen: string[] = [];
  const state = { isEnded: false };
  const reading = async (): Promise<void> => {
    for await (const entry of log.subscribe(options)) seen.push(word(entry));
    state.isEnded = true;
  };
  void reading();
  return {
    state,
    read: async () => {
      await settle();
      return seen.splice(0);
    },
  };
};

/** A subscriber that takes one entry at a time. */
export const next = async (entries: AsyncGenerator<LogEntry, void>): Promise<string> => {
  const { value } = await entries.next();
  return value ? word(value) : 'end';
};

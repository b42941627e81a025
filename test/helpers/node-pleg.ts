import { pino } from 'pino';
import { NodePleg, type NodePlegOptions } from '../../src/agent/node-pleg.ts';
import type { LogEntry, PodLifecycleEvent } from '../../src/pleg/lifecycle-event.ts';
import { FakeRuntimeService } from './fake-runtime-service.ts';
import { SimulatedTime } from './simulated-time.ts';

export interface TestPleg {
  readonly time: SimulatedTime;
  readonly runtime: FakeRuntimeService;
  readonly pleg: NodePleg;
  /** Everything published so far, oldest first. */
  readonly events: PodLifecycleEvent[];
  /** `type containerId` (`type podUid` for a PodSync) of what was published since the last call. */
  take(): string[];
}

/** kubelet's `newTestGenericPLEG`, for a whole PLEG: in memory, on simulated time, not started. */
export const newTestPleg = (options: Partial<NodePlegOptions> = {}): TestPleg => {
  const time = new SimulatedTime();
  const runtime = new FakeRuntimeService();
  runtime.time = time;
  const pleg = new NodePleg({
    time,
    logger: pino({ level: 'silent' }),
    service: runtime,
    mode: 'generic',
    generic: { periodMs: 1_000, thresholdMs: 180_000 },
    evented: { periodMs: 300_000, thresholdMs: 600_000 },
    maxStreamRetries: 5,
    inspectConcurrency: 8,
    inspectTimeoutMs: 10_000,
    lifecycleLogSize: 1_000,
    random: () => 1,
    ...options,
  });
  const events: PodLifecycleEvent[] = [];
  const follow = async (entries: AsyncIterable<LogEntry>): Promise<void> => {
    for await (const entry of entries) if (entry.type !== 'Gap') events.push(entry);
  };
  void follow(pleg.log.subscribe({ since: 0 }));
  let taken = 0;
  return {
    time,
    runtime,
    pleg,
    events,
    take: () => {
      const fresh = events
        .slice(taken)
        .map(({ type, containerId, podUid }) => `${type} ${containerId ?? podUid}`);
      taken = events.length;
      return fresh;
    },
  };
};

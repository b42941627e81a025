import { isoFromNs, type Time } from '../lib/time.ts';
import type { ListedChange } from './listed-change.ts';
import type { Beginning } from './observation.ts';

/** What is known of the event stream: for status, and for judging whether an event was due. */
export class StreamState {
  readonly #time: Time;
  state: 'off' | 'open' | 'down' = 'off';
  since: string;
  /** Times the stream was opened. */
  openCount = 0;
  eventCount = 0;
  lastEventAt: string | undefined;
  lastError: string | undefined;
  /** Since when every change is announced; `undefined` while the stream is not open or just opened. */
  #settled: Beginning | undefined;

  constructor(time: Time) {
    this.#time = time;
    this.since = isoFromNs(time.wallNs());
  }

  opened(): void {
    this.#change('open');
    this.openCount += 1;
    this.lastError = undefined;
  }

  settled(beginning: Beginning): void {
    this.#settled = beginning;
  }

  /** Closed by us; a stream that failed stays `down`. */
  closed(): void {
    this.#settled = undefined;
    if (this.state === 'open') this.#change('off');
  }

  failed(error: string): void {
    this.#settled = undefined;
    this.lastError = error;
    this.#change('down');
  }

  received(): void {
    this.eventCount += 1;
    this.lastEventAt = isoFromNs(this.#time.wallNs());
  }

  /** Whether all that changed since `beginning` was to be announced. */
  hasBeenSettledSince(beginning: Beginning | undefined): boolean {
    return this.#settled !== undefined && beginning !== undefined && beginning.began > this.#settled.began;
  }

  #change(state: StreamState['state']): void {
    this.state = state;
    this.since = isoFromNs(this.#time.wallNs());
  }
}

/**
 * Whether a runtime makes an event for a change of this kind at all: a container that was never seen
 * running and has ended is one whose start failed, which no runtime announces; no event says that the runtime
 * has lost sight of a container; and CRI-O announces nothing when a pod goes with its containers
 * (`removePodSandbox` generates the event after the sandbox is gone).
 */
export const isAnnounced = (
  { from, to, isPodGone }: ListedChange,
  runtimeName: string | undefined,
): boolean => {
  const hasFailedToStart = from === 'unknown' && to === 'exited';
  const isOutOfSight = from !== 'nonexistent' && to === 'unknown';
  return !hasFailedToStart && !isOutOfSight && !(runtimeName === 'cri-o' && isPodGone);
};

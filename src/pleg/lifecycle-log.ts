import type { GapMarker, LogEntry, PodLifecycleEvent } from './lifecycle-event.ts';

/** An event before the log gives it its number. */
export type UnnumberedEvent = Omit<PodLifecycleEvent, 'seq'>;

export interface LifecycleLogOptions {
  /** How many events are kept; kubelet's channel holds 1000 (`plegChannelCapacity`). */
  readonly capacity: number;
  /** One PodSync per live pod, for who has missed events. */
  readonly snapshot: () => UnnumberedEvent[];
  /** A subscriber that follows has fallen behind and will not get this many events. */
  readonly onGap?: (count: number) => void;
}

export interface SubscriptionOptions {
  /** Events after this number; without it only what comes from now on. What is no longer kept is a gap. */
  readonly since?: number;
  /** How far this subscriber may fall behind before it gets a gap instead; at most, and by default, the log's capacity. */
  readonly bound?: number;
  readonly signal?: AbortSignal;
}

/**
 * The ordered events of the node: a ring with numbers. Subscribers pull, each at its own pace, from the one
 * ring, so a slow one costs nothing; one that falls behind its bound gets a gap marker and a snapshot.
 */
export class LifecycleLog {
  readonly #ring: PodLifecycleEvent[] = [];
  readonly #options: LifecycleLogOptions;
  #lastSeq = 0;
  #wakers = new Set<() => void>();
  #isClosed = false;

  constructor(options: LifecycleLogOptions) {
    this.#options = options;
  }

  /** Number of the newest event; 0 before the first. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Number of the oldest event that is kept; `lastSeq` + 1 when none is. */
  get firstSeq(): number {
    return Math.max(1, this.#lastSeq - this.#options.capacity + 1);
  }

  /** The events that are kept and have a number above `since`, oldest first. */
  *kept(since = 0): Generator<PodLifecycleEvent, void> {
    for (let seq = Math.max(since + 1, this.firstSeq); seq <= this.#lastSeq; seq += 1) {
      yield this.#ring[seq % this.#options.capacity] as PodLifecycleEvent;
    }
  }

  append(event: UnnumberedEvent): PodLifecycleEvent {
    this.#lastSeq += 1;
    const numbered: PodLifecycleEvent = { seq: this.#lastSeq, ...event };
    this.#ring[this.#lastSeq % this.#options.capacity] = numbered;
    this.#wake();
    return numbered;
  }

  /** Ends every subscription after what is in the log. */
  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  subscribe({ since, bound, signal }: SubscriptionOptions = {}): AsyncGenerator<LogEntry, void> {
    const capacity = Math.min(bound ?? this.#options.capacity, this.#options.capacity);
    return since === undefined
      ? this.#follow(this.#lastSeq, capacity, signal)
      : this.#resume(since, capacity, signal);
  }

  /** What is no longer kept is a gap; what is kept comes behind it. */
  async *#resume(since: number, capacity: number, signal?: AbortSignal): AsyncGenerator<LogEntry, void> {
    // A number from the future belongs to another life of the agent: nothing of it can be resumed.
    const isForeign = since > this.#lastSeq;
    const oldest = Math.max(0, this.#lastSeq - capacity);
    const after = isForeign ? 0 : since;
    if (isForeign || after < oldest) yield* this.#gap(after, oldest, signal);
    yield* this.#follow(Math.max(after, oldest), capacity, signal);
  }

  /** A subscriber that falls behind its bound is brought to the newest. */
  async *#follow(after: number, capacity: number, signal?: AbortSignal): AsyncGenerator<LogEntry, void> {
    let cursor = after;
    while (!signal?.aborted) {
      if (this.#lastSeq - cursor > capacity) {
        const to = this.#lastSeq;
        this.#options.onGap?.(to - cursor);
        yield* this.#gap(cursor, to, signal);
        cursor = to;
      } else if (cursor < this.#lastSeq) {
        cursor += 1;
        yield this.#ring[cursor % this.#options.capacity] as PodLifecycleEvent;
      } else if (this.#isClosed) {
        return;
      } else {
        await this.#change(signal);
      }
    }
  }

  /**
   * The marker and the snapshot that makes up for it. All but the last entry resume before the gap, so
   * that a reader cut off in the middle gets the whole snapshot again.
   */
  *#gap(after: number, to: number, signal?: AbortSignal): Generator<LogEntry, void> {
    if (signal?.aborted) return;
    const snapshot = this.#options.snapshot();
    const marker: GapMarker = { type: 'Gap', seq: snapshot.length === 0 ? to : after, from: after + 1, to };
    yield marker;
    for (const [index, event] of snapshot.entries()) {
      if (signal?.aborted) return;
      yield { seq: index === snapshot.length - 1 ? to : after, ...event };
    }
  }

  #change(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#wakers.delete(wake);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      this.#wakers.add(wake);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }

  #wake(): void {
    for (const wake of [...this.#wakers]) wake();
  }
}

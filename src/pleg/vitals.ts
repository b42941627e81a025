import type { Time } from '../lib/time.ts';
import type { VitalSlice } from './vital-slice.ts';

/** One slice is this long, milliseconds. */
export const slicePeriodMs = 5_000;

/** A quarter of an hour. */
export const sliceCount = 180;

/**
 * The last quarter of an hour in slices of five seconds, for plots. Of several measurements in one slice the
 * worst is kept. No timer: a slice in which nothing happened is not made before somebody looks.
 */
export class Vitals {
  readonly #time: Pick<Time, 'monotonicMs'>;
  readonly #slices: VitalSlice[] = [];

  constructor(time: Pick<Time, 'monotonicMs'>) {
    this.#time = time;
  }

  relistBegan(intervalMs: number): void {
    const slice = this.#current();
    slice.relistIntervalMs = Math.max(intervalMs, slice.relistIntervalMs ?? 0);
  }

  relistEnded(durationMs: number): void {
    const slice = this.#current();
    slice.relistDurationMs = Math.max(durationMs, slice.relistDurationMs ?? 0);
  }

  /** @param latencyMs from the runtime's stamp to the log; missing where no event brought the change */
  published(latencyMs: number | undefined): void {
    const slice = this.#current();
    slice.eventCount += 1;
    if (latencyMs !== undefined) slice.eventLatencyMs = Math.max(latencyMs, slice.eventLatencyMs ?? 0);
  }

  reconnected(): void {
    this.#current().reconnectCount += 1;
  }

  missed(): void {
    this.#current().missedCount += 1;
  }

  /** Complete slices after the given one, oldest first; those in which nothing happened are left out. */
  slices(after = -1): VitalSlice[] {
    const now = this.currentIndex;
    return this.#slices.filter(({ index }) => index > after && index < now && index >= now - sliceCount);
  }

  /** The slice that is not complete yet. */
  get currentIndex(): number {
    return Math.floor(this.#time.monotonicMs() / slicePeriodMs);
  }

  #current(): VitalSlice {
    const index = this.currentIndex;
    const last = this.#slices.at(-1);
    if (last?.index === index) return last;
    const slice = { index, eventCount: 0, reconnectCount: 0, missedCount: 0 };
    this.#slices.push(slice);
    while ((this.#slices[0]?.index ?? index) < index - sliceCount) this.#slices.shift();
    return slice;
  }
}

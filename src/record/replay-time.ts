import type { Time, TimerHandle } from '../lib/time.ts';
import type { FrozenClock } from './frozen-clock.ts';

/**
 * Simulated time of a replay: it stands where the recording stands, and a timer goes off when the recording
 * says so, early or late as it was then, and never by its delay.
 */
export class ReplayTime implements Time {
  readonly #clock: FrozenClock;
  readonly #timers = new Map<number, () => void>();
  #timerCount = 0;

  constructor(clock: FrozenClock) {
    this.#clock = clock;
  }

  monotonicMs(): number {
    return this.#clock.nowMs;
  }

  wallNs(): bigint {
    return this.#clock.wallNs;
  }

  setTimeout(callback: () => void): TimerHandle {
    const nth = (this.#timerCount += 1);
    this.#timers.set(nth, callback);
    return nth;
  }

  clearTimeout(handle: TimerHandle): void {
    this.#timers.delete(handle as number);
  }

  /** Lets the nth timer that was set go off; false if it is not set. */
  fire(nth: number): boolean {
    const callback = this.#timers.get(nth);
    this.#timers.delete(nth);
    callback?.();
    return callback !== undefined;
  }
}

import type { Time, TimerHandle } from '../lib/time.ts';
import type { RecordingTurns } from './recording-turns.ts';

/** Time for a pipeline that is recorded: real timers, whose going off is written down, and frozen clocks. */
export class RecordingTime implements Time {
  readonly #time: Time;
  readonly #turns: RecordingTurns;
  #timerCount = 0;

  constructor(time: Time, turns: RecordingTurns) {
    this.#time = time;
    this.#turns = turns;
  }

  monotonicMs(): number {
    return this.#turns.clock.nowMs;
  }

  wallNs(): bigint {
    return this.#turns.clock.wallNs;
  }

  setTimeout(callback: () => void, delayMs: number): TimerHandle {
    const nth = (this.#timerCount += 1);
    return this.#time.setTimeout(() => {
      this.#turns.take({ kind: 'timer', nth }, callback);
    }, delayMs);
  }

  clearTimeout(handle: TimerHandle): void {
    this.#time.clearTimeout(handle);
  }
}

import type { PodLifecycleEvent } from '../pleg/lifecycle-event.ts';
import { DivergenceError } from './divergence-error.ts';
import type { Recording } from './recording.ts';

/** Holds the events of a replay against those that were published when it was recorded, byte for byte. */
export class EventCheck {
  readonly #recording: Recording;
  readonly #expected: readonly string[];
  #count = 0;

  constructor(recording: Recording) {
    this.#recording = recording;
    this.#expected = recording.lines.flatMap((line) =>
      line.kind === 'published' ? [JSON.stringify(line.event)] : [],
    );
  }

  /** @throws {DivergenceError} for an event that is not the next one of the recording */
  see(event: PodLifecycleEvent): void {
    const expected = this.#expected[this.#count];
    // The lines of the last input's own events may be missing.
    if (expected === undefined && this.#recording.cut !== undefined) return;
    const replayed = JSON.stringify(event);
    if (replayed !== expected) throw this.#differs(expected ?? 'nothing', replayed);
    this.#count += 1;
  }

  /**
   * @returns how many events were the same
   * @throws {DivergenceError} when the recording has more
   */
  end(): number {
    const missing = this.#expected[this.#count];
    if (missing !== undefined) throw this.#differs(missing, 'nothing');
    return this.#count;
  }

  #differs(recorded: string, replayed: string): DivergenceError {
    const { path } = this.#recording;
    return new DivergenceError(
      `${path}: event ${this.#count + 1} is not as recorded: ${recorded} was published then, ${replayed} now`,
    );
  }
}

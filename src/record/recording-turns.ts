import type { Time } from '../lib/time.ts';
import { FrozenClock } from './frozen-clock.ts';
import type { WrittenLine } from './recording-format.ts';

export interface RecordingTurnsOptions {
  /** The machine's own. */
  readonly time: Time;
  readonly startWallNs: bigint;
  /** Takes one line, without its newline. */
  readonly write: (line: string) => void;
  /** `write` threw; nothing is written any more. Called once. */
  readonly onBroken: (error: Error) => void;
}

/** The system's wall clock counts in milliseconds: less than this is no drift. */
const wallToleranceNs = 5_000_000n;

/**
 * Gives the pipeline its inputs one at a time and writes down in which order. Each has a turn of its own: what
 * the pipeline makes of it, promises and all, is done before the next one, and a replay can do the same.
 */
export class RecordingTurns {
  readonly clock: FrozenClock;
  readonly #options: RecordingTurnsOptions;
  readonly #startMs: number;
  #isEnded = false;

  constructor(options: RecordingTurnsOptions) {
    this.#options = options;
    this.#startMs = options.time.monotonicMs();
    this.clock = new FrozenClock(options.startWallNs);
  }

  /**
   * A turn as soon as the one under way is over. Between two immediates Node runs all that waits for promises;
   * between two messages from one read of a socket it does not.
   *
   * @param describe the line, or undefined for an input that nobody waits for any more
   */
  enqueue(describe: () => WrittenLine | undefined, deliver: () => void): void {
    setImmediate(() => {
      const line = describe();
      if (line) this.take(line, deliver);
    });
  }

  /** A turn now: for callers that the event loop has just called. */
  take(line: WrittenLine, deliver: () => void): void {
    this.#tick();
    this.write(line);
    deliver();
  }

  write(line: WrittenLine): void {
    if (this.#isEnded) return;
    try {
      this.#options.write(JSON.stringify({ atMs: this.clock.nowMs, ...line }));
    } catch (error) {
      this.#isEnded = true;
      this.#options.onBroken(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Nothing is written after this; turns go on, so that the pipeline can be stopped. */
  end(unanswered: readonly WrittenLine[]): void {
    this.#tick();
    for (const line of unanswered) this.write(line);
    this.write({ kind: 'end' });
    this.#isEnded = true;
  }

  #tick(): void {
    if (this.#isEnded) return;
    const { time } = this.#options;
    // To the microsecond, which JSON keeps short.
    this.clock.moveTo(Math.round((time.monotonicMs() - this.#startMs) * 1000) / 1000);
    const wallNs = time.wallNs();
    const driftNs = wallNs - this.clock.wallNs;
    if (driftNs <= wallToleranceNs && driftNs >= -wallToleranceNs) return;
    this.clock.setWall(wallNs);
    this.write({ kind: 'clock', wallNs: wallNs.toString() });
  }
}

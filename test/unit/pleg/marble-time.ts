import { TestScheduler } from 'rxjs/testing';
import { expect } from 'vitest';
import type { Time } from '../../../src/lib/time.ts';
import type { SimulatedTime } from '../../helpers/simulated-time.ts';

/** The virtual time of a marble test as the time that plegd knows; a frame is a millisecond. */
export const marbleTime = (scheduler: TestScheduler): Time => ({
  monotonicMs: () => scheduler.now(),
  wallNs: () => BigInt(scheduler.now()) * 1_000_000n,
  setTimeout: (callback, delayMs) => scheduler.schedule(callback, delayMs),
  clearTimeout: (handle) => (handle as ReturnType<TestScheduler['schedule']> | undefined)?.unsubscribe(),
});

/**
 * What happens on simulated time, to be compared with marbles. For what waits for promises, which the virtual
 * time of a TestScheduler does not: there all frames pass before the first promise settles.
 */
export class MarbleRecorder {
  readonly #time: SimulatedTime;
  readonly #startMs: number;
  readonly #seen: { readonly frame: number; readonly value: string }[] = [];

  constructor(time: SimulatedTime) {
    this.#time = time;
    this.#startMs = time.monotonicMs();
  }

  note(value: string): void {
    this.#seen.push({ frame: this.#time.monotonicMs() - this.#startMs, value });
  }

  expectToBe(marbles: string): void {
    const expected = new TestScheduler(() => undefined).run(() =>
      TestScheduler.parseMarbles(marbles, undefined, undefined, false, true),
    );
    expect(this.#seen).toEqual(
      expected.map(({ frame, notification }) => ({
        frame,
        value: notification.kind === 'N' ? (notification.value as string) : '|',
      })),
    );
  }
}

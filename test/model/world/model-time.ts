import type { Time } from '../../../src/lib/time.ts';

/** Time of a small world: a millisecond for each action, and a leap where an action is to wait. No timers. */
export class ModelTime implements Time {
  nowMs = 1_000;

  monotonicMs(): number {
    return this.nowMs;
  }

  wallNs(): bigint {
    return BigInt(this.nowMs) * 1_000_000n;
  }

  setTimeout(): never {
    throw new Error('nothing in this world waits for a timer');
  }

  clearTimeout(): void {}
}

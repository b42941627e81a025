import type { Time } from '../../src/lib/time.ts';

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** Lets everything run that waits for promises and nothing else. */
export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  await new Promise((resolve) => setImmediate(resolve));
};

/** Time that moves only when a test says so. */
export class SimulatedTime implements Time {
  /** 2026-11-20T22:50:59.359Z */
  readonly startWallNs = 1_795_215_059_359_000_000n;
  #nowMs = 1_000;
  /** What a clock step adds to the wall clock alone. */
  wallStepNs = 0n;
  readonly #timers = new Set<Timer>();

  monotonicMs(): number {
    return this.#nowMs;
  }

  wallNs(): bigint {
    return this.startWallNs + BigInt(Math.round((this.#nowMs - 1_000) * 1e6)) + this.wallStepNs;
  }

  setTimeout(callback: () => void, delayMs: number): Timer {
    const timer: Timer = { dueMs: this.#nowMs + delayMs, callback };
    this.#timers.add(timer);
    return timer;
  }

  clearTimeout(handle: unknown): void {
    this.#timers.delete(handle as Timer);
  }

  get timerCount(): number {
    return this.#timers.size;
  }

  /** Moves on by `ms`, firing each timer at its own time and letting promises settle after each. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await settle();
    for (;;) {
      const next = [...this.#timers].sort((a, b) => a.dueMs - b.dueMs)[0];
      if (!next || next.dueMs > endMs) break;
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      this.#timers.delete(next);
      next.callback();
      await settle();
    }
    this.#nowMs = endMs;
    await settle();
  }
}

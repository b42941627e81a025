import type { Time } from '../../../src/lib/time.ts';

export interface Timer {
  /** Who waits, and for how long: `supervisor 700`. */
  readonly name: string;
  readonly callback: () => void;
}

/** Timers that fire when the model says so, in any order: more than any real clock could do. */
export class ModelClock {
  readonly timers: Timer[] = [];

  /** The clock as one part of the agent sees it. */
  seenBy(owner: string): Time {
    return {
      monotonicMs: () => 0,
      wallNs: () => 0n,
      setTimeout: (callback, delayMs) => {
        const timer: Timer = { name: `${owner} ${String(delayMs)}`, callback };
        this.timers.push(timer);
        return timer;
      },
      clearTimeout: (handle) => {
        const index = this.timers.indexOf(handle as Timer);
        if (index >= 0) this.timers.splice(index, 1);
      },
    };
  }

  fire(name: string): void {
    const index = this.timers.findIndex((timer) => timer.name === name);
    this.timers.splice(index, 1)[0]!.callback();
  }
}

/** Lets everything run that waits for promises and nothing else. */
export const flush = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};

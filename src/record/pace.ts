import type { Time } from '../lib/time.ts';

/** Waits until a moment of a recording is due, and no longer than until `signal` aborts. */
export type Pace = (atMs: number, signal: AbortSignal) => Promise<void>;

/**
 * @param speed 1 for the recording's own, 10 for ten times as fast, infinite for no waiting; begins to count
 *   with the first wait
 */
export function createPace(time: Time, speed: number): Pace {
  let startMs: number | undefined;
  return async (atMs, signal) => {
    if (speed === Number.POSITIVE_INFINITY) return;
    startMs ??= time.monotonicMs();
    const delayMs = startMs + atMs / speed - time.monotonicMs();
    if (delayMs > 0) await wait(time, delayMs, signal);
  };
}

const wait = (time: Time, delayMs: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const end = (): void => {
      time.clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = time.setTimeout(end, delayMs);
    signal.addEventListener('abort', end);
  });

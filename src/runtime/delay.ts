import type { Time } from '../lib/time.ts';

/** The longest that a timer can wait; Node fires a longer one at once. */
const maxTimerMs = 2 ** 31 - 1;

/** Resolves after `delayMs`, or as soon as `signal` aborts, which it then is for the caller to look at. */
export const delay = (time: Time, delayMs: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const end = () => {
      time.clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = time.setTimeout(end, Math.min(delayMs, maxTimerMs));
    signal?.addEventListener('abort', end, { once: true });
  });

/** Waits for `done`, which must not reject, but no longer than `limitMs`. */
export const waitAtMost = async (time: Time, limitMs: number, done: Promise<unknown>): Promise<void> => {
  const patience = new AbortController();
  await Promise.race([done, delay(time, limitMs, patience.signal)]);
  patience.abort();
};

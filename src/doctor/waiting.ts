import type { Time } from '../lib/time.ts';

/** Resolves after `delayMs`, or as soon as `signal` aborts. */
export const sleep = (
  time: Pick<Time, 'setTimeout' | 'clearTimeout'>,
  delayMs: number,
  signal?: AbortSignal,
): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted) {
      resolve();
      return;
    }
    const wake = (): void => {
      time.clearTimeout(timer);
      signal?.removeEventListener('abort', wake);
      resolve();
    };
    const timer = time.setTimeout(wake, delayMs);
    signal?.addEventListener('abort', wake);
  });

export interface Pace {
  readonly time: Time;
  /** How many are under way at once, those that are slow aside. */
  readonly places: number;
  /** After so long a piece of work no longer holds its place, so that some that hang do not keep others waiting. */
  readonly slowMs: number;
  /** No more work is begun after this long. */
  readonly budgetMs: number;
}

/**
 * Works through a list side by side.
 *
 * @returns how many items were not begun within the budget
 */
export const workThrough = async <T>(
  items: readonly T[],
  { time, places, slowMs, budgetMs }: Pace,
  work: (item: T) => Promise<void>,
): Promise<number> => {
  const startedMs = time.monotonicMs();
  const taken = new Set<Promise<void>>();
  const begun: Promise<void>[] = [];
  for (const item of items) {
    while (taken.size >= places) await Promise.race(taken);
    if (time.monotonicMs() - startedMs > budgetMs) break;
    const ended = new AbortController();
    const piece = work(item).finally(() => ended.abort());
    const place: Promise<void> = sleep(time, slowMs, ended.signal).then(() => {
      taken.delete(place);
    });
    taken.add(place);
    begun.push(piece);
  }
  await Promise.all(begun);
  return items.length - begun.length;
};

import type { Time } from '../lib/time.ts';

/** Gives nanosecond stamps. */
export type StampClock = () => bigint;

/**
 * The runtime's stamps: wall time, and each later than the one before even where the wall clock is coarser
 * than two changes or steps back, as a real runtime's nanosecond stamps are.
 */
export const createStampClock = (time: Pick<Time, 'wallNs'>): StampClock => {
  let lastNs = 0n;
  return () => {
    const nowNs = time.wallNs();
    lastNs = nowNs > lastNs ? nowNs : lastNs + 1n;
    return lastNs;
  };
};

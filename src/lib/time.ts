/** A pending timer; only good for handing back to `clearTimeout`. */
export type TimerHandle = unknown;

/**
 * All that plegd knows of time. Injected everywhere, so that tests and replays can run on their own.
 *
 * Ages and timeouts use `monotonicMs`, which no clock step moves; stamps that people read use `wallNs`.
 */
export interface Time {
  /** Milliseconds since an arbitrary start, with a fraction; never goes back. */
  monotonicMs(): number;
  /** Nanoseconds since 1970 by the wall clock; may jump. */
  wallNs(): bigint;
  setTimeout(callback: () => void, delayMs: number): TimerHandle;
  clearTimeout(handle: TimerHandle): void;
}

/** The machine's own clocks and timers. */
export const systemTime: Time = {
  monotonicMs: () => performance.now(),
  wallNs: () => BigInt(Date.now()) * 1_000_000n,
  setTimeout: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimeout: (handle) => {
    clearTimeout(handle as NodeJS.Timeout);
  },
};

/** A nanosecond stamp as ISO 8601 with milliseconds, for people. */
export const isoFromNs = (ns: bigint): string => new Date(Number(ns / 1_000_000n)).toISOString();

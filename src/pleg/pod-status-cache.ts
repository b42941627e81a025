import type { Time, TimerHandle } from '../lib/time.ts';
import { emptyPodStatus, type PodStatus } from './pod-status.ts';

/** What the cache holds of a pod: a status, or why there is none. */
export interface CachedPodStatus {
  readonly status: PodStatus;
  /** Why the last inspection failed; the status is then empty, as kubelet's is. */
  readonly error: Error | undefined;
}

interface Entry extends CachedPodStatus {
  /** When the inspection behind it began, monotonic ms. */
  readonly modifiedMs: number;
  /** Until when the status is known to hold and to be complete; moves on when a look finds nothing new. */
  readonly observedMs: number;
}

interface Waiter {
  readonly newerThanMs: number;
  readonly release: () => void;
}

/** `getNewerThan` gave up before there was news. */
export class CacheTimeoutError extends Error {
  override readonly name = 'CacheTimeoutError';
}

export interface GetNewerThanOptions {
  /** Gives up with `CacheTimeoutError` after this long, milliseconds; none by default. */
  readonly timeoutMs?: number;
  /** Rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * kubelet's pod status cache (pkg/kubelet/container/cache.go), with three differences: waiting can be
 * bounded, a deletion wakes the waiters, and the global time leaves out pods that are held, those whose
 * change has been seen and whose inspection has not ended. All times are monotonic milliseconds.
 */
export class PodStatusCache {
  readonly #entries = new Map<string, Entry>();
  readonly #held = new Set<string>();
  readonly #waiters = new Map<string, Set<Waiter>>();
  #globalMs: number | undefined;
  readonly #time: Time;
  readonly #requestObservation: (podUid: string) => void;

  /** @param requestObservation asks for a look at a pod that somebody waits for. */
  constructor(time: Time, requestObservation: (podUid: string) => void = () => undefined) {
    this.#time = time;
    this.#requestObservation = requestObservation;
  }

  /** Never waits; an unknown pod has an empty status. */
  get(podUid: string): CachedPodStatus {
    return this.#entries.get(podUid) ?? { status: emptyPodStatus(podUid), error: undefined };
  }

  /** Also until when it is known to hold, monotonic ms; `undefined` for a pod that has no entry. */
  getEntry(podUid: string): CachedPodStatus & { readonly observedMs: number | undefined } {
    const entry = this.#entries.get(podUid);
    const observedMs = entry && Math.max(entry.modifiedMs, entry.observedMs);
    return { ...this.get(podUid), observedMs };
  }

  /** Waits until the pod's status is known to be newer than `newerThanMs`, asking for a look if need be. */
  async getNewerThan(
    podUid: string,
    newerThanMs: number,
    { timeoutMs, signal }: GetNewerThanOptions = {},
  ): Promise<CachedPodStatus> {
    signal?.throwIfAborted();
    const known = this.getIfNewerThan(podUid, newerThanMs);
    if (known) return known;
    return new Promise((resolve, reject) => {
      let timer: TimerHandle;
      const settle = (act: () => void): void => {
        this.#forget(podUid, waiter);
        signal?.removeEventListener('abort', abort);
        if (timeoutMs !== undefined) this.#time.clearTimeout(timer);
        act();
      };
      const waiter: Waiter = { newerThanMs, release: () => settle(() => resolve(this.get(podUid))) };
      const abort = (): void => settle(() => reject(signal?.reason as Error));
      signal?.addEventListener('abort', abort, { once: true });
      if (timeoutMs !== undefined) {
        timer = this.#time.setTimeout(() => {
          settle(() => {
            reject(new CacheTimeoutError(`no news of pod ${podUid} within ${String(timeoutMs)} ms`));
          });
        }, timeoutMs);
      }
      let waiters = this.#waiters.get(podUid);
      if (!waiters) this.#waiters.set(podUid, (waiters = new Set()));
      waiters.add(waiter);
      this.#requestObservation(podUid);
    });
  }

  /** kubelet's rule, strictly after: by the entry's own times, or by the global one where it may speak. */
  getIfNewerThan(podUid: string, newerThanMs: number): CachedPodStatus | undefined {
    const entry = this.#entries.get(podUid);
    const isGlobalNewer =
      this.#globalMs !== undefined && this.#globalMs > newerThanMs && !this.#held.has(podUid);
    const isNewer = isGlobalNewer || (entry !== undefined && entry.observedMs > newerThanMs);
    return isNewer ? this.get(podUid) : undefined;
  }

  /**
   * Writes unless something newer is there; returns whether it wrote.
   *
   * @param modifiedMs when the inspection behind it began
   * @param completeMs up to when nothing can be missing from it; what is newer, nobody has looked for yet
   */
  set(
    podUid: string,
    { status, error }: CachedPodStatus,
    modifiedMs: number,
    completeMs = modifiedMs,
  ): boolean {
    const existing = this.#entries.get(podUid);
    if (existing && existing.modifiedMs > modifiedMs) return false;
    const observedMs = Math.min(modifiedMs, completeMs);
    this.#entries.set(podUid, { status, error, modifiedMs, observedMs });
    this.#notify(podUid, observedMs);
    return true;
  }

  /** The pod was looked at and nothing was new. */
  setObservedTime(podUid: string, observedMs: number): void {
    const existing = this.#entries.get(podUid);
    if (existing && existing.observedMs < observedMs) this.#entries.set(podUid, { ...existing, observedMs });
    this.#notify(podUid, observedMs);
  }

  delete(podUid: string): void {
    this.#entries.delete(podUid);
    this.#held.delete(podUid);
    this.#notify(podUid, Number.POSITIVE_INFINITY);
  }

  isHeld(podUid: string): boolean {
    return this.#held.has(podUid);
  }

  /** From now on the global time says nothing of this pod. */
  hold(podUid: string): void {
    this.#held.add(podUid);
  }

  /** The pod is as the cache says again. */
  unhold(podUid: string): void {
    if (this.#held.delete(podUid) && this.#globalMs !== undefined) this.#notify(podUid, this.#globalMs);
  }

  /** Everything that is not held is known as of `timeMs`: a relist that began then found no other change. */
  updateTime(timeMs: number): void {
    this.#globalMs = timeMs;
    for (const podUid of [...this.#waiters.keys()]) if (!this.#held.has(podUid)) this.#notify(podUid, timeMs);
  }

  /** Releases who waits for a time up to `timeMs`; an equal time releases too, as in kubelet. */
  #notify(podUid: string, timeMs: number): void {
    for (const waiter of [...(this.#waiters.get(podUid) ?? [])]) {
      if (waiter.newerThanMs <= timeMs) waiter.release();
    }
  }

  #forget(podUid: string, waiter: Waiter): void {
    const waiters = this.#waiters.get(podUid);
    waiters?.delete(waiter);
    if (waiters?.size === 0) this.#waiters.delete(podUid);
  }
}

import { backoffMs } from '../../machines/index.ts';

/**
 * Why a pod is to be inspected: `changed`, something happened to it; `reinspect`, somebody wants a PodSync
 * (kubelet's `RequestReinspect`) or the last inspection failed; `observe`, somebody wants to know whether
 * anything is new (kubelet's `RequestRelist`).
 */
export type InspectionReason = 'changed' | 'reinspect' | 'observe';

export interface InspectionMark {
  readonly reasons: Set<InspectionReason>;
  /** Not before this, monotonic ms. */
  dueMs: number;
  /** Inspections that failed in a row. */
  failures: number;
  isInFlight: boolean;
}

export interface InspectionWork {
  readonly podUid: string;
  readonly reasons: ReadonlySet<InspectionReason>;
}

/** Pause after the first failed inspection of a pod, doubling to the second; kubelet retries each relist, 1 s. */
const retryMinMs = 1_000;
const retryMaxMs = 60_000;

/**
 * kubelet's `podsToReinspect`, grown up: the set of pods to inspect, never a queue of events, so its size
 * is bounded by the pods whatever happens. A pod is in flight at most once; one that is marked meanwhile
 * comes again. Synchronous and without a clock: the caller says what time it is.
 */
export class InspectionQueue {
  /** In the order in which pods became due. */
  readonly #marks = new Map<string, InspectionMark>();

  get size(): number {
    return this.#marks.size;
  }

  get inFlightCount(): number {
    let count = 0;
    for (const mark of this.#marks.values()) if (mark.isInFlight) count += 1;
    return count;
  }

  /** Every pod that waits or is in flight, in line; to be looked at, not kept. */
  marks(): IterableIterator<[podUid: string, Readonly<InspectionMark>]> {
    return this.#marks.entries();
  }

  isMarked(podUid: string): boolean {
    return (this.#marks.get(podUid)?.reasons.size ?? 0) > 0;
  }

  /** A change is looked at even while retries of the pod are paused; mere curiosity waits for the retry. */
  mark(podUid: string, reason: InspectionReason): void {
    const mark = this.#marks.get(podUid);
    if (!mark) {
      this.#marks.set(podUid, { reasons: new Set([reason]), dueMs: 0, failures: 0, isInFlight: false });
      return;
    }
    mark.reasons.add(reason);
    if (reason === 'changed') mark.dueMs = 0;
  }

  /** The next pod to inspect, which is then in flight until `finish`. */
  take(nowMs: number): InspectionWork | undefined {
    for (const [podUid, mark] of this.#marks) {
      if (mark.isInFlight || mark.reasons.size === 0 || mark.dueMs > nowMs) continue;
      const reasons = new Set(mark.reasons);
      mark.reasons.clear();
      mark.isInFlight = true;
      return { podUid, reasons };
    }
    return undefined;
  }

  finish(podUid: string, isOk: boolean, nowMs: number): void {
    const mark = this.#marks.get(podUid);
    if (!mark) return;
    mark.isInFlight = false;
    mark.failures = isOk ? 0 : mark.failures + 1;
    if (isOk) {
      mark.dueMs = 0;
      // Goes to the end of the line, so that a pod that changes all the time does not starve the others.
      this.#marks.delete(podUid);
      if (mark.reasons.size > 0) this.#marks.set(podUid, mark);
      return;
    }
    this.#marks.delete(podUid);
    this.#marks.set(podUid, mark);
    // Marked for a change meanwhile: that look cannot wait for the retry.
    if (!mark.reasons.has('changed')) mark.dueMs = nowMs + backoffMs(retryMinMs, retryMaxMs, mark.failures);
    mark.reasons.add('reinspect');
  }

  /** The pod is gone: nothing is left to inspect. One that is in flight still ends with `finish`. */
  forget(podUid: string): void {
    const mark = this.#marks.get(podUid);
    mark?.reasons.clear();
    if (!mark?.isInFlight) this.#marks.delete(podUid);
  }

  /** When the next pod that waits is due, monotonic ms; `undefined` when none waits. */
  nextDueMs(): number | undefined {
    let next: number | undefined;
    for (const mark of this.#marks.values()) {
      if (mark.isInFlight || mark.reasons.size === 0) continue;
      if (next === undefined || mark.dueMs < next) next = mark.dueMs;
    }
    return next;
  }
}

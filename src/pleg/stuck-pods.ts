import { isoFromNs, type Time } from '../lib/time.ts';
import type { InspectionCall } from './inspect.ts';
import type { InspectionInFlight } from './inspector.ts';
import type { InspectionRequest } from './observation.ts';

/** A pod whose status cannot be had: what an operator asks for on a bad night. */
export interface StuckPod {
  readonly podUid: string;
  readonly podNamespace: string;
  readonly podName: string;
  /** The call that hangs or failed last. */
  readonly call: InspectionCall | undefined;
  /** Beginning of the first inspection that did not work, monotonic ms and ISO 8601. */
  readonly sinceMs: number;
  readonly since: string;
  /** Inspections that have failed in a row; 0 while the first one hangs. */
  readonly failures: number;
  /** Why the last one failed; `undefined` while the first one hangs. */
  readonly error: Error | undefined;
}

export interface StuckPodsOptions {
  readonly time: Time;
  readonly inFlight: () => Iterable<Readonly<InspectionInFlight>>;
  /** A pod that is gone is not stuck, though its inspection may still hang. */
  readonly exists: (podUid: string) => boolean;
  /** Once when a pod becomes stuck by failing, once when it is well again or gone. */
  readonly onStuck: (pod: StuckPod) => void;
  readonly onWell: (pod: StuckPod) => void;
}

/** Keeps the pods whose last inspection failed, and finds those whose inspection is slow right now. */
export class StuckPods {
  readonly #pods = new Map<string, StuckPod>();
  readonly #options: StuckPodsOptions;

  constructor(options: StuckPodsOptions) {
    this.#options = options;
  }

  failed(request: InspectionRequest, call: InspectionCall | undefined, error: Error): void {
    const known = this.#pods.get(request.podUid);
    const pod: StuckPod = {
      ...stuckSince(known ?? request),
      call,
      failures: (known?.failures ?? 0) + 1,
      error,
    };
    this.#pods.set(pod.podUid, pod);
    if (!known) this.#options.onStuck(pod);
  }

  recovered(podUid: string): void {
    const pod = this.#pods.get(podUid);
    if (!pod) return;
    this.#pods.delete(podUid);
    this.#options.onWell(pod);
  }

  /** Forgets the pods that are gone. */
  prune(): void {
    for (const podUid of this.#pods.keys()) if (!this.#options.exists(podUid)) this.recovered(podUid);
  }

  /** Every stuck pod, the longest first. */
  list(): StuckPod[] {
    const pods = new Map(this.#pods);
    for (const { request, call, isSlow } of this.#options.inFlight()) {
      if (!isSlow || !this.#options.exists(request.podUid)) continue;
      const known = pods.get(request.podUid);
      pods.set(
        request.podUid,
        known ? { ...known, call } : { ...stuckSince(request), call, failures: 0, error: undefined },
      );
    }
    return [...pods.values()].sort((a, b) => a.sinceMs - b.sinceMs);
  }

  /** Age of the oldest inspection under way and of the oldest pod that cannot be inspected, milliseconds; 0 without. */
  oldestMs(): number {
    let sinceMs = Number.POSITIVE_INFINITY;
    for (const pod of this.#pods.values()) sinceMs = Math.min(sinceMs, pod.sinceMs);
    for (const { request } of this.#options.inFlight()) sinceMs = Math.min(sinceMs, request.beganMs);
    return sinceMs === Number.POSITIVE_INFINITY ? 0 : this.#options.time.monotonicMs() - sinceMs;
  }
}

type Since = Pick<StuckPod, 'podUid' | 'podNamespace' | 'podName' | 'sinceMs' | 'since'>;

const stuckSince = (pod: StuckPod | InspectionRequest): Since => {
  const { podUid, podNamespace, podName } = pod;
  if ('since' in pod) return { podUid, podNamespace, podName, sinceMs: pod.sinceMs, since: pod.since };
  return { podUid, podNamespace, podName, sinceMs: pod.beganMs, since: isoFromNs(pod.beganWallNs) };
};

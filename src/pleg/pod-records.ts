import type { PodIdentity } from '../cri/runtime-service.ts';
import { isoFromNs, type Time } from '../lib/time.ts';
import type { LifecycleLog, UnnumberedEvent } from './lifecycle-log.ts';
import type { MergeObserver } from './merge-observer.ts';
import type { PodRecord } from './pod-record.ts';
import type { PodStatusCache } from './pod-status-cache.ts';
import { lifecycleEventOf } from './publication.ts';

/** kubelet's `podRecords`, and the way of their changes into the log. */
export class PodRecords {
  readonly #pods = new Map<string, PodRecord>();
  readonly #time: Time;
  readonly #cache: PodStatusCache;
  readonly #log: LifecycleLog;
  readonly #observer: MergeObserver;

  constructor(time: Time, cache: PodStatusCache, log: LifecycleLog, observer: MergeObserver) {
    this.#time = time;
    this.#cache = cache;
    this.#log = log;
    this.#observer = observer;
  }

  get size(): number {
    return this.#pods.size;
  }

  get(podUid: string): PodRecord | undefined {
    return this.#pods.get(podUid);
  }

  values(): IterableIterator<PodRecord> {
    return this.#pods.values();
  }

  ensure({ podUid, podName, podNamespace }: PodIdentity): PodRecord {
    let pod = this.#pods.get(podUid);
    if (!pod) {
      pod = { podUid, podName, podNamespace, containerIds: new Set(), pending: [] };
      this.#pods.set(podUid, pod);
    }
    return pod;
  }

  /** Forgets a pod of which nothing exists any more, and then publishes what is left of it. */
  close(pod: PodRecord): void {
    const { status } = this.#cache.get(pod.podUid);
    this.#cache.delete(pod.podUid);
    this.#pods.delete(pod.podUid);
    for (const pending of pod.pending) this.#append(lifecycleEventOf(pod, pending, status));
  }

  /**
   * Publishes the changes that an inspection begun at `began` knows of, in the order in which they were
   * seen; returns how many.
   */
  publish(pod: PodRecord, began: number, inspection?: 'failed'): number {
    const known = pod.pending.filter(({ seenAt }) => seenAt <= began);
    if (known.length === 0) return 0;
    pod.pending = pod.pending.filter(({ seenAt }) => seenAt > began);
    const { status } = this.#cache.get(pod.podUid);
    for (const pending of known) {
      this.#append({ ...lifecycleEventOf(pod, pending, status), ...(inspection ? { inspection } : {}) });
    }
    return known.length;
  }

  publishPodSync(pod: PodRecord): void {
    this.#append(this.podSync(pod));
  }

  podSync({ podUid, podNamespace, podName }: PodRecord): UnnumberedEvent {
    const observedAt = isoFromNs(this.#time.wallNs());
    return { type: 'PodSync', podUid, podNamespace, podName, source: 'relist', observedAt };
  }

  #append(event: UnnumberedEvent): void {
    this.#observer.published(this.#log.append(event));
  }
}

import type { ContainerEvidence, PlegContainerState } from '../../machines/index.ts';
import type { Container, ContainerState, PodIdentity } from '../cri/runtime-service.ts';
import { isoFromNs, type Time } from '../lib/time.ts';
import type { ContainerEntry, ContainerRegistry } from './container-registry.ts';
import type { InspectionQueue, InspectionReason } from './inspection-queue.ts';
import type { PodRecords } from './pod-records.ts';
import type { PodStatusCache } from './pod-status-cache.ts';

/** kubelet's `convertState`: what PLEG makes of a CRI state. */
export const plegStates: Record<ContainerState, PlegContainerState> = {
  created: 'unknown',
  running: 'running',
  exited: 'exited',
  unknown: 'unknown',
};

/** Where a piece of evidence came from and what its changes have to wait for. */
export interface Provenance {
  /** `inspection` is a list of one pod; its changes need no further look. */
  readonly from: 'event' | 'relist' | 'inspection';
  /** An inspection that began at or after this place knows of the change. */
  readonly seenAt: number;
  readonly runtimeTimeNs?: bigint;
}

/** Puts evidence to the machines and keeps pods, marks and pending events in step with what they say. */
export class EvidenceIntake {
  readonly registry: ContainerRegistry;
  readonly queue: InspectionQueue;
  readonly #time: Time;
  readonly #pods: PodRecords;
  readonly #cache: PodStatusCache;

  constructor(
    time: Time,
    pods: PodRecords,
    cache: PodStatusCache,
    registry: ContainerRegistry,
    queue: InspectionQueue,
  ) {
    this.registry = registry;
    this.queue = queue;
    this.#time = time;
    this.#pods = pods;
    this.#cache = cache;
  }

  /** Adds a container that nobody has seen yet. */
  admit(id: string, isSandbox: boolean, name: string, pod: PodIdentity): ContainerEntry {
    this.#pods.ensure(pod).containerIds.add(id);
    return this.registry.add({ id, podUid: pod.podUid, isSandbox, name });
  }

  /**
   * The pod a listed container belongs to: by its labels as in kubelet, else as before, else by its sandbox.
   * A container may outlive its sandbox in the list.
   */
  podOf(container: Container): PodIdentity | undefined {
    if (container.podUid !== '') return container;
    const known = this.registry.get(container.id) ?? this.registry.get(container.podSandboxId);
    return known && this.#pods.get(known.podUid);
  }

  /** The pod has news that the cache does not know: it is inspected, and no global time speaks for it. */
  mark(podUid: string, reason: InspectionReason): void {
    if (!this.#pods.get(podUid)) return;
    this.queue.mark(podUid, reason);
    this.#cache.hold(podUid);
  }

  /** Lets a machine judge a piece of evidence and does what follows; returns whether it was news to it. */
  feed(entry: ContainerEntry, evidence: ContainerEvidence, provenance: Provenance): boolean {
    const { from, seenAt, runtimeTimeNs } = provenance;
    let isNews = true;
    for (const { type } of this.registry.feed(entry, evidence)) {
      if (type === 'EventIgnored') isNews = false;
      else if (type === 'ListWithheld') this.mark(entry.podUid, 'observe');
      else {
        if (from !== 'inspection') this.mark(entry.podUid, 'changed');
        if (type === 'ContainerChanged') continue;
        this.#pods.get(entry.podUid)?.pending.push({
          type,
          container: entry,
          source: from === 'event' ? 'event' : 'relist',
          runtimeTimeNs,
          observedAt: isoFromNs(this.#time.wallNs()),
          seenAt,
        });
      }
    }
    const containerIds = this.#pods.get(entry.podUid)?.containerIds;
    if (entry.state !== 'nonexistent') containerIds?.add(entry.id);
    else if (this.registry.isAwaitingConfirmation(entry)) containerIds?.delete(entry.id);
    else if (!this.registry.isUnseen(entry)) this.drop(entry);
    return isNews;
  }

  drop(entry: ContainerEntry): void {
    this.#pods.get(entry.podUid)?.containerIds.delete(entry.id);
    this.registry.drop(entry.id, this.#time.monotonicMs());
  }

  /** Ends the pods of which nothing exists any more; returns their uids. */
  closePods(podUids: Iterable<string>): Set<string> {
    const closed = new Set<string>();
    for (const podUid of podUids) {
      const pod = this.#pods.get(podUid);
      if (!pod || pod.containerIds.size > 0) continue;
      this.queue.forget(podUid);
      this.#pods.close(pod);
      closed.add(podUid);
    }
    return closed;
  }
}

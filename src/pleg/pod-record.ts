import type { ContainerLifecycleType } from '../../machines/index.ts';
import type { PodIdentity } from '../cri/runtime-service.ts';
import type { ContainerEntry } from './container-registry.ts';
import type { InspectionReason } from './inspection-queue.ts';
import type { EvidenceSource } from './lifecycle-event.ts';

/** A change that has been seen and waits for the cache to know of it. */
export interface PendingEvent {
  readonly type: Exclude<ContainerLifecycleType, 'ContainerChanged'>;
  /** Its name and its end may be learned after the change was seen. */
  readonly container: Readonly<Pick<ContainerEntry, 'id' | 'name' | 'isSandbox' | 'exit'>>;
  readonly source: EvidenceSource;
  /** The runtime's stamp of the event that said so, nanoseconds; missing where a list did. */
  readonly runtimeTimeNs: bigint | undefined;
  readonly observedAt: string;
  /** Place in the order of evidence: an inspection that began later knows of it. */
  readonly seenAt: number;
}

/** kubelet's `podRecord`: a pod of which at least one container or sandbox exists. */
export interface PodRecord extends PodIdentity {
  /** Containers and sandboxes that exist, or that an event spoke of and nobody has seen yet. */
  readonly containerIds: Set<string>;
  pending: PendingEvent[];
}

/** What has to be remembered of an inspection until it ends. */
export interface BegunInspection {
  /** Of which record: the uid may be another pod's by the end. */
  readonly pod: PodRecord;
  readonly reasons: ReadonlySet<InspectionReason>;
  /** Up to when the pod's containers were known, and are asked for, monotonic ms. */
  readonly completeMs: number;
}

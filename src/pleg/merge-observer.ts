import type { Container, CriContainerEvent } from '../cri/runtime-service.ts';
import type { PodLifecycleEvent } from './lifecycle-event.ts';

/**
 * Why an event, or a record of a list, was set aside: `stale` says nothing new, `unknown_container` speaks
 * of one that the last list did not have, `no_sandbox` does not say which pod, `unrecognized` has a type
 * or identity that plegd does not know.
 */
export type IgnoredReason = 'stale' | 'unknown_container' | 'no_sandbox' | 'unrecognized';

/** What the writer tells those who count and log. Must not throw and must not call back. */
export interface MergeObserver {
  criEvent(event: CriContainerEvent): void;
  eventIgnored(reason: IgnoredReason, event: CriContainerEvent): void;
  /** A listed container that neither its labels nor its sandbox give to a pod. */
  recordSkipped(container: Container): void;
  published(event: PodLifecycleEvent): void;
  inspectionFailed(podUid: string, error: Error): void;
}

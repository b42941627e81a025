import type { Time } from '../lib/time.ts';
import type { ContainerRegistry } from './container-registry.ts';
import type { InspectionQueue } from './inspection-queue.ts';
import type { LifecycleLog } from './lifecycle-log.ts';
import type { ListedChange } from './listed-change.ts';
import type { MergeObserver } from './merge-observer.ts';
import type { Beginning } from './observation.ts';
import type { PodStatusCache } from './pod-status-cache.ts';

export interface MergeOptions {
  readonly time: Time;
  readonly cache: PodStatusCache;
  readonly log: LifecycleLog;
  readonly observer: MergeObserver;
  /** @default a new one; tests hand in faulty ones */
  readonly registry?: ContainerRegistry;
  /** @default a new one; tests hand in faulty ones */
  readonly queue?: InspectionQueue;
  /** Gets the changes that a relist showed first, and the relist before it. */
  readonly onListedChanges?: (changes: readonly ListedChange[], previous: Beginning | undefined) => void;
  /** An event came that only a relist can make sense of. */
  readonly requestRelist?: () => void;
}

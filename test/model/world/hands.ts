import type { Time } from '../../../src/lib/time.ts';
import { ContainerRegistry } from '../../../src/pleg/container-registry.ts';
import { InspectionQueue } from '../../../src/pleg/inspection-queue.ts';
import { LifecycleLog, type LifecycleLogOptions } from '../../../src/pleg/lifecycle-log.ts';
import type { Merge } from '../../../src/pleg/merge.ts';
import type { Observation } from '../../../src/pleg/observation.ts';
import { PodStatusCache } from '../../../src/pleg/pod-status-cache.ts';

/** What a world is made of besides the runtime: production code, or a mutant of it. */
export interface Hands {
  readonly createRegistry: () => ContainerRegistry;
  readonly createQueue: () => InspectionQueue;
  readonly createCache: (time: Time, requestObservation: (podUid: string) => void) => PodStatusCache;
  readonly createLog: (options: LifecycleLogOptions) => LifecycleLog;
  readonly observe: (merge: Merge, observation: Observation, cache: PodStatusCache, time: Time) => void;
}

export const production: Hands = {
  createRegistry: () => new ContainerRegistry(),
  createQueue: () => new InspectionQueue(),
  createCache: (time, requestObservation) => new PodStatusCache(time, requestObservation),
  createLog: (options) => new LifecycleLog(options),
  observe: (merge, observation) => {
    merge.observe(observation);
  },
};

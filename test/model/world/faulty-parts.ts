import { ContainerRegistry } from '../../../src/pleg/container-registry.ts';
import { InspectionQueue, type InspectionReason } from '../../../src/pleg/inspection-queue.ts';
import type { LogEntry } from '../../../src/pleg/lifecycle-event.ts';
import {
  LifecycleLog,
  type SubscriptionOptions,
  type UnnumberedEvent,
} from '../../../src/pleg/lifecycle-log.ts';
import { PodStatusCache, type CachedPodStatus } from '../../../src/pleg/pod-status-cache.ts';
import { emptyPodStatus } from '../../../src/pleg/pod-status.ts';
import type { Hands } from './hands.ts';

export class ForgetfulRegistry extends ContainerRegistry {
  override isTombstone(): boolean {
    return false;
  }

  override isGoneSince(): boolean {
    return false;
  }
}

export class TrustfulRegistry extends ContainerRegistry {
  override isGoneSince(): boolean {
    return false;
  }
}

export class CarelessQueue extends InspectionQueue {
  /** A mark that comes while the pod is in flight is lost. */
  override mark(podUid: string, reason: InspectionReason): void {
    for (const [uid, { isInFlight }] of this.marks()) if (uid === podUid && isInFlight) return;
    super.mark(podUid, reason);
  }
}

export class SerialQueue extends InspectionQueue {
  override take(nowMs: number): ReturnType<InspectionQueue['take']> {
    return this.inFlightCount > 0 ? undefined : super.take(nowMs);
  }
}

export class ResignedQueue extends InspectionQueue {
  /** A failure is good enough. */
  override finish(podUid: string, _isOk: boolean, nowMs: number): void {
    super.finish(podUid, true, nowMs);
  }
}

export class LateCache extends PodStatusCache {
  #write: (() => void) | undefined;

  /** Writes when the next one comes: after what was published on its account. */
  override set(...args: Parameters<PodStatusCache['set']>): boolean {
    this.#write?.();
    this.#write = () => super.set(...args);
    return true;
  }
}

export class RashCache extends PodStatusCache {
  /** Vouches for more than an inspection can know. */
  override set(podUid: string, cached: CachedPodStatus, modifiedMs: number): boolean {
    return super.set(podUid, cached, modifiedMs);
  }
}

export class FreeCache extends PodStatusCache {
  /** The global time speaks for every pod. */
  override hold(): void {}
}

export class HardCache extends PodStatusCache {
  override unhold(): void {}
}

export class SilentLog extends LifecycleLog {
  override async *subscribe(options?: SubscriptionOptions): AsyncGenerator<LogEntry, void> {
    for await (const entry of super.subscribe(options)) if (entry.type !== 'Gap') yield entry;
  }
}

export class ProudLog extends LifecycleLog {
  /** No event admits that the inspection failed. */
  override append({ inspection: _, ...event }: UnnumberedEvent): ReturnType<LifecycleLog['append']> {
    return super.append(event);
  }
}

/** What kubelet's first Evented PLEG did: the statuses in the event become the pod's status. */
export const trustSiblings: Hands['observe'] = (merge, observation, cache, time) => {
  merge.observe(observation);
  if (observation.kind !== 'event') return;
  const { podSandbox, containerStatus } = observation.event;
  if (!podSandbox) return;
  const status: CachedPodStatus['status'] = {
    ...emptyPodStatus(podSandbox.podUid),
    sandboxes: [{ ...podSandbox, state: 'ready', createdAtNs: 1n, ips: [] }],
    containers: containerStatus ? [containerStatus] : [],
  };
  cache.set(podSandbox.podUid, { status, error: undefined }, time.monotonicMs());
};

export const believeReplays: Hands['observe'] = (merge, observation, _cache, time) => {
  merge.observe(
    observation.kind === 'event'
      ? { kind: 'event', event: { ...observation.event, createdAtNs: time.wallNs() } }
      : observation,
  );
};

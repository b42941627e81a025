import { PodStatusCache } from '../../../src/pleg/pod-status-cache.ts';
import { emptyPodStatus, type PodStatus } from '../../../src/pleg/pod-status.ts';
import { settle, SimulatedTime } from '../../helpers/simulated-time.ts';
import { statusOf } from './records.ts';

export const uid = '1234';
export const nowMs = 100_000;

export const statusWith = (containerCount: number, podUid = uid): PodStatus => ({
  ...emptyPodStatus(podUid),
  podName: 'cache-foo',
  podNamespace: 'ns',
  containers: Array.from({ length: containerCount }, (_, index) => statusOf(String(index))),
});

export const newCache = (requestObservation?: (podUid: string) => void) => {
  const time = new SimulatedTime();
  return { time, cache: new PodStatusCache(time, requestObservation) };
};

export const set = (cache: PodStatusCache, modifiedMs: number, status = statusWith(1)): boolean =>
  cache.set(uid, { status, error: undefined }, modifiedMs);

/** Tells whether a waiter for news after `newerThanMs` has been released. */
export const subscribe = (cache: PodStatusCache, newerThanMs: number, podUid = uid) => {
  const waiter = { isReleased: false };
  const release = (): void => {
    waiter.isReleased = true;
  };
  void cache.getNewerThan(podUid, newerThanMs).then(release);
  return {
    isReleased: async () => {
      await settle();
      return waiter.isReleased;
    },
  };
};

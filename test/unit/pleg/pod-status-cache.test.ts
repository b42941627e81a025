import { describe, expect, it } from 'vitest';
import { CacheTimeoutError, PodStatusCache } from '../../../src/pleg/pod-status-cache.ts';
import { emptyPodStatus, type PodStatus } from '../../../src/pleg/pod-status.ts';
import { settle, SimulatedTime } from '../../helpers/simulated-time.ts';
import { statusOf } from './records.ts';

const uid = '1234';
const nowMs = 100_000;

const statusWith = (containerCount: number, podUid = uid): PodStatus => ({
  ...emptyPodStatus(podUid),
  podName: 'cache-foo',
  podNamespace: 'ns',
  containers: Array.from({ length: containerCount }, (_, index) => statusOf(String(index))),
});

const newCache = (requestObservation?: (podUid: string) => void) => {
  const time = new SimulatedTime();
  return { time, cache: new PodStatusCache(time, requestObservation) };
};

const set = (cache: PodStatusCache, modifiedMs: number, status = statusWith(1)): boolean =>
  cache.set(uid, { status, error: undefined }, modifiedMs);

/** Tells whether a waiter for news after `newerThanMs` has been released. */
const subscribe = (cache: PodStatusCache, newerThanMs: number, podUid = uid) => {
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

describe('TestCacheNotInitialized', () => {
  it('has no answer before the first UpdateTime, not even for time zero', () => {
    const { cache } = newCache();
    expect(cache.getIfNewerThan(uid, 0)).toBeUndefined();
    expect(cache.getIfNewerThan(uid, Number.NEGATIVE_INFINITY)).toBeUndefined();
  });
});

describe('TestGetIfNewerThanWhenPodExists', () => {
  it.each([
    ['both global and modified time are newer', 1_000, 0, true],
    ['the global time is newer and the modified time older', 1_000, -10_000, true],
    ['the global time is older and the modified time newer', -1_000, 3_000, true],
    ['both are older', -1_000, -1_000, false],
    ['both are equal: newer is strictly after', 0, 0, false],
  ])('when %s', (_, globalMs, modifiedMs, isNewer) => {
    const { cache } = newCache();
    cache.updateTime(nowMs + globalMs);
    set(cache, nowMs + modifiedMs);
    expect(cache.getIfNewerThan(uid, nowMs) !== undefined).toBe(isNewer);
  });

  it('when the pod was observed later than it was modified (1.36)', () => {
    const { cache } = newCache();
    set(cache, nowMs - 10_000);
    cache.setObservedTime(uid, nowMs + 1);
    expect(cache.getIfNewerThan(uid, nowMs)?.status.podName).toBe('cache-foo');
    expect(cache.getIfNewerThan(uid, nowMs + 1)).toBeUndefined();
  });
});

describe('TestGetPodNewerThanWhenPodDoesNotExist', () => {
  it.each([
    ['is the empty status when the global time is newer', -1_000, true],
    ['is none when the global time is older', 1_000, false],
  ])('the answer %s', (_, askedMs, isKnown) => {
    const { cache } = newCache();
    cache.updateTime(nowMs);
    const expected = isKnown ? { status: emptyPodStatus(uid), error: undefined } : undefined;
    expect(cache.getIfNewerThan(uid, nowMs + askedMs)).toEqual(expected);
  });

  it('is not made up by an observed time of a pod that has no entry', () => {
    const { cache } = newCache();
    cache.setObservedTime(uid, nowMs);
    expect(cache.getIfNewerThan(uid, nowMs - 1)).toBeUndefined();
  });
});

describe('TestCacheSetAndGet', () => {
  it.each([
    ['a status of three containers', statusWith(3), undefined],
    ['a status with an error', statusWith(2), new Error('unable to get status')],
    ['an empty status', emptyPodStatus(uid), undefined],
  ])('reads back %s', (_, status, error) => {
    const { cache } = newCache();
    cache.set(uid, { status, error }, 0);
    expect(cache.get(uid)).toMatchObject({ status, error });
  });
});

describe('TestCacheGetPodDoesNotExist', () => {
  it('answers with an empty status of that uid and without an error', () => {
    const { cache } = newCache();
    expect(cache.get(uid)).toEqual({ status: emptyPodStatus(uid), error: undefined });
    expect(cache.getEntry(uid)).toEqual({
      status: emptyPodStatus(uid),
      error: undefined,
      observedMs: undefined,
    });
  });
});

describe('TestDelete', () => {
  it('leaves an empty status', () => {
    const { cache } = newCache();
    set(cache, 0, statusWith(3));
    cache.delete(uid);
    expect(cache.get(uid)).toEqual({ status: emptyPodStatus(uid), error: undefined });
  });

  // Law: nobody waits for a pod that is gone. Kubelet's Delete notifies nobody.
  it('wakes the waiters with the empty status', async () => {
    const { cache } = newCache();
    set(cache, 0);
    const news = cache.getNewerThan(uid, nowMs);
    cache.delete(uid);
    await expect(news).resolves.toEqual({ status: emptyPodStatus(uid), error: undefined });
  });
});

describe('TestRegisterNotification', () => {
  it('notifies when the pod is set at the time that is waited for', async () => {
    const { cache } = newCache();
    cache.updateTime(nowMs);
    const waiter = subscribe(cache, nowMs + 1_000);
    expect(await waiter.isReleased()).toBe(false);
    set(cache, nowMs + 999);
    expect(await waiter.isReleased()).toBe(false);
    set(cache, nowMs + 1_000);
    expect(await waiter.isReleased()).toBe(true);
  });

  it('notifies when the global time advances', async () => {
    const { cache } = newCache();
    cache.updateTime(nowMs);
    const waiter = subscribe(cache, nowMs + 1_000);
    expect(await waiter.isReleased()).toBe(false);
    cache.updateTime(nowMs + 2_000);
    expect(await waiter.isReleased()).toBe(true);
  });

  it('leaves the waiters of other pods alone', async () => {
    const { cache } = newCache();
    const waiter = subscribe(cache, nowMs, 'other');
    set(cache, nowMs + 1_000);
    expect(await waiter.isReleased()).toBe(false);
  });
});

describe('GetNewerThan (1.36)', () => {
  it.each([
    ['set', (cache: PodStatusCache) => void set(cache, nowMs + 1)],
    ['observed', (cache: PodStatusCache) => cache.setObservedTime(uid, nowMs + 1)],
    ['the global time', (cache: PodStatusCache) => cache.updateTime(nowMs + 1)],
  ])('blocks until %s is fresh enough', async (_, refresh) => {
    const { cache } = newCache();
    set(cache, nowMs - 5_000);
    const waiter = subscribe(cache, nowMs);
    expect(await waiter.isReleased()).toBe(false);
    refresh(cache);
    expect(await waiter.isReleased()).toBe(true);
  });

  it('answers at once what is newer already, and asks for no look', async () => {
    const asked: string[] = [];
    const { cache } = newCache((podUid) => asked.push(podUid));
    set(cache, nowMs + 1);
    await expect(cache.getNewerThan(uid, nowMs)).resolves.toMatchObject({ status: { podUid: uid } });
    expect(asked).toEqual([]);
  });

  it('asks for a look at the pod that is waited for', async () => {
    const asked: string[] = [];
    const { cache } = newCache((podUid) => asked.push(podUid));
    void subscribe(cache, nowMs);
    void subscribe(cache, nowMs, 'other');
    expect(asked).toEqual([uid, 'other']);
  });

  it('may be answered by the very look that it asks for', async () => {
    const { cache } = newCache(() => void set(cache, nowMs + 1));
    await expect(cache.getNewerThan(uid, nowMs)).resolves.toMatchObject({ error: undefined });
  });

  it('gives up after its time-out, naming pod and time', async () => {
    const { cache, time } = newCache();
    const news = cache.getNewerThan(uid, nowMs, { timeoutMs: 2_500 });
    const error = news.catch((reason: unknown) => reason);
    await time.advance(2_500);
    expect(await error).toBeInstanceOf(CacheTimeoutError);
    expect(await error).toMatchObject({ message: 'no news of pod 1234 within 2500 ms' });
  });

  it('leaves no timer behind when there is news in time', async () => {
    const { cache, time } = newCache();
    const news = cache.getNewerThan(uid, nowMs, { timeoutMs: 2_500 });
    expect(time.timerCount).toBe(1);
    set(cache, nowMs);
    await news;
    expect(time.timerCount).toBe(0);
  });

  it('rejects with the reason of its signal, also when that has aborted before', async () => {
    const { cache, time } = newCache();
    const abort = new AbortController();
    const reason = new Error('the pod worker has gone');
    const news = cache.getNewerThan(uid, nowMs, { signal: abort.signal, timeoutMs: 1_000 });
    abort.abort(reason);
    await expect(news).rejects.toBe(reason);
    await expect(cache.getNewerThan(uid, nowMs, { signal: abort.signal })).rejects.toBe(reason);
    expect(time.timerCount).toBe(0);
  });

  it('releases each of several waiters at its own time', async () => {
    const { cache } = newCache();
    const early = subscribe(cache, nowMs);
    const late = subscribe(cache, nowMs + 10);
    set(cache, nowMs + 5);
    expect([await early.isReleased(), await late.isReleased()]).toEqual([true, false]);
    cache.updateTime(nowMs + 10);
    expect(await late.isReleased()).toBe(true);
  });

  it('hands a waiter the error of an inspection that failed', async () => {
    const { cache } = newCache();
    const news = cache.getNewerThan(uid, nowMs);
    const error = new Error('unable to get status');
    cache.set(uid, { status: emptyPodStatus(uid), error }, nowMs + 1);
    await expect(news).resolves.toMatchObject({ error });
  });
});

describe('TestCacheWithEventedPLEG', () => {
  it.each([
    ['a newer status', 10_000, true, 2],
    ['an older status', -10_000, false, 3],
    ['a status of the same time', 0, true, 2],
  ])('given %s, writes it or not', (_, laterMs, isWritten, containerCount) => {
    const { cache } = newCache();
    set(cache, nowMs, statusWith(3));
    expect(set(cache, nowMs + laterMs, statusWith(2))).toBe(isWritten);
    expect(cache.get(uid).status.containers).toHaveLength(containerCount);
  });

  it('notifies nobody of a status that is too old to be written', async () => {
    const { cache } = newCache();
    set(cache, nowMs);
    const waiter = subscribe(cache, nowMs + 5_000);
    set(cache, nowMs - 1);
    expect(await waiter.isReleased()).toBe(false);
  });
});

// Law: publish after the cache knows. The global time must not speak for a pod whose change has been seen and
// not been inspected; kubelet's relist ends only after all inspections, so it needs no such thing.
describe('a pod that is held', () => {
  it('is not answered for by the global time', async () => {
    const { cache } = newCache();
    set(cache, nowMs - 5_000);
    cache.hold(uid);
    const waiter = subscribe(cache, nowMs);
    cache.updateTime(nowMs + 1);
    expect(cache.getIfNewerThan(uid, nowMs)).toBeUndefined();
    expect(await waiter.isReleased()).toBe(false);
    cache.unhold(uid);
    expect(await waiter.isReleased()).toBe(true);
  });

  it('is answered for by its own time', async () => {
    const { cache } = newCache();
    cache.hold(uid);
    const waiter = subscribe(cache, nowMs);
    set(cache, nowMs + 1);
    expect(await waiter.isReleased()).toBe(true);
    expect(cache.getIfNewerThan(uid, nowMs)).toBeDefined();
  });

  it('holds up no other pod', async () => {
    const { cache } = newCache();
    cache.hold(uid);
    const other = subscribe(cache, nowMs, 'other');
    cache.updateTime(nowMs + 1);
    expect(await other.isReleased()).toBe(true);
  });

  it('is let go by its deletion', () => {
    const { cache } = newCache();
    cache.hold(uid);
    cache.delete(uid);
    cache.updateTime(nowMs + 1);
    expect(cache.getIfNewerThan(uid, nowMs)).toEqual({ status: emptyPodStatus(uid), error: undefined });
  });

  it('keeps its waiters until the global time is new enough when it is let go', async () => {
    const { cache } = newCache();
    cache.updateTime(nowMs);
    cache.hold(uid);
    const waiter = subscribe(cache, nowMs + 1);
    cache.unhold(uid);
    expect(await waiter.isReleased()).toBe(false);
  });
});

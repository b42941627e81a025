import { describe, expect, it } from 'vitest';
import { emptyPodStatus } from '../../../src/pleg/pod-status.ts';
import { newCache, nowMs, set, statusWith, subscribe, uid } from './cache-waiters.ts';

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

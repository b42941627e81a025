import { describe, expect, it } from 'vitest';
import { CacheTimeoutError, type PodStatusCache } from '../../../src/pleg/pod-status-cache.ts';
import { emptyPodStatus } from '../../../src/pleg/pod-status.ts';
import { newCache, nowMs, set, subscribe, uid } from './cache-waiters.ts';

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

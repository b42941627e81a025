import { describe, expect, it } from 'vitest';
import { InspectionQueue } from '../../../src/pleg/inspection-queue.ts';

const takeAll = (queue: InspectionQueue, nowMs = 0): string[] => {
  const taken: string[] = [];
  for (let work = queue.take(nowMs); work; work = queue.take(nowMs)) taken.push(work.podUid);
  return taken;
};

describe('the set of pods to inspect', () => {
  it('holds a pod once, with every reason it was marked for', () => {
    const queue = new InspectionQueue();
    for (const reason of ['changed', 'observe', 'changed', 'reinspect'] as const) queue.mark('p', reason);
    expect(queue.size).toBe(1);
    expect(queue.take(0)).toEqual({ podUid: 'p', reasons: new Set(['changed', 'observe', 'reinspect']) });
    expect(queue.take(0)).toBeUndefined();
  });

  it('gives pods in the order in which they were marked', () => {
    const queue = new InspectionQueue();
    for (const podUid of ['b', 'a', 'c', 'a']) queue.mark(podUid, 'changed');
    expect(takeAll(queue)).toEqual(['b', 'a', 'c']);
  });

  it('has a pod in flight at most once, and gives it again when it was marked meanwhile', () => {
    const queue = new InspectionQueue();
    queue.mark('p', 'changed');
    queue.take(0);
    queue.mark('p', 'observe');
    expect(queue.take(0)).toBeUndefined();
    expect([queue.inFlightCount, queue.isMarked('p')]).toEqual([1, true]);
    queue.finish('p', true, 0);
    expect(queue.take(0)).toEqual({ podUid: 'p', reasons: new Set(['observe']) });
  });

  it('forgets a pod whose inspection worked and that was not marked meanwhile', () => {
    const queue = new InspectionQueue();
    queue.mark('p', 'changed');
    queue.take(0);
    queue.finish('p', true, 0);
    expect([queue.size, queue.inFlightCount, queue.isMarked('p')]).toEqual([0, 0, false]);
  });

  it('lets no pod starve behind one that changes all the time', () => {
    const queue = new InspectionQueue();
    for (const podUid of ['busy', 'a', 'b']) queue.mark(podUid, 'changed');
    const order: string[] = [];
    for (let turn = 0; turn < 4; turn += 1) {
      const { podUid } = queue.take(0) ?? { podUid: 'none' };
      if (podUid === 'busy') queue.mark('busy', 'changed');
      queue.finish(podUid, true, 0);
      order.push(podUid);
    }
    expect(order).toEqual(['busy', 'a', 'b', 'busy']);
  });

  it('waits longer after each failure of a pod: 1 s, 2 s, 4 s, to a minute', () => {
    const queue = new InspectionQueue();
    queue.mark('p', 'changed');
    const pausesMs: number[] = [];
    let nowMs = 500;
    for (let failure = 1; failure <= 8; failure += 1) {
      expect(queue.take(nowMs)?.podUid).toBe('p');
      queue.finish('p', false, nowMs);
      const dueMs = queue.nextDueMs() ?? 0;
      expect(queue.take(dueMs - 1)).toBeUndefined();
      pausesMs.push(dueMs - nowMs);
      nowMs = dueMs;
    }
    expect(pausesMs).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  });

  it('asks for a reinspection of a pod whose inspection failed', () => {
    const queue = new InspectionQueue();
    queue.mark('p', 'observe');
    queue.take(0);
    queue.finish('p', false, 0);
    expect(queue.take(1_000)).toEqual({ podUid: 'p', reasons: new Set(['reinspect']) });
  });

  it('counts failures anew after an inspection that worked', () => {
    const queue = new InspectionQueue();
    queue.mark('p', 'changed');
    for (let failure = 1; failure <= 3; failure += 1) {
      queue.take(1e6);
      queue.finish('p', false, 0);
    }
    queue.take(1e6);
    queue.finish('p', true, 0);
    queue.mark('p', 'changed');
    queue.take(0);
    queue.finish('p', false, 0);
    expect(queue.nextDueMs()).toBe(1_000);
  });

  it.each([
    ['is looked at for a change', 'changed', 'p'],
    ['is not looked at out of mere curiosity', 'observe', undefined],
    ['is not looked at for a PodSync', 'reinspect', undefined],
  ] as const)('a pod whose retry is paused %s', (_, reason, expected) => {
    const queue = new InspectionQueue();
    queue.mark('p', 'changed');
    queue.take(0);
    queue.finish('p', false, 0);
    queue.mark('p', reason);
    expect(queue.take(10)?.podUid).toBe(expected);
  });

  it.each([
    ['at once for a change', 'changed', 'p'],
    ['at its retry for an observation', 'observe', undefined],
  ] as const)(
    'a pod that was marked during an inspection that fails comes again %s',
    (_, reason, expected) => {
      const queue = new InspectionQueue();
      queue.mark('p', 'changed');
      queue.take(0);
      queue.mark('p', reason);
      queue.finish('p', false, 0);
      expect(queue.take(0)?.podUid).toBe(expected);
    },
  );

  it('gives other pods while one is paused, and says when the next is due', () => {
    const queue = new InspectionQueue();
    queue.mark('p', 'changed');
    queue.take(0);
    queue.finish('p', false, 0);
    expect(queue.nextDueMs()).toBe(1_000);
    queue.mark('q', 'changed');
    expect(queue.nextDueMs()).toBe(0);
    expect(takeAll(queue, 999)).toEqual(['q']);
    expect(queue.nextDueMs()).toBe(1_000);
  });

  it('has nothing due while all that it holds is in flight', () => {
    const queue = new InspectionQueue();
    expect(queue.nextDueMs()).toBeUndefined();
    queue.mark('p', 'changed');
    queue.take(0);
    queue.mark('p', 'changed');
    expect(queue.nextDueMs()).toBeUndefined();
  });

  it('forgets a pod that is gone, in line, paused or in flight', () => {
    const queue = new InspectionQueue();
    queue.mark('waiting', 'changed');
    queue.forget('waiting');
    expect(queue.size).toBe(0);

    queue.mark('paused', 'changed');
    queue.take(0);
    queue.finish('paused', false, 0);
    queue.forget('paused');
    expect(queue.size).toBe(0);

    queue.mark('flying', 'changed');
    queue.take(0);
    queue.mark('flying', 'changed');
    queue.forget('flying');
    expect([queue.inFlightCount, queue.isMarked('flying')]).toEqual([1, false]);
    queue.finish('flying', true, 0);
    expect(queue.size).toBe(0);
  });

  it('takes a pod that comes back while the inspection of its former self is in flight', () => {
    const queue = new InspectionQueue();
    queue.mark('p', 'changed');
    queue.take(0);
    queue.forget('p');
    queue.mark('p', 'changed');
    expect(queue.take(0)).toBeUndefined();
    queue.finish('p', true, 0);
    expect(takeAll(queue)).toEqual(['p']);
  });

  it('knows nothing of a pod that it never had', () => {
    const queue = new InspectionQueue();
    queue.finish('nobody', false, 0);
    queue.forget('nobody');
    expect([queue.size, queue.isMarked('nobody')]).toEqual([0, false]);
  });

  it('stays as small as the number of pods whatever is marked', () => {
    const queue = new InspectionQueue();
    for (let mark = 0; mark < 10_000; mark += 1) queue.mark(`p${String(mark % 7)}`, 'changed');
    expect(queue.size).toBe(7);
  });
});

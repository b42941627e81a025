import { expect, it } from 'vitest';
import { RateBound } from '../../../src/lib/rate-bound.ts';
import { SimulatedTime } from '../../helpers/simulated-time.ts';

const takeMany = (bound: RateBound, count: number, client = 'a'): number =>
  Array.from({ length: count }, () => bound.take(client)).filter(Boolean).length;

it('lets a burst through, then so many a second', async () => {
  const time = new SimulatedTime();
  const bound = new RateBound({ time, burst: 20, perSecond: 5 });
  expect(takeMany(bound, 100)).toBe(20);
  await time.advance(1_000);
  expect(takeMany(bound, 100)).toBe(5);
  await time.advance(100);
  expect(bound.take('a')).toBe(false);
  await time.advance(100);
  expect(bound.take('a')).toBe(true);
});

it('saves no more than a burst', async () => {
  const time = new SimulatedTime();
  const bound = new RateBound({ time, burst: 20, perSecond: 5 });
  takeMany(bound, 20);
  await time.advance(3_600_000);
  expect(takeMany(bound, 100)).toBe(20);
});

it('bounds each client for itself', () => {
  const bound = new RateBound({ time: new SimulatedTime(), burst: 2, perSecond: 1 });
  expect(takeMany(bound, 5, 'a')).toBe(2);
  expect(takeMany(bound, 5, 'b')).toBe(2);
});

it('forgets who has not come for longest', () => {
  const bound = new RateBound({ time: new SimulatedTime(), burst: 1, perSecond: 1 });
  bound.take('first');
  bound.take('second');
  bound.take('first');
  for (let index = 0; index < 1_023; index += 1) bound.take(`other ${index}`);
  expect(bound.take('first')).toBe(false);
  expect(bound.take('second')).toBe(true);
});

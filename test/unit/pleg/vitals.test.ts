import { describe, expect, it } from 'vitest';
import { sliceCount, slicePeriodMs, Vitals } from '../../../src/pleg/vitals.ts';
import { SimulatedTime } from '../../helpers/simulated-time.ts';

const newVitals = () => {
  const time = new SimulatedTime();
  return { time, vitals: new Vitals(time) };
};

describe('the vitals', () => {
  it('keep the worst of each slice and count what happened in it', async () => {
    const { time, vitals } = newVitals();
    vitals.relistBegan(900);
    vitals.relistEnded(12);
    vitals.relistBegan(1_100);
    vitals.relistEnded(7);
    vitals.published(3);
    vitals.published(30);
    vitals.published(undefined);
    vitals.reconnected();
    vitals.missed();
    await time.advance(slicePeriodMs);
    expect(vitals.slices()).toEqual([
      {
        index: 0,
        relistDurationMs: 12,
        relistIntervalMs: 1_100,
        eventLatencyMs: 30,
        eventCount: 3,
        reconnectCount: 1,
        missedCount: 1,
      },
    ]);
  });

  it('show a slice when it is complete, and leave out those in which nothing happened', async () => {
    const { time, vitals } = newVitals();
    vitals.published(undefined);
    expect(vitals.slices()).toEqual([]);
    await time.advance(3 * slicePeriodMs);
    vitals.published(undefined);
    await time.advance(slicePeriodMs);
    expect(vitals.slices().map(({ index }) => index)).toEqual([0, 3]);
    expect(vitals.slices(0).map(({ index }) => index)).toEqual([3]);
    expect(vitals.slices(3)).toEqual([]);
  });

  it('keep a quarter of an hour', async () => {
    const { time, vitals } = newVitals();
    for (let slice = 0; slice < sliceCount + 20; slice += 1) {
      vitals.published(undefined);
      await time.advance(slicePeriodMs);
    }
    const indexes = vitals.slices().map(({ index }) => index);
    expect(indexes).toHaveLength(sliceCount);
    expect(indexes.at(-1)).toBe(sliceCount + 19);
    await time.advance(sliceCount * slicePeriodMs);
    expect(vitals.slices()).toEqual([]);
  });

  it('need no timer', () => {
    const { time, vitals } = newVitals();
    vitals.published(1);
    expect(time.timerCount).toBe(0);
  });
});

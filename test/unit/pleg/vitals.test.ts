import { describe, expect, it } from 'vitest';
import { sliceCount, slicePeriodMs, Vitals } from '../../../src/pleg/vitals.ts';
import { SimulatedTime } from '../../helpers/simulated-time.ts';

const setup = () => {
  const time = new SimulatedTime();
  return { time, vitals: new Vitals(time) };
};

describe('a slice', () => {
  it('holds the worst of each measure and the number of events', async () => {
    const { time, vitals } = setup();
    for (const ms of [3, 9, 5]) {
      vitals.relistEnded(ms);
      vitals.relistBegan(ms * 100);
      vitals.published(ms / 2);
    }
    vitals.published(undefined);
    vitals.reconnected();
    vitals.missed();
    await time.advance(slicePeriodMs);
    expect(vitals.slices()).toEqual([
      {
        index: 0,
        relistDurationMs: 9,
        relistIntervalMs: 900,
        eventLatencyMs: 4.5,
        eventCount: 4,
        reconnectCount: 1,
        missedCount: 1,
      },
    ]);
  });

  it('is given when it is complete, and once after another', async () => {
    const { time, vitals } = setup();
    vitals.missed();
    expect(vitals.slices()).toEqual([]);
    await time.advance(slicePeriodMs);
    vitals.missed();
    expect(vitals.slices().map(({ index }) => index)).toEqual([0]);
    await time.advance(3 * slicePeriodMs);
    expect(vitals.slices(0).map(({ index }) => index)).toEqual([1]);
  });
});

it('a quarter of an hour is kept, and needs no timer', async () => {
  const { time, vitals } = setup();
  for (let slice = 0; slice < 2 * sliceCount; slice += 1) {
    vitals.published(undefined);
    await time.advance(slicePeriodMs);
  }
  expect(vitals.slices()).toHaveLength(sliceCount);
  expect(time.timerCount).toBe(0);
  await time.advance(sliceCount * slicePeriodMs);
  expect(vitals.slices()).toEqual([]);
});

import { describe, expect, it } from 'vitest';
import { createPace } from '../../../src/record/pace.ts';
import { settle, SimulatedTime } from '../../helpers/simulated-time.ts';

const never = new AbortController().signal;

/** When a wait for each of these moments is over, milliseconds from the first. */
const waits = async (speed: number, moments: readonly number[]): Promise<number[]> => {
  const time = new SimulatedTime();
  const startMs = time.monotonicMs();
  const pace = createPace(time, speed);
  const over: number[] = [];
  const waiting = (async () => {
    for (const atMs of moments) {
      await pace(atMs, never);
      over.push(time.monotonicMs() - startMs);
    }
  })();
  await time.advance(60_000);
  await waiting;
  return over;
};

describe('a pace', () => {
  it.each([
    ['the recording’s own', 1, [0, 1_000, 1_000, 5_000]],
    ['ten times as fast', 10, [0, 100, 100, 500]],
    ['half as fast', 0.5, [0, 2_000, 2_000, 10_000]],
    ['no waiting', Number.POSITIVE_INFINITY, [0, 0, 0, 0]],
  ])('%s', async (_, speed, over) => {
    expect(await waits(speed, [0, 1_000, 1_000, 5_000])).toEqual(over);
  });

  it('ends its wait when it is told to, and leaves no timer', async () => {
    const time = new SimulatedTime();
    const stop = new AbortController();
    const pace = createPace(time, 1);
    await pace(0, stop.signal);
    const waiting = pace(10_000, stop.signal);
    await settle();
    expect(time.timerCount).toBe(1);
    stop.abort();
    await waiting;
    expect(time.timerCount).toBe(0);
    await pace(20_000, stop.signal);
  });
});

import { describe, expect, it } from 'vitest';
import { duration, latencyMs, lookOf, stateWords } from '../../../src/page/words.ts';
import { lifecycleEvent } from '../../helpers/fake-agent-view.ts';

it.each([
  [0, '0 ms'],
  [4.25, '4.3 ms'],
  [999, '999 ms'],
  [1_300, '1.3 s'],
  [59_400, '59 s'],
  [60_000, '1 min'],
  [61_000, '1 min 1 s'],
  [300_000, '5 min'],
  [3_600_000, '1 h'],
  [7_500_000, '2 h 5 min'],
  [200 * 3_600_000, '8 d'],
])('%d ms is %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

it.each([
  ['degrading.stoppingGeneric.acting', 'degrading › stopping generic'],
  ['degrading.stoppingGeneric.pausing', 'degrading › stopping generic › failed, tried again soon'],
  ['running', 'running'],
])('%s is %s', (path, text) => {
  expect(stateWords(path)).toBe(text);
});

it.each([
  [{ state: 'exited', exitCode: 0 } as const, 'exited'],
  [{ state: 'exited', exitCode: 137 } as const, 'failed'],
  [{ state: 'exited' } as const, 'exited'],
  [{ state: 'running' } as const, 'running'],
])('%j looks %s', (chip, look) => {
  expect(lookOf(chip)).toBe(look);
});

describe('the latency of an event', () => {
  const observed = { runtimeTime: '1795215059359000000', observedAt: '2026-11-20T22:50:59.360Z' };

  it('is from the stamp of the runtime to the log', () => {
    expect(latencyMs(lifecycleEvent(1, observed))).toBe(1);
  });

  it('is never negative, whatever the clocks do', () => {
    expect(latencyMs(lifecycleEvent(1, { ...observed, observedAt: '2026-11-20T22:50:50.000Z' }))).toBe(0);
  });

  it('is not known where a relist found the change', () => {
    expect(latencyMs(lifecycleEvent(1, { ...observed, source: 'relist' }))).toBeUndefined();
  });
});

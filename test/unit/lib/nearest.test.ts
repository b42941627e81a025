import { describe, expect, it } from 'vitest';
import { nearest } from '../../../src/lib/nearest.ts';

describe('nearest', () => {
  const keys = ['mode', 'listen', 'relistPeriod', 'eventedRelistPeriod'];

  it.each([
    ['relistPeriode', 'relistPeriod'],
    ['relist-period', 'relistPeriod'],
    ['RELIST_PERIOD', 'relistPeriod'],
    ['relsitPeriod', 'relistPeriod'],
    ['listn', 'listen'],
    ['mdoe', 'mode'],
  ])('takes %s for %s', (word, meant) => {
    expect(nearest(word, keys)).toBe(meant);
  });

  it.each(['verbose', 'x', 'md', 'relist', ''])('takes "%s" for nothing known', (word) => {
    expect(nearest(word, keys)).toBeUndefined();
  });

  it('finds nothing among nothing', () => {
    expect(nearest('mode', [])).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import { ageOf, formatAge } from '../../../src/cli/age.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const year = 365 * day;

// The cases of HumanDuration's own test (k8s.io/apimachinery, pkg/util/duration), less its <invalid>.
describe('formatAge', () => {
  it.each([
    [0, '0s'],
    [second, '1s'],
    [70 * second, '70s'],
    [119 * second + 999, '119s'],
    [2 * minute, '2m'],
    [190 * second, '3m10s'],
    [10 * minute, '10m'],
    [70 * minute, '70m'],
    [2 * hour + 59 * minute, '179m'],
    [3 * hour, '3h'],
    [3 * hour + 10 * minute, '3h10m'],
    [8 * hour, '8h'],
    [47 * hour + 59 * minute, '47h'],
    [49 * hour, '2d1h'],
    [8 * day, '8d'],
    [8 * day + 2 * hour, '8d'],
    [367 * day, '367d'],
    [4 * year, '4y'],
    [4 * year + 2 * day, '4y2d'],
    [8 * year, '8y'],
    [20 * year + 5 * day, '20y'],
  ])('prints %d ms as %s', (ms, text) => {
    expect(formatAge(ms)).toBe(text);
  });

  it('prints what lies ahead, by a clock that is off, as just now', () => {
    expect(formatAge(-5 * second)).toBe('0s');
  });
});

it('ageOf takes an ISO stamp', () => {
  expect(ageOf('2026-11-20T22:00:00.000Z', Date.parse('2026-11-20T22:05:30.000Z'))).toBe('5m30s');
});

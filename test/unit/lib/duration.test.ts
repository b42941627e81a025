import { describe, expect, it } from 'vitest';
import { DurationError, formatDuration, parseDuration } from '../../../src/lib/duration.ts';

describe('parseDuration', () => {
  it.each([
    ['0', 0],
    ['-0', 0],
    ['0s', 0],
    ['1s', 1000],
    ['+1s', 1000],
    ['-1s', -1000],
    ['3m', 180_000],
    ['300s', 300_000],
    ['1m30s', 90_000],
    ['1h2m3s4ms5us6ns', 3_723_004.005006],
    ['1.5h', 5_400_000],
    ['.5s', 500],
    ['5.s', 5000],
    ['0.57s', 570],
    ['0.1ms', 0.1],
    ['100us', 0.1],
    ['100µs', 0.1],
    ['100μs', 0.1],
    ['1ns', 1e-6],
    ['30s1m', 90_000],
    ['0.3333333333333333333h', 1_199_999.999999],
    ['9223372036854775807ns', 9_223_372_036_854.775],
  ])('reads %s as %d ms', (text, ms) => {
    expect(parseDuration(text)).toBeCloseTo(ms, 9);
  });

  it.each([
    '',
    '1',
    '3.5',
    's',
    '.s',
    '-',
    '1 s',
    ' 1s',
    '1s ',
    '1d',
    '1S',
    '1s1',
    '1e3s',
    '--1s',
    '1,5s',
    'x',
  ])('refuses "%s" and names it', (text) => {
    expect(() => parseDuration(text)).toThrow(DurationError);
    expect(() => parseDuration(text)).toThrow(`"${text}" is not a duration such as 300ms, 1s, 3m or 1m30s`);
  });

  it.each(['9223372036854775808ns', '2562048h', '99999999999999999999s'])(
    'refuses %s, which an int64 of nanoseconds cannot hold',
    (text) => {
      expect(() => parseDuration(text)).toThrow(`"${text}" is longer than a duration can be (292 years)`);
    },
  );
});

// What Go 1.22 prints for time.Duration(n).
describe('formatDuration', () => {
  it.each([
    [0n, '0s'],
    [1n, '1ns'],
    [999n, '999ns'],
    [1_000n, '1µs'],
    [1_100n, '1.1µs'],
    [100_000n, '100µs'],
    [1_500_000n, '1.5ms'],
    [2_200_000n, '2.2ms'],
    [999_999_999n, '999.999999ms'],
    [1_000_000_000n, '1s'],
    [3_300_000_000n, '3.3s'],
    [59_999_999_999n, '59.999999999s'],
    [60_000_000_000n, '1m0s'],
    [180_000_000_000n, '3m0s'],
    [187_629_592_089n, '3m7.629592089s'],
    [245_000_000_000n, '4m5s'],
    [245_001_000_000n, '4m5.001s'],
    [3_600_000_000_000n, '1h0m0s'],
    [18_367_001_000_000n, '5h6m7.001s'],
    [480_000_000_001n, '8m0.000000001s'],
    [9_223_372_036_854_775_807n, '2562047h47m16.854775807s'],
    [-1n, '-1ns'],
    [-90_000_000_000n, '-1m30s'],
  ])('prints %d ns as %s', (ns, text) => {
    expect(formatDuration(ns)).toBe(text);
  });

  it.each([
    [0, '0s'],
    [1.5, '1.5ms'],
    [0.1, '100µs'],
    [180_000, '3m0s'],
    [187_629.592089, '3m7.629592089s'],
  ])('prints %d ms as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});

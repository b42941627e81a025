/** Nanoseconds of each unit of Go's `time.ParseDuration`; both micro signs, as there. */
const unitNs: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

const maxInt64 = 2n ** 63n - 1n;
const wholePattern = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/;
const partPattern = /(\d*)\.?(\d*)([a-zµμ]+)/g;

/** A text that is no Go duration. */
export class DurationError extends Error {
  override readonly name = 'DurationError';
}

/**
 * Reads a duration as Go's `time.ParseDuration` does: `300ms`, `1s`, `1m30s`, `-1.5h`, `0`.
 *
 * @returns milliseconds, with a fraction where the text has one; what is finer than 1 ns is cut off
 * @throws {DurationError} naming the value, also where it exceeds an int64 of nanoseconds (292 years)
 */
export function parseDuration(text: string): number {
  if (/^[+-]?0$/.test(text)) return 0;
  if (!wholePattern.test(text)) {
    throw new DurationError(`"${text}" is not a duration such as 300ms, 1s, 3m or 1m30s`);
  }
  let ns = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of text.matchAll(partPattern)) {
    const scale = unitNs[unit] ?? 0n;
    ns += BigInt(whole) * scale + (BigInt(fraction) * scale) / 10n ** BigInt(fraction.length);
  }
  if (ns > maxInt64) throw new DurationError(`"${text}" is longer than a duration can be (292 years)`);
  return (text.startsWith('-') ? -1 : 1) * (Number(ns) / 1e6);
}

/** Decimal digits of `value / 10^digits` without trailing zeros. */
function decimal(value: bigint, digits: number): string {
  const scale = 10n ** BigInt(digits);
  const fraction = (value % scale).toString().padStart(digits, '0').replace(/0+$/, '');
  return fraction === '' ? `${value / scale}` : `${value / scale}.${fraction}`;
}

/**
 * Prints a duration as Go prints a `time.Duration`: `0s`, `100µs`, `1.5ms`, `3m7.629592089s`, `1h0m0s`.
 *
 * @param duration milliseconds as a number, or nanoseconds as a bigint
 */
export function formatDuration(duration: number | bigint): string {
  const ns = typeof duration === 'bigint' ? duration : BigInt(Math.round(duration * 1e6));
  if (ns < 0n) return `-${formatDuration(-ns)}`;
  if (ns === 0n) return '0s';
  if (ns < 1_000n) return `${ns}ns`;
  if (ns < 1_000_000n) return `${decimal(ns, 3)}µs`;
  if (ns < 1_000_000_000n) return `${decimal(ns, 6)}ms`;

  const minutes = ns / 60_000_000_000n;
  const seconds = `${decimal(ns % 60_000_000_000n, 9)}s`;
  if (minutes === 0n) return seconds;
  if (minutes < 60n) return `${minutes}m${seconds}`;
  return `${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

import { z } from 'zod';
import { EndpointError, parseEndpoint } from '../cri/endpoint.ts';
import { DurationError, parseDuration } from '../lib/duration.ts';
import { type HostPort, parseHostPort } from '../lib/host-port.ts';
import { maxPathBytes } from '../lib/socket-path.ts';

/** What the values of an option may be. */
export interface OptionType<T> {
  /** Stands for the value in help and in the README. */
  readonly placeholder: string;
  /** A flag that stands without a value, for true. */
  readonly isSwitch?: true;
  /** Ends the sentence "…, expected". */
  readonly expected: string;
  /** Takes the text of a flag or variable, or a scalar of the file. */
  readonly schema: z.ZodType<T>;
}

/** Node's timers count in an int32 of milliseconds; a longer delay would fire at once. */
const maxDurationMs = 596 * 3_600_000;

/** A Go duration, in milliseconds. Below 100 ms lies load, not freshness. */
export const durationType: OptionType<number> = {
  placeholder: 'DURATION',
  expected: 'a duration such as 1s, 3m or 1m30s, from 100ms to 596h',
  schema: z.string().transform(readDuration).pipe(z.number().min(100).max(maxDurationMs)),
};

/** NaN, which no schema accepts, for what is no duration. */
function readDuration(text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    if (error instanceof DurationError) return Number.NaN;
    throw error;
  }
}

export const integerType = (min: number, max: number): OptionType<number> => ({
  placeholder: 'N',
  expected: `a whole number from ${min} to ${max}`,
  schema: z.union([z.number(), z.string().regex(/^\d+$/).transform(Number)]).pipe(z.int().min(min).max(max)),
});

export const choiceType = <T extends string>(...values: readonly [T, T, ...T[]]): OptionType<T> => ({
  placeholder: values.join('|'),
  expected: `one of ${values.join(', ')}`,
  schema: z.custom<T>((value) => values.some((known) => known === value)),
});

export const switchType: OptionType<boolean> = {
  placeholder: '',
  isSwitch: true,
  expected: 'true or false',
  schema: z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]),
};

export const listenType: OptionType<HostPort> = {
  placeholder: 'HOST:PORT',
  expected: 'HOST:PORT such as 127.0.0.1:10270 or [::1]:10270, port 0 to 65535',
  schema: z
    .string()
    .transform(parseHostPort)
    .pipe(z.custom<HostPort>((value) => value !== undefined)),
};

/** Only its form: whether the socket can be had shows when it is made. */
export const socketType: OptionType<string> = {
  placeholder: 'PATH|none',
  expected: 'the absolute path of a socket, at most 107 bytes, or none',
  schema: z
    .string()
    .refine((text) => text === 'none' || (text.startsWith('/') && Buffer.byteLength(text) <= maxPathBytes)),
};

/** Only its form: whether a runtime is there is for the agent to find out, again and again. */
export const endpointType: OptionType<string> = {
  placeholder: 'URL|embedded',
  expected: 'unix:///path of a socket, or embedded',
  schema: z.string().refine((text) => text === 'embedded' || isEndpoint(text)),
};

function isEndpoint(text: string): boolean {
  try {
    parseEndpoint(text);
    return true;
  } catch (error) {
    if (error instanceof EndpointError) return false;
    throw error;
  }
}

/** @param what it is a file of, such as `YAML` */
export const fileType = (what: string): OptionType<string> => ({
  placeholder: 'FILE',
  expected: `the path of a ${what} file`,
  schema: z.string().min(1),
});

import { type DestinationStream, type Logger, pino, stdSerializers, stdTimeFunctions } from 'pino';
import { isColorSupported, prettyFactory } from 'pino-pretty';

import { openUnblockedSink } from './unblocked-sink.ts';

export type { Logger } from 'pino';

export interface LogOptions {
  /** The least level that is logged. */
  readonly level: string;
  /** `pretty` for people, `json` for machines. */
  readonly format: 'pretty' | 'json';
  /** @default standard error, which leaves standard output to data */
  readonly destination?: DestinationStream;
}

/**
 * The process's one logger; components take a child of it.
 *
 * Every line is written before the call returns, unless nobody reads: nothing is left to flush when the process
 * ends, and nothing waits for a reader. Under `err`
 * stands an error with all its causes. A bigint among the fields becomes a string, since readers of JSON
 * would round its digits.
 */
export function createLogger({ level, format, destination }: LogOptions): Logger {
  const sink = destination ?? openUnblockedSink(2);
  return pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: bigintsAsText },
      serializers: { err: stdSerializers.err },
    },
    format === 'json' ? sink : prettyDestination(sink),
  );
}

/** pino-pretty's own stream hands lines on in a later tick, too late for a process that exits. */
function prettyDestination(sink: DestinationStream): DestinationStream {
  const prettify = prettyFactory({
    colorize: isColorSupported && process.stderr.isTTY,
    translateTime: 'SYS:HH:MM:ss.l',
    singleLine: true,
  });
  return {
    write(line) {
      sink.write(prettify(line));
    },
  };
}

function bigintsAsText(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, typeof value === 'bigint' ? value.toString() : value]),
  );
}

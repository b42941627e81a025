import { CommanderError } from 'commander';
import { ConfigError } from '../agent/config-error.ts';
import { EndpointError } from '../cri/endpoint.ts';
import { RecordingError } from '../record/recording-error.ts';
import { AccessError } from '../server/access-error.ts';
import { EventQueryError } from '../server/event-query.ts';

/** Arguments that make no sense together or by themselves. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The command has said all there is to say; only the exit code is left. */
export class SilentExit extends Error {
  override readonly name = 'SilentExit';
  readonly code: number;

  constructor(code: number) {
    super(`exit ${code}`);
    this.code = code;
  }
}

/** 0 all is well, 1 the world refused, 2 bad input. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof SilentExit) return error.code;
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof EndpointError) return error.kind === 'bad-input' ? 2 : 1;
  const isBadInput = [AccessError, UsageError, ConfigError, EventQueryError, RecordingError].some(
    (type) => error instanceof type,
  );
  return isBadInput ? 2 : 1;
}

/** The one line that standard error gets; undefined where enough was said. */
export function describeFailure(error: unknown): string | undefined {
  if (error instanceof SilentExit) return undefined;
  // Commander has printed the help or the version by itself.
  if (error instanceof CommanderError && (error.exitCode === 0 || error.code === 'commander.help'))
    return undefined;
  const message = error instanceof Error ? error.message : String(error);
  return `plegd: ${message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ')}`;
}

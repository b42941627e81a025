import { type EventEmitter, once } from 'node:events';
import type { Writable } from 'node:stream';
import type { Time } from '../lib/time.ts';

/** All that a command sees of the process around it. */
export interface CliIo {
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  /** Whether the process may do as root does, such as write to /run. */
  readonly isRoot: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborts when nobody reads standard output any more, as after `| head`. */
  readonly readerGone: AbortSignal;
  /** Emits `SIGINT` and `SIGTERM`. */
  readonly signals: Pick<EventEmitter, 'on' | 'off'>;
  readonly time: Time;
  /** Ends the process now, come what may. */
  exit(code: number): void;
}

/** Writes a line to standard output, and waits while its reader is slow. */
export async function print(
  { stdout, readerGone }: Pick<CliIo, 'stdout' | 'readerGone'>,
  text: string,
): Promise<void> {
  if (readerGone.aborted || stdout.write(`${text}\n`)) return;
  // Without its reader there is nothing to wait for, and whoever runs the command ends it.
  await once(stdout, 'drain', { signal: readerGone }).catch(() => undefined);
}

/** Tells the person something beside the output. */
export const notify = ({ stderr }: CliIo, text: string): void => {
  stderr.write(`plegd: ${text}\n`);
};

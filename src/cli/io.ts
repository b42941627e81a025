import { type EventEmitter, once } from 'node:events';
import type { Writable } from 'node:stream';
import type { Time } from '../lib/time.ts';

/** All that a command sees of the process around it. */
export interface CliIo {
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborts when nobody reads standard output any more, as after `| head`. */
  readonly readerGone: AbortSignal;
  /** Emits `SIGINT` and `SIGTERM`. */
  readonly signals: Pick<EventEmitter, 'on' | 'off'>;
  readonly time: Time;
  /** Ends the process now, come what may. */
  exit(code: number): void;
}

/** Writes lines to standard output and waits while its reader is slow. */
export async function print({ stdout, readerGone }: CliIo, text: string): Promise<void> {
  if (readerGone.aborted || stdout.write(`${text}\n`)) return;
  await Promise.race([once(stdout, 'drain'), once(readerGone, 'abort')]);
}

/** Tells the person something beside the output. */
export const notify = ({ stderr }: CliIo, text: string): void => {
  stderr.write(`plegd: ${text}\n`);
};

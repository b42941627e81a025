import { constants } from 'node:os';
import type { CliIo } from './io.ts';

/** Leaves a second of the five that a supervisor is promised. */
const stopTimeoutMs = 4_000;

/** npm passes a signal on that the terminal has already sent to all: the same one so soon is no second one. */
const echoMs = 300;

type StopSignal = 'SIGINT' | 'SIGTERM';

/**
 * Runs until a signal comes or nobody reads the output any more; `serve` learns that by its own signal, and
 * then has 4 s to return. A second signal ends the process at once.
 *
 * @throws what `serve` throws, and an error when it takes too long to end
 */
export async function serveUntilStopped(
  io: CliIo,
  serve: (stop: AbortSignal) => Promise<void>,
): Promise<void> {
  const { time, signals } = io;
  const stop = new AbortController();
  let first: { readonly name: StopSignal; readonly atMs: number } | undefined;
  const onSignal = (name: StopSignal) => {
    const atMs = time.monotonicMs();
    const isEcho = first?.name === name && atMs - first.atMs < echoMs;
    if (first !== undefined && !isEcho) io.exit(128 + constants.signals[name]);
    first ??= { name, atMs };
    stop.abort();
  };
  const onReaderGone = () => stop.abort();
  signals.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  io.readerGone.addEventListener('abort', onReaderGone);

  let timer: unknown;
  const tooLate = new Promise<never>((_resolve, reject) => {
    const late = () =>
      reject(new Error(`not stopped within ${stopTimeoutMs / 1000} s, leaving what is left`));
    stop.signal.addEventListener('abort', () => (timer = time.setTimeout(late, stopTimeoutMs)));
  });
  try {
    await Promise.race([serve(stop.signal), tooLate]);
  } finally {
    time.clearTimeout(timer);
    signals.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    io.readerGone.removeEventListener('abort', onReaderGone);
  }
}

/** Resolves when the signal aborts. */
export const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

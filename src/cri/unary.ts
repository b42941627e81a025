import { systemTime, type Time } from '../lib/time.ts';
import { CriError } from './cri-error.ts';

/** The handle of a call under way. */
export interface CancellableCall {
  cancel(): void;
}

export interface UnaryOptions {
  /** The CRI method, for errors. */
  readonly method: string;
  /** Milliseconds until the call fails with DEADLINE_EXCEEDED. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly time?: Pick<Time, 'setTimeout' | 'clearTimeout'>;
}

/** Starts a call that is to end by `deadlineMs`, milliseconds since 1970, and calls back when it has. */
export type StartUnary<T> = (
  deadlineMs: number,
  callback: (error: unknown, response?: T) => void,
) => CancellableCall;

/** What the transport gets beyond its deadline before it counts as having missed it, milliseconds. */
export const deadlineGraceMs = 1000;

/** Node fires a longer timer at once. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * A callback-style unary call as a Promise that settles once, whatever the transport does.
 *
 * The transport keeps the deadline, since it knows most about a late call and tells the runtime too; a timer
 * of our own stands behind it, because a relist that never settles would stop every later one.
 *
 * @throws CriError and nothing else; CANCELLED with the signal's reason as cause when `signal` aborts.
 */
export const callUnary = <T>(
  start: StartUnary<T>,
  { method, timeoutMs, signal, time = systemTime }: UnaryOptions,
): Promise<T> =>
  new Promise((resolve, reject) => {
    let call: CancellableCall | undefined;

    const fail = (error: CriError): void => {
      release();
      reject(error);
    };
    const abort = (): void => {
      fail(new CriError(method, 'CANCELLED', 'aborted by the caller', { cause: signal?.reason }));
      call?.cancel();
    };
    const expire = (): void => {
      fail(
        new CriError(
          method,
          'DEADLINE_EXCEEDED',
          `no answer and no deadline from the transport after ${timeoutMs} ms`,
        ),
      );
      call?.cancel();
    };
    const release = (): void => {
      time.clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };

    const timer = time.setTimeout(expire, Math.min(timeoutMs + deadlineGraceMs, longestTimerMs));
    if (signal?.aborted) {
      abort();
      return;
    }
    signal?.addEventListener('abort', abort);
    try {
      call = start(Date.now() + timeoutMs, (error, response) => {
        if (error != null) {
          fail(CriError.from(error, method));
          return;
        }
        release();
        resolve(response as T);
      });
    } catch (error) {
      fail(CriError.from(error, method));
    }
  });

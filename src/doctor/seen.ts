import type { Time } from '../lib/time.ts';
import { sleep } from './waiting.ts';

/** What a probe saw, or why it could not look. */
export type Seen<T> = { readonly seen: T } | { readonly unseen: string };

/** What was seen; `undefined` when nobody could look. */
export const whatOf = <T>(look: Seen<T>): T | undefined => ('seen' in look ? look.seen : undefined);

/** A probe that cannot look, in words for people; it is no fault of what it looks at. */
export class UnseenError extends Error {
  override readonly name = 'UnseenError';
}

const reasonOf = (error: unknown): string => {
  const { code, path, message } = (error ?? {}) as NodeJS.ErrnoException;
  if (path === undefined) return message ?? String(error);
  if (code === 'ENOENT') return `${path} is not there`;
  if (code === 'EACCES' || code === 'EPERM') return `no permission on ${path}; run as root`;
  return message;
};

/**
 * Runs a probe to its end or to its deadline. Never rejects: one probe's trouble is a fact and not the end of
 * the others.
 *
 * @param probe its signal aborts at the deadline
 */
export const look = async <T>(
  time: Time,
  deadlineMs: number,
  probe: (signal: AbortSignal) => Promise<T>,
): Promise<Seen<T>> => {
  const done = new AbortController();
  const late = new AbortController();
  const seen = Promise.resolve()
    .then(() => probe(late.signal))
    .then(
      (value): Seen<T> => ({ seen: value }),
      (error: unknown): Seen<T> => ({ unseen: reasonOf(error) }),
    );
  const expired = sleep(time, deadlineMs, done.signal).then((): Seen<T> => {
    late.abort();
    return { unseen: `no answer within ${Math.round(deadlineMs) / 1000} s` };
  });
  try {
    return await Promise.race([seen, expired]);
  } finally {
    done.abort();
  }
};

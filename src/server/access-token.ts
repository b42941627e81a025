import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { Logger } from '../lib/log.ts';
import type { Time } from '../lib/time.ts';
import { AccessError } from './access-error.ts';

/** A file is looked at no more often, milliseconds. */
const lookPeriodMs = 1_000;

export interface AccessTokenOptions {
  readonly path: string;
  readonly time: Pick<Time, 'monotonicMs'>;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
}

/**
 * The bearer token of a file. When the file changes, it is read anew, at most a second later; while it cannot be
 * read or holds no token, nobody has the right one.
 */
export class AccessToken {
  readonly #options: AccessTokenOptions;
  /** What the file was when it was read: a new one has another inode or another time. */
  #version: string;
  #lookedMs: number;
  #digest: Buffer | undefined;

  /** @throws {AccessError} */
  constructor(options: AccessTokenOptions) {
    this.#options = options;
    this.#version = versionOf(options.path);
    this.#digest = digestOf(readToken(options.path));
    this.#lookedMs = options.time.monotonicMs();
  }

  matches(given: string): boolean {
    this.#look();
    // Digests are of one length, and tell nothing by the time their comparison takes.
    return this.#digest !== undefined && timingSafeEqual(this.#digest, digestOf(given));
  }

  #look(): void {
    const { path, time, logger } = this.#options;
    if (time.monotonicMs() - this.#lookedMs < lookPeriodMs) return;
    this.#lookedMs = time.monotonicMs();
    const version = versionOf(path);
    if (version === this.#version) return;
    this.#version = version;
    try {
      this.#digest = digestOf(readToken(path));
      logger.info({ path }, 'token file read anew');
    } catch (err) {
      this.#digest = undefined;
      logger.warn({ err }, 'the token file holds no token any more: nobody gets in by token until it does');
    }
  }
}

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();

function versionOf(path: string): string {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats ? `${stats.ino} ${stats.mtimeNs} ${stats.ctimeNs} ${stats.size}` : 'missing';
}

/** @throws {AccessError}, which does not show what stands there */
export function readToken(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (cause) {
    throw new AccessError(`--token-file ${path}: cannot read the file: ${(cause as Error).message}`, {
      cause,
    });
  }
  if (/^[\x21-\x7e]{16,1024}$/.test(text)) return text;
  throw new AccessError(`--token-file ${path}: expected one token of 16 to 1024 visible ASCII characters`);
}

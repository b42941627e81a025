import type { Time } from './time.ts';

export interface RateBoundOptions {
  readonly time: Pick<Time, 'monotonicMs'>;
  /** How many may come at once after a pause. */
  readonly burst: number;
  /** How many may come in the long run. */
  readonly perSecond: number;
}

interface Bucket {
  tokens: number;
  filledMs: number;
}

/** So many clients are remembered; who comes back after that many others begins anew. */
const clientCount = 1_024;

/** A bound on how often each client may come: a token bucket for each, in bounded memory. */
export class RateBound {
  readonly #options: RateBoundOptions;
  /** The one that came last is last. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(options: RateBoundOptions) {
    this.#options = options;
  }

  /** Whether the client may come now. */
  take(client: string): boolean {
    const { time, burst, perSecond } = this.#options;
    const nowMs = time.monotonicMs();
    const bucket = this.#buckets.get(client) ?? { tokens: burst, filledMs: nowMs };
    bucket.tokens = Math.min(burst, bucket.tokens + ((nowMs - bucket.filledMs) / 1_000) * perSecond);
    bucket.filledMs = nowMs;
    this.#buckets.delete(client);
    this.#buckets.set(client, bucket);
    for (const oldest of this.#buckets.keys()) {
      if (this.#buckets.size <= clientCount) break;
      this.#buckets.delete(oldest);
    }
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }
}

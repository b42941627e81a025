import { defer, from, of, race, repeat, Subject, type Observable, tap, type Subscription } from 'rxjs';
import type { RelistDuration } from '../../machines/index.ts';
import type { Time } from '../lib/time.ts';
import { timer$ } from './timer.ts';

export interface GenericPlegOptions {
  readonly time: Time;
  readonly relistDuration: RelistDuration;
  /** One relist, lists and merge: whether it succeeded. Never rejects; ends early when the signal aborts. */
  readonly relist: (signal: AbortSignal) => Promise<boolean>;
}

/** Longest pause after a relist that failed: the slow period of evented mode is for when all is well. */
const retryMs = 1_000;

/**
 * kubelet's Generic PLEG (pkg/kubelet/pleg/generic.go): relists for ever, the next `periodMs` after the end
 * of the last, or a second after one that failed. Relists never overlap, not even over a stop and a start:
 * stop waits for the one under way.
 */
export class GenericPleg {
  readonly #options: GenericPlegOptions;
  readonly #requests = new Subject<void>();
  #relistDuration: RelistDuration;
  #loop: Subscription | undefined;
  #running: Promise<boolean> = Promise.resolve(true);
  #abort = new AbortController();
  #isRequested = false;
  #startedMs: number | undefined;

  constructor(options: GenericPlegOptions) {
    this.#options = options;
    this.#relistDuration = options.relistDuration;
  }

  get relistDuration(): RelistDuration {
    return this.#relistDuration;
  }

  get isStarted(): boolean {
    return this.#loop !== undefined;
  }

  /** When it was last started, monotonic ms: a threshold counts from here at the earliest. */
  get startedMs(): number | undefined {
    return this.#startedMs;
  }

  /** Idempotent. The first relist begins at once. */
  start(): void {
    if (this.#loop) return;
    this.#abort = new AbortController();
    this.#isRequested = false;
    this.#startedMs = this.#options.time.monotonicMs();
    this.#loop = this.#relists(this.#abort.signal).subscribe();
  }

  /** Idempotent. Aborts the relist under way and resolves when it has ended. */
  async stop(): Promise<void> {
    this.#loop?.unsubscribe();
    this.#loop = undefined;
    this.#abort.abort();
    await this.#running;
  }

  /** kubelet's `Update`: must not be called while started. */
  update(relistDuration: RelistDuration): void {
    if (this.#loop) throw new Error('Generic PLEG must be stopped before its relist duration is updated');
    this.#relistDuration = relistDuration;
  }

  /** Relists as soon as the one under way, if any, has ended. Requests that come meanwhile are one. */
  requestRelist(): void {
    this.#isRequested = true;
    this.#requests.next();
  }

  #relists(signal: AbortSignal): Observable<boolean> {
    let isOk = true;
    return defer(() => {
      this.#isRequested = false;
      // A relist that a stop left behind is waited for here too, whoever called start.
      this.#running = this.#running.then(() => !signal.aborted && this.#options.relist(signal));
      return from(this.#running);
    }).pipe(
      tap((wasOk) => {
        isOk = wasOk;
      }),
      repeat({ delay: () => (this.#isRequested ? of(undefined) : this.#pause(isOk)) }),
    );
  }

  #pause(isOk: boolean): Observable<void> {
    const { periodMs } = this.#relistDuration;
    return race(timer$(this.#options.time, isOk ? periodMs : Math.min(periodMs, retryMs)), this.#requests);
  }
}

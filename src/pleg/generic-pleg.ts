import {
  catchError,
  defer,
  EMPTY,
  from,
  of,
  race,
  repeat,
  Subject,
  type Observable,
  type Subscription,
} from 'rxjs';
import type { RelistDuration } from '../../machines/index.ts';
import type { Time } from '../lib/time.ts';
import { timer$ } from './timer.ts';

export interface GenericPlegOptions {
  readonly time: Time;
  readonly relistDuration: RelistDuration;
  /** One relist, lists and merge; ends early when the signal aborts. */
  readonly relist: (signal: AbortSignal) => Promise<void>;
}

/**
 * kubelet's Generic PLEG (pkg/kubelet/pleg/generic.go): relists for ever, the next `periodMs` after the end
 * of the last. A relist that fails is the relist's own affair, the loop goes on. Relists never overlap,
 * not even over a stop and a start: stop waits for the one under way.
 */
export class GenericPleg {
  readonly #options: GenericPlegOptions;
  readonly #requests = new Subject<void>();
  #relistDuration: RelistDuration;
  #loop: Subscription | undefined;
  #running: Promise<void> = Promise.resolve();
  #abort = new AbortController();
  #isRequested = false;

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

  /** Idempotent. The first relist begins at once. */
  start(): void {
    if (this.#loop) return;
    this.#abort = new AbortController();
    this.#isRequested = false;
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

  #relists(signal: AbortSignal): Observable<void> {
    return defer(() => {
      this.#isRequested = false;
      // A relist that a stop left behind is waited for here too, whoever called start.
      this.#running = this.#running.then(() => (signal.aborted ? undefined : this.#options.relist(signal)));
      return from(this.#running);
    }).pipe(
      catchError(() => {
        this.#running = Promise.resolve();
        return EMPTY;
      }),
      repeat({
        delay: () =>
          this.#isRequested
            ? of(undefined)
            : race(timer$(this.#options.time, this.#relistDuration.periodMs), this.#requests),
      }),
    );
  }
}

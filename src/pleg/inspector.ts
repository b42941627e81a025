import type { Time, TimerHandle } from '../lib/time.ts';
import type { InspectionCall } from './inspect.ts';
import type { InspectionQueue } from './inspection-queue.ts';
import type { InspectionOutcome, InspectionRequest } from './observation.ts';

/** An inspection that takes this long gives its place to another pod, milliseconds. */
export const slowAfterMs = 1_000;

/** Slow inspections that may go on beside the others, for each place. */
const slowPerPlace = 4;

export interface InspectorOptions {
  readonly time: Time;
  readonly queue: InspectionQueue;
  /** Pods inspected side by side, slow ones not counted. */
  readonly concurrency: number;
  readonly take: () => InspectionRequest | undefined;
  /** Asks the runtime, telling of each call as it begins; never rejects. */
  readonly inspect: (
    request: InspectionRequest,
    onCall: (call: InspectionCall) => void,
  ) => Promise<InspectionOutcome>;
  readonly onOutcome: (request: InspectionRequest, outcome: InspectionOutcome) => void;
}

/** An inspection under way. */
export interface InspectionInFlight {
  readonly request: InspectionRequest;
  /** The call that is waited for now. */
  call: InspectionCall | undefined;
  isSlow: boolean;
  timer?: TimerHandle;
}

/**
 * Keeps up to `concurrency` inspections going while pods are marked. One that hangs holds a place for
 * `slowAfterMs` only and goes on, until its deadline, as a slow one; so pods that hang do not delay the
 * others, unless there are more of them than four for each place.
 */
export class Inspector {
  readonly #options: InspectorOptions;
  readonly #inFlight = new Map<InspectionInFlight, Promise<void>>();
  #slowCount = 0;
  #timer: TimerHandle;
  #isStopped = false;
  #isPumpQueued = false;

  constructor(options: InspectorOptions) {
    this.#options = options;
  }

  /** What is under way, oldest first. */
  inFlight(): IterableIterator<Readonly<InspectionInFlight>> {
    return this.#inFlight.keys();
  }

  /** Something may have been marked. Starts work once whatever is under way has been merged. */
  wake(): void {
    if (this.#isPumpQueued || this.#isStopped) return;
    this.#isPumpQueued = true;
    queueMicrotask(() => {
      this.#isPumpQueued = false;
      this.#pump();
    });
  }

  /** Starts nothing more and waits for what is in flight. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#options.time.clearTimeout(this.#timer);
    await Promise.all(this.#inFlight.values());
  }

  #pump(): void {
    if (this.#isStopped) return;
    const { concurrency, take } = this.#options;
    while (this.#inFlight.size - this.#slowCount < concurrency) {
      const request = take();
      if (!request) break;
      const inspection: InspectionInFlight = { request, call: undefined, isSlow: false };
      this.#inFlight.set(inspection, this.#run(inspection));
    }
    this.#schedule();
  }

  async #run(inspection: InspectionInFlight): Promise<void> {
    const { time, inspect, onOutcome } = this.#options;
    const { request } = inspection;
    this.#watch(inspection);
    const outcome = await inspect(request, (call) => {
      inspection.call = call;
    });
    time.clearTimeout(inspection.timer);
    this.#inFlight.delete(inspection);
    if (inspection.isSlow) this.#slowCount -= 1;
    if (!this.#isStopped) onOutcome(request, outcome);
    this.wake();
  }

  /** Slow inspections are bounded too: one that finds no room keeps its place and asks again later. */
  #watch(inspection: InspectionInFlight): void {
    const { time, concurrency } = this.#options;
    inspection.timer = time.setTimeout(() => {
      if (this.#slowCount >= concurrency * slowPerPlace) {
        this.#watch(inspection);
        return;
      }
      inspection.isSlow = true;
      this.#slowCount += 1;
      this.wake();
    }, slowAfterMs);
  }

  /** Wakes up when the next pod that waits for its retry is due. */
  #schedule(): void {
    const { time, queue } = this.#options;
    time.clearTimeout(this.#timer);
    const dueMs = queue.nextDueMs();
    const delayMs = dueMs === undefined ? undefined : dueMs - time.monotonicMs();
    if (delayMs !== undefined && delayMs > 0) this.#timer = time.setTimeout(() => this.wake(), delayMs);
  }
}

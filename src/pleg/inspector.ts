import type { Time, TimerHandle } from '../lib/time.ts';
import type { InspectionQueue } from './inspection-queue.ts';
import type { InspectionOutcome, InspectionRequest } from './observation.ts';

export interface InspectorOptions {
  readonly time: Time;
  readonly queue: InspectionQueue;
  /** Pods inspected side by side. */
  readonly concurrency: number;
  readonly take: () => InspectionRequest | undefined;
  /** Asks the runtime; never rejects. */
  readonly inspect: (request: InspectionRequest) => Promise<InspectionOutcome>;
  readonly onOutcome: (request: InspectionRequest, outcome: InspectionOutcome) => void;
}

/**
 * Keeps up to `concurrency` inspections going while pods are marked. A pod whose inspection hangs holds
 * one place until its deadline and nothing else.
 */
export class Inspector {
  readonly #options: InspectorOptions;
  readonly #inFlight = new Set<Promise<void>>();
  #timer: TimerHandle;
  #isStopped = false;
  #isPumpQueued = false;

  constructor(options: InspectorOptions) {
    this.#options = options;
  }

  get inFlightCount(): number {
    return this.#inFlight.size;
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
    await Promise.all(this.#inFlight);
  }

  #pump(): void {
    if (this.#isStopped) return;
    const { concurrency, take } = this.#options;
    while (this.#inFlight.size < concurrency) {
      const request = take();
      if (!request) break;
      const work: Promise<void> = this.#run(request).finally(() => {
        this.#inFlight.delete(work);
        this.wake();
      });
      this.#inFlight.add(work);
    }
    this.#schedule();
  }

  async #run(request: InspectionRequest): Promise<void> {
    const outcome = await this.#options.inspect(request);
    if (!this.#isStopped) this.#options.onOutcome(request, outcome);
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

import { CriError } from '../cri/cri-error.ts';
import type { RuntimeService } from '../cri/runtime-service.ts';
import type { Time } from '../lib/time.ts';
import type { Beginning, RelistResult } from './observation.ts';

export interface RelisterOptions {
  readonly time: Time;
  readonly service: Pick<RuntimeService, 'listPodSandboxes' | 'listContainers'>;
  readonly begin: () => Beginning;
  readonly onResult: (result: RelistResult) => void;
  /** `isFirst` in a row. */
  readonly onFailed: (error: CriError, isFirst: boolean) => void;
  /** Succeeded after one had failed. */
  readonly onRecovered: () => void;
  /** `intervalMs` from the beginning of the last one that succeeded, if there was one, as in kubelet. */
  readonly onBegin: (intervalMs: number | undefined) => void;
  /** Ended, well or not. */
  readonly onEnd: (durationMs: number) => void;
}

/**
 * One relist after another, as kubelet's `Relist` does it: both lists, then the merge. The stamp of health
 * moves only when both lists came (k/k#45496).
 */
export class Relister {
  readonly #options: RelisterOptions;
  #lastSuccess: Beginning | undefined;
  #lastBeganMs: number | undefined;
  #inFlightSinceMs: number | undefined;
  #lastDurationMs: number | undefined;
  #lastError: CriError | undefined;

  constructor(options: RelisterOptions) {
    this.#options = options;
  }

  /** Beginning of the last relist that succeeded; kubelet's `relistTime`. */
  get lastSuccess(): Beginning | undefined {
    return this.#lastSuccess;
  }

  /** When the last relist began, monotonic ms; `undefined` before the first. */
  get lastBeganMs(): number | undefined {
    return this.#lastBeganMs;
  }

  get lastDurationMs(): number | undefined {
    return this.#lastDurationMs;
  }

  /** Why the last relist failed; `undefined` when it did not. */
  get lastError(): CriError | undefined {
    return this.#lastError;
  }

  /** Age of the relist under way, milliseconds. */
  get inFlightMs(): number | undefined {
    return this.#inFlightSinceMs === undefined
      ? undefined
      : this.#options.time.monotonicMs() - this.#inFlightSinceMs;
  }

  /** Whether it succeeded. Never rejects. A relist that is aborted leaves no trace but its duration. */
  async relist(signal: AbortSignal): Promise<boolean> {
    const { time, service, begin, onResult, onFailed, onRecovered, onBegin, onEnd } = this.#options;
    const beginning = begin();
    onBegin(this.#lastSuccess && beginning.beganMs - this.#lastSuccess.beganMs);
    this.#lastBeganMs = this.#inFlightSinceMs = beginning.beganMs;
    // When one list fails the other is of no use; left alone, it could hang beside those of later relists.
    const lists = new AbortController();
    const abort = (): void => lists.abort();
    signal.addEventListener('abort', abort, { once: true });
    try {
      const [podSandboxes, containers] = await Promise.all([
        service.listPodSandboxes({ signal: lists.signal }),
        service.listContainers({ signal: lists.signal }),
      ]);
      if (signal.aborted) return false;
      this.#lastSuccess = beginning;
      const wasFailing = this.#lastError !== undefined;
      this.#lastError = undefined;
      onResult({ ...beginning, podSandboxes, containers });
      if (wasFailing) onRecovered();
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      const isFirst = this.#lastError === undefined;
      this.#lastError = CriError.from(error, 'relist');
      onFailed(this.#lastError, isFirst);
      return false;
    } finally {
      signal.removeEventListener('abort', abort);
      lists.abort();
      this.#inFlightSinceMs = undefined;
      this.#lastDurationMs = time.monotonicMs() - beginning.beganMs;
      onEnd(this.#lastDurationMs);
    }
  }
}

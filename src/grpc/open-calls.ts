import { stopping } from './call-error.ts';

/** The calls that are being answered, so that all of them can be ended. */
export class OpenCalls {
  readonly #controllers = new Set<AbortController>();
  #isStopped = false;

  /** A signal for a new call; it aborts when the caller is gone, and with `stopping()` when the agent stops. */
  add(call: { once(event: 'cancelled', listener: () => void): unknown }): CallScope {
    const controller = new AbortController();
    this.#controllers.add(controller);
    call.once('cancelled', () => controller.abort());
    if (this.#isStopped) controller.abort(stopping());
    return { signal: controller.signal, end: () => this.#controllers.delete(controller) };
  }

  /** From now on every call ends at once. */
  stop(): void {
    this.#isStopped = true;
    for (const controller of this.#controllers) controller.abort(stopping());
  }
}

export interface CallScope {
  readonly signal: AbortSignal;
  readonly end: () => void;
}

import { CriError } from '../cri/cri-error.ts';
import type { RuntimeService, RuntimeVersion } from '../cri/runtime-service.ts';
import type { Time, TimerHandle } from '../lib/time.ts';

/** kubelet calls `updateRuntimeUp` this often (pkg/kubelet/kubelet.go). */
export const probePeriodMs = 5_000;

export interface RuntimeProbeOptions {
  readonly time: Time;
  readonly service: Pick<RuntimeService, 'version' | 'status'>;
  readonly onUp: (version: RuntimeVersion) => void;
  readonly onDown: (error: CriError) => void;
  /** What is wrong, for people. */
  readonly describe: (error: CriError) => string;
}

/**
 * kubelet's `updateRuntimeUp`: asks the runtime for its Status every five seconds, and for its Version
 * whenever it comes back, because it may be another one by then.
 */
export class RuntimeProbe {
  readonly #options: RuntimeProbeOptions;
  readonly #abort = new AbortController();
  #timer: TimerHandle;
  #isProbing = false;
  #version: RuntimeVersion | undefined;
  #state: 'up' | 'down' | 'unknown' = 'unknown';
  #lastSyncMs: number | undefined;
  #problem: string | undefined;

  constructor(options: RuntimeProbeOptions) {
    this.#options = options;
  }

  get state(): 'up' | 'down' | 'unknown' {
    return this.#state;
  }

  get version(): RuntimeVersion | undefined {
    return this.#version;
  }

  /** When the runtime last said that it is ready, monotonic ms. */
  get lastSyncMs(): number | undefined {
    return this.#lastSyncMs;
  }

  /** What the runtime says is wrong with it, in kubelet's words; `undefined` when nothing is. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Asks at once and then every `probePeriodMs` after each answer. */
  async start(): Promise<void> {
    this.#isProbing = true;
    await this.probe();
    this.#isProbing = false;
    if (this.#abort.signal.aborted) return;
    this.#timer = this.#options.time.setTimeout(() => void this.start(), probePeriodMs);
  }

  stop(): void {
    this.#abort.abort();
    this.#options.time.clearTimeout(this.#timer);
  }

  /** Never rejects. */
  async probe(): Promise<void> {
    const { time, service, onUp, onDown, describe } = this.#options;
    const { signal } = this.#abort;
    try {
      if (this.#state !== 'up') this.#version = await service.version({ signal, timeoutMs: probePeriodMs });
      const { conditions } = await service.status({ signal, timeoutMs: probePeriodMs });
      const unready = conditions.find(({ type, status }) => type === 'RuntimeReady' && !status);
      this.#problem = unready
        ? `container runtime not ready: RuntimeReady=false reason:${unready.reason} message:${unready.message}`
        : undefined;
      if (!unready) this.#lastSyncMs = time.monotonicMs();
      if (this.#state !== 'up') onUp(this.#version as RuntimeVersion);
      this.#state = 'up';
    } catch (error) {
      if (signal.aborted) return;
      const problem = CriError.from(error, 'Status');
      const wasDown = this.#state === 'down';
      this.#state = 'down';
      this.#problem = describe(problem);
      if (!wasDown) onDown(problem);
    }
  }

  /** A call failed elsewhere: asks now rather than at the next tick. */
  suspectDown(): void {
    if (this.#state === 'up') this.#probeNow();
  }

  /** A call succeeded elsewhere: asks now rather than at the next tick. */
  suspectUp(): void {
    if (this.#state === 'down') this.#probeNow();
  }

  #probeNow(): void {
    if (this.#isProbing) return;
    this.#options.time.clearTimeout(this.#timer);
    void this.start();
  }
}

import { CriError } from '../cri/cri-error.ts';
import type { RuntimeCondition, RuntimeService, RuntimeVersion } from '../cri/runtime-service.ts';
import type { Time, TimerHandle } from '../lib/time.ts';

/** kubelet calls `updateRuntimeUp` this often (pkg/kubelet/kubelet.go). */
export const probePeriodMs = 5_000;

/** kubelet's words for a runtime that says, or does not say, that it is ready (`updateRuntimeUp`). */
const readinessProblem = (conditions: readonly RuntimeCondition[]): string | undefined => {
  const ready = conditions.find(({ type }) => type === 'RuntimeReady');
  if (ready?.status) return undefined;
  return ready
    ? `container runtime not ready: RuntimeReady=false reason:${ready.reason} message:${ready.message}`
    : 'container runtime not ready: it reports no condition RuntimeReady';
};

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
  /** Whether the runtime has said its version since it last failed to answer somebody. */
  #isVersionSure = false;
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
    const { time, service, onDown, describe } = this.#options;
    const { signal } = this.#abort;
    try {
      const { conditions } = await service.status({ signal, timeoutMs: probePeriodMs });
      this.#problem = readinessProblem(conditions);
      if (this.#problem === undefined) this.#lastSyncMs = time.monotonicMs();
      this.#state = 'up';
      await this.#learnVersion();
    } catch (error) {
      if (signal.aborted) return;
      const problem = CriError.from(error, 'Status');
      const wasDown = this.#state === 'down';
      this.#state = 'down';
      this.#isVersionSure = false;
      this.#problem = describe(problem);
      if (!wasDown) onDown(problem);
    }
  }

  /** Health does not hang on the version: a runtime that keeps it to itself is asked again at the next tick. */
  async #learnVersion(): Promise<void> {
    if (this.#isVersionSure) return;
    const { signal } = this.#abort;
    try {
      this.#version = await this.#options.service.version({ signal, timeoutMs: probePeriodMs });
      this.#isVersionSure = true;
      this.#options.onUp(this.#version);
    } catch (error) {
      if (!signal.aborted) this.#problem ??= this.#options.describe(CriError.from(error, 'Version'));
    }
  }

  /** A call failed elsewhere: asks now rather than at the next tick. */
  suspectDown(): void {
    this.#isVersionSure = false;
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

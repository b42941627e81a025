import { pino } from 'pino';
import { Subject, defer, finalize } from 'rxjs';
import type { SupervisorInput, supervisorMachine } from '../../../machines/index.ts';
import { Supervision } from '../../../src/agent/supervision.ts';
import { CriError } from '../../../src/cri/cri-error.ts';
import type { CriContainerEvent } from '../../../src/cri/runtime-service.ts';
import { watchContainerEvents } from '../../../src/pleg/evented-pleg.ts';
import type { GenericPlegOptions } from '../../../src/pleg/generic-pleg.ts';
import type { Sentence, World } from '../check/world.ts';
import { DegradationRecord, type Generators } from './degradation-record.ts';
import { flush, ModelClock } from './model-clock.ts';
import { sabotages, UnreliablePleg, type Sabotage } from './unreliable-pleg.ts';

const failureCodes = ['UNAVAILABLE', 'UNIMPLEMENTED', 'OK'] as const;

/** How a stream can end. */
type FailureCode = (typeof failureCodes)[number];

export type SupervisionAction =
  | { readonly kind: 'fail'; readonly code: FailureCode }
  | { readonly kind: 'speak' }
  | { readonly kind: 'fire'; readonly timer: string }
  /** A relist ends, well or not; one that was aborted takes its time to end. */
  | { readonly kind: 'endRelist'; readonly isOk: boolean }
  | { readonly kind: 'sabotage'; readonly sabotage: Sabotage };

export interface SupervisionSpec {
  /** Steps that fail, at most. */
  readonly maxSabotages: number;
  /** Which those are. @default all */
  readonly sabotages?: readonly Sabotage[];
  /** How streams fail. @default all */
  readonly failureCodes?: readonly FailureCode[];
  readonly machine?: typeof supervisorMachine;
  readonly createPleg?: (options: GenericPlegOptions) => UnreliablePleg;
}

interface Relist {
  readonly signal: AbortSignal;
  readonly end: (isOk: boolean) => void;
}

const generic = { periodMs: 1_001, thresholdMs: 180_000 };
const evented = { periodMs: 300_000, thresholdMs: 600_000 };

const input: SupervisorInput = {
  configuredMode: 'evented',
  generic,
  evented,
  maxStreamRetries: 2,
  stepTimeoutMs: 10_000,
  stepRetryMs: 700,
  reconnectMinMs: 100,
  reconnectMaxMs: 3_000,
  probeMinMs: 1_300,
  probeMaxMs: 1_300,
  probeOpenMs: 5_000,
  steadyAfterMs: 60_000,
};

const silent = pino({ level: 'silent' });
const event: CriContainerEvent = {
  containerId: 'c',
  kind: 'started',
  createdAtNs: 0n,
  podSandbox: undefined,
  containerStatus: undefined,
};

/**
 * The real supervision with the real supervisor machine, Generic PLEG and stream watcher, on a runtime that
 * only opens streams and answers lists, and a clock whose timers fire in any order.
 */
export class SupervisionWorld implements World<SupervisionAction> {
  readonly clock = new ModelClock();
  readonly record = new DegradationRecord(input.maxStreamRetries, generic.periodMs);
  readonly genericPleg: UnreliablePleg;
  readonly supervision: Supervision;
  readonly relists: Relist[] = [];
  openStreamCount = 0;
  sabotagesLeft: number;
  readonly #spec: SupervisionSpec;
  #events = new Subject<CriContainerEvent>();
  #hasSpoken = false;
  #isRelistRequested = false;
  #isRelistFailing = false;

  constructor(spec: SupervisionSpec) {
    const { machine, createPleg } = spec;
    this.#spec = spec;
    this.sabotagesLeft = spec.maxSabotages;
    const { clock, record } = this;
    const options: GenericPlegOptions = {
      time: clock.seenBy('relist'),
      relistDuration: generic,
      relist: (signal) => this.#relist(signal),
    };
    this.genericPleg = createPleg?.(options) ?? new UnreliablePleg(options);
    const requestRelist = (): void => {
      this.#isRelistRequested = true;
      this.genericPleg.requestRelist();
    };
    this.supervision = new Supervision({
      time: clock.seenBy('supervisor'),
      logger: silent,
      input,
      random: () => 1,
      genericPleg: this.genericPleg,
      criEvent$: watchContainerEvents({
        time: clock.seenBy('stream'),
        service: { containerEvents: () => this.#stream() },
        requestRelist,
        onOpened: () => undefined,
        onSettled: () => undefined,
        onClosed: () => undefined,
      }),
      onEvent: () => undefined,
      onStreamFailed: ({ code }) => {
        record.streamFailed(code);
      },
      ...(machine ? { machine } : {}),
    });
    this.supervision.actor.subscribe(() => {
      const { path } = this.supervision;
      if (path.endsWith('.steady')) record.becameSteady();
      record.moved(path, this.generators());
    });
    this.supervision.start();
  }

  actions(): SupervisionAction[] {
    const actions: SupervisionAction[] = [];
    if (this.openStreamCount > 0) {
      for (const code of this.#spec.failureCodes ?? failureCodes) actions.push({ kind: 'fail', code });
      if (!this.#hasSpoken) actions.push({ kind: 'speak' });
    }
    for (const timer of new Set(this.clock.timers.map(({ name }) => name))) {
      actions.push({ kind: 'fire', timer });
    }
    if (this.relists.length > 0) {
      actions.push({ kind: 'endRelist', isOk: true }, { kind: 'endRelist', isOk: false });
    }
    if (this.sabotagesLeft > 0 && !this.genericPleg.sabotage) {
      for (const sabotage of this.#spec.sabotages ?? sabotages) actions.push({ kind: 'sabotage', sabotage });
    }
    return actions;
  }

  async perform(action: SupervisionAction): Promise<void> {
    switch (action.kind) {
      case 'fail':
        this.#fail(action.code);
        break;
      case 'speak':
        this.#hasSpoken = true;
        this.#events.next(event);
        break;
      case 'fire':
        this.clock.fire(action.timer);
        break;
      case 'endRelist':
        this.#endRelist(action.isOk);
        break;
      case 'sabotage':
        this.sabotagesLeft -= 1;
        this.genericPleg.sabotage = action.sabotage;
        break;
    }
    await flush();
  }

  generators(): Generators {
    return {
      openStreamCount: this.openStreamCount,
      isGenericStarted: this.genericPleg.isStarted,
      relistCount: this.relists.length,
      periodMs: this.genericPleg.relistDuration.periodMs,
    };
  }

  fingerprint(): string {
    const { streamFailures, probeFailures, isStreamLost } = this.supervision.actor.getSnapshot().context;
    return [
      this.supervision.path,
      streamFailures,
      Math.min(probeFailures, 1),
      isStreamLost,
      this.genericPleg.isStarted,
      this.genericPleg.relistDuration.periodMs,
      this.#sabotageKey,
      this.sabotagesLeft,
      this.relists.map(({ signal }) => signal.aborted).join(),
      this.clock.timers
        .map(({ name }) => name)
        .toSorted()
        .join(),
      this.openStreamCount,
      this.#hasSpoken,
      this.#isRelistRequested,
      this.#isRelistFailing,
      this.record.fingerprint,
    ].join('|');
  }

  describe(action: SupervisionAction): Sentence {
    switch (action.kind) {
      case 'fail':
        return {
          lane: 'stream',
          text: action.code === 'OK' ? 'the stream ends' : `the stream fails: ${action.code}`,
        };
      case 'speak':
        return { lane: 'stream', text: 'the first event of the stream comes' };
      case 'fire':
        return { lane: 'time', text: `the timer “${action.timer}” fires` };
      case 'endRelist':
        return { lane: 'relist', text: action.isOk ? 'the relist ends' : 'the relist fails' };
      case 'sabotage':
        return {
          lane: 'steps',
          text: `the next ${action.sabotage.call} of Generic PLEG will fail ${action.sabotage.moment} its work`,
        };
    }
  }

  facts(): readonly string[] {
    const { path } = this.supervision;
    return [
      `the supervisor is in ${path}`,
      `Generic PLEG is ${this.genericPleg.isStarted ? 'started' : 'stopped'}, period ${String(this.genericPleg.relistDuration.periodMs)} ms`,
      `relists under way: ${String(this.relists.length)}`,
      `open streams: ${String(this.openStreamCount)}`,
    ];
  }

  get #sabotageKey(): string {
    const { sabotage } = this.genericPleg;
    return sabotage ? `${sabotage.call} ${sabotage.moment}` : '';
  }

  #relist(signal: AbortSignal): Promise<boolean> {
    this.#isRelistRequested = false;
    return new Promise((resolve) => {
      this.relists.push({ signal, end: resolve });
    });
  }

  #endRelist(isOk: boolean): void {
    const { signal, end } = this.relists.shift()!;
    end(isOk);
    if (signal.aborted) return;
    if (isOk && this.#isRelistFailing) this.supervision.actor.send({ type: 'runtime.returned' });
    this.#isRelistFailing = !isOk;
  }

  #stream() {
    return defer(() => {
      this.openStreamCount += 1;
      this.#hasSpoken = false;
      this.#events = new Subject();
      return this.#events.pipe(finalize(() => (this.openStreamCount -= 1)));
    });
  }

  #fail(code: FailureCode): void {
    if (code === 'OK') this.#events.complete();
    else this.#events.error(new CriError('GetContainerEvents', code, 'the stream failed'));
  }
}

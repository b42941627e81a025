import type { Logger } from 'pino';
import type { Observable, Subscription } from 'rxjs';
import { createActor, fromCallback, fromPromise, type Actor } from 'xstate';
import {
  backoffMs,
  supervisorMachine,
  type PlegMode,
  type RelistDuration,
  type StreamFailed,
  type SupervisorContext,
  type SupervisorInput,
} from '../../machines/index.ts';
import { CriError } from '../cri/cri-error.ts';
import { describeRuntimeProblem } from '../cri/runtime-problem.ts';
import type { CriContainerEvent } from '../cri/runtime-service.ts';
import { isoFromNs, type Time } from '../lib/time.ts';
import type { GenericPleg } from '../pleg/generic-pleg.ts';
import type { SupervisorMove } from '../server/watch-view.ts';
import { statePath } from './state-path.ts';

/** kubelet's words for a stream that ends without an error (pkg/kubelet/pleg/evented.go, 1.37). */
const closedWithoutError = 'CRI container event stream closed without an error';

/** How many moves are remembered. */
const historyLimit = 100;

export interface SupervisionOptions {
  readonly time: Time;
  readonly logger: Logger;
  readonly input: SupervisorInput;
  readonly genericPleg: GenericPleg;
  /** The one stream; subscribed while the machine is in `streaming`. */
  readonly criEvent$: Observable<CriContainerEvent>;
  readonly onEvent: (event: CriContainerEvent) => void;
  readonly onStreamFailed: (failed: StreamFailed) => void;
  /** 0 to 1; spreads the probes of many nodes. */
  readonly random: () => number;
  /** @default the supervisor machine; tests hand in mutants of it */
  readonly machine?: typeof supervisorMachine;
}

/** Gives the supervisor machine its hands: the only place where its actors are provided. */
export class Supervision {
  readonly actor: Actor<typeof supervisorMachine>;
  readonly #options: SupervisionOptions;
  #path = '';
  #since: string;
  #lastDegradation: { readonly at: string; readonly reason: string } | undefined;
  #stream: Subscription | undefined;
  readonly #history: SupervisorMove[] = [];
  /** Why the step that is to be tried again failed. */
  #stepError: string | undefined;

  constructor(options: SupervisionOptions) {
    const { time, input } = options;
    this.#options = options;
    this.#since = isoFromNs(time.wallNs());
    this.actor = createActor(this.#provided(), {
      id: 'supervisor',
      systemId: 'supervisor',
      input,
      clock: {
        setTimeout: (callback, delayMs) => time.setTimeout(callback, delayMs),
        clearTimeout: (handle) => time.clearTimeout(handle),
      },
    });
    this.actor.subscribe((snapshot) => {
      const path = statePath(snapshot.value);
      if (path === this.#path) return;
      this.#moved(this.#path, path);
    });
  }

  /** State path of the machine, such as `degrading.stoppingGeneric.acting`. */
  get path(): string {
    return this.#path;
  }

  get since(): string {
    return this.#since;
  }

  get mode(): PlegMode {
    return this.actor.getSnapshot().hasTag('evented') ? 'evented' : 'generic';
  }

  get streamFailures(): number {
    return this.actor.getSnapshot().context.streamFailures;
  }

  get lastDegradation(): { readonly at: string; readonly reason: string } | undefined {
    return this.#lastDegradation;
  }

  /** The last moves, oldest first, at most 100. */
  get history(): readonly SupervisorMove[] {
    return this.#history;
  }

  start(): void {
    this.actor.start();
  }

  /** Ends the stream and the relists; resolves when the relist under way has ended. */
  async stop(): Promise<void> {
    this.actor.stop();
    this.#stream?.unsubscribe();
    await this.#options.genericPleg.stop();
  }

  #provided() {
    const { genericPleg, random, machine = supervisorMachine } = this.#options;
    return machine.provide({
      actors: {
        watchEvents: fromCallback(({ sendBack }) => {
          this.#watch(sendBack);
          return () => this.#stream?.unsubscribe();
        }),
        stopEvented: this.#step(() => this.#stream?.unsubscribe()),
        stopGeneric: this.#step(() => genericPleg.stop()),
        updateRelistDuration: this.#step((duration) => {
          genericPleg.update(duration);
        }),
        startGeneric: this.#step(() => {
          genericPleg.start();
        }),
      },
      delays: {
        // Half to whole of the machine's own delay, so that nodes that degraded together do not probe together.
        probe: ({ context: { probeMinMs, probeMaxMs, probeFailures } }) =>
          backoffMs(probeMinMs, probeMaxMs, probeFailures + 1) * (0.5 + random() / 2),
      },
    });
  }

  #watch(sendBack: (event: StreamFailed | { type: 'stream.spoke' }) => void): void {
    const { criEvent$, onEvent, onStreamFailed } = this.#options;
    let hasSpoken = false;
    const fail = (code: string, message: string): void => {
      const failed: StreamFailed = { type: 'stream.failed', code, message };
      onStreamFailed(failed);
      sendBack(failed);
    };
    this.#stream = criEvent$.subscribe({
      next: (event) => {
        onEvent(event);
        if (hasSpoken) return;
        hasSpoken = true;
        sendBack({ type: 'stream.spoke' });
      },
      error: (error: unknown) => {
        const failure = CriError.from(error, 'GetContainerEvents');
        fail(failure.code, describeRuntimeProblem(failure));
      },
      complete: () => {
        fail('OK', closedWithoutError);
      },
    });
  }

  #moved(from: string, to: string): void {
    const { logger, time } = this.#options;
    this.#path = to;
    this.#since = isoFromNs(time.wallNs());
    const { context } = this.actor.getSnapshot();
    this.#remember(to, context);
    logger.debug({ from, to }, 'Supervisor changed state');
    if (to.startsWith('degrading.stoppingEvented') && !from.startsWith('degrading')) {
      this.#lastDegradation = { at: this.#since, reason: context.degradationReason };
      logger.warn(
        { reason: context.degradationReason },
        'Fall back to Generic PLEG relisting since Evented PLEG is not working',
      );
    }
    if (to.startsWith('generic.waiting') && from.startsWith('degrading')) {
      logger.info({ relistPeriodMs: context.generic.periodMs }, 'Generic PLEG: started');
    }
    if (to.startsWith('streaming.evented') && /^(starting|streaming\.climbing)/.test(from)) {
      logger.info({ relistPeriodMs: context.evented.periodMs }, 'Evented PLEG: started');
    }
    if (to === 'generic.chosen')
      logger.info({ relistPeriodMs: context.generic.periodMs }, 'Generic PLEG: started');
  }

  #remember(path: string, { lastStreamError, degradationReason }: SupervisorContext): void {
    const reason = path.endsWith('.pausing')
      ? (this.#stepError ?? 'the step took too long')
      : path.startsWith('degrading.stoppingEvented')
        ? degradationReason
        : path.startsWith('reconnecting') || path.startsWith('generic.waiting')
          ? lastStreamError
          : '';
    this.#history.push({ path, at: this.#since, ...(reason === '' ? {} : { reason }) });
    if (this.#history.length > historyLimit) this.#history.shift();
  }

  #step(act: (duration: RelistDuration) => void | Promise<void>) {
    return fromPromise<void, RelistDuration>(async ({ input }) => {
      this.#stepError = undefined;
      try {
        await act(input);
      } catch (error) {
        this.#stepError = error instanceof Error ? error.message : String(error);
        throw error;
      }
    });
  }
}

import { createActor, fromCallback, fromPromise, SimulatedClock, type ActorOptions } from 'xstate';
import {
  supervisorMachine,
  type RelistDuration,
  type StreamFailed,
  type SupervisorEvent,
  type SupervisorInput,
} from '../../machines/index.ts';
import { settle } from '../helpers/simulated-time.ts';
import { StepDiscipline, type Attempt, type EffectMoment, type Step } from './step-discipline.ts';

export const defaultInput: SupervisorInput = {
  configuredMode: 'evented',
  generic: { periodMs: 1_000, thresholdMs: 180_000 },
  evented: { periodMs: 300_000, thresholdMs: 600_000 },
  maxStreamRetries: 5,
  stepTimeoutMs: 10_000,
  stepRetryMs: 700,
  reconnectMinMs: 100,
  reconnectMaxMs: 3_000,
  probeMinMs: 1_000,
  probeMaxMs: 60_000,
  probeOpenMs: 5_000,
  steadyAfterMs: 60_000,
};

export interface StageOptions {
  readonly input?: Partial<SupervisorInput>;
  readonly effect?: EffectMoment;
  readonly inspect?: NonNullable<ActorOptions<typeof supervisorMachine>['inspect']>;
}

interface Call {
  readonly attempt: Attempt;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * A supervisor on simulated time whose steps settle only on command, and whose stream says only what it is
 * told to.
 */
export class SupervisorStage {
  readonly clock = new SimulatedClock();
  readonly discipline: StepDiscipline;
  readonly actor;
  openStreamCount = 0;
  openedStreamCount = 0;
  #sendBack: ((event: SupervisorEvent) => void) | undefined;
  #call: Call | undefined;

  constructor({ input: overrides, effect = 'when it is done', inspect }: StageOptions = {}) {
    const input = { ...defaultInput, ...overrides };
    const { configuredMode, generic, evented } = input;
    this.discipline = new StepDiscipline({ configuredMode, durations: { generic, evented }, effect });
    const watchEvents = fromCallback(({ sendBack }) => {
      this.openStreamCount += 1;
      this.openedStreamCount += 1;
      this.#sendBack = sendBack;
      return () => {
        this.openStreamCount -= 1;
        this.#sendBack = undefined;
      };
    });
    const machine = supervisorMachine.provide({
      actors: {
        watchEvents,
        stopEvented: this.#step('stopEvented'),
        stopGeneric: this.#step('stopGeneric'),
        updateRelistDuration: this.#step('updateRelistDuration'),
        startGeneric: this.#step('startGeneric'),
      },
    });
    this.actor = createActor(machine, { input, clock: this.clock, ...(inspect && { inspect }) }).start();
  }

  get value() {
    return this.actor.getSnapshot().value;
  }

  /** Path of the state, such as `degrading.stoppingGeneric.acting`. */
  get path(): string {
    return pathOf(this.value);
  }

  get context() {
    return this.actor.getSnapshot().context;
  }

  /** The step that waits for its end. */
  get pending(): Step | undefined {
    return this.#call?.attempt.outcome === 'pending' ? this.#call.attempt.step : undefined;
  }

  /** From the stream where one is open; else to the actor itself, as something that comes too late. */
  async say(event: SupervisorEvent): Promise<void> {
    if (event.type !== 'runtime.returned' && this.#sendBack) this.#sendBack(event);
    else this.actor.send(event);
    await settle();
  }

  async fail(code = 'UNAVAILABLE', message = 'connection dropped'): Promise<void> {
    const failed: StreamFailed = { type: 'stream.failed', code, message };
    await this.say(failed);
  }

  async advance(ms: number): Promise<void> {
    this.clock.increment(ms);
    await settle();
  }

  /** Ends the step under way. */
  async end(step: Step, outcome: 'done' | 'failed' = 'done'): Promise<void> {
    if (!this.#call || this.pending !== step)
      throw new Error(`${step} is not under way but ${this.pending ?? 'nothing'}`);
    const { attempt, resolve, reject } = this.#call;
    this.discipline.end(attempt, outcome);
    if (outcome === 'done') resolve();
    else reject(new Error(`${step} failed`));
    await settle();
  }

  /** Ends the last step, done, although its time has run out. */
  async endLate(): Promise<void> {
    if (this.#call?.attempt.outcome !== 'abandoned') throw new Error('no step was abandoned');
    this.#call.resolve();
    await settle();
  }

  /** Ends every step that is asked for, done, until none is; returns them in order. */
  async endAll(): Promise<Step[]> {
    const steps: Step[] = [];
    for (let { pending } = this; pending; { pending } = this) {
      steps.push(pending);
      await this.end(pending);
    }
    return steps;
  }

  #step(step: Step) {
    return fromPromise<void, RelistDuration>(({ input: duration, signal }) => {
      const attempt = this.discipline.begin(step, duration);
      signal.addEventListener('abort', () => {
        if (attempt.outcome === 'pending') this.discipline.end(attempt, 'abandoned');
      });
      return new Promise((resolve, reject) => {
        this.#call = { attempt, resolve, reject };
      });
    });
  }
}

type SupervisorValue = string | { readonly [state: string]: SupervisorValue | undefined };

export const pathOf = (value: SupervisorValue): string =>
  typeof value === 'string'
    ? value
    : Object.entries(value)
        .map(([state, below]) => (below === undefined ? state : `${state}.${pathOf(below)}`))
        .join();

import type { PlegMode, RelistDuration } from '../../machines/index.ts';

export type Step = 'stopEvented' | 'stopGeneric' | 'updateRelistDuration' | 'startGeneric';

/** kubelet's four calls, in kubelet's order (pkg/kubelet/pleg/evented.go, watchEventsChannel). */
export const degradation: readonly Step[] = [
  'stopEvented',
  'stopGeneric',
  'updateRelistDuration',
  'startGeneric',
];

export interface Attempt {
  readonly step: Step;
  readonly duration: RelistDuration;
  /** `abandoned`: its time ran out. */
  outcome: 'pending' | 'done' | 'failed' | 'abandoned';
}

/** When the work of a step shows: the one who asked may hear of it later, or never. */
export type EffectMoment = 'when it is done' | 'before it answers';

export interface DisciplineOptions {
  readonly configuredMode: PlegMode;
  readonly durations: Readonly<Record<PlegMode, RelistDuration>>;
  readonly effect: EffectMoment;
}

/**
 * Watches the steps that a supervisor asks for, with a generic PLEG at their other end, and notes each
 * breach: a step out of order, skipped, or begun while another is under way; a relist duration that does not
 * fit; two generic PLEGs; a duration that changes under a running one.
 */
export class StepDiscipline {
  readonly breaches: string[] = [];
  readonly attempts: Attempt[] = [];
  isGenericRunning = false;
  /** What the generic PLEG was last told. */
  duration: RelistDuration | undefined;
  readonly #options: DisciplineOptions;

  constructor(options: DisciplineOptions) {
    this.#options = options;
  }

  /** Steps that were done, in order. */
  get done(): Step[] {
    return this.attempts.filter(({ outcome }) => outcome === 'done').map(({ step }) => step);
  }

  begin(step: Step, duration: RelistDuration): Attempt {
    const previous = this.attempts.at(-1);
    const allowed = this.#allowedAfter(previous);
    if (!allowed.includes(step))
      this.#breach(`${step} after ${previous?.step ?? 'nothing'} ${previous?.outcome ?? ''}`);
    if (duration !== this.#durationOf(step, previous)) this.#breach(`${step} with the wrong duration`);
    if (step === 'updateRelistDuration' && this.isGenericRunning) this.#breach('update of a running PLEG');
    const isRetry = previous?.step === step && previous.outcome !== 'done';
    if (step === 'startGeneric' && this.isGenericRunning && !isRetry) this.#breach('two generic PLEGs');
    const attempt: Attempt = { step, duration, outcome: 'pending' };
    this.attempts.push(attempt);
    if (this.#options.effect === 'before it answers') this.#take(attempt);
    return attempt;
  }

  end(attempt: Attempt, outcome: 'done' | 'failed' | 'abandoned'): void {
    attempt.outcome = outcome;
    if (outcome === 'done' && this.#options.effect === 'when it is done') this.#take(attempt);
  }

  #take({ step, duration }: Attempt): void {
    if (step === 'updateRelistDuration') this.duration = duration;
    if (step === 'startGeneric') this.isGenericRunning = true;
    if (step === 'stopGeneric') this.isGenericRunning = false;
  }

  #allowedAfter(previous: Attempt | undefined): readonly Step[] {
    if (!previous) return ['updateRelistDuration'];
    if (previous.outcome === 'pending') return [];
    if (previous.outcome !== 'done') return [previous.step];
    // From a running generic PLEG either a degradation or a climb begins.
    if (previous.step === 'startGeneric') return ['stopEvented', 'stopGeneric'];
    return degradation.slice(degradation.indexOf(previous.step) + 1).slice(0, 1);
  }

  /** A degradation leads to the generic duration, a climb to the evented one, from the first step on. */
  #durationOf(step: Step, previous: Attempt | undefined): RelistDuration {
    const { configuredMode, durations } = this.#options;
    if (!previous) return durations[configuredMode];
    if (previous.step !== 'startGeneric' || previous.outcome !== 'done') return previous.duration;
    return step === 'stopEvented' ? durations.generic : durations.evented;
  }

  #breach(text: string): void {
    this.breaches.push(text.trim());
  }
}

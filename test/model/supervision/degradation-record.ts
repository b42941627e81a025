type Step = 'stoppingEvented' | 'stoppingGeneric' | 'updatingRelistDuration' | 'startingGeneric';

const steps: readonly Step[] = [
  'stoppingEvented',
  'stoppingGeneric',
  'updatingRelistDuration',
  'startingGeneric',
];

/** What can be seen of the generators from outside. */
export interface Generators {
  readonly openStreamCount: number;
  readonly isGenericStarted: boolean;
  readonly relistCount: number;
  readonly periodMs: number;
}

/** Counts stream failures and follows degradations a second time, by what is seen from outside. */
export class DegradationRecord {
  /** The first breach of the discipline. */
  breach: string | undefined;
  readonly #maxFailures: number;
  readonly #genericPeriodMs: number;
  /** In a row, as anybody would count them. */
  #failures = 0;
  /** The stream has failed so often, or so badly, that a degradation must begin. */
  #isDue = false;
  #path = '';
  /** Steps of the degradation under way that were taken for done; `undefined` outside of one. */
  #done: Step[] | undefined;

  constructor(maxFailures: number, genericPeriodMs: number) {
    this.#maxFailures = maxFailures;
    this.#genericPeriodMs = genericPeriodMs;
  }

  get fingerprint(): string {
    return [this.#failures, this.#isDue, this.#done?.join()].join();
  }

  streamFailed(code: string): void {
    if (this.#path.startsWith('streaming.evented')) {
      this.#failures += 1;
      this.#isDue = code === 'UNIMPLEMENTED' || this.#failures >= this.#maxFailures;
    } else if (this.#path.startsWith('streaming.climbing')) {
      this.#isDue = true;
    }
  }

  /** The stream has been healthy for long. */
  becameSteady(): void {
    this.#failures = 0;
  }

  moved(path: string, generators: Generators): void {
    const from = this.#path;
    this.#path = path;
    const isClimbing = path.startsWith('streaming.climbing');
    if (isClimbing && !from.startsWith('streaming.climbing')) this.#failures = 0;
    if (path.startsWith('degrading') && !from.startsWith('degrading')) this.#begin();
    const [left, entered] = [stepOf(from), stepOf(path)];
    if (!this.#done || left === entered) return;
    if (left) this.#end(left, this.#done, generators);
    const due = steps[this.#done.length];
    if (entered !== due)
      this.#accuse(`a degradation goes on to ${entered ?? path} when ${due ?? 'its end'} is due`);
    if (!entered) this.#done = undefined;
  }

  /** To be asked when everything has settled. */
  judge(): string | undefined {
    const isIgnored = this.#isDue && !this.#path.startsWith('streaming.climbing');
    return (
      this.breach ?? (isIgnored ? 'the stream has failed too often, and no degradation begins' : undefined)
    );
  }

  #begin(): void {
    if (!this.#isDue) this.#accuse(`a degradation begins after ${String(this.#failures)} failures in a row`);
    this.#isDue = false;
    this.#failures = 0;
    this.#done = [];
  }

  #end(step: Step, done: Step[], generators: Generators): void {
    if (!this.#isDone(step, generators)) this.#accuse(`${step} is taken for done and is not`);
    done.push(step);
  }

  #isDone(step: Step, { openStreamCount, isGenericStarted, relistCount, periodMs }: Generators): boolean {
    if (step === 'stoppingEvented') return openStreamCount === 0;
    if (step === 'stoppingGeneric') return !isGenericStarted && relistCount === 0;
    return step === 'updatingRelistDuration' ? periodMs === this.#genericPeriodMs : isGenericStarted;
  }

  #accuse(breach: string): void {
    this.breach ??= breach;
  }
}

const stepOf = (path: string): Step | undefined =>
  path.startsWith('degrading.') ? (path.split('.')[1] as Step) : undefined;

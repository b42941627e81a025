import { CriError } from '../cri/cri-error.ts';
import type { RuntimeService } from '../cri/runtime-service.ts';
import type { Time } from '../lib/time.ts';
import { DivergenceError } from './divergence-error.ts';
import { FrozenClock } from './frozen-clock.ts';
import type { Recording } from './recording.ts';
import { callKey, type LineOf, type RecordedLine } from './recording-format.ts';
import { ReplayService } from './replay-service.ts';
import { ReplayTime } from './replay-time.ts';

/** All that a pipeline had to do is done once Node comes round to the next immediate. */
export const untilQuiet = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/**
 * Gives a pipeline the inputs of a recording, one at a time and in their order, at the recorded times. The
 * pipeline runs on `service` and `time`, and on nothing else.
 */
export class ReplayScript {
  readonly service: RuntimeService;
  readonly time: Time;
  readonly #recording: Recording;
  readonly #clock: FrozenClock;
  readonly #time: ReplayTime;
  readonly #service: ReplayService;
  /** Every call of which the recording knows. */
  readonly #recordedCalls = new Set<string>();
  /** What the pipeline asked for and was never asked for when it was recorded. */
  readonly #unrecorded: string[] = [];

  constructor(recording: Recording) {
    this.#recording = recording;
    for (const line of recording.lines) {
      const key = keyOf(line);
      if (key !== undefined) this.#recordedCalls.add(key);
    }
    this.#clock = new FrozenClock(BigInt(recording.header.startWallNs));
    this.time = this.#time = new ReplayTime(this.#clock);
    this.service = this.#service = new ReplayService((key) => {
      // Where the end is missing, so may be what is asked for.
      if (!recording.cut && !this.#recordedCalls.has(key)) this.#unrecorded.push(key);
    });
  }

  /**
   * Gives one line's input to the pipeline and resolves when all is done that follows from it.
   *
   * @throws {DivergenceError} when the pipeline does not do what the recorded one did
   */
  async play(line: RecordedLine, number: number): Promise<void> {
    this.#clock.moveTo(line.atMs);
    const problem = this.#deliver(line);
    await untilQuiet();
    if (problem !== undefined) throw this.#diverged(line, number, problem);
    const [key] = this.#unrecorded;
    if (key !== undefined) {
      throw this.#diverged(line, number, `the replay asks for ${describeCall(key)}, which is not in it`);
    }
  }

  /** Lets the pipeline stop. */
  close(): void {
    this.#service.close();
  }

  /** @returns what is wrong, if anything is */
  #deliver(line: RecordedLine): string | undefined {
    switch (line.kind) {
      case 'timer':
        return this.#time.fire(line.nth) ? undefined : `a timer (the ${line.nth}.) goes off that is not set`;
      case 'clock':
        this.#clock.setWall(BigInt(line.wallNs));
        return undefined;
      case 'event':
      case 'streamEnded':
        return this.#speak(line);
      case 'streamOpened':
        return this.#service.streamCount >= line.nth ? undefined : 'the event stream has not been opened';
      case 'failed': {
        const key = callKey(line.call, line.id, line.nth);
        return this.#service.fail(key, line.error) ? undefined : notAsked(key);
      }
      case 'published':
      case 'unanswered':
      case 'end':
        return undefined;
      default: {
        const key = callKey(line.kind, line.id, line.nth);
        return this.#service.answer(key, line.answer) ? undefined : notAsked(key);
      }
    }
  }

  #speak(line: LineOf<'event'> | LineOf<'streamEnded'>): string | undefined {
    const subscriber = this.#service.stream(line.stream);
    if (!subscriber) return `event stream ${line.stream} speaks, which is not open`;
    if (line.kind === 'event') subscriber.next(line.event);
    else if (line.error === null) subscriber.complete();
    else subscriber.error(new CriError(line.error.method, line.error.code, line.error.details));
    return undefined;
  }

  #diverged({ atMs }: RecordedLine, number: number, problem: string): DivergenceError {
    const { path, header } = this.#recording;
    return new DivergenceError(
      `${path}: line ${number}, at ${atMs} ms: ${problem}: the replay does something else than the recorded ` +
        `plegd ${header.plegdVersion} did; replay it with that version`,
    );
  }
}

const keyOf = (line: RecordedLine): string | undefined => {
  if ('call' in line) return callKey(line.call, line.id, line.nth);
  return 'answer' in line ? callKey(line.kind, line.id, line.nth) : undefined;
};

const notAsked = (key: string): string =>
  `${describeCall(key)} is answered, and the replay has not asked for it`;

const describeCall = (key: string): string => {
  const [name, id, nth] = key.split(' ');
  return `${name}${id === '' ? '' : ` ${id}`} (the ${nth}. time)`;
};

import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import { ContainerEventResponseSchema, type ContainerEventResponse } from '../cri/gen/runtime/v1/api_pb.ts';
import type { Time } from '../lib/time.ts';
import { CallError } from './call-error.ts';
import type { RuntimeFaults } from './faults.ts';
import type { AnswerStream } from './grpc-binding.ts';
import { garbageBytes } from './wire-fault.ts';

export type ContainerEvent = MessageInitShape<typeof ContainerEventResponseSchema>;

/** Events that a reader may leave untaken before it is cut off, so that it cannot eat the runtime's memory. */
const maxWaitingEvents = 10_000;

/** Events that `replay` can send again. */
const historySize = 1_000;

interface Reader {
  readonly answers: AnswerStream<typeof ContainerEventResponseSchema>;
  /** Ends the reader's call: with OK, or with this error. */
  readonly close: (error?: CallError) => void;
}

/**
 * Sends every event to every reader of GetContainerEvents, by way of the event faults. Nothing is kept for
 * readers to come: what happens while nobody reads is told to nobody, as on CRI-O.
 */
export class EventHub {
  readonly #faults: RuntimeFaults;
  readonly #time: Time;
  readonly #readers = new Set<Reader>();
  readonly #waiters = new Set<() => void>();
  readonly #history: ContainerEventResponse[] = [];
  /** Newest first, for `reverseNext`. */
  readonly #heldBack: ContainerEventResponse[] = [];

  constructor(faults: RuntimeFaults, time: Time) {
    this.#faults = faults;
    this.#time = time;
  }

  get readerCount(): number {
    return this.#readers.size;
  }

  /** Resolves as soon as there are exactly so many readers. No reader can tell by itself that it is one. */
  async waitForReaders(count: number): Promise<void> {
    while (this.#readers.size !== count) {
      await new Promise<void>((resolve) => this.#waiters.add(resolve));
    }
  }

  /** Serves one call of GetContainerEvents, until the caller goes or its stream is ended. */
  open(answers: AnswerStream<typeof ContainerEventResponseSchema>): Promise<void> {
    if (this.#faults.events.onOpen === 'eof') return Promise.resolve();
    return new Promise((resolve, reject) => {
      const reader: Reader = {
        answers,
        close: (error) => {
          this.#readers.delete(reader);
          this.#readersChanged();
          if (error === undefined) resolve();
          else reject(error);
        },
      };
      this.#readers.add(reader);
      this.#readersChanged();
      answers.signal.addEventListener('abort', () => reader.close(), { once: true });
    });
  }

  /** Takes a change to the readers. */
  publish(init: ContainerEvent): void {
    const faults = this.#faults.events;
    const event = create(ContainerEventResponseSchema, init);
    if (faults.hasNoSandbox) delete event.podSandboxStatus;
    if (faults.drop(event)) return;
    if (faults.dropNext > 0) {
      faults.dropNext -= 1;
      return;
    }
    this.#heldBack.unshift(event);
    if (faults.reverseNext > 0) faults.reverseNext -= 1;
    if (faults.reverseNext > 0) return;
    for (const each of this.#heldBack.splice(0)) this.#send(each);
  }

  /** Sends every event so far once more, as it was, with its old stamp. */
  replay(): void {
    for (const event of this.#history) this.#deliver(event);
  }

  /** Ends every stream: by default as a runtime that goes away does, with UNAVAILABLE. */
  breakStreams(code: status = status.UNAVAILABLE, details = 'the event stream was broken'): void {
    for (const reader of this.#readers) reader.close(new CallError(code, details));
  }

  /** Ends every stream with OK. */
  endStreams(): void {
    for (const reader of this.#readers) reader.close();
  }

  #send(event: ContainerEventResponse): void {
    this.#history.push(event);
    if (this.#history.length > historySize) this.#history.shift();
    const { isDoubled, delayMs } = this.#faults.events;
    const deliver = () => {
      this.#deliver(event);
      if (isDoubled) this.#deliver(event);
    };
    if (delayMs > 0) this.#time.setTimeout(deliver, delayMs);
    else deliver();
  }

  #deliver(event: ContainerEventResponse): void {
    const faults = this.#faults.events;
    if (faults.isSilent) return;
    const isGarbage = faults.garbageNext > 0;
    if (isGarbage) faults.garbageNext -= 1;
    for (const reader of this.#readers) {
      if (reader.answers.waitingCount > maxWaitingEvents) {
        reader.close(new CallError(status.RESOURCE_EXHAUSTED, `${maxWaitingEvents} events were not read`));
      } else if (isGarbage) {
        reader.answers.sendBytes(garbageBytes());
      } else {
        reader.answers.send(event);
      }
    }
  }

  #readersChanged(): void {
    for (const wake of this.#waiters) wake();
    this.#waiters.clear();
  }
}

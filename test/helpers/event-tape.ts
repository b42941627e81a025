import type { ClientReadableStream, ServiceError } from '@grpc/grpc-js';
import { ContainerEventType, type ContainerEventResponse } from '../../src/cri/gen/runtime/v1/api_pb.ts';

export type EventKind = 'created' | 'started' | 'stopped' | 'deleted';

const kinds: Readonly<Record<number, EventKind>> = {
  [ContainerEventType.CONTAINER_CREATED_EVENT]: 'created',
  [ContainerEventType.CONTAINER_STARTED_EVENT]: 'started',
  [ContainerEventType.CONTAINER_STOPPED_EVENT]: 'stopped',
  [ContainerEventType.CONTAINER_DELETED_EVENT]: 'deleted',
};

export const kindOf = ({ containerEventType }: ContainerEventResponse): EventKind =>
  kinds[containerEventType]!;

/** How a stream ended: `undefined` for OK. */
export type StreamEnd = Pick<ServiceError, 'code' | 'details'> | undefined;

/** Everything that came over one call of GetContainerEvents, in the order it came. */
export class EventTape {
  readonly events: ContainerEventResponse[] = [];
  /** Resolves when the stream has ended. */
  readonly ended: Promise<StreamEnd>;
  readonly #call: ClientReadableStream<ContainerEventResponse>;
  readonly #waiters = new Set<() => void>();

  constructor(call: ClientReadableStream<ContainerEventResponse>) {
    this.#call = call;
    call.on('data', (event: ContainerEventResponse) => {
      this.events.push(event);
      this.#wake();
    });
    this.ended = new Promise((resolve) => {
      call.once('error', ({ code, details }: ServiceError) => resolve({ code, details }));
      call.once('end', () => resolve(undefined));
    });
  }

  /** `[kind, id]` of each event so far. */
  get steps(): (readonly [EventKind, string])[] {
    return this.events.map((event) => [kindOf(event), event.containerId]);
  }

  /** Resolves with the first event, past or to come, that is of this kind and this container or sandbox. */
  async next(kind: EventKind, containerId: string): Promise<ContainerEventResponse> {
    for (;;) {
      const found = this.events.find((event) => event.containerId === containerId && kindOf(event) === kind);
      if (found !== undefined) return found;
      await this.#more();
    }
  }

  /** Resolves as soon as there are so many events, with these. */
  async take(count: number): Promise<ContainerEventResponse[]> {
    while (this.events.length < count) await this.#more();
    return this.events.slice(0, count);
  }

  cancel(): void {
    this.#call.cancel();
  }

  #more(): Promise<void> {
    return new Promise((resolve) => this.#waiters.add(resolve));
  }

  #wake(): void {
    for (const wake of this.#waiters) wake();
    this.#waiters.clear();
  }
}

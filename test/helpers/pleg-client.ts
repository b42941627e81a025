import {
  create,
  type DescMessage,
  type DescMethod,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf';
import { Client, type ClientReadableStream, credentials, type ServiceError } from '@grpc/grpc-js';
import { grpcMethodDefinition } from '../../src/cri/service-definition.ts';
import { type Event, Pleg, type WatchRequestSchema } from '../../src/grpc/gen/plegd/v1/api_pb.ts';

type Method<Input extends DescMessage, Output extends DescMessage> = DescMethod & {
  readonly input: Input;
  readonly output: Output;
};

/** A client of plegd's socket, as any language has one. */
export class PlegClient {
  readonly #client: Client;

  constructor(socketPath: string) {
    this.#client = new Client(`unix:${socketPath}`, credentials.createInsecure(), {
      'grpc.use_local_subchannel_pool': 1,
    });
  }

  watch(init: MessageInitShape<typeof WatchRequestSchema> = {}): Watcher {
    const { input, output } = Pleg.method.watch;
    const { path, requestSerialize, responseDeserialize } = grpcMethodDefinition<typeof input, typeof output>(
      Pleg.method.watch,
    );
    const request = create(input, init);
    return new Watcher(
      this.#client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request),
    );
  }

  call<Input extends DescMessage, Output extends DescMessage>(
    method: Method<Input, Output>,
    init: MessageInitShape<Input>,
    { deadlineMs }: { readonly deadlineMs?: number } = {},
  ): Promise<MessageShape<Output>> {
    const { path, requestSerialize, responseDeserialize } = grpcMethodDefinition<Input, Output>(method);
    const options = deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs };
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        create(method.input, init),
        options,
        (error, answer) => {
          if (error) reject(error);
          else resolve(answer as MessageShape<Output>);
        },
      );
    });
  }

  close(): void {
    this.#client.close();
  }
}

/** One watch that is read as it comes. */
export class Watcher {
  /** All that has come so far. */
  readonly events: Event[] = [];
  /** The status that the watch ended with. */
  readonly ended: Promise<ServiceError>;
  readonly #stream: ClientReadableStream<Event>;
  readonly #wakers = new Set<() => void>();

  constructor(stream: ClientReadableStream<Event>) {
    this.#stream = stream;
    this.ended = new Promise((resolve) => {
      stream.once('error', resolve);
    });
    void this.ended.then(() => this.#wake());
    this.resume();
  }

  /** What came, as `3 lifecycle`. */
  get words(): string[] {
    return this.events.map(({ seq, entry }) => `${seq} ${entry.case}`);
  }

  pause(): void {
    this.#stream.off('data', this.#take).pause();
  }

  resume(): void {
    this.#stream.on('data', this.#take).resume();
  }

  /** Waits until what came satisfies the test. */
  async until(isEnough: (events: readonly Event[]) => boolean): Promise<void> {
    let isOver = false;
    void this.ended.then(() => (isOver = true));
    while (!isEnough(this.events)) {
      if (isOver)
        throw new Error(`the watch ended after ${this.words.join(', ')}`, { cause: await this.ended });
      await new Promise<void>((resolve) => this.#wakers.add(resolve));
    }
  }

  /** The caller goes away. */
  cancel(): void {
    this.#stream.cancel();
  }

  readonly #take = (event: Event): void => {
    this.events.push(event);
    this.#wake();
  };

  #wake(): void {
    for (const wake of this.#wakers) wake();
    this.#wakers.clear();
  }
}

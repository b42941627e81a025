import {
  create,
  type DescMessage,
  type DescService,
  type Message,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf';
import { Client, credentials, type ClientReadableStream, type ServiceError } from '@grpc/grpc-js';
import { ImageService, RuntimeService } from '../cri/gen/runtime/v1/api_pb.ts';
import { grpcMethodDefinition } from '../cri/service-definition.ts';

interface MethodShape<Kind extends string, Input extends DescMessage, Output extends DescMessage> {
  readonly methodKind: Kind;
  readonly input: Input;
  readonly output: Output;
}

/** A function for each call of a service. A unary one rejects with grpc-js's ServiceError. */
export type Caller<Service extends { readonly method: object }> = {
  readonly [Name in keyof Service['method']]: Service['method'][Name] extends MethodShape<
    'unary',
    infer Input,
    infer Output
  >
    ? (request: MessageInitShape<Input>) => Promise<MessageShape<Output>>
    : Service['method'][Name] extends MethodShape<'server_streaming', infer Input, infer Output>
      ? (request: MessageInitShape<Input>) => ClientReadableStream<MessageShape<Output>>
      : never;
};

export interface CriCaller {
  readonly runtime: Caller<typeof RuntimeService>;
  readonly images: Caller<typeof ImageService>;
  close(): void;
}

export interface CriCallerOptions {
  /** Deadline of every unary call, milliseconds. @default 120_000 */
  readonly timeoutMs?: number;
  /** @default 16 MiB */
  readonly maxReceiveBytes?: number;
}

/**
 * All of CRI, for whoever makes pods: the demo and tests. Thin on purpose; plegd itself reads through
 * `src/cri`, which knows a good deal more of trouble.
 *
 * @param endpoint - `unix:///path`
 */
export const createCriCaller = (
  endpoint: string,
  { timeoutMs = 120_000, maxReceiveBytes = 16 * 1024 * 1024 }: CriCallerOptions = {},
): CriCaller => {
  const client = new Client(endpoint, credentials.createInsecure(), {
    'grpc.max_receive_message_length': maxReceiveBytes,
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 3000,
    'grpc.enable_channelz': 0,
    // Calls share no connection with those of another caller, as those of another program.
    'grpc.use_local_subchannel_pool': 1,
  });
  return {
    runtime: callerOf(client, RuntimeService, timeoutMs),
    images: callerOf(client, ImageService, timeoutMs),
    close: () => client.close(),
  };
};

const callerOf = <Service extends Pick<DescService, 'methods'> & { readonly method: object }>(
  client: Client,
  service: Service,
  timeoutMs: number,
): Caller<Service> =>
  Object.fromEntries(
    service.methods.map((desc) => {
      const { path, requestSerialize, responseDeserialize } = grpcMethodDefinition<DescMessage, DescMessage>(
        desc,
      );
      const unary = (request: MessageInitShape<DescMessage>) =>
        new Promise<Message>((resolve, reject) => {
          client.makeUnaryRequest(
            path,
            requestSerialize,
            responseDeserialize,
            create(desc.input, request),
            { deadline: Date.now() + timeoutMs },
            (error: ServiceError | null, answer?: Message) => (error ? reject(error) : resolve(answer!)),
          );
        });
      const stream = (request: MessageInitShape<DescMessage>) =>
        client.makeServerStreamRequest(
          path,
          requestSerialize,
          responseDeserialize,
          create(desc.input, request),
        );
      return [desc.localName, desc.methodKind === 'unary' ? unary : stream];
    }),
  ) as Caller<Service>;

import {
  create,
  toBinary,
  type DescMessage,
  type DescMethod,
  type DescService,
  type Message,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf';
import {
  status,
  type MethodDefinition,
  type Server,
  type ServerUnaryCall,
  type ServerWritableStream,
  type UntypedServiceImplementation,
  type sendUnaryData,
} from '@grpc/grpc-js';
import type { Logger } from 'pino';
import { grpcMethodDefinition } from '../cri/service-definition.ts';
import type { Time } from '../lib/time.ts';
import { CallError } from './call-error.ts';
import { passGate, spoil, takeFault } from './call-gate.ts';
import type { RuntimeFaults } from './faults.ts';

/** Where a server-streaming call sends its messages. */
export interface AnswerStream<Output extends DescMessage> {
  send(message: MessageInitShape<Output>): void;
  /** Sends these bytes as they are. */
  sendBytes(bytes: Buffer): void;
  /** Messages that the caller has not taken yet. */
  readonly waitingCount: number;
  /** Aborts when the caller is gone. */
  readonly signal: AbortSignal;
}

type MethodShape<Kind extends string, Input extends DescMessage, Output extends DescMessage> = {
  readonly methodKind: Kind;
  readonly input: Input;
  readonly output: Output;
};

/** A function for each call. A stream ends with OK, or with an error, when its promise settles. */
export type Implementation<Service extends { readonly method: object }> = {
  readonly [Name in keyof Service['method']]: Service['method'][Name] extends MethodShape<
    'unary',
    infer Input,
    infer Output
  >
    ? (request: MessageShape<Input>) => MessageInitShape<Output> | Promise<MessageInitShape<Output>>
    : Service['method'][Name] extends MethodShape<'server_streaming', infer Input, infer Output>
      ? (request: MessageShape<Input>, answers: AnswerStream<Output>) => void | Promise<void>
      : never;
};

type UnaryFunction = (request: object) => Promise<MessageInitShape<DescMessage>>;
type StreamFunction = (request: object, answers: AnswerStream<DescMessage>) => Promise<void>;

export interface BindingContext {
  readonly faults: RuntimeFaults;
  readonly time: Time;
  readonly logger: Logger;
}

/** Serves `implementation` on `server`, through the gate that applies the faults. */
export const bindService = <Service extends Pick<DescService, 'methods'> & { readonly method: object }>(
  server: Server,
  service: Service,
  implementation: Implementation<Service>,
  context: BindingContext,
): void => {
  const functions = implementation as Record<string, UnaryFunction | StreamFunction>;
  const definitions: Record<string, MethodDefinition<object, Buffer | object>> = {};
  const handlers: UntypedServiceImplementation = {};
  for (const desc of service.methods) {
    const { name, localName, output, methodKind } = desc;
    const method = { name, output, context };
    definitions[name] = acceptingBytes(desc);
    handlers[name] =
      methodKind === 'unary'
        ? unaryHandler(method, functions[localName] as UnaryFunction)
        : streamHandler(method, functions[localName] as StreamFunction);
  }
  server.addService(definitions, handlers);
};

interface Method {
  readonly name: string;
  readonly output: DescMessage;
  readonly context: BindingContext;
}

const unaryHandler =
  ({ name, output, context }: Method, answer: UnaryFunction) =>
  (call: ServerUnaryCall<object, unknown>, respond: sendUnaryData<unknown>): void => {
    const signal = abortWhenGone(call);
    const fault = takeFault(context.faults, name, call.request);
    const work = async () => {
      await passGate(fault, 'request', { time: context.time, signal });
      if (signal.aborted) throw new CallError(status.CANCELLED, 'the caller is gone');
      const message = create(output, await answer(call.request));
      await passGate(fault, 'answer', { time: context.time, signal });
      return spoil(fault, () => toBinary(output, message)) ?? message;
    };
    work().then(
      (message) => respond(null, message),
      (error: unknown) => respond(toStatus(error, name, context.logger)),
    );
  };

const streamHandler =
  ({ name, output, context }: Method, answer: StreamFunction) =>
  (call: ServerWritableStream<object, unknown>): void => {
    const signal = abortWhenGone(call);
    const fault = takeFault(context.faults, name, call.request);
    const answers: AnswerStream<DescMessage> = {
      send: (init) => {
        const message = create(output, init);
        call.write(spoil(fault, () => toBinary(output, message)) ?? message);
      },
      sendBytes: (bytes) => void call.write(bytes),
      get waitingCount() {
        return call.writableLength;
      },
      signal,
    };
    const work = async () => {
      await passGate(fault, 'request', { time: context.time, signal });
      if (signal.aborted) return;
      await answer(call.request, answers);
      await passGate(fault, 'answer', { time: context.time, signal });
    };
    work().then(
      () => call.end(),
      (error: unknown) => call.emit('error', toStatus(error, name, context.logger)),
    );
  };

const abortWhenGone = (call: { once(event: 'cancelled', listener: () => void): unknown }): AbortSignal => {
  const controller = new AbortController();
  call.once('cancelled', () => controller.abort());
  return controller.signal;
};

const toStatus = (error: unknown, method: string, logger: Logger): CallError => {
  if (error instanceof CallError) return error;
  logger.error({ err: error, method }, 'call failed unexpectedly');
  return new CallError(status.INTERNAL, `${method}: ${String(error)}`, { cause: error });
};

/** The method as grpc-js serves it, where an answer may also be bytes to send as they are. */
const acceptingBytes = (method: DescMethod): MethodDefinition<object, Buffer | object> => {
  const definition = grpcMethodDefinition<DescMessage, DescMessage>(method);
  return {
    ...definition,
    requestSerialize: (request) => definition.requestSerialize(request as Message),
    responseSerialize: (answer) =>
      Buffer.isBuffer(answer) ? answer : definition.responseSerialize(answer as Message),
  };
};

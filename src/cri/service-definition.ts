import {
  fromBinary,
  toBinary,
  type DescMessage,
  type DescMethod,
  type DescService,
  type MessageShape,
} from '@bufbuild/protobuf';
import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';

/** A protobuf-es method as grpc-js wants it, with the types of its messages. */
export const grpcMethodDefinition = <I extends DescMessage, O extends DescMessage>({
  parent,
  name,
  methodKind,
  input,
  output,
}: DescMethod & { readonly input: I; readonly output: O }): MethodDefinition<
  MessageShape<I>,
  MessageShape<O>
> => ({
  path: `/${parent.typeName}/${name}`,
  requestStream: methodKind === 'client_streaming' || methodKind === 'bidi_streaming',
  responseStream: methodKind === 'server_streaming' || methodKind === 'bidi_streaming',
  requestSerialize: (message) => Buffer.from(toBinary(input, message)),
  requestDeserialize: (bytes) => fromBinary(input, bytes),
  responseSerialize: (message) => Buffer.from(toBinary(output, message)),
  responseDeserialize: (bytes) => fromBinary(output, bytes),
});

/**
 * A protobuf-es service as grpc-js wants it, for clients and servers alike. Methods are keyed by their
 * name in the .proto (`ListContainers`).
 */
export const grpcServiceDefinition = (service: DescService): ServiceDefinition =>
  Object.fromEntries(service.methods.map((method) => [method.name, grpcMethodDefinition(method)]));

import { fromBinary, toBinary, type DescService, type Message } from '@bufbuild/protobuf';
import type { ServiceDefinition } from '@grpc/grpc-js';

/**
 * A protobuf-es service as grpc-js wants it, for clients and servers alike. Methods are keyed by their
 * name in the .proto (`ListContainers`).
 */
export const grpcServiceDefinition = (service: DescService): ServiceDefinition =>
  Object.fromEntries(
    service.methods.map(({ name, input, output, methodKind }) => [
      name,
      {
        path: `/${service.typeName}/${name}`,
        requestStream: methodKind === 'client_streaming' || methodKind === 'bidi_streaming',
        responseStream: methodKind === 'server_streaming' || methodKind === 'bidi_streaming',
        requestSerialize: (message: Message) => Buffer.from(toBinary(input, message)),
        requestDeserialize: (bytes: Buffer) => fromBinary(input, bytes),
        responseSerialize: (message: Message) => Buffer.from(toBinary(output, message)),
        responseDeserialize: (bytes: Buffer) => fromBinary(output, bytes),
      },
    ]),
  );

import { create, fromBinary, toBinary, type DescService } from '@bufbuild/protobuf';
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
        requestSerialize: (message: object) => Buffer.from(toBinary(input, create(input, message))),
        requestDeserialize: (bytes: Buffer) => fromBinary(input, bytes),
        responseSerialize: (message: object) => Buffer.from(toBinary(output, create(output, message))),
        responseDeserialize: (bytes: Buffer) => fromBinary(output, bytes),
      },
    ]),
  );

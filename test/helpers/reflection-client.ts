import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { Client, credentials } from '@grpc/grpc-js';

/** Fields of grpc.reflection.v1.ServerReflectionRequest, and of the answer to each. */
const fields = {
  listServices: { request: 7, answer: 6 },
  fileContainingSymbol: { request: 4, answer: 4 },
} as const;

/** The values of one length-delimited field of a message. */
const valuesOf = (bytes: Uint8Array, wanted: number): Uint8Array[] => {
  const values: Uint8Array[] = [];
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === wanted && type === WireType.LengthDelimited) values.push(reader.bytes());
    else reader.skip(type, field);
  }
  return values;
};

const raw = (bytes: Uint8Array): Buffer => Buffer.from(bytes);

/** Asks a server for what it serves, in the wire format, as grpcurl does. */
const ask = (
  socketPath: string,
  version: 'v1' | 'v1alpha',
  question: keyof typeof fields,
  value: string,
): Promise<Uint8Array> => {
  const client = new Client(`unix:${socketPath}`, credentials.createInsecure());
  const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
  return new Promise<Uint8Array>((resolve, reject) => {
    const call = client.makeBidiStreamRequest(path, raw, raw);
    call.once('data', resolve).once('error', reject);
    call.end(
      raw(new BinaryWriter().tag(fields[question].request, WireType.LengthDelimited).string(value).finish()),
    );
  }).finally(() => client.close());
};

export const listServices = async (socketPath: string, version: 'v1' | 'v1alpha'): Promise<string[]> => {
  const answer = await ask(socketPath, version, 'listServices', '*');
  return valuesOf(answer, fields.listServices.answer)
    .flatMap((list) => valuesOf(list, 1))
    .flatMap((service) => valuesOf(service, 1))
    .map((name) => Buffer.from(name).toString());
};

/** The file descriptors that a client needs for the symbol. */
export const filesOf = async (socketPath: string, symbol: string): Promise<Uint8Array[]> => {
  const answer = await ask(socketPath, 'v1', 'fileContainingSymbol', symbol);
  return valuesOf(answer, fields.fileContainingSymbol.answer).flatMap((list) => valuesOf(list, 1));
};

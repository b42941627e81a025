import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, type DescMessage, type MessageInitShape } from '@bufbuild/protobuf';
import {
  Server,
  ServerCredentials,
  type handleUnaryCall,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { onTestFinished } from 'vitest';
import { createCriClient, type CriClient, type CriClientOptions } from '../../../src/cri/client.ts';
import type { CriError } from '../../../src/cri/cri-error.ts';
import { RuntimeService } from '../../../src/cri/gen/runtime/v1/api_pb.ts';
import { grpcServiceDefinition } from '../../../src/cri/service-definition.ts';

/** A path for a socket in a directory of its own, removed with the test. */
export const makeSocketPath = async (): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), 'plegd-cri-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return join(directory, 'cri.sock');
};

/** A real gRPC server on `path`; methods without a handler answer UNIMPLEMENTED. */
export const startServer = async (
  path: string,
  handlers: UntypedServiceImplementation,
  definition: ServiceDefinition = grpcServiceDefinition(RuntimeService),
): Promise<Server> => {
  const server = new Server();
  server.addService(definition, handlers);
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix://${path}`, ServerCredentials.createInsecure(), (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
  onTestFinished(() => {
    server.forceShutdown();
  });
  return server;
};

/** A client of `path` that closes with the test. */
export const connect = (path: string, options: Omit<CriClientOptions, 'endpoint'> = {}): CriClient => {
  const client = createCriClient({ endpoint: `unix://${path}`, ...options });
  onTestFinished(() => {
    client.close();
  });
  return client;
};

/** A server with these handlers and a client of it. */
export const serve = async (
  handlers: UntypedServiceImplementation,
  options: Omit<CriClientOptions, 'endpoint'> = {},
): Promise<CriClient> => {
  const path = await makeSocketPath();
  await startServer(path, handlers);
  return connect(path, options);
};

/** A handler that always gives the same answer. */
export const answer = <O extends DescMessage>(
  schema: O,
  init: MessageInitShape<O>,
): handleUnaryCall<unknown, unknown> => {
  const response = create(schema, init);
  return (_call, callback) => {
    callback(null, response);
  };
};

/** The service with one method whose answers are the bytes that its handler passes. */
export const withRawAnswers = (method: string): ServiceDefinition => {
  const definition = grpcServiceDefinition(RuntimeService);
  return { ...definition, [method]: { ...definition[method]!, responseSerialize: (bytes: Buffer) => bytes } };
};

/** The error that a call ended with; a call that succeeds fails the test. */
export const failureOf = (call: Promise<unknown>): Promise<CriError> =>
  call.then(
    (value) => {
      throw new Error('expected the call to fail', { cause: value });
    },
    (error: CriError) => error,
  );

/** Passes connections on to `targetPath` until `drop` cuts them all. */
export const startProxy = async (targetPath: string): Promise<{ path: string; drop: () => void }> => {
  const path = await makeSocketPath();
  const sockets = new Set<Socket>();
  const proxy = createServer((downstream) => {
    const upstream = createConnection(targetPath);
    downstream.pipe(upstream).pipe(downstream);
    for (const socket of [downstream, upstream]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
    }
  });
  await new Promise<void>((resolve) => proxy.listen(path, resolve));
  const drop = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  onTestFinished(() => {
    drop();
    proxy.close();
  });
  return { path, drop };
};

/** Something that happens once and can be waited for. */
export const makeLatch = (): { opened: Promise<void>; open: () => void } => {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
};

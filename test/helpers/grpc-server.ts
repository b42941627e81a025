import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type GrpcServerOptions, startGrpcServer } from '../../src/grpc/grpc-server.ts';
import { createLogger } from '../../src/lib/log.ts';
import { FakeAgentView } from './fake-agent-view.ts';
import { PlegClient } from './pleg-client.ts';
import { SimulatedTime } from './simulated-time.ts';

/** A path for a socket in a folder of its own, removed with the test. */
export const makeSocketPath = async (): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), 'plegd-grpc-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return join(directory, 'plegd.sock');
};

/** The real gRPC server of a fake agent, on a socket of its own, and a client of it. Both end with the test. */
export const serveFakeAgent = async (options: Pick<GrpcServerOptions, 'bounds'> = {}) => {
  const view = new FakeAgentView();
  const time = new SimulatedTime();
  const logged: string[] = [];
  const logger = createLogger({
    level: 'error',
    format: 'json',
    destination: { write: (line) => logged.push(line) },
  });
  const socketPath = await makeSocketPath();
  const server = await startGrpcServer({ view, socketPath, logger, time, ...options });
  const client = new PlegClient(socketPath);
  onTestFinished(async () => {
    client.close();
    await closeInTime(server, time);
  });
  return { view, time, logged, socketPath, server, client };
};

/** Closes, and lets the grace pass for callers that do not read. */
const closeInTime = async (server: { close(): Promise<void> }, time: SimulatedTime): Promise<void> => {
  const closed = server.close();
  await time.advance(1_000);
  await closed;
};

import type { Logger } from 'pino';
import { createCriClient } from '../cri/client.ts';
import { CriError } from '../cri/cri-error.ts';
import { describeRuntimeProblem } from '../cri/runtime-problem.ts';
import { startGrpcServer } from '../grpc/grpc-server.ts';
import { formatHostPort, type HostPort } from '../lib/host-port.ts';
import { SocketPathError } from '../lib/socket-path.ts';
import type { Time } from '../lib/time.ts';
import type { AgentView } from '../server/agent-view.ts';
import { readAccess } from '../server/access.ts';
import { startServer } from '../server/server.ts';
import { createAgentView } from './agent-view.ts';
import type { AgentConfig } from './config.ts';
import { createInspectView } from './inspect-view.ts';
import { NodePleg } from './node-pleg.ts';
import { pipelineSettings } from './pipeline-settings.ts';
import { createRelistLiveness } from './relist-liveness.ts';
import { chooseRuntime } from './runtime-choice.ts';
import { countRuntimeOperation, operationType } from './runtime-operations.ts';

/** A running agent. */
export interface Agent {
  readonly view: AgentView;
  /** Where the HTTP API listens; `undefined` when it was not asked for. */
  readonly address: HostPort | undefined;
  /** The same as a URL. */
  readonly url: string | undefined;
  /** Where the gRPC API listens; `undefined` when it was not asked for. */
  readonly socketPath: string | undefined;
  readonly runtimeEndpoint: string;
  /** Whether relists go on, also where they fail. */
  isTurning(): boolean;
  /** Asks for a relist now rather than at the end of the period. */
  requestRelist(): void;
  /** Orderly and idempotent: streams, relists and inspections end first, then the sockets. */
  stop(): Promise<void>;
}

export interface AgentOptions {
  readonly logger: Logger;
  readonly time: Time;
  /**
   * Socket of the gRPC API where the configuration names none: one that cannot be had, because another agent
   * has it, is said and done without.
   *
   * @default none
   */
  readonly defaultSocketPath?: string | undefined;
}

/** The runtime is there and will never do. */
export class UnusableRuntimeError extends Error {
  override readonly name = 'UnusableRuntimeError';
}

/** How long the start waits for a runtime to say what it is; one that is silent may still come. */
export const firstAnswerMs = 1_000;

/**
 * Wires an agent and starts it. A runtime that is absent or silent is no reason not to start.
 *
 * @throws AccessError, EndpointError, UnusableRuntimeError, or ListenError or SocketPathError for what is in use
 */
export const startAgent = async (
  config: AgentConfig,
  { logger, time, defaultSocketPath }: AgentOptions,
): Promise<Agent> => {
  const access = config.listen && readAccess(config.listen, config, { time, logger });
  const runtime = await chooseRuntime(config.runtimeEndpoint, logger);
  const client = createCriClient({
    endpoint: runtime.endpoint,
    callTimeoutMs: config.runtimeRequestTimeoutMs,
    maxReceiveBytes: config.maxReceiveBytes,
    time,
    onCall: (call) => {
      countRuntimeOperation(pleg.metrics, call);
    },
    onSkip: ({ method, id }) => {
      pleg.metrics.skippedRecords.inc({ operation_type: operationType(method) });
      logger.debug({ method, id }, 'PLEG: record without metadata left out');
    },
  });
  const pleg = new NodePleg({
    time,
    logger,
    service: client,
    ...pipelineSettings(config),
  });
  const view = createAgentView({
    time,
    pleg,
    configuredMode: config.mode,
    runtimeEndpoint: runtime.endpoint,
  });
  let socketPath = config.socket === 'none' ? undefined : (config.socket ?? defaultSocketPath);
  const closers: (() => void | Promise<void>)[] = [() => client.close(), () => runtime.stop()];
  const close = async (): Promise<void> => {
    const failures: unknown[] = [];
    // One that fails is no reason to leave the others open.
    for (const closeOne of closers) {
      try {
        await closeOne();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  };
  try {
    await refuseUnusable(client.version({ timeoutMs: firstAnswerMs }), runtime.endpoint);
    const inspect = config.inspect ? createInspectView(pleg) : undefined;
    const server =
      config.listen && (await startServer({ view, listen: config.listen, access, logger, time, inspect }));
    if (server) closers.unshift(() => server.close());
    if (socketPath !== undefined) {
      try {
        const grpcServer = await startGrpcServer({ view, socketPath, logger, time });
        closers.unshift(() => grpcServer.close());
      } catch (error) {
        if (config.socket !== undefined || !(error instanceof SocketPathError)) throw error;
        logger.warn({ reason: error.message }, 'No gRPC API: its usual socket cannot be had');
        socketPath = undefined;
      }
    }
    pleg.start();
    closers.unshift(() => pleg.stop());
    let stopping: Promise<void> | undefined;
    return {
      view,
      address: server?.address,
      url: server && `${access?.certificates ? 'https' : 'http'}://${formatHostPort(server.address)}`,
      socketPath,
      runtimeEndpoint: runtime.endpoint,
      isTurning: createRelistLiveness(pleg, time, config.runtimeRequestTimeoutMs),
      requestRelist: () => {
        pleg.genericPleg.requestRelist();
      },
      stop: () => (stopping ??= close()),
    };
  } catch (error) {
    await close();
    throw error;
  }
};

/**
 * A runtime that answers but speaks no CRI v1 will not learn it: that is for the person who started us.
 *
 * @throws UnusableRuntimeError
 */
export const refuseUnusable = async (version: Promise<unknown>, endpoint: string): Promise<void> => {
  try {
    await version;
  } catch (error) {
    if (!(error instanceof CriError) || error.code !== 'UNIMPLEMENTED') return;
    throw new UnusableRuntimeError(`runtime endpoint ${endpoint}: ${describeRuntimeProblem(error)}`, {
      cause: error,
    });
  }
};

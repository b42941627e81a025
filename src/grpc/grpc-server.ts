import { Server, ServerCredentials } from '@grpc/grpc-js';
import { HealthImplementation, type ServingStatus } from 'grpc-health-check';
import { grpcServiceDefinition } from '../cri/service-definition.ts';
import type { Logger } from '../lib/log.ts';
import type { Time } from '../lib/time.ts';
import { UnixListener } from '../lib/unix-listener.ts';
import type { AgentView } from '../server/agent-view.ts';
import { boundCalls, type CallBounds, defaultCallBounds } from './call-bounds.ts';
import { file_plegd_v1_api, Pleg } from './gen/plegd/v1/api_pb.ts';
import { OpenCalls } from './open-calls.ts';
import { createPlegService } from './pleg-service.ts';
import { createReflection } from './reflection.ts';

export interface GrpcServerOptions {
  readonly view: AgentView;
  /** Absolute path of the socket. Its folder is made if need be (0750); the socket is for user and group (0660). */
  readonly socketPath: string;
  readonly logger: Logger;
  readonly time: Time;
  /** @default defaultCallBounds */
  readonly bounds?: CallBounds;
}

export interface GrpcServer {
  /** Ends every call with UNAVAILABLE, and every connection. */
  close(): Promise<void>;
}

/** No request of ours is longer; a filter with a hundred selectors fits several times. */
const maxRequestBytes = 64 * 1024;

/** Long enough for the last status to reach whoever reads. */
const closeGraceMs = 500;

/**
 * Serves plegd.v1.Pleg, grpc.health.v1.Health and reflection on a unix socket. Health is about the service, which
 * serves as long as the agent runs; how the node does is in `Status`.
 *
 * @throws SocketPathError when the socket cannot be served
 */
export async function startGrpcServer({
  socketPath,
  bounds = defaultCallBounds,
  ...options
}: GrpcServerOptions): Promise<GrpcServer> {
  const { time } = options;
  const calls = new OpenCalls();
  const server = new Server({
    'grpc.max_receive_message_length': maxRequestBytes,
    'grpc.max_send_message_length': -1,
    'grpc.max_concurrent_streams': bounds.openCalls,
    'grpc.enable_channelz': 0,
    interceptors: [boundCalls(time, bounds)],
  });
  server.addService(grpcServiceDefinition(Pleg), createPlegService({ ...options, calls }));
  const health = new HealthImplementation(healthOf('SERVING'));
  health.addToServer(server);
  createReflection(file_plegd_v1_api).addToServer(server);

  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const listener = new UnixListener(socketPath, {
    mode: 0o660,
    maxConnections: bounds.openCalls,
    onConnection: (connection) => injector.injectConnection(connection),
  });
  await listener.open();
  return {
    close: async () => {
      for (const service of Object.keys(healthOf('NOT_SERVING'))) health.setStatus(service, 'NOT_SERVING');
      calls.stop();
      await new Promise<void>((resolve) => {
        const timer = time.setTimeout(resolve, closeGraceMs);
        server.tryShutdown(() => {
          time.clearTimeout(timer);
          resolve();
        });
      });
      server.forceShutdown();
      await listener.close();
    },
  };
}

/** Of the server as a whole, and by name. */
const healthOf = (status: ServingStatus) => ({ '': status, [Pleg.typeName]: status });

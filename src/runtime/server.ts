import { resolve } from 'node:path';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { pino, type Logger } from 'pino';
import { ImageService, RuntimeService } from '../cri/gen/runtime/v1/api_pb.ts';
import { systemTime, type Time } from '../lib/time.ts';
import { UnixListener } from '../lib/unix-listener.ts';
import { createAddressPool } from './address-pool.ts';
import { ContainerRunner } from './container-runner.ts';
import { ContainerService } from './container-service.ts';
import type { Container } from './container.ts';
import { EmbeddedRuntime } from './embedded-runtime.ts';
import { EventHub } from './event-hub.ts';
import { createAnnounce } from './event-source.ts';
import { noFaults, type RuntimeFaults } from './faults.ts';
import { bindService } from './grpc-binding.ts';
import { createImageService } from './image-service.ts';
import { ImageStore } from './image-store.ts';
import { PodService } from './pod-service.ts';
import { ProcessGuard } from './process-guard.ts';
import { RecordStore } from './record-store.ts';
import { createRuntimeService } from './runtime-service.ts';
import type { Sandbox } from './sandbox.ts';
import { createStampClock } from './stamp-clock.ts';

/** containerd's limit for a request, bytes. What we send may be longer, for tests of the other side's limit. */
const maxRequestBytes = 16 * 1024 * 1024;

export interface EmbeddedRuntimeOptions {
  /** Where to listen. Its folder is made if need be; the socket is for our own user only (0600). */
  readonly socketPath: string;
  /** @default noFaults() */
  readonly faults?: RuntimeFaults;
  /** @default systemTime */
  readonly time?: Time;
  /** @default none */
  readonly logger?: Logger;
}

/**
 * Starts a CRI v1 runtime in this process. It speaks to kubelets, crictl and plegd alike and behaves as
 * containerd 2.1 does, but its containers are plain child processes of this machine, without any isolation:
 * images, mounts, devices, users and limits are taken note of and not applied.
 *
 * @throws SocketPathError when the socket cannot be served
 */
export const startEmbeddedRuntime = async ({
  socketPath,
  faults = noFaults(),
  time = systemTime,
  logger = pino({ enabled: false }),
}: EmbeddedRuntimeOptions): Promise<EmbeddedRuntime> => {
  const path = resolve(socketPath);
  const endpoint = `unix://${path}`;
  const sandboxes = new RecordStore<Sandbox>();
  const containers = new RecordStore<Container>();
  const images = new ImageStore();
  const stamps = createStampClock(time);
  const guard = new ProcessGuard();
  const events = new EventHub(faults, time);
  const announce = createAnnounce({ containers, hub: events, stamps, faults });
  const runner = new ContainerRunner({ announce, stamps, time, guard, logger });
  const containerService = new ContainerService({ containers, runner, images, announce, stamps });
  const nextAddress = createAddressPool();
  const podService = new PodService({
    sandboxes,
    containers: containerService,
    announce,
    stamps,
    nextAddress,
  });

  const server = new Server({
    'grpc.max_receive_message_length': maxRequestBytes,
    'grpc.max_send_message_length': -1,
    'grpc.enable_channelz': 0,
  });
  const runtimeService = createRuntimeService({
    sandboxes,
    containers,
    podService,
    containerService,
    hub: events,
    faults,
  });
  bindService(server, RuntimeService, runtimeService, { faults, time, logger });
  bindService(server, ImageService, createImageService(images, stamps), { faults, time, logger });
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const listener = new UnixListener(path, {
    // Whoever can talk to a runtime can run programs as its user.
    mode: 0o600,
    onConnection: (connection) => injector.injectConnection(connection),
  });
  await listener.open();

  logger.warn({ endpoint }, 'embedded runtime: containers are plain child processes, without isolation');
  return new EmbeddedRuntime({
    endpoint,
    faults,
    events,
    podService,
    containerService,
    runner,
    guard,
    listener,
    time,
    logger,
  });
};

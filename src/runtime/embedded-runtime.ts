import type { Logger } from 'pino';
import type { Time } from '../lib/time.ts';
import type { UnixListener } from '../lib/unix-listener.ts';
import { ContainerState } from '../cri/gen/runtime/v1/api_pb.ts';
import type { ContainerRunner } from './container-runner.ts';
import type { ContainerService } from './container-service.ts';
import { delay } from './delay.ts';
import type { EventHub } from './event-hub.ts';
import type { RuntimeFaults } from './faults.ts';
import type { PodService } from './pod-service.ts';
import type { ProcessGuard } from './process-guard.ts';

export interface RestartOptions {
  /** How long the runtime is away, milliseconds. @default 0 */
  readonly downMs?: number;
  /** Ids of containers whose processes are killed while it is away. */
  readonly killContainers?: readonly string[];
}

export interface EmbeddedRuntimeParts {
  readonly endpoint: string;
  readonly faults: RuntimeFaults;
  readonly events: EventHub;
  readonly podService: PodService;
  readonly containerService: ContainerService;
  readonly runner: ContainerRunner;
  readonly guard: ProcessGuard;
  readonly listener: UnixListener;
  readonly time: Time;
  readonly logger: Logger;
}

/** A running embedded runtime. */
export class EmbeddedRuntime {
  /** Where it is served, `unix:///path`. */
  readonly endpoint: string;
  /** Switches for tests, to be changed at any time. */
  readonly faults: RuntimeFaults;
  /** Its event streams: how many read, and what tests do to them. */
  readonly events: EventHub;
  readonly #parts: EmbeddedRuntimeParts;
  #opening: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;

  constructor(parts: EmbeddedRuntimeParts) {
    this.endpoint = parts.endpoint;
    this.faults = parts.faults;
    this.events = parts.events;
    this.#parts = parts;
  }

  /** Ends serving, removes the socket and kills every container. Resolves when all is gone. */
  async stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    await this.#stopping;
  }

  /**
   * Goes away as a runtime does whose daemon stops: the socket is gone, connections break, containers live
   * on. What they do meanwhile nobody sees.
   */
  async suspendServing(): Promise<void> {
    this.#parts.runner.suspend();
    await this.#parts.listener.close();
  }

  /**
   * Comes back. Containers that ended meanwhile are EXITED 255 "Unknown", and no event tells of them.
   *
   * Nothing happens once it was stopped for good.
   *
   * @throws SocketPathError when something else has taken the socket's path
   */
  async resumeServing(): Promise<void> {
    if (this.#stopping !== undefined) return;
    this.#parts.runner.resume();
    this.#opening = this.#parts.listener.open();
    await this.#opening;
  }

  /** Goes away and comes back. */
  async restart({ downMs = 0, killContainers = [] }: RestartOptions = {}): Promise<void> {
    await this.suspendServing();
    await Promise.all(killContainers.map((id) => this.#parts.containerService.stop(id, 0)));
    if (downMs > 0) await delay(this.#parts.time, downMs);
    await this.resumeServing();
  }

  /** The pid of a running container's process; undefined for one that does not run. */
  processIdOf(containerId: string): number | undefined {
    const { phase } = this.#parts.containerService.find(containerId);
    return phase.state === ContainerState.CONTAINER_RUNNING ? phase.process.pid : undefined;
  }

  /** Ends a sandbox as the death of its pause process does: NOTREADY, and its containers run on. */
  endSandbox(podSandboxId: string): void {
    this.#parts.podService.end(this.#parts.podService.find(podSandboxId));
  }

  async #stop(): Promise<void> {
    const { listener, containerService, guard, logger } = this.#parts;
    await this.#opening?.catch(() => {});
    await listener.close();
    await containerService.killAll();
    guard.close();
    logger.info({ endpoint: this.endpoint }, 'embedded runtime stopped');
  }
}

import {
  ContainerEventType,
  type PodSandboxConfig,
  type PodSandboxMetadata,
  type RunPodSandboxRequest,
} from '../cri/gen/runtime/v1/api_pb.ts';
import { invalidArgument, nameReserved, notFound, refused } from './call-error.ts';
import type { ContainerService } from './container-service.ts';
import type { Announce } from './event-source.ts';
import { newId, type RecordStore } from './record-store.ts';
import { isOnHostNetwork, sandboxName, type Sandbox } from './sandbox.ts';
import type { StampClock } from './stamp-clock.ts';

export interface PodServiceOptions {
  readonly sandboxes: RecordStore<Sandbox>;
  readonly containers: ContainerService;
  readonly announce: Announce;
  readonly stamps: StampClock;
  readonly nextAddress: () => string;
}

/** The sandbox calls of CRI. Events come at the steps, and in the order, of containerd 2.1. */
export class PodService {
  readonly #options: PodServiceOptions;

  constructor(options: PodServiceOptions) {
    this.#options = options;
  }

  /** @throws CallError INVALID_ARGUMENT, FAILED_PRECONDITION for a second sandbox of one attempt, UNKNOWN for a handler */
  run(request: RunPodSandboxRequest): Sandbox {
    const { sandboxes, announce, stamps, nextAddress } = this.#options;
    const { runtimeHandler } = request;
    const { config, metadata } = checkConfig(request.config);
    if (runtimeHandler !== '')
      throw refused(`no runtime for "${runtimeHandler}" is configured, only the empty handler`);
    const name = sandboxName(metadata);
    const holder = sandboxes.holderOf(name);
    if (holder !== undefined) throw nameReserved('sandbox', name, holder);
    const sandbox: Sandbox = {
      id: newId(),
      name,
      metadata,
      config,
      createdAtNs: stamps(),
      ip: isOnHostNetwork(config) ? '' : nextAddress(),
      isReady: true,
    };
    sandboxes.add(sandbox);
    announce(ContainerEventType.CONTAINER_CREATED_EVENT, sandbox);
    announce(ContainerEventType.CONTAINER_STARTED_EVENT, sandbox);
    return sandbox;
  }

  /** Kills what runs in the sandbox, then ends it. Nothing happens for one that is stopped or unknown. */
  async stop(id: string): Promise<void> {
    const sandbox = this.#options.sandboxes.get(id);
    if (sandbox !== undefined) await this.#stop(sandbox);
  }

  /** Stops the sandbox if need be, and removes it with its containers. Nothing happens for an unknown one. */
  async remove(id: string): Promise<void> {
    const sandbox = this.#options.sandboxes.get(id);
    if (sandbox === undefined) return;
    sandbox.removing ??= this.#remove(sandbox);
    await sandbox.removing;
  }

  /** @throws CallError NOT_FOUND */
  find(id: string): Sandbox {
    const sandbox = this.#options.sandboxes.get(id);
    if (sandbox === undefined) throw notFound('sandbox', id);
    return sandbox;
  }

  /** Ends the sandbox and leaves its containers running, as the death of a pause process does. */
  end(sandbox: Sandbox): void {
    if (!sandbox.isReady) return;
    sandbox.isReady = false;
    this.#options.announce(ContainerEventType.CONTAINER_STOPPED_EVENT, sandbox);
  }

  async #stop(sandbox: Sandbox): Promise<void> {
    sandbox.stopping ??= this.#options.containers.killAllOf(sandbox).then(() => this.end(sandbox));
    await sandbox.stopping;
  }

  async #remove(sandbox: Sandbox): Promise<void> {
    const { sandboxes, containers, announce } = this.#options;
    await this.#stop(sandbox);
    await containers.removeAllOf(sandbox);
    sandboxes.delete(sandbox);
    announce(ContainerEventType.CONTAINER_DELETED_EVENT, sandbox);
  }
}

const checkConfig = (
  config: PodSandboxConfig | undefined,
): { config: PodSandboxConfig; metadata: PodSandboxMetadata } => {
  const metadata = config?.metadata;
  if (config === undefined || metadata === undefined) {
    throw invalidArgument('config.metadata is missing, expected name, uid, namespace and attempt of the pod');
  }
  for (const field of ['name', 'uid', 'namespace'] as const) {
    if (metadata[field] === '')
      throw invalidArgument(`config.metadata.${field} is empty, expected the pod's ${field}`);
  }
  return { config, metadata };
};

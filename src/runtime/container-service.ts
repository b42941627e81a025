import {
  ContainerEventType,
  ContainerState,
  type ContainerConfig,
  type ContainerMetadata,
  type CreateContainerRequest,
} from '../cri/gen/runtime/v1/api_pb.ts';
import { invalidArgument, nameReserved, notFound } from './call-error.ts';
import type { ContainerRunner } from './container-runner.ts';
import { containerName, type Container } from './container.ts';
import type { Announce } from './event-source.ts';
import type { ImageStore } from './image-store.ts';
import { newId, type RecordStore } from './record-store.ts';
import type { Sandbox } from './sandbox.ts';
import type { StampClock } from './stamp-clock.ts';

export interface ContainerServiceOptions {
  readonly containers: RecordStore<Container>;
  readonly runner: ContainerRunner;
  readonly images: ImageStore;
  readonly announce: Announce;
  readonly stamps: StampClock;
}

/** The container calls of CRI. Events come at the steps, and in the order, of containerd 2.1. */
export class ContainerService {
  readonly #options: ContainerServiceOptions;

  constructor(options: ContainerServiceOptions) {
    this.#options = options;
  }

  /**
   * A stopped sandbox still takes containers, which it does not start, as on containerd 2.1.
   *
   * @throws CallError INVALID_ARGUMENT, NOT_FOUND for a sandbox on its way out, FAILED_PRECONDITION for a
   *   second container of one name and attempt
   */
  create({ config }: CreateContainerRequest, sandbox: Sandbox): Container {
    const { containers, images, announce, stamps } = this.#options;
    const { metadata, image, config: checkedConfig } = checkConfig(config);
    if (sandbox.removing !== undefined) throw notFound('sandbox', sandbox.id);
    const name = containerName(metadata, sandbox);
    const holder = containers.holderOf(name);
    if (holder !== undefined) throw nameReserved('container', name, holder);
    const container: Container = {
      id: newId(),
      name,
      metadata,
      config: checkedConfig,
      sandbox,
      image,
      imageRef: images.pull(image),
      createdAtNs: stamps(),
      phase: { state: ContainerState.CONTAINER_CREATED },
    };
    containers.add(container);
    announce(ContainerEventType.CONTAINER_CREATED_EVENT, sandbox, container);
    return container;
  }

  /** @throws CallError NOT_FOUND, or UNKNOWN when it cannot be started */
  async start(id: string): Promise<void> {
    await this.#options.runner.start(this.find(id));
  }

  /** Nothing happens for one that is not running or unknown. */
  async stop(id: string, timeoutMs: number): Promise<void> {
    const container = this.#options.containers.get(id);
    if (container !== undefined) await this.#options.runner.stop(container, timeoutMs);
  }

  /** Kills it if it runs, and forgets it. Nothing happens for an unknown one. */
  async remove(id: string): Promise<void> {
    const container = this.#options.containers.get(id);
    if (container !== undefined) await this.#removeOnce(container);
  }

  /** @throws CallError NOT_FOUND */
  find(id: string): Container {
    const container = this.#options.containers.get(id);
    if (container === undefined) throw notFound('container', id);
    return container;
  }

  async killAllOf(sandbox: Sandbox): Promise<void> {
    await Promise.all(this.#inside(sandbox).map((container) => this.#options.runner.stop(container, 0)));
  }

  async removeAllOf(sandbox: Sandbox): Promise<void> {
    for (const container of this.#inside(sandbox)) await this.#removeOnce(container);
  }

  async killAll(): Promise<void> {
    const { containers, runner } = this.#options;
    await Promise.all(containers.values().map((container) => runner.stop(container, 0)));
  }

  #inside(sandbox: Sandbox): Container[] {
    return this.#options.containers.values().filter((container) => container.sandbox === sandbox);
  }

  async #removeOnce(container: Container): Promise<void> {
    container.removing ??= this.#remove(container);
    await container.removing;
  }

  async #remove(container: Container): Promise<void> {
    const { containers, runner, announce } = this.#options;
    await runner.stop(container, 0);
    containers.delete(container);
    announce(ContainerEventType.CONTAINER_DELETED_EVENT, container.sandbox, container);
  }
}

const checkConfig = (config: ContainerConfig | undefined) => {
  const metadata: ContainerMetadata | undefined = config?.metadata;
  if (config === undefined || metadata === undefined || metadata.name === '') {
    throw invalidArgument("config.metadata.name is empty, expected the container's name");
  }
  const { image } = config;
  if (image === undefined || image.image === '') {
    throw invalidArgument('config.image.image is empty, expected an image name');
  }
  return { config, metadata, image };
};

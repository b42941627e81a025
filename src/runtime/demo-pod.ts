import { createHash, randomUUID } from 'node:crypto';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { ContainerState, NamespaceMode, type PodSandboxConfigSchema } from '../cri/gen/runtime/v1/api_pb.ts';
import { kubeletAnnotations, kubeletLabels } from '../cri/kubelet-labels.ts';
import type { CriCaller } from './cri-caller.ts';

export interface DemoPodSpec {
  readonly podName: string;
  readonly containerName: string;
  /** Empty for a container that runs until it is stopped. */
  readonly command: readonly string[];
}

/** One demo pod with one container, kept running as a kubelet would: what has exited is started anew. */
export class DemoPod {
  readonly #spec: DemoPodSpec;
  readonly #caller: CriCaller;
  readonly #labels: Record<string, string>;
  readonly #config: MessageInitShape<typeof PodSandboxConfigSchema>;
  #podSandboxId: string | undefined;
  #containerId: string | undefined;
  #attempt = 0;

  constructor(spec: DemoPodSpec, caller: CriCaller) {
    this.#spec = spec;
    this.#caller = caller;
    const metadata = { name: spec.podName, namespace: 'default', uid: randomUUID() };
    this.#labels = {
      [kubeletLabels.podName]: metadata.name,
      [kubeletLabels.podNamespace]: metadata.namespace,
      [kubeletLabels.podUid]: metadata.uid,
    };
    this.#config = {
      metadata,
      labels: this.#labels,
      linux: { securityContext: { namespaceOptions: { network: NamespaceMode.POD } } },
    };
  }

  /** Makes the sandbox and its first container. */
  async start(): Promise<void> {
    const { podSandboxId } = await this.#caller.runtime.runPodSandbox({ config: this.#config });
    this.#podSandboxId = podSandboxId;
    this.#containerId = await this.#runContainer();
  }

  /**
   * Replaces the container if it has exited: a new one with the next attempt, and the old one removed. What
   * somebody else removed stays removed.
   *
   * @throws the runtime's ServiceError
   */
  async sync(): Promise<void> {
    const containerId = this.#containerId;
    if (containerId === undefined) return;
    const { status } = await this.#caller.runtime.containerStatus({ containerId });
    if (status?.state !== ContainerState.CONTAINER_EXITED) return;
    this.#attempt += 1;
    this.#containerId = await this.#runContainer();
    await this.#caller.runtime.removeContainer({ containerId });
  }

  async remove(): Promise<void> {
    const podSandboxId = this.#podSandboxId;
    if (podSandboxId === undefined) return;
    await this.#caller.runtime.stopPodSandbox({ podSandboxId });
    await this.#caller.runtime.removePodSandbox({ podSandboxId });
  }

  async #runContainer(): Promise<string> {
    const { podName, containerName, command } = this.#spec;
    const { containerId } = await this.#caller.runtime.createContainer({
      podSandboxId: this.#podSandboxId!,
      config: {
        metadata: { name: containerName, attempt: this.#attempt },
        image: { image: `localhost/${podName}:1` },
        command: [...command],
        labels: { ...this.#labels, [kubeletLabels.containerName]: containerName },
        annotations: {
          [kubeletAnnotations.hash]: hashOf(this.#spec),
          [kubeletAnnotations.restartCount]: String(this.#attempt),
        },
      },
      sandboxConfig: this.#config,
    });
    await this.#caller.runtime.startContainer({ containerId });
    return containerId;
  }
}

/** Stands for kubelet's hash of the container's spec: the same as long as the spec is. */
const hashOf = (spec: DemoPodSpec): string =>
  createHash('sha256').update(JSON.stringify(spec)).digest('hex').slice(0, 8);

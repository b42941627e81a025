import type { Observable } from 'rxjs';

/**
 * The container runtime as plegd's domain sees it (kubelet's name for the port). No gRPC here: `src/cri`
 * implements it on the wire, tests implement it in memory.
 *
 * Every stamp is nanoseconds since 1970 as a bigint, 0n for never.
 */
export interface RuntimeService {
  version(options?: CallOptions): Promise<RuntimeVersion>;
  status(options?: CallOptions): Promise<RuntimeStatus>;
  /** Every sandbox in every state, in no order. */
  listPodSandboxes(options?: CallOptions): Promise<PodSandbox[]>;
  /** Every container in every state, in no order. */
  listContainers(options?: CallOptions): Promise<Container[]>;
  /**
   * @throws CriError NOT_FOUND when the sandbox is gone, INTERNAL "pod sandbox status is nil" for an empty
   *   answer and "pod sandbox metadata is nil" for one that names no pod.
   */
  podSandboxStatus(podSandboxId: string, options?: CallOptions): Promise<PodSandboxStatus>;
  /** @throws CriError NOT_FOUND when the container is gone, INTERNAL "container status is nil" for an empty answer. */
  containerStatus(containerId: string, options?: CallOptions): Promise<ContainerStatus>;
  /**
   * The runtime's event stream, cold: subscribing opens the call, unsubscribing cancels it. Completes when
   * the runtime ends it with OK, errors with CriError for anything else, each once. CANCELLED may be the
   * runtime's own word: unsubscribing says nothing.
   */
  containerEvents(): Observable<CriContainerEvent>;
}

export interface CallOptions {
  /** Aborts the call; it then rejects with CriError CANCELLED. */
  readonly signal?: AbortSignal;
  /** Overrides the client's deadline, milliseconds. */
  readonly timeoutMs?: number;
}

export interface RuntimeVersion {
  readonly runtimeName: string;
  readonly runtimeVersion: string;
  readonly runtimeApiVersion: string;
}

export interface RuntimeCondition {
  readonly type: string;
  readonly status: boolean;
  readonly reason: string;
  readonly message: string;
}

export interface RuntimeStatus {
  readonly conditions: readonly RuntimeCondition[];
}

export type PodSandboxState = 'ready' | 'notready';

/** `unknown` also stands for a state number that this version does not know. */
export type ContainerState = 'created' | 'running' | 'exited' | 'unknown';

/** Whose sandbox or container it is. */
export interface PodIdentity {
  readonly podUid: string;
  readonly podName: string;
  readonly podNamespace: string;
}

/** One record of ListPodSandbox; the pod comes from its metadata, as in kubelet. */
export interface PodSandbox extends PodIdentity {
  readonly id: string;
  readonly state: PodSandboxState;
  readonly createdAtNs: bigint;
}

/**
 * One record of ListContainers; the pod comes from kubelet's labels (`io.kubernetes.pod.uid` and so on).
 * Without them the pod fields are empty and the pod is that of `podSandboxId`.
 */
export interface Container extends PodIdentity {
  readonly id: string;
  readonly podSandboxId: string;
  /** From the label `io.kubernetes.container.name`, else from the metadata. */
  readonly name: string;
  readonly state: ContainerState;
  readonly createdAtNs: bigint;
}

export interface PodSandboxStatus extends PodIdentity {
  readonly id: string;
  readonly state: PodSandboxState;
  readonly createdAtNs: bigint;
  /** Primary address first; empty on the host network. Unparsable addresses are left out. */
  readonly ips: readonly string[];
}

export interface ContainerStatus {
  readonly id: string;
  readonly name: string;
  readonly state: ContainerState;
  readonly createdAtNs: bigint;
  readonly startedAtNs: bigint;
  /** May lie before `startedAtNs` for a container that exits at once: seen on every containerd. */
  readonly finishedAtNs: bigint;
  /** Only for an exited container. */
  readonly exitCode: number | undefined;
  readonly reason: string;
  readonly message: string;
  readonly image: string;
  readonly imageId: string;
  /** kubelet's hash of the container's spec, from the annotation `io.kubernetes.container.hash` (hex there). */
  readonly hash: bigint | undefined;
  /** From the annotation `io.kubernetes.container.restartCount`; 0 without it. */
  readonly restartCount: number;
}

export type CriEventKind = 'created' | 'started' | 'stopped' | 'deleted';

/** One message of GetContainerEvents, less what must not be believed: the statuses of sibling containers. */
export interface CriContainerEvent {
  /** A container's or a sandbox's id. */
  readonly containerId: string;
  /** `undefined` for a number that this version does not know. */
  readonly kind: CriEventKind | undefined;
  /** When the runtime made the event; does not order states. */
  readonly createdAtNs: bigint;
  /** Missing where the runtime sent none (containerd 1.7 for a removed sandbox). */
  readonly podSandbox: (PodIdentity & { readonly id: string }) | undefined;
  /** The status of the event's own container, where the event holds one. */
  readonly containerStatus: ContainerStatus | undefined;
}

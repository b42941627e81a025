import { isIP } from 'node:net';
import * as wire from './gen/runtime/v1/api_pb.ts';
import { kubeletAnnotations, kubeletLabels } from './kubelet-labels.ts';
import type {
  Container,
  ContainerState,
  ContainerStatus,
  CriContainerEvent,
  CriEventKind,
  PodIdentity,
  PodSandbox,
  PodSandboxState,
  PodSandboxStatus,
} from './runtime-service.ts';

/**
 * CRI messages to plegd's domain, one record at a time. Nothing here throws, whatever a runtime sends: what
 * cannot be used becomes `undefined`, `unknown` or the neutral value that `runtime-service.ts` names.
 */

type StringMap = Readonly<Record<string, string>>;

const containerStates: Readonly<Record<number, ContainerState>> = {
  [wire.ContainerState.CONTAINER_CREATED]: 'created',
  [wire.ContainerState.CONTAINER_RUNNING]: 'running',
  [wire.ContainerState.CONTAINER_EXITED]: 'exited',
  [wire.ContainerState.CONTAINER_UNKNOWN]: 'unknown',
};

const eventKinds: Readonly<Record<number, CriEventKind>> = {
  [wire.ContainerEventType.CONTAINER_CREATED_EVENT]: 'created',
  [wire.ContainerEventType.CONTAINER_STARTED_EVENT]: 'started',
  [wire.ContainerEventType.CONTAINER_STOPPED_EVENT]: 'stopped',
  [wire.ContainerEventType.CONTAINER_DELETED_EVENT]: 'deleted',
};

/** The number on the wire may be one that this version does not know. */
export const toContainerState = (state: number): ContainerState => containerStates[state] ?? 'unknown';

/** Anything but READY is not ready, as in kubelet. */
export const toPodSandboxState = (state: number): PodSandboxState =>
  state === wire.PodSandboxState.SANDBOX_READY ? 'ready' : 'notready';

// cri-dockerd sends Go's zero time, which is negative, for "never".
const toStampNs = (stampNs: bigint): bigint => (stampNs > 0n ? stampNs : 0n);

const toIdentity = ({ uid, name, namespace }: wire.PodSandboxMetadata): PodIdentity => ({
  podUid: uid,
  podName: name,
  podNamespace: namespace,
});

const identityFromLabels = (labels: StringMap): PodIdentity => ({
  podUid: labels[kubeletLabels.podUid] ?? '',
  podName: labels[kubeletLabels.podName] ?? '',
  podNamespace: labels[kubeletLabels.podNamespace] ?? '',
});

const toHash = (annotations: StringMap): bigint | undefined => {
  const text = annotations[kubeletAnnotations.hash] ?? '';
  return /^[0-9a-f]{1,16}$/i.test(text) ? BigInt(`0x${text}`) : undefined;
};

const toRestartCount = (annotations: StringMap): number => {
  const text = annotations[kubeletAnnotations.restartCount] ?? '';
  return /^\d{1,10}$/.test(text) ? Number(text) : 0;
};

const toIps = (network: wire.PodSandboxNetworkStatus | undefined): string[] =>
  network === undefined
    ? []
    : [network.ip, ...network.additionalIps.map(({ ip }) => ip)].filter((ip) => isIP(ip) !== 0);

/** `undefined` for a record without id, metadata or uid: nobody can tell which pod it is of. */
export const toPodSandbox = (record: wire.PodSandbox): PodSandbox | undefined =>
  record.id === '' || !record.metadata?.uid
    ? undefined
    : {
        id: record.id,
        ...toIdentity(record.metadata),
        state: toPodSandboxState(record.state),
        createdAtNs: toStampNs(record.createdAt),
      };

/** `undefined` for a record without id or metadata; kubelet skips the latter too. */
export const toContainer = (record: wire.Container): Container | undefined =>
  record.id === '' || record.metadata === undefined
    ? undefined
    : {
        id: record.id,
        podSandboxId: record.podSandboxId,
        ...identityFromLabels(record.labels),
        name: record.labels[kubeletLabels.containerName] ?? record.metadata.name,
        state: toContainerState(record.state),
        createdAtNs: toStampNs(record.createdAt),
      };

/** `undefined` for a status without metadata. */
export const toPodSandboxStatus = (status: wire.PodSandboxStatus): PodSandboxStatus | undefined =>
  status.metadata === undefined
    ? undefined
    : {
        id: status.id,
        ...toIdentity(status.metadata),
        state: toPodSandboxState(status.state),
        createdAtNs: toStampNs(status.createdAt),
        ips: toIps(status.network),
      };

/**
 * As kubelet's `toKubeContainerStatus`: a start only for what has started, an end only for what has exited,
 * whatever else the runtime filled in. `image_id` is missing on containerd up to 2.1; `image_ref` stands in.
 */
export const toContainerStatus = (status: wire.ContainerStatus): ContainerStatus => {
  const state = toContainerState(status.state);
  return {
    id: status.id,
    name: status.labels[kubeletLabels.containerName] ?? status.metadata?.name ?? '',
    state,
    createdAtNs: toStampNs(status.createdAt),
    startedAtNs: state === 'created' ? 0n : toStampNs(status.startedAt),
    finishedAtNs: state === 'exited' ? toStampNs(status.finishedAt) : 0n,
    exitCode: state === 'exited' ? status.exitCode : undefined,
    reason: status.reason,
    message: status.message,
    image: status.image?.image ?? '',
    imageId: status.imageId === '' ? status.imageRef : status.imageId,
    hash: toHash(status.annotations),
    restartCount: toRestartCount(status.annotations),
  };
};

/** Keeps the status of the event's own container only: those of its siblings may be older than what was seen. */
export const toContainerEvent = (event: wire.ContainerEventResponse): CriContainerEvent => {
  const sandbox = event.podSandboxStatus;
  const own = event.containersStatuses.find(({ id }) => id === event.containerId);
  return {
    containerId: event.containerId,
    kind: eventKinds[event.containerEventType],
    createdAtNs: toStampNs(event.createdAt),
    podSandbox:
      sandbox?.metadata === undefined ? undefined : { id: sandbox.id, ...toIdentity(sandbox.metadata) },
    containerStatus: own && toContainerStatus(own),
  };
};

import type {
  Container,
  ContainerState,
  ContainerStatus,
  CriContainerEvent,
  CriEventKind,
  PodIdentity,
  PodSandbox,
  PodSandboxStatus,
} from '../../../src/cri/runtime-service.ts';

export const identityOf = (podUid: string): PodIdentity => ({
  podUid,
  podName: `name-${podUid}`,
  podNamespace: 'default',
});

/** The sandbox `<podUid>-sandbox`, ready unless told otherwise; good as a record of a list and as a status. */
export const sandboxOf = (
  podUid: string,
  overrides: Partial<PodSandboxStatus> = {},
): PodSandbox & PodSandboxStatus => ({
  ...identityOf(podUid),
  id: `${podUid}-sandbox`,
  state: 'ready',
  createdAtNs: 1_000n,
  ips: ['10.0.0.1'],
  ...overrides,
});

/** A container of a list, in the sandbox `<podUid>-sandbox`. */
export const containerOf = (
  podUid: string,
  id: string,
  state: ContainerState = 'running',
  overrides: Partial<Container> = {},
): Container => ({
  ...identityOf(podUid),
  id,
  podSandboxId: `${podUid}-sandbox`,
  name: `name-${id}`,
  state,
  createdAtNs: 2_000n,
  ...overrides,
});

export const statusOf = (
  id: string,
  state: ContainerState = 'running',
  overrides: Partial<ContainerStatus> = {},
): ContainerStatus => ({
  id,
  name: `name-${id}`,
  state,
  createdAtNs: 2_000n,
  startedAtNs: state === 'created' ? 0n : 2_001n,
  finishedAtNs: state === 'exited' ? 2_002n : 0n,
  exitCode: state === 'exited' ? 0 : undefined,
  reason: state === 'exited' ? 'Completed' : '',
  message: '',
  image: 'image',
  imageId: '',
  hash: undefined,
  restartCount: 0,
  ...overrides,
});

/** An event of a container in the sandbox `<podUid>-sandbox`, or of that sandbox itself. */
export const eventOf = (
  podUid: string,
  kind: CriEventKind | undefined,
  containerId: string,
  createdAtNs: bigint,
): CriContainerEvent => ({
  containerId,
  kind,
  createdAtNs,
  podSandbox: { ...identityOf(podUid), id: `${podUid}-sandbox` },
  containerStatus: undefined,
});

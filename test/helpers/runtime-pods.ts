import { randomBytes } from 'node:crypto';
import type { MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import {
  NamespaceMode,
  type ContainerConfigSchema,
  type ContainerStatusSchema,
  type PodSandboxConfigSchema,
  type PodSandboxStatusSchema,
} from '../../src/cri/gen/runtime/v1/api_pb.ts';
import { kubeletAnnotations, kubeletLabels } from '../../src/cri/kubelet-labels.ts';
import { createCriCaller, type CriCaller, type CriCallerOptions } from '../../src/runtime/cri-caller.ts';
import { EventTape } from './event-tape.ts';

/** The image that the test runtimes hold; the embedded one takes any name. */
export const testImage = 'localhost/busybox:1';

export interface PodSpec {
  readonly name: string;
  /** @default 'default' */
  readonly namespace?: string;
  /** @default a new one: runtimes refuse a second sandbox of the same pod and attempt */
  readonly uid?: string;
  readonly attempt?: number;
  /** @default true: needs no CNI */
  readonly hostNetwork?: boolean;
  readonly logDirectory?: string;
  /** Keeps the runtimes of one machine out of each other's cgroups. */
  readonly cgroupParent?: string;
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
}

/** A pod sandbox on a runtime. */
export interface Pod {
  readonly id: string;
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  readonly config: MessageInitShape<typeof PodSandboxConfigSchema>;
}

export interface ContainerSpec {
  /** @default 'main' */
  readonly name?: string;
  /** Doubles as the restart count. @default 0 */
  readonly attempt?: number;
  /** @default none: the image's own, which runs until it is told to stop */
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly workingDir?: string;
  /** Relative to the pod's `logDirectory`. */
  readonly logPath?: string;
  readonly image?: string;
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
}

/** Makes and ends pods on any CRI v1 runtime as a kubelet does, labels and all. */
export interface RuntimeDriver {
  /** Every CRI call, for what has no shorthand here. */
  readonly cri: CriCaller;
  runPod(spec: PodSpec): Promise<Pod>;
  /** Resolves with the new container's id. */
  createContainer(pod: Pod, spec?: ContainerSpec): Promise<string>;
  startContainer(containerId: string): Promise<void>;
  /** Creates and starts. */
  runContainer(pod: Pod, spec?: ContainerSpec): Promise<string>;
  /** @param timeoutSeconds - until it is killed; default 0, at once */
  stopContainer(containerId: string, timeoutSeconds?: number): Promise<void>;
  removeContainer(containerId: string): Promise<void>;
  stopPod(podSandboxId: string): Promise<void>;
  removePod(podSandboxId: string): Promise<void>;
  containerStatus(containerId: string): Promise<MessageShape<typeof ContainerStatusSchema>>;
  podStatus(podSandboxId: string): Promise<MessageShape<typeof PodSandboxStatusSchema>>;
  /** The pid of a running container's first process. */
  containerPid(containerId: string): Promise<number>;
  /** The pid of a sandbox's pause process; an error on the embedded runtime, whose sandboxes have none. */
  podPid(podSandboxId: string): Promise<number>;
  /** Opens an event stream and keeps all that comes. */
  recordEvents(): EventTape;
  /** Stops and removes the pods that were made here, and closes the connection. */
  close(): Promise<void>;
}

/** @param endpoint - `unix:///path` */
export const createRuntimeDriver = (endpoint: string, options?: CriCallerOptions): RuntimeDriver => {
  const cri = createCriCaller(endpoint, options);
  const { runtime } = cri;
  const podIds = new Set<string>();
  const tapes = new Set<EventTape>();

  const stopPod = async (podSandboxId: string) => void (await runtime.stopPodSandbox({ podSandboxId }));
  const removePod = async (podSandboxId: string) => {
    await runtime.removePodSandbox({ podSandboxId });
    podIds.delete(podSandboxId);
  };
  const createContainer = async (pod: Pod, spec: ContainerSpec = {}) => {
    const request = { podSandboxId: pod.id, config: containerConfig(pod, spec), sandboxConfig: pod.config };
    return (await runtime.createContainer(request)).containerId;
  };
  const startContainer = async (containerId: string) => void (await runtime.startContainer({ containerId }));

  return {
    cri,
    runPod: async (spec) => {
      const { name, namespace = 'default', uid = `${name}-${randomBytes(4).toString('hex')}` } = spec;
      const config = podConfig({ ...spec, namespace, uid });
      const { podSandboxId: id } = await runtime.runPodSandbox({ config });
      podIds.add(id);
      return { id, uid, name, namespace, config };
    },
    createContainer,
    startContainer,
    runContainer: async (pod, spec) => {
      const id = await createContainer(pod, spec);
      await startContainer(id);
      return id;
    },
    stopContainer: async (containerId, timeoutSeconds = 0) => {
      await runtime.stopContainer({ containerId, timeout: BigInt(timeoutSeconds) });
    },
    removeContainer: async (containerId) => void (await runtime.removeContainer({ containerId })),
    stopPod,
    removePod,
    containerStatus: async (containerId) => (await runtime.containerStatus({ containerId })).status!,
    podStatus: async (podSandboxId) => (await runtime.podSandboxStatus({ podSandboxId })).status!,
    containerPid: async (containerId) =>
      pidIn((await runtime.containerStatus({ containerId, verbose: true })).info),
    podPid: async (podSandboxId) =>
      pidIn((await runtime.podSandboxStatus({ podSandboxId, verbose: true })).info),
    recordEvents: () => {
      const tape = new EventTape(runtime.getContainerEvents({}));
      tapes.add(tape);
      return tape;
    },
    close: async () => {
      for (const tape of tapes) tape.cancel();
      for (const id of podIds) {
        await stopPod(id);
        await removePod(id);
      }
      cri.close();
    },
  };
};

const podConfig = ({
  name,
  namespace,
  uid,
  attempt = 0,
  hostNetwork = true,
  logDirectory = '',
  cgroupParent = '',
  labels,
  annotations = {},
}: PodSpec & { readonly namespace: string; readonly uid: string }): Pod['config'] => ({
  metadata: { name, namespace, uid, attempt },
  logDirectory,
  labels: {
    [kubeletLabels.podName]: name,
    [kubeletLabels.podNamespace]: namespace,
    [kubeletLabels.podUid]: uid,
    ...labels,
  },
  annotations,
  linux: { cgroupParent, securityContext: { namespaceOptions: namespaces(hostNetwork) } },
});

const namespaces = (hostNetwork: boolean) => ({
  network: hostNetwork ? NamespaceMode.NODE : NamespaceMode.POD,
  pid: NamespaceMode.CONTAINER,
});

const containerConfig = (
  pod: Pod,
  {
    name = 'main',
    attempt = 0,
    command = [],
    args = [],
    env = {},
    workingDir = '',
    logPath = '',
    image = testImage,
    labels,
    annotations,
  }: ContainerSpec,
): MessageInitShape<typeof ContainerConfigSchema> => ({
  metadata: { name, attempt },
  image: { image, userSpecifiedImage: image },
  command: [...command],
  args: [...args],
  envs: Object.entries(env).map(([key, value]) => ({ key, value: Buffer.from(value) })),
  workingDir,
  logPath,
  labels: {
    [kubeletLabels.podName]: pod.name,
    [kubeletLabels.podNamespace]: pod.namespace,
    [kubeletLabels.podUid]: pod.uid,
    [kubeletLabels.containerName]: name,
    ...labels,
  },
  annotations: { [kubeletAnnotations.restartCount]: String(attempt), ...annotations },
  linux: {
    securityContext: { namespaceOptions: pod.config.linux?.securityContext?.namespaceOptions ?? {} },
  },
});

/** containerd and the embedded runtime answer a verbose status with JSON that names the pid. */
const pidIn = ({ info }: Record<string, string>): number => {
  const { pid } = JSON.parse(info ?? '{}') as { pid?: number };
  if (!pid) throw new Error(`the runtime names no pid: ${info ?? 'no verbose info'}`);
  return pid;
};

import {
  ContainerState,
  type ContainerFilter,
  type PodSandboxFilter,
  type RuntimeService,
} from '../cri/gen/runtime/v1/api_pb.ts';
import { invalidArgument } from './call-error.ts';
import type { ContainerService } from './container-service.ts';
import { containerItem, containerStatus, type Container } from './container.ts';
import type { EventHub } from './event-hub.ts';
import type { RuntimeFaults } from './faults.ts';
import type { Implementation } from './grpc-binding.ts';
import { matchesContainer, matchesSandbox } from './list-filter.ts';
import type { PodService } from './pod-service.ts';
import type { RecordStore } from './record-store.ts';
import { describeRuntime, runtimeVersion } from './runtime-description.ts';
import { sandboxItem, sandboxStatus, type Sandbox } from './sandbox.ts';
import { shuffle } from './shuffle.ts';

/** Records in one message of StreamPodSandboxes and StreamContainers. */
const recordsPerBatch = 100;

export interface RuntimeServiceOptions {
  readonly sandboxes: RecordStore<Sandbox>;
  readonly containers: RecordStore<Container>;
  readonly podService: PodService;
  readonly containerService: ContainerService;
  readonly hub: EventHub;
  readonly faults: RuntimeFaults;
}

/** CRI's RuntimeService, call by call. What is not here, gRPC answers with UNIMPLEMENTED. */
export const createRuntimeService = (
  options: RuntimeServiceOptions,
): Implementation<typeof RuntimeService> => {
  const { podService, containerService, hub, faults } = options;
  const order = <T>(records: T[]): T[] => (faults.isListOrderRandom ? shuffle(records) : records);
  const listSandboxes = (filter: PodSandboxFilter | undefined) =>
    order(options.sandboxes.values().filter((each) => matchesSandbox(filter, each))).map(sandboxItem);
  const listContainers = (filter: ContainerFilter | undefined) =>
    order(options.containers.values().filter((each) => matchesContainer(filter, each))).map(containerItem);

  return {
    version: () => runtimeVersion,
    status: ({ verbose }) => describeRuntime(verbose),

    runPodSandbox: (request) => ({ podSandboxId: podService.run(request).id }),
    stopPodSandbox: async ({ podSandboxId }) => {
      await podService.stop(required(podSandboxId, 'pod_sandbox_id'));
      return {};
    },
    removePodSandbox: async ({ podSandboxId }) => {
      await podService.remove(required(podSandboxId, 'pod_sandbox_id'));
      return {};
    },
    podSandboxStatus: ({ podSandboxId, verbose }) => {
      const sandbox = podService.find(required(podSandboxId, 'pod_sandbox_id'));
      return { status: sandboxStatus(sandbox), info: verbose ? { info: '{}' } : {} };
    },
    listPodSandbox: ({ filter }) => ({ items: listSandboxes(filter) }),
    streamPodSandboxes: ({ filter }, answers) =>
      sendBatches(listSandboxes(filter), (podSandboxes) => answers.send({ podSandboxes })),

    createContainer: (request) => {
      const sandbox = podService.find(required(request.podSandboxId, 'pod_sandbox_id'));
      return { containerId: containerService.create(request, sandbox).id };
    },
    startContainer: async ({ containerId }) => {
      await containerService.start(required(containerId, 'container_id'));
      return {};
    },
    stopContainer: async ({ containerId, timeout }) => {
      await containerService.stop(required(containerId, 'container_id'), Number(timeout) * 1000);
      return {};
    },
    removeContainer: async ({ containerId }) => {
      await containerService.remove(required(containerId, 'container_id'));
      return {};
    },
    containerStatus: ({ containerId, verbose }) => {
      const container = containerService.find(required(containerId, 'container_id'));
      return { status: containerStatus(container), info: verbose ? { info: infoOf(container) } : {} };
    },
    listContainers: ({ filter }) => ({ containers: listContainers(filter) }),
    streamContainers: ({ filter }, answers) =>
      sendBatches(listContainers(filter), (containers) => answers.send({ containers })),

    getContainerEvents: (_request, answers) => hub.open(answers),
  };
};

const required = (value: string, field: string): string => {
  if (value === '') throw invalidArgument(`${field} is empty, expected an id`);
  return value;
};

const sendBatches = <T>(records: readonly T[], send: (batch: T[]) => void): void => {
  for (let from = 0; from < records.length; from += recordsPerBatch) {
    send(records.slice(from, from + recordsPerBatch));
  }
};

/** What `crictl inspect` shows beside the status; containerd names the process the same way. */
const infoOf = ({ sandbox, phase }: Container): string =>
  JSON.stringify({
    sandboxID: sandbox.id,
    pid: phase.state === ContainerState.CONTAINER_RUNNING ? phase.process.pid : 0,
  });

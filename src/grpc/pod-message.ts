import type { MessageInitShape } from '@bufbuild/protobuf';
import { type Timestamp, timestampFromDate } from '@bufbuild/protobuf/wkt';
import type { ContainerView, PodView, SandboxView } from '../server/agent-view.ts';
import { ContainerState, type PodSchema, SandboxState } from './gen/plegd/v1/api_pb.ts';

const sandboxStates: Readonly<Record<SandboxView['state'], SandboxState>> = {
  ready: SandboxState.READY,
  notready: SandboxState.NOTREADY,
};

const containerStates: Readonly<Record<ContainerView['state'], ContainerState>> = {
  created: ContainerState.CREATED,
  running: ContainerState.RUNNING,
  exited: ContainerState.EXITED,
  unknown: ContainerState.UNKNOWN,
};

/** An ISO 8601 stamp on the wire. */
export const timestamp = (iso: string): Timestamp => timestampFromDate(new Date(iso));

/** A pod on the wire. */
export const podMessage = (pod: PodView): MessageInitShape<typeof PodSchema> => ({
  uid: pod.uid,
  namespace: pod.namespace,
  name: pod.name,
  ips: [...pod.ips],
  ...(pod.inspectedAt === undefined ? {} : { inspectedAt: timestamp(pod.inspectedAt) }),
  error: pod.error ?? '',
  sandboxes: pod.sandboxes.map(({ id, state, createdAt }) => ({
    id,
    state: sandboxStates[state],
    createdAt: timestamp(createdAt),
  })),
  containers: pod.containers.map((container) => ({
    id: container.id,
    name: container.name,
    state: containerStates[container.state],
    createdAt: timestamp(container.createdAt),
    ...(container.startedAt === undefined ? {} : { startedAt: timestamp(container.startedAt) }),
    ...(container.finishedAt === undefined ? {} : { finishedAt: timestamp(container.finishedAt) }),
    ...(container.exitCode === undefined ? {} : { exitCode: container.exitCode }),
    reason: container.reason ?? '',
    message: container.message ?? '',
    restartCount: container.restartCount,
    image: container.image,
  })),
});

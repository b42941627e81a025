import type {
  Container,
  ContainerState,
  ContainerStatus,
  PodIdentity,
  PodSandboxStatus,
} from '../../../src/cri/runtime-service.ts';
import { isListed, type PartSpec, type PartState } from './part.ts';

export const identityOf = (podUid: string): PodIdentity => ({
  podUid,
  podName: podUid,
  podNamespace: 'default',
});

/** What the runtime says of a part in each state of its life; made once, for worlds are made often. */
interface Records {
  readonly sandboxes: ReadonlyMap<PartState, PodSandboxStatus>;
  readonly containers: ReadonlyMap<PartState, Container & ContainerStatus>;
}

const known = new WeakMap<PartSpec, Records>();

export const recordsOf = (spec: PartSpec): Records => {
  let records = known.get(spec);
  if (!records) {
    const states = spec.life.map(({ to }) => to).filter(isListed);
    records = {
      sandboxes: new Map(spec.isSandbox ? states.map((state) => [state, sandboxOf(spec, state)]) : []),
      containers: new Map(spec.isSandbox ? [] : states.map((state) => [state, containerOf(spec, state)])),
    };
    known.set(spec, records);
  }
  return records;
};

const sandboxOf = ({ id, podUid }: PartSpec, state: PartState): PodSandboxStatus => ({
  ...identityOf(podUid),
  id,
  state: state === 'running' ? 'ready' : 'notready',
  createdAtNs: 1n,
  ips: [],
});

const containerOf = ({ id, podUid, sandboxId }: PartSpec, state: PartState): Container & ContainerStatus => ({
  ...identityOf(podUid),
  podSandboxId: sandboxId,
  id,
  name: id,
  state: state as ContainerState,
  createdAtNs: 1n,
  startedAtNs: 0n,
  finishedAtNs: 0n,
  exitCode: state === 'exited' ? 0 : undefined,
  reason: '',
  message: '',
  image: '',
  imageId: '',
  hash: undefined,
  restartCount: 0,
});

import type { PodLifecycleEvent } from './lifecycle-event.ts';
import type { UnnumberedEvent } from './lifecycle-log.ts';
import type { InspectionAnswers } from './observation.ts';
import type { PendingEvent, PodRecord } from './pod-record.ts';
import { byNewest, preservePodIps, type PodStatus } from './pod-status.ts';

/** The status that one inspection makes; addresses only of the newest sandbox, as kubelet has it. */
export const podStatusOf = (
  { podUid, podName, podNamespace }: PodRecord,
  { podSandboxes, containers }: InspectionAnswers,
  cached: PodStatus,
): PodStatus => {
  const sandboxes = [...podSandboxes].sort(byNewest);
  const newest = sandboxes[0];
  return preservePodIps(
    {
      podUid,
      podName,
      podNamespace,
      ips: newest?.state === 'ready' ? newest.ips : [],
      sandboxes,
      containers: [...containers].sort(byNewest),
    },
    cached,
  );
};

/** What subscribers are told of a change, with what the cache knows of the container by now. */
export const lifecycleEventOf = (
  { podUid, podName, podNamespace }: PodRecord,
  pending: PendingEvent,
  status: PodStatus,
): UnnumberedEvent => {
  const { type, source, observedAt } = pending;
  const { id: containerId, name, isSandbox } = pending.container;
  const container = status.containers.find(({ id }) => id === containerId);
  const exit = type === 'ContainerDied' ? exitOf(pending, container) : {};
  const stampNs = pending.runtimeTimeNs ?? stampOf(type, container);
  return {
    type,
    podUid,
    podNamespace,
    podName,
    containerId,
    ...(name === '' ? {} : { containerName: name }),
    sandbox: isSandbox,
    source,
    ...(stampNs === undefined || stampNs === 0n ? {} : { runtimeTime: stampNs.toString() }),
    observedAt,
    ...exit,
  };
};

type Container = PodStatus['containers'][number] | undefined;

/** The inspected end wins: a reason such as OOMKilled may come after the event. */
const exitOf = (
  pending: PendingEvent,
  container: Container,
): Pick<PodLifecycleEvent, 'exitCode' | 'reason'> => {
  const { exitCode, reason } = container?.state === 'exited' ? container : (pending.container.exit ?? {});
  return { ...(exitCode === undefined ? {} : { exitCode }), ...(reason ? { reason } : {}) };
};

/** Where no event brought the change, the runtime's own stamp of it. */
const stampOf = (type: PendingEvent['type'], container: Container): bigint | undefined => {
  if (type === 'ContainerStarted') return container?.startedAtNs;
  return type === 'ContainerDied' ? container?.finishedAtNs : undefined;
};

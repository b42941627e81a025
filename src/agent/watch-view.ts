import type { ContainerStatus, PodSandboxStatus } from '../cri/runtime-service.ts';
import type { ContainerEntry } from '../pleg/container-registry.ts';
import type { PodStatus } from '../pleg/pod-status.ts';
import type { ContainerView, SandboxView } from '../server/agent-view.ts';
import type { ChipState, ContainerChip, ContainerDetail, PodRow, WatchView } from '../server/watch-view.ts';
import type { NodePleg } from './node-pleg.ts';
import { statePath } from './state-path.ts';

export interface WatchViewOptions {
  readonly pleg: NodePleg;
  readonly containerView: (status: ContainerStatus) => ContainerView;
  readonly sandboxView: (status: PodSandboxStatus) => SandboxView;
  readonly isoFromMonotonic: (ms: number) => string;
}

/** What the page shows of a running PLEG; nothing is kept for it, everything is read when it asks. */
export const createWatchView = ({
  pleg,
  containerView,
  sandboxView,
  isoFromMonotonic,
}: WatchViewOptions): WatchView => {
  const { merge, cache } = pleg;

  const podRow = (podUid: string): PodRow | undefined => {
    const pod = merge.pod(podUid);
    if (!pod) return undefined;
    const { status, error } = cache.get(podUid);
    return {
      uid: podUid,
      namespace: pod.podNamespace,
      name: pod.podName,
      changedMs: newestStampMs(status),
      ...(error ? { problem: error.message } : {}),
      containers: [...pod.containerIds].flatMap((id) => {
        const entry = merge.registry.get(id);
        return entry && entry.state !== 'nonexistent' ? [chipOf(entry)] : [];
      }),
    };
  };

  const container = (id: string): ContainerDetail | undefined => {
    const entry = merge.registry.get(id);
    const pod = entry && merge.pod(entry.podUid);
    if (!pod) return undefined;
    const { status, error, observedMs } = cache.getEntry(pod.podUid);
    const inspectedMs = error ? undefined : observedMs;
    const containerStatus = status.containers.find((each) => each.id === id);
    const sandboxStatus = status.sandboxes.find((each) => each.id === id);
    const view = containerStatus
      ? containerView(containerStatus)
      : sandboxStatus && sandboxView(sandboxStatus);
    return {
      id,
      name: entry.name,
      isSandbox: entry.isSandbox,
      path: statePath(entry.actor.getSnapshot().value),
      pod: {
        uid: pod.podUid,
        namespace: pod.podNamespace,
        name: pod.podName,
        ips: status.ips,
        ...(inspectedMs === undefined ? {} : { inspectedAt: isoFromMonotonic(inspectedMs) }),
        ...(error ? { problem: error.message } : {}),
      },
      ...(view ? { status: view } : {}),
    };
  };

  return {
    *podUids() {
      for (const { podUid } of merge.pods()) yield podUid;
    },
    podRow,
    container,
    supervisorHistory: () => pleg.supervision.history,
    vitals: (after) => ({ currentIndex: pleg.vitals.currentIndex, slices: pleg.vitals.slices(after) }),
    keptEvents: (since) => pleg.log.kept(since),
  };
};

const chipOf = ({ id, name, isSandbox, state, actor, exit }: ContainerEntry): ContainerChip => ({
  id,
  name,
  isSandbox,
  state: actor.getSnapshot().matches({ unknown: 'created' }) ? 'created' : (state as ChipState),
  ...(state !== 'exited' || exit?.exitCode === undefined ? {} : { exitCode: exit.exitCode }),
  ...(state !== 'exited' || !exit?.reason ? {} : { reason: exit.reason }),
});

const newestStampMs = ({ containers, sandboxes }: PodStatus): number => {
  let newestNs = 0n;
  for (const { createdAtNs, startedAtNs, finishedAtNs } of containers) {
    for (const stampNs of [createdAtNs, startedAtNs, finishedAtNs]) {
      if (stampNs > newestNs) newestNs = stampNs;
    }
  }
  for (const { createdAtNs } of sandboxes) if (createdAtNs > newestNs) newestNs = createdAtNs;
  return Number(newestNs / 1_000_000n);
};

import type { ContainerStatus, PodIdentity, PodSandboxStatus } from '../cri/runtime-service.ts';

/** kubelet's `PodStatus`: all that one inspection learned of a pod. */
export interface PodStatus extends PodIdentity {
  /** Of the newest sandbox if it is ready; kept from before for a pod that has ended. */
  readonly ips: readonly string[];
  /** Newest first. */
  readonly sandboxes: readonly PodSandboxStatus[];
  /** Newest first. */
  readonly containers: readonly ContainerStatus[];
}

/** kubelet's default answer for a pod that nothing is known of. */
export const emptyPodStatus = (podUid: string): PodStatus => ({
  podUid,
  podName: '',
  podNamespace: '',
  ips: [],
  sandboxes: [],
  containers: [],
});

interface Created {
  readonly id: string;
  readonly createdAtNs: bigint;
}

/** Newest first, ids breaking ties, as kubelet sorts pods, sandboxes and containers. */
export const byNewest = (a: Created, b: Created): number => {
  if (a.createdAtNs !== b.createdAtNs) return a.createdAtNs > b.createdAtNs ? -1 : 1;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
};

/**
 * kubelet's `getPodIPs`: new addresses win; else, unless some sandbox is ready, the addresses known before
 * stay, because a finished pod still shows where it was.
 */
export const preservePodIps = (status: PodStatus, cached: PodStatus | undefined): PodStatus => {
  if (status.ips.length > 0 || !cached || cached.ips.length === 0) return status;
  if (status.sandboxes.some(({ state }) => state === 'ready')) return status;
  return { ...status, ips: cached.ips };
};

import { formatDuration } from '../lib/duration.ts';

/** When PLEG was last seen active and how old that may be. */
export interface PlegHealthInput {
  readonly nowMs: number;
  /** Beginning of the last relist that succeeded, monotonic ms; `undefined` before the first. */
  readonly relistMs: number | undefined;
  readonly thresholdMs: number;
  /**
   * Since when the threshold holds, monotonic ms: a degradation shortens it, and the relist period before
   * was longer. @default since ever
   */
  readonly sinceMs?: number | undefined;
}

/** kubelet's `Healthy` (pkg/kubelet/pleg/generic.go): `undefined` when healthy, else kubelet's words. */
export const plegProblem = ({
  nowMs,
  relistMs,
  thresholdMs,
  sinceMs = Number.NEGATIVE_INFINITY,
}: PlegHealthInput): string | undefined => {
  if (relistMs === undefined) return 'pleg has yet to be successful';
  const elapsedMs = nowMs - relistMs;
  if (elapsedMs <= thresholdMs || nowMs - sinceMs <= thresholdMs) return undefined;
  return `pleg was last seen active ${formatDuration(elapsedMs)} ago; threshold is ${formatDuration(thresholdMs)}`;
};

/** kubelet's `maxWaitForContainerRuntime` (pkg/kubelet/kubelet.go). */
export const maxRuntimeSilenceMs = 30_000;

/** kubelet's `runtimeErrors` (pkg/kubelet/runtime.go), the part about the runtime itself. */
export const runtimeProblem = (nowMs: number, lastSyncMs: number | undefined): string | undefined => {
  if (lastSyncMs === undefined) return 'container runtime status check may not have completed yet';
  return nowMs - lastSyncMs >= maxRuntimeSilenceMs ? 'container runtime is down' : undefined;
};

/** What PLEG knows of a container; kubelet's `plegContainerState` (pkg/kubelet/pleg/generic.go). */
export type PlegContainerState = 'running' | 'exited' | 'unknown' | 'nonexistent';

/** What a container machine emits for a change; kubelet computes `ContainerChanged` and never sends it. */
export type ContainerLifecycleType =
  'ContainerStarted' | 'ContainerDied' | 'ContainerRemoved' | 'ContainerChanged';

/** kubelet's `RelistDuration` (pkg/kubelet/pleg/pleg.go). */
export interface RelistDuration {
  /** From the end of one relist to the start of the next, milliseconds. */
  readonly periodMs: number;
  /** A relist older than this makes PLEG unhealthy, milliseconds. */
  readonly thresholdMs: number;
}

/** What produces lifecycle events: the event stream with a slow relist behind it, or relists alone. */
export type PlegMode = 'evented' | 'generic';

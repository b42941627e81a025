/** What PLEG knows of a container; kubelet's `plegContainerState` (pkg/kubelet/pleg/generic.go). */
export type PlegContainerState = 'running' | 'exited' | 'unknown' | 'nonexistent';

/** What a container machine emits for a change; kubelet computes `ContainerChanged` and never sends it. */
export type ContainerLifecycleType =
  'ContainerStarted' | 'ContainerDied' | 'ContainerRemoved' | 'ContainerChanged';

/** What subscribers can see of a pod; kubelet's names (pkg/kubelet/pleg/pleg.go). */
export type LifecycleEventType = 'ContainerStarted' | 'ContainerDied' | 'ContainerRemoved' | 'PodSync';

/** What brought the change to light: the runtime's event stream, or a list or status that plegd asked for. */
export type EvidenceSource = 'event' | 'relist';

/** One entry of the lifecycle log. JSON-ready: stamps are strings. */
export interface PodLifecycleEvent {
  /** Resume after this number and nothing is missed. */
  readonly seq: number;
  readonly type: LifecycleEventType;
  readonly podUid: string;
  readonly podNamespace: string;
  readonly podName: string;
  /** Missing only for a PodSync. A sandbox has its sandbox id here. */
  readonly containerId?: string;
  readonly containerName?: string;
  readonly sandbox?: boolean;
  readonly source: EvidenceSource;
  /** When the runtime made the event, nanoseconds as a decimal string; missing where no event said it. */
  readonly runtimeTime?: string;
  /** When plegd saw the change, ISO 8601. */
  readonly observedAt: string;
  readonly exitCode?: number;
  readonly reason?: string;
  /** The pod's status could not be read: the cache may be older than this event. */
  readonly inspection?: 'failed';
}

/** Stands for events that a subscriber will not get; one PodSync per live pod follows. */
export interface GapMarker {
  readonly type: 'Gap';
  /** Resume point: the last number before the gap, until the snapshot behind it is complete. */
  readonly seq: number;
  readonly from: number;
  readonly to: number;
}

export type LogEntry = PodLifecycleEvent | GapMarker;

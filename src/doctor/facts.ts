import type { CriErrorCode } from '../cri/cri-error.ts';
import type { RuntimeCondition } from '../cri/runtime-service.ts';
import type { FileSystemSize } from './host.ts';
import type { Seen } from './seen.ts';

/** All that one examination saw. JSON-ready; every probe fills one field. */
export interface Facts {
  /** `unix:///path` of the runtime's socket. */
  readonly endpoint: string;
  readonly windowMs: number;
  readonly runtime: Seen<RuntimeFact>;
  readonly lists: Seen<ListsFact>;
  readonly statuses: Seen<StatusesFact>;
  readonly churn: Seen<ChurnFact>;
  readonly stream: Seen<StreamFact>;
  readonly clients: Seen<ClientsFact>;
  readonly processes: Seen<ProcessesFact>;
  readonly runtimeProcess: Seen<RuntimeProcessFact>;
  readonly pressure: Seen<PressureFact>;
  readonly disk: Seen<readonly DiskFact[]>;
  readonly bus: Seen<BusFact>;
  readonly clock: Seen<ClockFact>;
  readonly kubeletHealth: Seen<KubeletHealthFact>;
  readonly kubeletPleg: Seen<KubeletPlegFact>;
  readonly agent: Seen<AgentFact>;
}

/** One CRI call and how it went. */
export interface CallFact {
  readonly method: string;
  readonly durationMs: number;
  /** DEADLINE_EXCEEDED where it was given up after `durationMs`. */
  readonly code: CriErrorCode;
  /** For people; empty when the code is OK. */
  readonly problem: string;
}

export interface RuntimeFact {
  readonly version: CallFact;
  /** Empty where Version did not answer. */
  readonly name: string;
  readonly release: string;
  readonly status: CallFact;
  readonly conditions: readonly RuntimeCondition[];
}

export interface PodName {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly podSandboxId: string;
}

export interface ListFact {
  readonly call: CallFact;
  /** Of the answer, or of the one that was too long; `undefined` where there was none. */
  readonly bytes: number | undefined;
  readonly total: number;
  /** Exited containers; sandboxes that are not ready. */
  readonly dead: number;
}

/** Whose dead things lie around. */
export interface DeadOwner {
  readonly namespace: string;
  /** A pod's name, or a pattern such as `backup-*` for what a controller names. */
  readonly pods: string;
  readonly containers: number;
  readonly sandboxes: number;
}

export interface ListsFact {
  readonly sandboxes: ListFact;
  readonly containers: ListFact;
  /** Most first. */
  readonly deadOwners: readonly DeadOwner[];
  /** Of containers and sandboxes, furthest first. */
  readonly fromTheFuture: readonly { readonly id: string; readonly pod: PodName; readonly aheadMs: number }[];
}

/** One PodSandboxStatus or ContainerStatus. */
export interface StatusFact {
  readonly pod: PodName;
  readonly container?: { readonly id: string; readonly name: string };
  readonly call: CallFact;
}

export interface StatusesFact {
  readonly asked: number;
  readonly answered: number;
  /** Not asked, for want of time. */
  readonly unasked: number;
  readonly deadlineMs: number;
  readonly hanging: readonly StatusFact[];
  /** Failed for another reason than that the thing is gone. */
  readonly failed: readonly StatusFact[];
  /** The slowest that answered, slowest first. */
  readonly slowest: readonly StatusFact[];
  /** What one pod's inspection takes one call after the other, as kubelet does it. */
  readonly meanPodMs: number;
}

/** What differed between two lists. */
export interface ChurnFact {
  readonly betweenMs: number;
  readonly changedPods: number;
  readonly changedContainers: number;
}

export interface Unannounced {
  readonly containerId: string;
  readonly containerName: string;
  readonly pod: PodName;
  readonly change: 'appeared' | 'started' | 'died' | 'vanished';
}

export interface StreamFact {
  /** Why the stream was left alone; nothing else was seen then. */
  readonly leftAlone?: string;
  /** Missing while it was open to the end of the window. */
  readonly end?: { readonly code: CriErrorCode; readonly problem: string; readonly afterMs: number };
  readonly events: number;
  /** Made before the stream was opened. */
  readonly replayed: number;
  /** Between the runtime's stamp and our reading, the longest; 0 without events. */
  readonly longestLagMs: number;
  /** The lists that it was compared with. */
  readonly listCalls: readonly CallFact[];
  /** Changes that the lists showed while the stream was open; `undefined` where the lists did not come. */
  readonly changes: number | undefined;
  readonly unannounced: readonly Unannounced[];
}

export interface Connection {
  readonly pid: number;
  readonly name: string;
  /** What the runtime has sent and this process has read at neither end of the window. */
  readonly unreadBytes: number;
}

export interface ClientsFact {
  /** Beside our own. */
  readonly connectionCount: number;
  /** `undefined` where nobody could tell who they are. */
  readonly connections: readonly Connection[] | undefined;
}

export type ProcessRole = 'runtime' | 'shim' | 'oci' | 'cni' | 'kubelet' | 'other';

export interface ProcessFact {
  readonly pid: number;
  readonly name: string;
  readonly role: ProcessRole;
  /** One letter of proc(5): R, S, D, Z, T and so on. */
  readonly state: string;
  /** Where the kernel holds it; empty where it does not say. */
  readonly wchan: string;
  readonly ageMs: number;
  readonly pod?: PodName;
}

/** What held in every sample over the window. */
export interface ProcessesFact {
  readonly overMs: number;
  readonly uninterruptible: readonly ProcessFact[];
  /** Children of a runtime, a shim or a kubelet. */
  readonly defunct: readonly ProcessFact[];
  readonly defunctTotal: number;
  /** Runtimes, shims, OCI runtimes, CNI plugins and kubelets that a signal or a debugger holds. */
  readonly stopped: readonly ProcessFact[];
  readonly childlessShims: readonly ProcessFact[];
  /** CNI plugins and OCI runtimes, which have no reason to be old; oldest first. */
  readonly helpers: readonly ProcessFact[];
  /** OCI runtimes that run a command in a container, in the fullest sample. */
  readonly execs: number;
  readonly threads: number;
  readonly threadLimit: number | undefined;
}

export interface RuntimeProcessFact {
  readonly pid: number;
  readonly name: string;
  readonly state: string;
  readonly threads: number;
  readonly openFiles: number;
  readonly openFilesLimit: number | undefined;
  /** Where the runtime keeps its data, as its open files show it. */
  readonly root?: string;
}

export interface Stall {
  /** Percent of the last minute in which somebody, or everybody, waited. */
  readonly someAvg60: number;
  readonly fullAvg60: number;
}

export interface PressureFact {
  readonly cpu: Stall | undefined;
  readonly io: Stall | undefined;
  readonly memory: Stall | undefined;
  /** Processes that the kernel killed for want of memory within the window. */
  readonly oomKills: number;
  /** Of the runtime's own cgroup (v2); missing fields are not limited or not told. */
  readonly runtimeCgroup?: {
    readonly path: string;
    readonly pids?: number;
    readonly pidsMax?: number;
    readonly memoryBytes?: number;
    readonly memoryMaxBytes?: number;
    /** Of the periods within the window, the share in which it was held back, 0 to 1. */
    readonly throttledShare?: number;
  };
  /** Scopes of containers that the runtime does not know (v2, systemd driver). */
  readonly leakedScopes: readonly string[];
}

export interface DiskFact extends FileSystemSize {
  readonly path: string;
}

/** `absent`: not on this machine. A number: answered after so many milliseconds. Else what went wrong. */
export type BusAnswer = 'absent' | { readonly answeredMs: number } | { readonly problem: string };

export interface BusFact {
  readonly systemd: BusAnswer;
  readonly dbus: BusAnswer;
}

export interface ClockFact {
  /** By how much the wall clock went ahead of (or fell behind) the monotonic one within the window. */
  readonly stepMs: number;
}

export interface KubeletHealthFact {
  readonly url: string;
  readonly status: number;
  readonly body: string;
}

export interface KubeletPlegFact {
  readonly url: string;
  /** Between the two looks. */
  readonly betweenMs: number;
  readonly relists: number;
  /** Of those; `undefined` without any. */
  readonly meanRelistMs: number | undefined;
  readonly discardedEvents: number;
  /** `undefined` where the kubelet does not tell. */
  readonly lastSeenAgeMs: number | undefined;
  /** Whether the kubelet reads the runtime's event stream. */
  readonly isEvented: boolean;
  /** Exec probes and `kubectl exec` begun between the two looks. */
  readonly execs: number;
}

export interface AgentFact {
  readonly url: string;
  readonly ok: boolean;
  readonly message: string;
  /** What else the agent counts against health; empty for an agent that tells no levels. */
  readonly degradations: readonly string[];
  readonly mode: string;
  readonly streamState: string;
  readonly missedEvents: number;
  readonly stuck: readonly string[];
}

import type { LogEntry } from '../pleg/lifecycle-event.ts';
import type { WatchView } from './watch-view.ts';

/** What the server and the commands show of a running agent. Everything here is JSON-ready. */
export interface AgentView {
  status(): AgentStatus;
  health(): HealthReport;
  pods(): PodView[];
  /** `undefined` for a pod that is not there. */
  pod(uid: string): PodView | undefined;
  /** Waits until the pod has been looked at after a moment; rejects with the reason of the signal. */
  podNewerThan(uid: string, options: NewerThanOptions): Promise<PodView | undefined>;
  /** The text of GET /metrics and its content type. */
  metrics(): Promise<{ readonly contentType: string; readonly text: string }>;
  /**
   * Follows the lifecycle log. Ends when `signal` aborts or the agent stops. A subscriber that falls behind
   * gets a Gap and one PodSync per live pod.
   */
  subscribe(options: SubscribeOptions): AsyncIterable<LogEntry>;
  /** What the page shows beside this. */
  readonly watch: WatchView;
}

export interface SubscribeOptions {
  /** Events after this number, behind a Gap where it is too old; without it, only what comes from now on. */
  readonly since?: number;
  readonly signal: AbortSignal;
}

export interface NewerThanOptions {
  /**
   * Nanoseconds since 1970. Taken against the wall clock of the moment of the call: that clock may be stepped
   * between the caller's reading of it and the call, and then the wait is that much off.
   */
  readonly newerThanNs: bigint;
  readonly signal: AbortSignal;
}

/** One line of /healthz?verbose. */
export interface HealthCheck {
  readonly name: string;
  readonly ok: boolean;
  /** Kubelet's words where kubelet has them; empty when ok. */
  readonly message: string;
}

/** Something that works worse than it should while the node as a whole is healthy. */
export interface Degradation {
  readonly name: string;
  /** Without ages, so that the same trouble keeps the same text. */
  readonly message: string;
}

export interface HealthReport {
  readonly ok: boolean;
  /** The first failing check in kubelet's words, such as `PLEG is not healthy: pleg has yet to be successful`. */
  readonly message: string;
  readonly checks: readonly HealthCheck[];
  readonly degradations: readonly Degradation[];
}

export type PlegMode = 'evented' | 'generic';

export interface AgentStatus {
  readonly health: HealthReport;
  /** What serves events now, not what was asked for. */
  readonly mode: PlegMode;
  readonly configuredMode: PlegMode;
  readonly startedAt: string;
  readonly supervisor: {
    /** State path of the supervisor machine, such as `degrading.stoppingGeneric`. */
    readonly state: string;
    readonly since: string;
    /** Why the last degradation happened; missing if none did. */
    readonly lastDegradation?: { readonly at: string; readonly reason: string };
    readonly streamFailuresInARow: number;
  };
  readonly relist: {
    readonly periodMs: number;
    readonly thresholdMs: number;
    /** Start of the last successful relist; missing before the first. */
    readonly lastSuccessAt?: string;
    readonly lastSuccessAgeMs?: number;
    readonly lastDurationMs?: number;
    /** Age of the relist under way; missing when none is. */
    readonly inFlightMs?: number;
    /** Why the last relist failed; missing when it did not. */
    readonly lastError?: string;
  };
  readonly stream: {
    /** `open`: called and not ended; no runtime says more before its first event. */
    readonly state: 'off' | 'open' | 'down';
    readonly since: string;
    readonly reconnects: number;
    readonly events: number;
    readonly lastEventAt?: string;
    readonly lastError?: string;
  };
  readonly runtime: {
    readonly endpoint: string;
    readonly state: 'up' | 'down' | 'unknown';
    readonly name?: string;
    readonly version?: string;
    readonly apiVersion?: string;
    readonly lastError?: string;
  };
  /** Pods whose status cannot be had, the longest first. */
  readonly stuck: readonly StuckPodView[];
  readonly counts: {
    readonly pods: number;
    readonly containers: Readonly<Record<'running' | 'exited' | 'unknown', number>>;
    readonly missedEvents: number;
    readonly ignoredEvents: Readonly<Record<string, number>>;
  };
  readonly log: { readonly firstSeq: number; readonly lastSeq: number };
}

export interface StuckPodView {
  readonly podUid: string;
  readonly podNamespace: string;
  readonly podName: string;
  /** Beginning of the first inspection that did not work. */
  readonly since: string;
  readonly ageMs: number;
  /** The call that hangs or failed last, and the sandbox or container it asks for. */
  readonly call?: { readonly method: string; readonly id: string };
  /** Where the call asks for a container whose name is known. */
  readonly containerName?: string;
  /** Inspections that failed in a row; 0 while the first one hangs. */
  readonly failures: number;
  readonly error?: string;
}

export interface PodView {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly ips: readonly string[];
  /** When the last inspection began; missing before the first, and while it fails. */
  readonly inspectedAt?: string;
  /** Why the last inspection failed; missing when it did not. */
  readonly error?: string;
  readonly sandboxes: readonly SandboxView[];
  readonly containers: readonly ContainerView[];
}

export interface SandboxView {
  readonly id: string;
  readonly state: 'ready' | 'notready';
  readonly createdAt: string;
}

export interface ContainerView {
  readonly id: string;
  readonly name: string;
  readonly state: 'created' | 'running' | 'exited' | 'unknown';
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly exitCode?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly restartCount: number;
  readonly image: string;
}

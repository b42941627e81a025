import type { LogEntry } from '../pleg/lifecycle-event.ts';
import type { VitalSlice } from '../pleg/vital-slice.ts';
import type { ContainerView, SandboxView } from './agent-view.ts';

/** What the page shows beside status and pods: asked for piece by piece, and only while somebody looks. */
export interface WatchView {
  /** Pods that exist now. */
  podUids(): Iterable<string>;
  /** A pod as the container machines have it; undefined for one that is not there. */
  podRow(podUid: string): PodRow | undefined;
  /** All that is known of one container or sandbox; undefined for one that is not there. */
  container(containerId: string): ContainerDetail | undefined;
  /** Oldest first, at most 100. */
  supervisorHistory(): readonly SupervisorMove[];
  vitals(after?: number): { readonly currentIndex: number; readonly slices: readonly VitalSlice[] };
  /** Entries that the log still has with numbers above `since`, oldest first. */
  keptEvents(since: number): Iterable<LogEntry>;
}

/** One line of the list of pods; small, since a node has many. */
export interface PodRow {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** Newest stamp of the runtime on any of its containers, milliseconds since 1970; 0 where there is none. */
  readonly changedMs: number;
  /** Why the last inspection failed; missing when it did not. */
  readonly problem?: string;
  readonly containers: readonly ContainerChip[];
}

/** A container's state in a person's words: the machine's, and `created` for one that never ran. */
export type ChipState = 'created' | 'running' | 'exited' | 'unknown';

export interface ContainerChip {
  readonly id: string;
  /** Empty for a sandbox. */
  readonly name: string;
  readonly isSandbox: boolean;
  readonly state: ChipState;
  readonly exitCode?: number;
  readonly reason?: string;
}

export interface ContainerDetail {
  readonly id: string;
  readonly name: string;
  readonly isSandbox: boolean;
  /** State path of its machine, such as `unknown.created`. */
  readonly path: string;
  readonly pod: {
    readonly uid: string;
    readonly namespace: string;
    readonly name: string;
    readonly ips: readonly string[];
    /** When the last inspection that worked began; missing before the first. */
    readonly inspectedAt?: string;
    readonly problem?: string;
  };
  /** The last status; missing where no inspection has had one. */
  readonly status?: ContainerView | SandboxView;
}

/** A state that the supervisor entered. */
export interface SupervisorMove {
  /** State path, such as `degrading.stoppingGeneric.acting`. */
  readonly path: string;
  readonly at: string;
  /** Why, where there is more to say than that the step before was done. */
  readonly reason?: string;
}

import type { LogEntry } from '../pleg/lifecycle-event.ts';
import type { VitalSlice } from '../pleg/vital-slice.ts';
import type { AgentStatus } from './agent-view.ts';
import type { ContainerDetail, PodRow, SupervisorMove } from './watch-view.ts';

/** What `GET /v1/watch` sends: the name of the server-sent event and its data. */
export interface WatchMessages {
  /** The first one of each connection. */
  readonly hello: {
    readonly startedAt: string;
    readonly slicePeriodMs: number;
    readonly sliceCount: number;
    /** Whether machines can be watched at /stately. */
    readonly isInspectable: boolean;
  };
  /** `changedMs` is when the agent saw the row change, where it has since somebody looks. */
  readonly pods: { readonly upsert: readonly PodRow[]; readonly removed: readonly string[] };
  /** Every pod has been sent once. */
  readonly ready: Record<string, never>;
  /** Entries of the log as they come; of more than a person can read only the newest. */
  readonly events: readonly LogEntry[];
  readonly status: AgentStatus;
  /** All that is remembered, oldest first. */
  readonly history: readonly SupervisorMove[];
  readonly vitals: { readonly currentIndex: number; readonly slices: readonly VitalSlice[] };
}

/** The answer of `GET /v1/watch/events?since=SEQ`. */
export interface KeptEvents {
  readonly entries: readonly LogEntry[];
  readonly firstSeq: number;
  readonly lastSeq: number;
}

/** The answer of `GET /v1/watch/containers/ID`. */
export interface WatchedContainer {
  /** Missing for one that is gone and of which the log still tells. */
  readonly container?: ContainerDetail;
  readonly history: readonly LogEntry[];
}

import type { LogEntry } from '../../src/pleg/lifecycle-event.ts';
import type { VitalSlice } from '../../src/pleg/vital-slice.ts';
import type { ContainerDetail, PodRow, SupervisorMove, WatchView } from '../../src/server/watch-view.ts';

/** What the page is shown; the test sets it. */
export class FakeWatchView implements WatchView {
  readonly rows = new Map<string, PodRow>();
  readonly details = new Map<string, ContainerDetail>();
  history: SupervisorMove[] = [];
  slices: VitalSlice[] = [];
  currentIndex = 0;
  kept: LogEntry[] = [];
  /** How often rows were asked for. */
  rowCount = 0;

  podUids(): Iterable<string> {
    return this.rows.keys();
  }

  podRow(podUid: string): PodRow | undefined {
    this.rowCount += 1;
    return this.rows.get(podUid);
  }

  container(containerId: string): ContainerDetail | undefined {
    return this.details.get(containerId);
  }

  supervisorHistory(): readonly SupervisorMove[] {
    return this.history;
  }

  vitals(after = -1): { currentIndex: number; slices: readonly VitalSlice[] } {
    return { currentIndex: this.currentIndex, slices: this.slices.filter(({ index }) => index > after) };
  }

  keptEvents(since: number): Iterable<LogEntry> {
    return this.kept.filter(({ seq }) => seq > since);
  }
}

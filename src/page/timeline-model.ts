import type { LogEntry } from '../pleg/lifecycle-event.ts';

/** What the timeline shows: an entry, or how many there was no room for. */
export type TimelineLine =
  | { readonly kind: 'entry'; readonly entry: LogEntry }
  | { readonly kind: 'skipped'; readonly from: number; readonly to: number };

/** More than anybody scrolls through. */
export const maxLines = 300;

/** The newest entries of the log, and where the page stopped reading. Nothing here touches the document. */
export class TimelineModel {
  /** Oldest first. */
  readonly lines: TimelineLine[] = [];
  isPaused = false;
  /** Number of the last entry that is shown; undefined before the first. */
  #shownSeq: number | undefined;
  #newestSeq: number | undefined;

  /** Number of the last entry that is shown; where to resume. */
  get shownSeq(): number | undefined {
    return this.#shownSeq;
  }

  /** Entries that came while it was paused. */
  get waitingCount(): number {
    return this.#newestSeq === undefined || this.#shownSeq === undefined
      ? 0
      : Math.max(0, this.#newestSeq - this.#shownSeq);
  }

  /** Takes what the agent sent; returns the lines that are new, none while paused. */
  take(entries: readonly LogEntry[]): TimelineLine[] {
    const last = entries.at(-1);
    if (last) this.#newestSeq = Math.max(last.seq, this.#newestSeq ?? 0);
    // The first thing seen is the place to resume from, paused or not.
    this.#shownSeq ??= (entries[0]?.seq ?? 1) - 1;
    return this.isPaused ? [] : this.#append(entries);
  }

  /** Shows entries that were fetched from `since` on, instead of what is shown. */
  restart(entries: readonly LogEntry[], since: number): void {
    this.lines.length = 0;
    this.#shownSeq = since;
    this.#append(entries);
  }

  /** Shows entries that were fetched after a pause. */
  resume(entries: readonly LogEntry[]): TimelineLine[] {
    this.isPaused = false;
    return this.#append(entries);
  }

  /** Forgets all, as after a restart of the agent, whose numbers begin anew. */
  clear(): void {
    this.lines.length = 0;
    this.#shownSeq = undefined;
    this.#newestSeq = undefined;
  }

  #append(entries: readonly LogEntry[]): TimelineLine[] {
    const added: TimelineLine[] = [];
    for (const entry of entries) {
      const shown = this.#shownSeq ?? entry.seq - 1;
      // What came twice, as after a reconnect; the entries after a Gap share its number.
      if (entry.seq < shown || (entry.seq === shown && entry.type !== 'PodSync' && entry.type !== 'Gap'))
        continue;
      if (entry.seq > shown + 1) added.push({ kind: 'skipped', from: shown + 1, to: entry.seq - 1 });
      added.push({ kind: 'entry', entry });
      this.#shownSeq = entry.seq;
    }
    this.lines.push(...added);
    this.lines.splice(0, this.lines.length - maxLines);
    return added.slice(-maxLines);
  }
}

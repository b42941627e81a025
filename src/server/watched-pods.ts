import type { PodRow, WatchView } from './watch-view.ts';

interface KnownRow {
  /** As the agent gave it, to see whether it changed. */
  readonly json: string;
  /** As viewers get it, with the time of the change. */
  readonly text: string;
}

/** Pods looked at anew on each turn, whether or not an event spoke of them. */
const sweepPerTurn = 100;
/** Pods looked at on one turn at most; the rest wait for the next. */
const refreshPerTurn = 1_000;

/**
 * The rows as viewers last saw them. Events say which to look at again; what no event tells of, such as a
 * failed inspection, a sweep finds, a hundred pods each turn.
 */
export class WatchedPods {
  readonly #view: WatchView;
  readonly #rows = new Map<string, KnownRow>();
  readonly #dirty = new Set<string>();
  #sweep: string[] = [];

  constructor(view: WatchView) {
    this.#view = view;
  }

  uids(): Iterable<string> {
    return this.#rows.keys();
  }

  /** The row as JSON; undefined for a pod that is gone. */
  text(uid: string): string | undefined {
    return this.#rows.get(uid)?.text;
  }

  mark(uid: string): void {
    this.#dirty.add(uid);
  }

  markAll(): void {
    for (const uid of this.#view.podUids()) this.#dirty.add(uid);
    for (const uid of this.#rows.keys()) this.#dirty.add(uid);
  }

  /** Reads some of the marked pods for the first time, with the stamps they come with; false when all are read. */
  fill(limit: number): boolean {
    for (const uid of this.#take(limit)) this.#read(uid, undefined);
    return this.#dirty.size > 0;
  }

  /** Looks at what is marked and at the next part of the sweep; returns the pods that changed. */
  refresh(nowMs: number): string[] {
    if (this.#sweep.length === 0) this.#sweep = [...new Set([...this.#view.podUids(), ...this.#rows.keys()])];
    for (const uid of this.#sweep.splice(-sweepPerTurn)) this.#dirty.add(uid);
    return this.#take(refreshPerTurn).filter((uid) => this.#read(uid, nowMs));
  }

  #take(limit: number): string[] {
    const taken: string[] = [];
    for (const uid of this.#dirty) {
      if (taken.length === limit) break;
      taken.push(uid);
      this.#dirty.delete(uid);
    }
    return taken;
  }

  /** Whether it changed. */
  #read(uid: string, nowMs: number | undefined): boolean {
    const row = this.#view.podRow(uid);
    if (row === undefined) return this.#rows.delete(uid);
    const json = JSON.stringify(row);
    if (this.#rows.get(uid)?.json === json) return false;
    const seen: PodRow = nowMs === undefined ? row : { ...row, changedMs: nowMs };
    this.#rows.set(uid, { json, text: JSON.stringify(seen) });
    return true;
  }
}

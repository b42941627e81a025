import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Logger } from '../lib/log.ts';
import type { Time, TimerHandle } from '../lib/time.ts';
import type { LogEntry } from '../pleg/lifecycle-event.ts';
import type { AgentView } from './agent-view.ts';
import { message, podsMessage, type WatchViewer } from './watch-viewer.ts';
import { WatchedPods } from './watched-pods.ts';

/** A few times a second: what a person can follow. */
const turnMs = 250;
/** Status, history and plots, once a second. */
const turnsPerStatus = 4;
/** Events of one turn that are shown; a person reads fewer. */
const eventsPerTurn = 30;
/** A viewer that takes nothing for this long is gone, milliseconds. */
const maxBehindMs = 30_000;
/** Pods read at once when the first viewer comes; the agent gets a turn in between. */
const fillPerTurn = 250;

export interface WatchSessionOptions {
  readonly view: AgentView;
  readonly time: Time;
  readonly logger: Logger;
}

/** From the first viewer to the last. */
export class WatchSession {
  readonly pods: WatchedPods;
  /** Every pod has been read once. */
  readonly filled: Promise<void>;
  readonly #options: WatchSessionOptions;
  readonly #viewers: ReadonlyMap<unknown, WatchViewer>;
  readonly #abort = new AbortController();
  /** The newest that viewers have not got; they see by the numbers that others came before. */
  #entries: LogEntry[] = [];
  #turn = 0;
  #timer: TimerHandle;
  #lastSlice = -1;
  #lastMoves = '';

  constructor(options: WatchSessionOptions, viewers: ReadonlyMap<unknown, WatchViewer>) {
    this.#options = options;
    this.#viewers = viewers;
    this.pods = new WatchedPods(options.view.watch);
    this.#follow().catch((err: unknown) => {
      options.logger.error({ err }, 'pages that watch are cut off');
      for (const viewer of viewers.values()) viewer.drop();
    });
    this.filled = this.#fill();
  }

  end(): void {
    this.#abort.abort();
    this.#options.time.clearTimeout(this.#timer);
  }

  /** Messages of what a status line, the chart of the supervisor and the plots show. */
  status(isWhole: boolean): string {
    const { view } = this.#options;
    const moves = JSON.stringify(view.watch.supervisorHistory());
    const vitals = view.watch.vitals(isWhole ? undefined : this.#lastSlice);
    const text = [message('status', JSON.stringify(view.status()))];
    if (isWhole || moves !== this.#lastMoves) text.push(message('history', moves));
    if (isWhole || vitals.currentIndex > this.#lastSlice + 1) {
      text.push(message('vitals', JSON.stringify(vitals)));
    }
    if (!isWhole) {
      this.#lastMoves = moves;
      this.#lastSlice = vitals.currentIndex - 1;
    }
    return text.join('');
  }

  async #fill(): Promise<void> {
    this.pods.markAll();
    while (this.pods.fill(fillPerTurn)) await nextTurn();
    if (!this.#abort.signal.aborted) this.#schedule();
  }

  async #follow(): Promise<void> {
    for await (const entry of this.#options.view.subscribe({ signal: this.#abort.signal })) {
      if (entry.type === 'Gap') this.pods.markAll();
      else this.pods.mark(entry.podUid);
      this.#entries.push(entry);
      if (this.#entries.length > eventsPerTurn) this.#entries.shift();
    }
  }

  #schedule(): void {
    this.#timer = this.#options.time.setTimeout(() => {
      this.#takeTurn();
      this.#schedule();
    }, turnMs);
  }

  #takeTurn(): void {
    const { time } = this.#options;
    const nowMs = time.monotonicMs();
    const changed = this.pods.refresh(Number(time.wallNs() / 1_000_000n));
    const frame = [
      changed.length === 0 ? '' : podsMessage(changed, this.pods),
      this.#events(),
      this.#turn % turnsPerStatus === 0 ? this.status(false) : '',
    ].join('');
    this.#turn += 1;
    for (const viewer of this.#viewers.values()) {
      viewer.tell(frame, changed, nowMs);
      if (viewer.behindMs(nowMs) > maxBehindMs) viewer.drop();
    }
  }

  #events(): string {
    if (this.#entries.length === 0) return '';
    const entries = this.#entries;
    this.#entries = [];
    return message('events', JSON.stringify(entries));
  }
}

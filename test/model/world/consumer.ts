import type { LogEntry } from '../../../src/pleg/lifecycle-event.ts';
import type { NodeWorld } from './node-world.ts';
import { judgeFreshnessOf } from './freshness.ts';

/** A subscriber of the log that reads when the model says so, and remembers what it was told. */
export class Consumer {
  readonly #world: NodeWorld;
  #entries: AsyncGenerator<LogEntry, void>;
  /** The number it would resume with. */
  seq: number;
  /** Everything up to here it has read, or was told that it will not get. */
  coveredSeq: number;
  /** What a gap marker promised and has not come yet: the pods of the snapshot. */
  awaited: Set<string> | undefined;

  constructor(world: NodeWorld) {
    this.#world = world;
    this.seq = this.coveredSeq = world.log.lastSeq;
    this.#entries = world.log.subscribe({ since: this.seq });
  }

  get isBehind(): boolean {
    return this.seq < this.#world.log.lastSeq;
  }

  async read(): Promise<void> {
    const { value, done } = await this.#entries.next();
    if (!done) this.#take(value);
  }

  async resume(): Promise<void> {
    await this.#entries.return();
    this.#entries = this.#world.log.subscribe({ since: this.seq });
    this.awaited = undefined;
  }

  #take(entry: LogEntry): void {
    const { chronicle, merge } = this.#world;
    const before = this.seq;
    this.seq = entry.seq;
    if (entry.seq < before) chronicle.accuse('No loss', `number ${entry.seq} came after number ${before}`);
    if (entry.type === 'Gap') {
      if (entry.from > before + 1) {
        chronicle.accuse('No loss', `a gap from ${entry.from} came after number ${before}`);
      }
      this.coveredSeq = entry.to;
      const pods = merge.snapshot().map(({ podUid }) => podUid);
      this.awaited = pods.length > 0 ? new Set(pods) : undefined;
      return;
    }
    if (this.awaited) {
      if (entry.type !== 'PodSync') {
        chronicle.accuse('No loss', `after a gap ${entry.type} came before ${[...this.awaited].join()} did`);
      }
      this.awaited.delete(entry.podUid);
      if (this.awaited.size === 0) this.awaited = undefined;
      return;
    }
    if (entry.seq !== before + 1) {
      chronicle.accuse('No loss', `number ${entry.seq} came after number ${before} and no gap was declared`);
    }
    this.coveredSeq = entry.seq;
    // An inspection that failed since has left its error in the place of the status, for all to see.
    if (this.#world.cache.get(entry.podUid).error) return;
    const staleness = judgeFreshnessOf(this.#world, entry);
    if (staleness !== undefined) chronicle.accuse('Freshness', staleness);
  }
}

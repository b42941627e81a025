import type { ServerResponse } from 'node:http';
import type { WatchedPods } from './watched-pods.ts';

/** Rows in one message: what the page takes in without a pause. */
const rowsPerMessage = 200;

/** One server-sent event. */
export const message = (name: string, json: string): string => `event: ${name}\ndata: ${json}\n\n`;

/**
 * One page that looks. It holds a set of pods to be told of, never a queue of messages, so one that does not
 * read costs a bounded amount.
 */
export class WatchViewer {
  readonly #response: ServerResponse;
  readonly #pods: WatchedPods;
  readonly #catchUp: () => string;
  readonly #owed: Set<string>;
  #isCaughtUp = false;
  #behindSinceMs: number | undefined;

  /** @param catchUp what a viewer gets that has been told of every pod */
  constructor(response: ServerResponse, pods: WatchedPods, catchUp: () => string) {
    this.#response = response;
    this.#pods = pods;
    this.#catchUp = catchUp;
    this.#owed = new Set(pods.uids());
    response.on('drain', () => this.#pump());
    this.#pump();
  }

  /**
   * @param frame what a viewer gets that is up to date
   * @param changed pods in the frame
   */
  tell(frame: string, changed: readonly string[], nowMs: number): void {
    if (this.#response.writableNeedDrain || !this.#isCaughtUp) {
      this.#behindSinceMs ??= nowMs;
      this.#isCaughtUp = false;
      for (const uid of changed) this.#owed.add(uid);
      this.#pump();
    } else {
      this.#behindSinceMs = undefined;
      if (frame !== '') this.#response.write(frame);
    }
  }

  /** How long it has not been up to date, milliseconds. */
  behindMs(nowMs: number): number {
    return this.#behindSinceMs === undefined ? 0 : nowMs - this.#behindSinceMs;
  }

  drop(): void {
    this.#response.destroy();
  }

  #pump(): void {
    while (!this.#isCaughtUp && !this.#response.writableNeedDrain && !this.#response.destroyed) {
      if (this.#owed.size === 0) {
        this.#isCaughtUp = true;
        this.#response.write(this.#catchUp());
      } else {
        this.#response.write(podsMessage(this.#takeOwed(), this.#pods));
      }
    }
  }

  #takeOwed(): string[] {
    const taken: string[] = [];
    for (const uid of this.#owed) {
      if (taken.length === rowsPerMessage) break;
      taken.push(uid);
      this.#owed.delete(uid);
    }
    return taken;
  }
}

/** The rows of these pods as they are now; those that are gone, as gone. */
export function podsMessage(uids: readonly string[], pods: WatchedPods): string {
  const upsert: string[] = [];
  const removed: string[] = [];
  for (const uid of uids) {
    const text = pods.text(uid);
    if (text === undefined) removed.push(uid);
    else upsert.push(text);
  }
  return message('pods', `{"upsert":[${upsert.join(',')}],"removed":${JSON.stringify(removed)}}`);
}

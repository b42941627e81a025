import type { ServerResponse } from 'node:http';
import { sliceCount, slicePeriodMs } from '../pleg/vitals.ts';
import type { WatchMessages } from './watch-messages.ts';
import { WatchSession, type WatchSessionOptions } from './watch-session.ts';
import { message, WatchViewer } from './watch-viewer.ts';

export interface WatchHubOptions extends WatchSessionOptions {
  readonly isInspectable: boolean;
}

/**
 * Tells pages what changes. One for all of them: each turn looks once and writes one text to every viewer. It
 * follows the log and has a timer only while somebody looks.
 */
export class WatchHub {
  readonly #options: WatchHubOptions;
  readonly #viewers = new Map<ServerResponse, WatchViewer>();
  #session: WatchSession | undefined;
  #servedCount = 0;

  constructor(options: WatchHubOptions) {
    this.#options = options;
  }

  /** Viewers and those about to be. */
  get servedCount(): number {
    return this.#servedCount;
  }

  /** Serves one viewer until `signal` aborts. The caller has seen to it that there are not too many. */
  async serve(response: ServerResponse, signal: AbortSignal): Promise<void> {
    const session = (this.#session ??= new WatchSession(this.#options, this.#viewers));
    this.#servedCount += 1;
    signal.addEventListener('abort', () => {
      response.end();
      this.#viewers.delete(response);
      this.#servedCount -= 1;
      if (this.#servedCount > 0) return;
      session.end();
      this.#session = undefined;
    });
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
    });
    response.write(message('hello', JSON.stringify(this.#hello())));
    await session.filled;
    if (signal.aborted) return;
    const catchUp = (): string => session.status(true) + message('ready', '{}');
    this.#viewers.set(response, new WatchViewer(response, session.pods, catchUp));
  }

  #hello(): WatchMessages['hello'] {
    const { view, isInspectable } = this.#options;
    return { startedAt: view.status().startedAt, slicePeriodMs, sliceCount, isInspectable };
  }
}

import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Time } from '../lib/time.ts';
import type { LogEntry } from '../pleg/lifecycle-event.ts';
import type { EventEncoding } from './event-encoding.ts';

/** Well below the 60 s after which proxies give up on a silent connection. */
const heartbeatPeriodMs = 15_000;

export interface EventStreamOptions {
  /** Ends when `signal` aborts. */
  readonly entries: AsyncIterable<LogEntry>;
  readonly matches: (entry: LogEntry) => boolean;
  readonly encoding: EventEncoding;
  readonly time: Time;
  /** Aborts when the client is gone or the server closes. */
  readonly signal: AbortSignal;
}

/**
 * Writes entries to one client for as long as both stay.
 *
 * A slow client holds back the pulling of entries, so no more than a socket's buffer waits for it; what
 * happens when it falls behind is the log's business, which answers with a Gap.
 *
 * @throws what `entries` throws; the caller then cuts the connection, or the client would take it for a good end
 */
export async function streamEvents(
  response: ServerResponse,
  { entries, matches, encoding, time, signal }: EventStreamOptions,
): Promise<void> {
  let lastSeq: number | undefined;
  const beat = () => {
    // For a client that does not read, heartbeats would only pile up.
    if (!response.writableNeedDrain) response.write(encoding.heartbeat(lastSeq));
    timer = time.setTimeout(beat, heartbeatPeriodMs);
  };
  let timer = time.setTimeout(beat, heartbeatPeriodMs);
  // Whatever the loop below waits for, the client learns of the end at once.
  const end = () => {
    time.clearTimeout(timer);
    response.end();
  };
  signal.addEventListener('abort', end);

  const writeEntries = async () => {
    for await (const entry of entries) {
      if (signal.aborted) return;
      lastSeq = entry.seq;
      if (!matches(entry)) continue;
      if (!response.write(encoding.encode(entry))) await once(response, 'drain', { signal });
    }
  };
  try {
    response.writeHead(200, { 'content-type': encoding.contentType, 'cache-control': 'no-store' });
    const written = writeEntries();
    // Only now has the first pull begun: a client that sees the headers is subscribed.
    response.flushHeaders();
    await written;
    end();
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    time.clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
}

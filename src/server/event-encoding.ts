import type { LogEntry } from '../pleg/lifecycle-event.ts';
import type { EventFormat } from './event-query.ts';

/** How log entries look on the wire. */
export interface EventEncoding {
  readonly contentType: string;
  encode(entry: LogEntry): string;
  /**
   * Shows that the connection lives; may be empty.
   *
   * @param lastSeq newest entry that was looked at, also where a filter held it back
   */
  heartbeat(lastSeq: number | undefined): string;
}

export const eventEncodings: Readonly<Record<EventFormat, EventEncoding>> = {
  sse: {
    contentType: 'text/event-stream; charset=utf-8',
    encode: (entry) => `id: ${entry.seq}\nevent: ${entry.type}\ndata: ${JSON.stringify(entry)}\n\n`,
    // An id without data is no event but moves the resume point (HTML, 9.2.6): a client with a filter does
    // not resume at what it was not sent.
    heartbeat: (lastSeq) => (lastSeq === undefined ? ': heartbeat\n\n' : `: heartbeat\nid: ${lastSeq}\n\n`),
  },
  ndjson: {
    contentType: 'application/x-ndjson; charset=utf-8',
    encode: (entry) => `${JSON.stringify(entry)}\n`,
    // Not every reader of NDJSON takes an empty line.
    heartbeat: () => '',
  },
};

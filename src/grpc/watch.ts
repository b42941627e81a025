import { once } from 'node:events';
import { create } from '@bufbuild/protobuf';
import type { ServerWritableStream } from '@grpc/grpc-js';
import { unexpected } from '../lib/unexpected.ts';
import type { Time } from '../lib/time.ts';
import type { AgentView } from '../server/agent-view.ts';
import { invalidArgument, stopping } from './call-error.ts';
import { bookmark, type EventInit, eventMessage } from './event-message.ts';
import { type Event, EventSchema, type WatchRequest } from './gen/plegd/v1/api_pb.ts';
import { createFilter } from './watch-filter.ts';

/** How old the resume point of a watch may become while its filter holds back all there is. */
const bookmarkPeriodMs = 15_000;

export interface WatchOptions {
  readonly view: AgentView;
  readonly time: Time;
  /** Aborts when the caller is gone or the agent stops. */
  readonly signal: AbortSignal;
}

/**
 * Writes the log's entries to one caller for as long as both stay; never returns well.
 *
 * A slow caller holds back the pulling of entries, so that a few messages and the transport's window are all
 * that waits for it; what happens when it falls behind is the log's business, which answers with a Gap.
 *
 * @throws {CallError} for a bad request, or when the agent stops
 */
export async function watch(
  call: ServerWritableStream<WatchRequest, Event>,
  { view, time, signal }: WatchOptions,
): Promise<never> {
  const { request } = call;
  const matches = createFilter(request.filter);
  const since = readSince(request.since) ?? view.status().log.lastSeq;
  const entries = view.subscribe({ since, signal });
  const write = async (event: EventInit): Promise<void> => {
    if (!call.write(create(EventSchema, event))) await once(call, 'drain', { signal });
  };

  let lastSeq = since;
  let sentSeq = since;
  const mark = () => {
    // For a caller that does not read, marks would only pile up.
    if (lastSeq !== sentSeq && !call.writableNeedDrain) {
      sentSeq = lastSeq;
      call.write(create(EventSchema, bookmark(lastSeq)));
    }
    timer = time.setTimeout(mark, bookmarkPeriodMs);
  };
  let timer = time.setTimeout(mark, bookmarkPeriodMs);
  try {
    await write(bookmark(since));
    for await (const entry of entries) {
      lastSeq = entry.seq;
      if (!matches(entry)) continue;
      sentSeq = lastSeq;
      await write(eventMessage(entry));
    }
  } finally {
    time.clearTimeout(timer);
  }
  throw stopping();
}

/** @throws {CallError} */
function readSince(since: bigint | undefined): number | undefined {
  if (since === undefined) return undefined;
  if (since < 0n || since > Number.MAX_SAFE_INTEGER) {
    throw invalidArgument(unexpected('since', String(since), 'the seq of an event, 0 or more'));
  }
  return Number(since);
}

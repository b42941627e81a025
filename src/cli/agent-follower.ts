import type { Time } from '../lib/time.ts';
import type { LogEntry } from '../pleg/lifecycle-event.ts';
import type { AgentStatus } from '../server/agent-view.ts';
import { type AgentClient, AgentUnreachableError, type EventFilter } from './agent-client.ts';

export interface FollowOptions {
  readonly query: EventFilter;
  /** Tells the person that the agent went or came back. */
  readonly notify: (text: string) => void;
  readonly time: Time;
  readonly signal: AbortSignal;
}

const firstDelayMs = 250;
const maxDelayMs = 4_000;

/**
 * Follows an agent across broken connections and restarts, from where it left off, until `signal` aborts.
 *
 * An agent that was restarted has a new log, whose numbers mean nothing in the old one: it is followed from
 * its beginning.
 *
 * @throws {AgentUnreachableError} only when the agent is not there at first
 * @throws {AgentAnswerError} when what answers is no agent, or refuses
 */
export async function* followAgent(
  client: AgentClient,
  { query, notify, time, signal }: FollowOptions,
): AsyncGenerator<LogEntry, void> {
  let agent = await client.status();
  let seq = query.since ?? agent.log.lastSeq;
  while (!signal.aborted) {
    try {
      for await (const message of client.events({ ...query, since: seq }, signal)) {
        ({ seq } = message);
        if (message.entry !== undefined) yield message.entry;
      }
    } catch (error) {
      if (!(error instanceof AgentUnreachableError)) throw error;
    }
    if (signal.aborted) return;
    notify('the agent went away, waiting for it');
    const next = await untilBack(client, time, signal);
    if (next === undefined) return;
    const isRestarted = next.startedAt !== agent.startedAt;
    notify(
      isRestarted
        ? 'the agent was restarted, its log begins anew'
        : `the agent is back, going on after ${seq}`,
    );
    if (isRestarted) seq = 0;
    agent = next;
  }
}

/** Asks again and again, ever less often; undefined when `signal` aborts first. */
async function untilBack(
  client: AgentClient,
  time: Time,
  signal: AbortSignal,
): Promise<AgentStatus | undefined> {
  for (let delayMs = firstDelayMs; ; delayMs = Math.min(2 * delayMs, maxDelayMs)) {
    await sleep(delayMs, time, signal);
    if (signal.aborted) return undefined;
    try {
      return await client.status();
    } catch (error) {
      if (!(error instanceof AgentUnreachableError)) throw error;
    }
  }
}

function sleep(delayMs: number, time: Time, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      time.clearTimeout(timer);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    const timer = time.setTimeout(wake, delayMs);
    signal.addEventListener('abort', wake);
  });
}

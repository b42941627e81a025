import { get as getPlain, type IncomingMessage } from 'node:http';
import { get as getTls } from 'node:https';
import { json } from 'node:stream/consumers';
import { formatHostPort, type HostPort } from '../lib/host-port.ts';
import type { LogEntry } from '../pleg/lifecycle-event.ts';
import type { AgentStatus, PodView } from '../server/agent-view.ts';
import type { EventQuery } from '../server/event-query.ts';
import { readSse } from './sse.ts';

/** No agent answers, or it went away in the middle. */
export class AgentUnreachableError extends Error {
  override readonly name = 'AgentUnreachableError';
}

/** Something answers, and it is no agent or it refuses. */
export class AgentAnswerError extends Error {
  override readonly name = 'AgentAnswerError';
}

/** What comes down an event stream: where to resume after it, and mostly an entry. */
export interface EventMessage {
  readonly seq: number;
  readonly entry?: LogEntry;
}

export type EventFilter = Pick<EventQuery, 'since' | 'pod' | 'type'>;

/** Where an agent is, and how to talk to it. */
export interface AgentAddress extends HostPort {
  /** Speaks TLS. PEM; without `ca` those count whom Node trusts. */
  readonly tls?: { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer };
  readonly token?: () => string;
}

/** The agent answers from memory; three of its heartbeats fit in as well. */
const silenceMs = 45_000;

/**
 * A running agent as its HTTP API shows it. Every call throws AgentUnreachableError or AgentAnswerError.
 *
 * On `node:http`, since `fetch` refuses a hundred ports and gives up on a body that is silent for 5 min.
 */
export class AgentClient {
  readonly #server: AgentAddress;
  readonly #address: string;
  readonly #silenceMs: number;

  /** @param options.silenceMs how long the agent may say nothing before it counts as gone */
  constructor(server: AgentAddress, options: { readonly silenceMs?: number } = {}) {
    this.#server = server;
    this.#address = `${server.tls ? 'https://' : ''}${formatHostPort(server)}`;
    this.#silenceMs = options.silenceMs ?? silenceMs;
  }

  status(): Promise<AgentStatus> {
    return this.#getJson('/v1/status', (body): body is AgentStatus => 'health' in body && 'log' in body);
  }

  async pods(): Promise<PodView[]> {
    const hasPods = (body: object): body is { pods: PodView[] } => 'pods' in body && Array.isArray(body.pods);
    return (await this.#getJson('/v1/pods', hasPods)).pods;
  }

  /** Ends when the agent ends the stream. */
  async *events({ since, pod, type }: EventFilter, signal: AbortSignal): AsyncGenerator<EventMessage, void> {
    const query = new URLSearchParams(since === undefined ? {} : { since: String(since) });
    for (const value of pod) query.append('pod', value);
    for (const value of type) query.append('type', value);
    const response = await this.#get(`/v1/events?${query.toString()}`, signal);
    try {
      for await (const { id, data } of readSse(response)) {
        if (id === undefined) continue;
        yield { seq: Number(id), ...(data !== undefined && { entry: JSON.parse(data) as LogEntry }) };
      }
    } catch (cause) {
      throw this.#unreachable(cause);
    }
  }

  async #getJson<T extends object>(path: string, isExpected: (body: object) => body is T): Promise<T> {
    const body = await json(await this.#get(path)).catch(() => undefined);
    if (typeof body === 'object' && body !== null && isExpected(body)) return body;
    throw new AgentAnswerError(
      `what answers at ${this.#address} is no plegd agent: GET ${path} gave something else`,
    );
  }

  async #get(path: string, signal?: AbortSignal): Promise<IncomingMessage> {
    const { tls, token, host, port } = this.#server;
    const headers = token ? { authorization: `Bearer ${token()}` } : {};
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = (tls ? getTls : getPlain)({
        ...tls,
        host,
        port,
        path,
        headers,
        timeout: this.#silenceMs,
        agent: false,
        ...(signal && { signal }),
      });
      request.once('response', resolve).once('error', reject);
      request.once('timeout', () => request.destroy(new Error(`silent for ${this.#silenceMs / 1000} s`)));
    }).catch((cause: unknown) => {
      throw this.#untrusted(cause) ?? this.#unreachable(cause);
    });
    response.setEncoding('utf8');
    if (response.statusCode === 200) return response;
    const { error = 'no reason given' } = (await json(response).catch(() => ({}))) as { error?: string };
    throw new AgentAnswerError(`${this.#address} answered ${response.statusCode} to GET ${path}: ${error}`);
  }

  #untrusted(cause: unknown): AgentAnswerError | undefined {
    const { code = '', message } = cause as NodeJS.ErrnoException;
    if (!/CERT|SIGNATURE|SELF_SIGNED/.test(code)) return undefined;
    return new AgentAnswerError(
      `the certificate of ${this.#address} is not to be trusted (${message}); name who signed it with --ca`,
      { cause },
    );
  }

  #unreachable(cause: unknown): AgentUnreachableError {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reason = code === 'ECONNREFUSED' ? 'connection refused' : message;
    return new AgentUnreachableError(
      `no agent answers at ${this.#address} (${reason}); start one with "plegd run" or name it with --server`,
      { cause },
    );
  }
}

import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { AnyActorRef } from 'xstate';
import type { Time } from '../lib/time.ts';
import { InspectFeed, type InspectView } from './inspect-feed.ts';

/** More than this in a socket's buffer, bytes, is a viewer that does not keep up. */
const bufferLimitBytes = 256 * 1024;
/** A viewer that answers no ping for this long is gone, milliseconds. */
const pingPeriodMs = 30_000;

export const maxInspectors = 200;

/** Codes of RFC 6455 for what we close with; those from 4000 on are our own. */
const closeCodes = { goingAway: 1001, tryLater: 1013, unknownActor: 4404 } as const;

export interface InspectSocketsOptions {
  readonly inspect: InspectView;
  readonly time: Time;
  /** Whether a request may be for us. */
  readonly isAllowed: (request: IncomingMessage) => boolean;
}

/** `GET /stately/actors` as a WebSocket: inspection messages of the actors that the query names. */
export class InspectSockets {
  readonly #options: InspectSocketsOptions;
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: 1024, perMessageDeflate: false });

  constructor(server: Server, options: InspectSocketsOptions) {
    this.#options = options;
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  get viewerCount(): number {
    return this.#server.clients.size;
  }

  /** Ends all. */
  close(): void {
    for (const client of this.#server.clients) {
      client.close(closeCodes.goingAway, 'the agent stops');
      client.terminate();
    }
    this.#server.close();
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://plegd');
    const refuse = (status: string): void => {
      socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    };
    if (pathname !== '/stately/actors') return refuse('404 Not Found');
    if (!this.#options.isAllowed(request)) return refuse('403 Forbidden');
    const isFull = this.viewerCount >= maxInspectors;
    this.#server.handleUpgrade(request, socket, head, (client) => {
      client.on('error', () => client.terminate());
      if (isFull) client.close(closeCodes.tryLater, `${maxInspectors} viewers already`);
      else this.#serve(client, searchParams);
    });
  }

  #serve(client: WebSocket, query: URLSearchParams): void {
    const { inspect, time } = this.#options;
    const choose = chosenBy(query, inspect);
    if (typeof choose === 'string') return client.close(closeCodes.unknownActor, choose);
    const feed = new InspectFeed({
      choose,
      time,
      sink: {
        isReady: () => client.readyState === client.OPEN && client.bufferedAmount < bufferLimitBytes,
        send: (message) => client.send(message, () => feed.pump()),
      },
    });
    let isAlive = true;
    client.on('pong', () => (isAlive = true));
    const check = (): void => {
      if (!isAlive) return client.terminate();
      isAlive = false;
      client.ping();
      timer = time.setTimeout(check, pingPeriodMs);
    };
    let timer = time.setTimeout(check, pingPeriodMs);
    client.on('close', () => {
      time.clearTimeout(timer);
      feed.end();
    });
  }
}

/** The actors that a query names, asked for anew each time; or what is wrong with the query. */
function chosenBy(query: URLSearchParams, inspect: InspectView): string | (() => readonly AnyActorRef[]) {
  const [[field, id] = ['actor', 'supervisor'], ...others] = [...query];
  if (others.length > 0) return 'one of actor=supervisor, pod=UID or container=ID, expected';
  if (field === 'actor' && id === 'supervisor') return () => [inspect.supervisor()];
  if (field === 'pod') {
    return inspect.pod(id) ? () => inspect.pod(id) ?? [] : `no pod ${short(id)} here`;
  }
  if (field === 'container') {
    const find = (): readonly AnyActorRef[] => [inspect.container(id) ?? []].flat();
    return find().length > 0 ? find : `no container ${short(id)} here`;
  }
  return `no ${short(`${field}=${id}`)}, expected actor=supervisor, pod=UID or container=ID`;
}

/** The reason of a close has room for 123 bytes. */
const short = (text: string): string => JSON.stringify(text.replace(/[^\x20-\x7e]/g, '?').slice(0, 40));

import type { AddressInfo } from 'node:net';
import type { HostPort } from '../lib/host-port.ts';
import type { Logger } from '../lib/log.ts';
import type { Time } from '../lib/time.ts';
import { type Access, requireProtection } from './access.ts';
import type { AgentView } from './agent-view.ts';
import { createApp } from './app.ts';
import type { InspectView } from './inspect-feed.ts';
import { ListenError } from './listen-error.ts';

export interface ServerOptions {
  readonly view: AgentView;
  /** Port 0 for any that is free. */
  readonly listen: HostPort;
  readonly logger: Logger;
  readonly time: Time;
  /** @default everybody who reaches the address, which must then be a local one */
  readonly access?: Access | undefined;
  /** The machines, where they may be watched at /stately. @default not at all */
  readonly inspect?: InspectView | undefined;
}

export interface Server {
  /** Where it listens, with the port that it got. */
  readonly address: HostPort;
  /** Ends every event stream and every connection. */
  close(): Promise<void>;
}

/**
 * Serves the HTTP API.
 *
 * @throws {AccessError} for an address that others reach and that everybody may use
 * @throws {ListenError} when the address cannot be had
 */
export async function startServer({ listen, ...options }: ServerOptions): Promise<Server> {
  requireProtection(listen, options.access ?? {});
  const followers = new Set<AbortController>();
  const app = createApp({ ...options, followers });
  try {
    await app.listen({ ...listen });
  } catch (error) {
    await app.close();
    throw ListenError.from(error, listen);
  }
  const { port } = app.server.address() as AddressInfo;
  return {
    address: { host: listen.host, port },
    close: async () => {
      for (const follower of followers) follower.abort();
      await app.close();
    },
  };
}

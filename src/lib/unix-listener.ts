import { once } from 'node:events';
import { chmod } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { claimSocketPath, SocketPathError } from './socket-path.ts';

export interface UnixListenerOptions {
  /** Who may connect, such as 0o600. */
  readonly mode: number;
  /** Further ones are closed at once. @default no bound */
  readonly maxConnections?: number;
  readonly onConnection: (connection: Socket) => void;
}

/**
 * A unix socket that can be closed and opened again while whoever answers on it lives on. Closing drops the
 * connections at once, as the death of a process does, without a goodbye.
 */
export class UnixListener {
  readonly #path: string;
  readonly #mode: number;
  readonly #server;
  readonly #connections = new Set<Socket>();

  constructor(path: string, { mode, maxConnections, onConnection }: UnixListenerOptions) {
    this.#path = path;
    this.#mode = mode;
    this.#server = createServer((connection) => {
      this.#connections.add(connection);
      connection.once('close', () => this.#connections.delete(connection));
      onConnection(connection);
    });
    if (maxConnections !== undefined) this.#server.maxConnections = maxConnections;
  }

  /** @throws SocketPathError */
  async open(): Promise<void> {
    await claimSocketPath(this.#path);
    try {
      this.#server.listen(this.#path);
      await once(this.#server, 'listening');
    } catch (error) {
      throw new SocketPathError(this.#path, (error as Error).message, { cause: error });
    }
    await chmod(this.#path, this.#mode);
  }

  /** Drops every connection and removes the socket. Nothing happens when it is not open. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const connection of this.#connections) connection.destroy();
    await closed;
  }
}

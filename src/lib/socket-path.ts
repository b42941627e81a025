import { lstat, mkdir, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname } from 'node:path';

/** sun_path of Linux, less its closing zero. */
export const maxPathBytes = 107;

/** A socket that cannot be served. The message names the path and says what to do. */
export class SocketPathError extends Error {
  override readonly name = 'SocketPathError';
  readonly path: string;

  constructor(path: string, problem: string, options?: ErrorOptions) {
    super(`cannot serve on unix://${path}: ${problem}`, options);
    this.path = path;
  }
}

/**
 * Makes the path free to listen on: makes its folder (mode 0750) and removes the socket of a process that is
 * gone.
 *
 * @throws SocketPathError when a process still serves there, or the path is no socket's
 */
export const claimSocketPath = async (path: string): Promise<void> => {
  if (Buffer.byteLength(path) > maxPathBytes) {
    throw new SocketPathError(
      path,
      `the path is longer than the ${maxPathBytes} bytes that a socket may have`,
    );
  }
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o750 });
    const found = await lstat(path).catch(ignoreMissing);
    if (found === undefined) return;
    if (!found.isSocket())
      throw new SocketPathError(
        path,
        'there is something else, not a socket; remove it or choose another path',
      );
    if (await isServed(path))
      throw new SocketPathError(path, 'in use: another process serves there; stop it or choose another path');
    await unlink(path).catch(ignoreMissing);
  } catch (error) {
    if (error instanceof SocketPathError) throw error;
    throw new SocketPathError(path, (error as Error).message, { cause: error });
  }
};

const ignoreMissing = (error: NodeJS.ErrnoException): undefined => {
  if (error.code !== 'ENOENT') throw error;
};

const isServed = (path: string): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') resolve(false);
      else reject(error);
    });
  });

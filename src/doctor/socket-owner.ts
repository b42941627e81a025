import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfThere, readOpenFiles, readProcesses } from './proc-table.ts';
import { roleOf } from './process-role.ts';

/** The runtime's socket as /proc/net/unix shows it. */
export interface SocketTable {
  /** `undefined` when nobody listens, or in another network namespace. */
  readonly listening: string | undefined;
  /** The runtime's ends of connections. */
  readonly connected: readonly string[];
}

/** `__SO_ACCEPTCON` of the kernel: a socket that listens. */
const listeningFlag = 0x10000;

/** @param path as somebody wrote it; the runtime may have bound it by another name */
export const readSocketTable = async (procRoot: string, path: string): Promise<SocketTable> => {
  const paths = [path, await realpath(path).catch(() => path), path.replace(/^\/run\//, '/var/run/')];
  const text = (await readIfThere(join(procRoot, 'net/unix'))) ?? '';
  const sockets = text
    .split('\n')
    .map((line) => /^\S+ \S+ \S+ (\S+) \S+ \S+ +(\d+) (.+)$/.exec(line))
    .filter((match) => match !== null && paths.includes(match[3] ?? ''))
    .map((match) => ({
      isListening: (Number.parseInt(match?.[1] ?? '', 16) & listeningFlag) !== 0,
      inode: match?.[2] ?? '',
    }));
  return {
    listening: sockets.find(({ isListening }) => isListening)?.inode,
    connected: sockets.filter(({ isListening }) => !isListening).map(({ inode }) => inode),
  };
};

/**
 * The process that listens on the socket: the runtime. With socket activation systemd holds the socket too, so
 * processes with a runtime's name are looked at first.
 */
export const findListener = async (procRoot: string, inode: string): Promise<number | undefined> => {
  const processes = await readProcesses(procRoot);
  const byRole = processes.toSorted(
    (a, b) => Number(roleOf(b.name) === 'runtime') - Number(roleOf(a.name) === 'runtime'),
  );
  for (const { pid } of byRole) {
    const files = await readOpenFiles(procRoot, pid).catch((): string[] => []);
    if (files.includes(`socket:[${inode}]`)) return pid;
  }
  return undefined;
};

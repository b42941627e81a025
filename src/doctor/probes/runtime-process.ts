import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RuntimeProcessFact } from '../facts.ts';
import { parseStat, readOpenFiles } from '../proc-table.ts';
import { UnseenError } from '../seen.ts';
import { findListener, readSocketTable } from '../socket-owner.ts';

/** The files that tell where a runtime keeps its data. */
const rootMarks = [
  /^(\/.+)\/io\.containerd\.metadata\.v1\.bolt\/meta\.db$/,
  /^(\/.+)\/overlay-(?:images|containers|layers)\/.*\.lock$/,
];

/** The process that serves the socket: its threads, its open files, and where its data is. */
export const lookAtRuntimeProcess = async (procRoot: string, path: string): Promise<RuntimeProcessFact> => {
  const { listening } = await readSocketTable(procRoot, path);
  const pid = listening === undefined ? undefined : await findListener(procRoot, listening);
  if (pid === undefined) {
    throw new UnseenError(
      `the process that listens on ${path} is not to be seen; run as root on the node itself`,
    );
  }
  const folder = join(procRoot, String(pid));
  const stat = parseStat(await readFile(join(folder, 'stat'), 'utf8'));
  if (stat === undefined) throw new UnseenError(`process ${pid} has ended`);
  const files = await readOpenFiles(procRoot, pid);
  const limit = /^Max open files\s+(\d+)/m.exec(await readFile(join(folder, 'limits'), 'utf8'))?.[1];
  const root = rootMarks.flatMap((mark) => files.map((file) => mark.exec(file)?.[1])).find(Boolean);
  return {
    pid,
    name: stat.name,
    state: stat.state,
    threads: stat.threads,
    openFiles: files.length,
    openFilesLimit: limit === undefined ? undefined : Number(limit),
    ...(root !== undefined && { root }),
  };
};

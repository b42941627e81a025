import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** One process as /proc/PID/stat tells it. */
export interface ProcEntry {
  readonly pid: number;
  /** At most 15 bytes, as the kernel keeps it. */
  readonly name: string;
  readonly state: string;
  readonly parentPid: number;
  readonly threads: number;
  /** Since boot; with the pid it names one process for good. */
  readonly startedMs: number;
}

/** Linux tells user space 100 ticks a second on every architecture that runs Node. */
const tickMs = 10;

/** Reads proc(5) `stat`; a name may hold anything, brackets and spaces among it. */
export const parseStat = (text: string): ProcEntry | undefined => {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 0 || close < open) return undefined;
  const fields = text.slice(close + 2).split(' ');
  const [state = '', parentPid] = fields;
  return {
    pid: Number(text.slice(0, open)),
    name: text.slice(open + 1, close),
    state,
    parentPid: Number(parentPid),
    threads: Number(fields[17]),
    startedMs: Number(fields[19]) * tickMs,
  };
};

/**
 * Every process of the machine. Reads `stat` alone: `cmdline` and the like wait for the memory lock of a
 * process, and hang with it when it hangs in the kernel.
 */
export const readProcesses = async (procRoot: string): Promise<ProcEntry[]> => {
  const pids = (await readdir(procRoot)).filter((name) => /^\d+$/.test(name));
  const entries: ProcEntry[] = [];
  for (const pid of pids) {
    const text = await readIfThere(join(procRoot, pid, 'stat'));
    const entry = text === undefined ? undefined : parseStat(text);
    if (entry !== undefined) entries.push(entry);
  }
  return entries;
};

/** What a file holds; `undefined` when it is not there, any more, or not for us. */
export const readIfThere = (path: string): Promise<string | undefined> =>
  readFile(path, 'utf8').catch(() => undefined);

/** A process's arguments. Only for one that is not in state D. */
export const readArguments = async (procRoot: string, pid: number): Promise<string[]> =>
  ((await readIfThere(join(procRoot, String(pid), 'cmdline'))) ?? '').split('\0').slice(0, -1);

/** What a process has open: links such as `socket:[123]` and `/var/lib/containerd/…/meta.db`. */
export const readOpenFiles = async (procRoot: string, pid: number): Promise<string[]> => {
  const directory = join(procRoot, String(pid), 'fd');
  const links: string[] = [];
  for (const name of await readdir(directory)) {
    const link = await readlink(join(directory, name)).catch(() => undefined);
    if (link !== undefined) links.push(link);
  }
  return links;
};

export const readUptimeMs = async (procRoot: string): Promise<number> =>
  Number((await readFile(join(procRoot, 'uptime'), 'utf8')).split(' ')[0]) * 1_000;

/** The number in a file that holds nothing else; `undefined` for `max` and for no such file. */
export const readNumber = async (path: string): Promise<number | undefined> => {
  const text = (await readIfThere(path))?.trim() ?? '';
  return /^\d+$/.test(text) ? Number(text) : undefined;
};

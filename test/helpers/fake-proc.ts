import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Files below a folder, made with the folders they need. */
export const writeTree = async (root: string, files: Readonly<Record<string, string>>): Promise<void> => {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
};

export interface FakeProcess {
  readonly name: string;
  /** @default 'S' */
  readonly state?: string;
  /** @default 1 */
  readonly parentPid?: number;
  /** @default 1 */
  readonly threads?: number;
  /** Since boot. @default 0 */
  readonly startedMs?: number;
  readonly args?: readonly string[];
  readonly cgroup?: string;
  readonly wchan?: string;
  /** What its descriptors point to. */
  readonly openFiles?: readonly string[];
  readonly openFilesLimit?: number;
}

/** The text of /proc/PID/stat, as in proc(5): 52 fields. */
export const statText = (
  pid: number,
  { name, state = 'S', parentPid = 1, threads = 1, startedMs = 0 }: FakeProcess,
): string => {
  const fields: (number | string)[] = Array.from({ length: 52 }, () => 0);
  fields.splice(0, 4, pid, `(${name})`, state, parentPid);
  fields[19] = threads;
  fields[21] = startedMs / 10;
  return fields.join(' ');
};

export const writeProcess = async (procRoot: string, pid: number, process: FakeProcess): Promise<void> => {
  const { args = [process.name], cgroup = '', wchan = '0', openFiles = [], openFilesLimit = 1024 } = process;
  await writeTree(join(procRoot, String(pid)), {
    stat: statText(pid, process),
    cmdline: args.map((arg) => `${arg}\0`).join(''),
    cgroup,
    wchan,
    limits: `Limit                     Soft Limit           Hard Limit           Units\nMax open files            ${openFilesLimit}                 ${openFilesLimit}                 files\n`,
  });
  const fd = join(procRoot, String(pid), 'fd');
  await mkdir(fd, { recursive: true });
  for (const [index, target] of openFiles.entries()) await symlink(target, join(fd, String(index)));
};

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { ContainerdDaemon } from './containerd.ts';

/**
 * What a daemon and its containers have on the machine, one line each: processes, mounts, cgroups, folders
 * and the bridge, found by the daemon's id or by `ids` (sandboxes, containers).
 */
export const leftOnMachine = ({ id }: ContainerdDaemon, ids: readonly string[]): string[] => {
  const marks = [id, ...ids];
  // As in test/runtimes/purge.sh: an interface's name has room for 15 bytes.
  const bridge = `plegd-${createHash('sha256').update(id).digest('hex').slice(0, 8)}`;
  return [
    ...[
      ...processes(),
      ...readFileSync('/proc/mounts', 'utf8').split('\n'),
      ...foldersBelow('/sys/fs/cgroup'),
      ...foldersBelow('/run/plegd-test'),
    ].filter((line) => marks.some((mark) => line.includes(mark))),
    ...readdirSync('/sys/class/net').filter((name) => name === bridge),
  ];
};

/**
 * Pid, arguments and cgroups of each process: a container's process carries its id only in the last. Zombies
 * have nothing left but a pid; when they go is up to the machine's init.
 */
const processes = (): string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        const [stat = '', cmdline = '', cgroup = ''] = ['stat', 'cmdline', 'cgroup'].map((file) =>
          readFileSync(`/proc/${pid}/${file}`, 'utf8').replaceAll(/[\0\n]/g, ' '),
        );
        return /\) [ZX] /.test(stat) ? '' : `${pid} ${cmdline} ${cgroup}`;
      } catch {
        return ''; // gone since the listing
      }
    });

// find goes on where a folder vanishes under its feet; readdirSync would throw.
const foldersBelow = (folder: string): string[] =>
  spawnSync('find', [folder, '-type', 'd'], { encoding: 'utf8', maxBuffer: 64 << 20 }).stdout.split('\n');

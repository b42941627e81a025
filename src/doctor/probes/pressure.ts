import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Time } from '../../lib/time.ts';
import type { PressureFact, Stall } from '../facts.ts';
import type { Host } from '../host.ts';
import type { PodNames } from '../pod-names.ts';
import { readIfThere, readNumber } from '../proc-table.ts';
import { sleep } from '../waiting.ts';

export interface PressureOptions {
  readonly host: Pick<Host, 'procRoot' | 'cgroupRoot'>;
  readonly time: Time;
  readonly windowMs: number;
  /** `undefined` when nobody knows the runtime's process. */
  readonly runtimePid: Promise<number | undefined>;
  /** `undefined` when the list of containers did not come. */
  readonly names: Promise<PodNames | undefined>;
}

/** How much the machine, and the runtime's own cgroup, wait for what they have too little of. */
export const lookAtPressure = async (options: PressureOptions): Promise<PressureFact> => {
  const { host, time, windowMs } = options;
  const { procRoot } = host;
  const oomBefore = await readOomKills(procRoot);
  const group = await findCgroup(host, await options.runtimePid);
  const throttledBefore = group && (await readThrottling(group.folder));
  await sleep(time, windowMs);
  const throttledAfter = group && (await readThrottling(group.folder));
  return {
    cpu: await readStall(procRoot, 'cpu'),
    io: await readStall(procRoot, 'io'),
    memory: await readStall(procRoot, 'memory'),
    oomKills: (await readOomKills(procRoot)) - oomBefore,
    ...(group && {
      runtimeCgroup: {
        path: group.path,
        ...(await readLimits(group.folder)),
        ...throttledShare(throttledBefore, throttledAfter),
      },
    }),
    leakedScopes: await findLeakedScopes(host.cgroupRoot, await options.names),
  };
};

/** /proc/pressure/*, absent before Linux 4.20 and where PSI is off. */
const readStall = async (procRoot: string, resource: string): Promise<Stall | undefined> => {
  const text = await readIfThere(join(procRoot, 'pressure', resource));
  if (text === undefined) return undefined;
  const percent = (kind: string): number =>
    Number(new RegExp(`^${kind} .*avg60=([\\d.]+)`, 'm').exec(text)?.[1] ?? 0);
  return { someAvg60: percent('some'), fullAvg60: percent('full') };
};

const readOomKills = async (procRoot: string): Promise<number> =>
  Number(/^oom_kill (\d+)$/m.exec((await readIfThere(join(procRoot, 'vmstat'))) ?? '')?.[1] ?? 0);

/** The runtime's cgroup in the unified hierarchy; the root has no limits to speak of. */
const findCgroup = async (
  { procRoot, cgroupRoot }: PressureOptions['host'],
  pid: number | undefined,
): Promise<{ path: string; folder: string } | undefined> => {
  if (pid === undefined) return undefined;
  const text = (await readIfThere(join(procRoot, String(pid), 'cgroup'))) ?? '';
  const path = /^0::(\/.+)$/m.exec(text)?.[1];
  return path === undefined ? undefined : { path, folder: join(cgroupRoot, path) };
};

const readLimits = async (folder: string) => {
  const numbers = {
    pids: await readNumber(join(folder, 'pids.current')),
    pidsMax: await readNumber(join(folder, 'pids.max')),
    memoryBytes: await readNumber(join(folder, 'memory.current')),
    memoryMaxBytes: await readNumber(join(folder, 'memory.max')),
  };
  return Object.fromEntries(
    Object.entries(numbers).filter((entry): entry is [string, number] => entry[1] !== undefined),
  );
};

interface Throttling {
  readonly periods: number;
  readonly throttled: number;
}

const readThrottling = async (folder: string): Promise<Throttling | undefined> => {
  const text = (await readIfThere(join(folder, 'cpu.stat'))) ?? '';
  const periods = /^nr_periods (\d+)$/m.exec(text)?.[1];
  const throttled = /^nr_throttled (\d+)$/m.exec(text)?.[1];
  return periods === undefined ? undefined : { periods: Number(periods), throttled: Number(throttled) };
};

const throttledShare = (before: Throttling | undefined, after: Throttling | undefined) => {
  if (before === undefined || after === undefined || after.periods === before.periods) return {};
  return { throttledShare: (after.throttled - before.throttled) / (after.periods - before.periods) };
};

const scopePattern = /^(?:cri-containerd|crio|docker)-([0-9a-f]{64})\.scope$/;

/** Scopes below kubepods.slice whose container no list holds; nothing where the lists did not come. */
const findLeakedScopes = async (cgroupRoot: string, names: PodNames | undefined): Promise<string[]> => {
  if (names === undefined) return [];
  const folders = await readdir(join(cgroupRoot, 'kubepods.slice'), { recursive: true }).catch(
    (): string[] => [],
  );
  return folders.filter((folder) => {
    const id = scopePattern.exec(folder.split('/').at(-1) ?? '')?.[1];
    return id !== undefined && names.find(id) === undefined;
  });
};

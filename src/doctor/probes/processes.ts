import { join } from 'node:path';
import type { Time } from '../../lib/time.ts';
import type { ProcessesFact, ProcessFact, ProcessRole } from '../facts.ts';
import type { PodNames } from '../pod-names.ts';
import {
  type ProcEntry,
  readArguments,
  readIfThere,
  readNumber,
  readProcesses,
  readUptimeMs,
} from '../proc-table.ts';
import { roleOf } from '../process-role.ts';
import { sleep } from '../waiting.ts';

export interface ProcessesOptions {
  readonly procRoot: string;
  readonly time: Time;
  readonly windowMs: number;
  /** The runtime's socket: shims of other runtimes on the machine are not our matter. */
  readonly socketPath: string;
  /** The runtime's process; `undefined` when nobody knows it. */
  readonly runtimePid: Promise<number | undefined>;
  /** Whose they are, once the lists have come. */
  readonly names: Promise<PodNames>;
}

/** Every process is in state D now and then; what is so in each sample over the window hangs. */
const sampleCount = 3;

/** Whose children do not stay defunct for long when all is well. */
const reapers: readonly ProcessRole[] = ['runtime', 'shim', 'kubelet'];

/** kthreadd and its children are the kernel's own. */
const isKernels = ({ pid, parentPid }: ProcEntry): boolean => pid === 2 || parentPid === 2;

const isStopped = ({ state }: ProcEntry): boolean => state === 'T' || state === 't';

export const lookAtProcesses = async (options: ProcessesOptions): Promise<ProcessesFact> => {
  const { procRoot, time, windowMs } = options;
  const startedMs = time.monotonicMs();
  const samples: ProcEntry[][] = [];
  let execs = 0;
  for (let sample = 0; sample < sampleCount; sample += 1) {
    if (sample > 0) await sleep(time, windowMs / (sampleCount - 1));
    const entries = await readProcesses(procRoot);
    samples.push(entries);
    execs = Math.max(execs, await countExecs(procRoot, entries));
  }
  const last = samples.at(-1) ?? [];
  const lasting = (isSo: (entry: ProcEntry, all: readonly ProcEntry[]) => boolean): ProcEntry[] => {
    const keys = samples.map(
      (entries) => new Set(entries.filter((entry) => isSo(entry, entries)).map(keyOf)),
    );
    return last.filter((entry) => keys.every((set) => set.has(keyOf(entry))));
  };

  const names = await options.names;
  const uptimeMs = await readUptimeMs(procRoot);
  const describe = (entry: ProcEntry) => describeProcess(procRoot, entry, uptimeMs, names);
  const describeAll = (entries: readonly ProcEntry[]) => Promise.all(entries.map(describe));
  const ofThisRuntime = await keepOwn(options, last);

  const byPid = new Map(last.map((entry) => [entry.pid, entry]));
  const defunct = lasting(({ state }) => state === 'Z');
  const isChildless = (entry: ProcEntry, all: readonly ProcEntry[]): boolean =>
    entry.name.startsWith('containerd-shim') && !all.some(({ parentPid }) => parentPid === entry.pid);
  const isHelper = ({ name }: ProcEntry): boolean => ['cni', 'oci'].includes(roleOf(name));

  return {
    overMs: time.monotonicMs() - startedMs,
    uninterruptible: await describeAll(lasting((entry) => entry.state === 'D' && !isKernels(entry))),
    defunct: await describeAll(
      defunct.filter(({ parentPid }) => {
        const parent = byPid.get(parentPid);
        return parent !== undefined && reapers.includes(roleOf(parent.name)) && ofThisRuntime(parent);
      }),
    ),
    defunctTotal: defunct.length,
    stopped: await describeAll(
      lasting((entry) => isStopped(entry) && roleOf(entry.name) !== 'other').filter(ofThisRuntime),
    ),
    childlessShims: await describeAll(lasting(isChildless).filter(ofThisRuntime)),
    helpers: (await describeAll(lasting((entry) => isHelper(entry)))).sort((a, b) => b.ageMs - a.ageMs),
    execs,
    threads: last.reduce((sum, { threads }) => sum + threads, 0),
    threadLimit: await readThreadLimit(procRoot),
  };
};

const keyOf = ({ pid, startedMs }: ProcEntry): string => `${pid} ${startedMs}`;

const readThreadLimit = async (procRoot: string): Promise<number | undefined> => {
  const limits = [
    await readNumber(join(procRoot, 'sys/kernel/pid_max')),
    await readNumber(join(procRoot, 'sys/kernel/threads-max')),
  ].filter((limit) => limit !== undefined);
  return limits.length === 0 ? undefined : Math.min(...limits);
};

/** `runc … exec …`; one in state D is left alone. */
const countExecs = async (procRoot: string, entries: readonly ProcEntry[]): Promise<number> => {
  let count = 0;
  for (const { pid, name, state } of entries) {
    if (roleOf(name) !== 'oci' || state === 'D') continue;
    if ((await readArguments(procRoot, pid)).includes('exec')) count += 1;
  }
  return count;
};

/**
 * Says of runtimes and shims whether they are the examined runtime or serve it; of anything else, and where
 * nobody can tell, that they do.
 */
const keepOwn = async (
  { procRoot, socketPath, runtimePid }: ProcessesOptions,
  entries: readonly ProcEntry[],
): Promise<(entry: ProcEntry) => boolean> => {
  const others = new Set<string>();
  const ownPid = await runtimePid;
  const ownName = entries.find(({ pid }) => pid === ownPid)?.name;
  for (const entry of entries) {
    if (entry.name === ownName && entry.pid !== ownPid) others.add(keyOf(entry));
    if (roleOf(entry.name) !== 'shim' || entry.state === 'D') continue;
    const address = valueOf('-address', await readArguments(procRoot, entry.pid));
    if (address !== undefined && address !== socketPath) others.add(keyOf(entry));
  }
  return (entry) => !others.has(keyOf(entry));
};

const valueOf = (flag: string, args: readonly string[]): string | undefined => {
  const index = args.indexOf(flag);
  return index < 0 ? undefined : args[index + 1];
};

const describeProcess = async (
  procRoot: string,
  entry: ProcEntry,
  uptimeMs: number,
  names: PodNames,
): Promise<ProcessFact> => {
  const { pid, name, state, startedMs } = entry;
  const folder = join(procRoot, String(pid));
  const wchan = (await readIfThere(join(folder, 'wchan')))?.trim() ?? '';
  const ids: string[] = (await readIfThere(join(folder, 'cgroup')))?.match(/[0-9a-f]{64}/g) ?? [];
  const role = roleOf(name);
  if (role === 'shim' && state !== 'D') {
    const args = await readArguments(procRoot, pid);
    // containerd's shim and CRI-O's conmon.
    ids.unshift(valueOf('-id', args) ?? valueOf('-c', args) ?? '');
  }
  const pod = ids.map((id) => names.find(id)).find((found) => found !== undefined);
  return {
    pid,
    name,
    role,
    state,
    wchan: wchan === '0' ? '' : wchan,
    ageMs: Math.max(0, uptimeMs - startedMs),
    ...(pod && { pod }),
  };
};

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { PodSandbox } from '../../../src/cri/runtime-service.ts';
import { PodNames } from '../../../src/doctor/pod-names.ts';
import { lookAtProcesses } from '../../../src/doctor/probes/processes.ts';
import { parseStat } from '../../../src/doctor/proc-table.ts';
import { type FakeProcess, statText, writeProcess, writeTree } from '../../helpers/fake-proc.ts';
import { SimulatedTime } from '../../helpers/simulated-time.ts';
import { makeTempDirectory } from '../../helpers/temp-directory.ts';

const socketPath = '/run/containerd/containerd.sock';
const sandboxId = 'a'.repeat(64);
const sandbox: PodSandbox = {
  id: sandboxId,
  podUid: 'uid-1',
  podName: 'web-0',
  podNamespace: 'default',
  state: 'ready',
  createdAtNs: 1n,
};
const pod = { namespace: 'default', name: 'web-0', uid: 'uid-1', podSandboxId: sandboxId };

let procRoot: string;
beforeEach(async () => {
  procRoot = await makeTempDirectory();
  await writeTree(procRoot, {
    uptime: '1000.00 2000.00\n',
    'sys/kernel/pid_max': '32768\n',
    'sys/kernel/threads-max': '190000\n',
  });
});

const shim = (fields: Partial<FakeProcess> = {}, address = socketPath): FakeProcess => ({
  name: 'containerd-shim',
  args: ['containerd-shim-runc-v2', '-namespace', 'k8s.io', '-id', sandboxId, '-address', address],
  ...fields,
});

/** Looks for 20 s; `between` runs after the first of the three samples. */
const lookOver = async (between: () => Promise<void> = () => Promise.resolve()) => {
  const time = new SimulatedTime();
  let isDone = false;
  const names = Promise.resolve(new PodNames([sandbox]));
  const runtimePid = Promise.resolve(40);
  const facts = lookAtProcesses({ procRoot, time, windowMs: 20_000, socketPath, runtimePid, names }).finally(
    () => {
      isDone = true;
    },
  );
  let timersSeen = 0;
  while (!isDone) {
    // A sample reads real files: time goes on when the probe sleeps.
    if (time.timerCount > 0) {
      timersSeen += 1;
      if (timersSeen === 1) await between();
      await time.advance(10_000);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  return facts;
};

describe('parseStat', () => {
  it('reads a name with brackets and spaces', () => {
    expect(
      parseStat(statText(7, { name: 'a) S (b', state: 'D', parentPid: 3, threads: 9, startedMs: 500 })),
    ).toEqual({ pid: 7, name: 'a) S (b', state: 'D', parentPid: 3, threads: 9, startedMs: 500 });
  });

  it('takes nothing else for a process', () => {
    expect(parseStat('')).toBeUndefined();
    expect(parseStat('7 S 1')).toBeUndefined();
  });
});

describe('lookAtProcesses', () => {
  it('finds nothing where all is well, and counts threads', async () => {
    await writeProcess(procRoot, 1, { name: 'systemd' });
    await writeProcess(procRoot, 50, shim());
    await writeProcess(procRoot, 51, { name: 'pause', parentPid: 50, threads: 2 });
    expect(await lookOver()).toEqual({
      overMs: 20_000,
      uninterruptible: [],
      defunct: [],
      defunctTotal: 0,
      stopped: [],
      childlessShims: [],
      helpers: [],
      execs: 0,
      threads: 4,
      threadLimit: 32_768,
    });
  });

  it('names the pod of a process that hangs in the kernel, by its cgroup, and where it hangs', async () => {
    await writeProcess(procRoot, 60, {
      name: 'nginx',
      state: 'D',
      wchan: 'nfs_wait_bit_killable',
      cgroup: `0::/kubepods/burstable/poduid-1/${sandboxId}\n`,
      startedMs: 940_000,
    });
    expect((await lookOver()).uninterruptible).toEqual([
      {
        pid: 60,
        name: 'nginx',
        role: 'other',
        state: 'D',
        wchan: 'nfs_wait_bit_killable',
        ageMs: 60_000,
        pod,
      },
    ]);
  });

  it('does not count what is in state D for a moment, nor the kernel’s own', async () => {
    await writeProcess(procRoot, 60, { name: 'dd', state: 'D' });
    await writeProcess(procRoot, 61, { name: 'kworker/0:1', state: 'D', parentPid: 2 });
    const facts = await lookOver(() => writeProcess(procRoot, 60, { name: 'dd', state: 'R' }));
    expect(facts.uninterruptible).toEqual([]);
  });

  it('does not take a new process for an old one with the same pid', async () => {
    await writeProcess(procRoot, 60, { name: 'dd', state: 'D', startedMs: 10 });
    const facts = await lookOver(async () => {
      await rm(join(procRoot, '60'), { recursive: true });
      await writeProcess(procRoot, 60, { name: 'dd', state: 'D', startedMs: 990_000 });
    });
    expect(facts.uninterruptible).toEqual([]);
  });

  it('names the pod of a stopped shim, by its arguments', async () => {
    await writeProcess(procRoot, 50, shim({ state: 'T' }));
    await writeProcess(procRoot, 51, { name: 'pause', parentPid: 50 });
    await writeProcess(procRoot, 90, { name: 'vim', state: 'T' });
    expect((await lookOver()).stopped).toMatchObject([{ pid: 50, role: 'shim', state: 'T', pod }]);
  });

  it('tells a shim without children, and leaves those of other runtimes alone', async () => {
    await writeProcess(procRoot, 50, shim());
    await writeProcess(procRoot, 55, shim({}, '/run/other/containerd.sock'));
    await writeProcess(procRoot, 56, shim({ state: 'T' }, '/run/other/containerd.sock'));
    const { childlessShims, stopped } = await lookOver();
    expect(childlessShims).toMatchObject([{ pid: 50, pod }]);
    expect(stopped).toEqual([]);
  });

  it('tells the runtime itself when it is stopped, and not another one', async () => {
    await writeProcess(procRoot, 40, { name: 'containerd', state: 'T' });
    await writeProcess(procRoot, 41, { name: 'containerd', state: 'T' });
    expect((await lookOver()).stopped).toMatchObject([{ pid: 40, role: 'runtime' }]);
  });

  it('tells defunct children of the runtime’s shims from those of anybody', async () => {
    await writeProcess(procRoot, 50, shim());
    await writeProcess(procRoot, 51, { name: 'sh', state: 'Z', parentPid: 50 });
    await writeProcess(procRoot, 52, { name: 'sh', state: 'Z', parentPid: 1 });
    await writeProcess(procRoot, 55, shim({}, '/run/other/containerd.sock'));
    await writeProcess(procRoot, 56, { name: 'sh', state: 'Z', parentPid: 55 });
    const { defunct, defunctTotal } = await lookOver();
    expect(defunct).toMatchObject([{ pid: 51, state: 'Z' }]);
    expect(defunctTotal).toBe(3);
  });

  it('shows CNI plugins and OCI runtimes with their age, oldest first, and counts execs', async () => {
    await writeProcess(procRoot, 70, {
      name: 'runc',
      args: ['runc', '--root', '/r', 'exec', 'x'],
      startedMs: 990_000,
    });
    await writeProcess(procRoot, 71, { name: 'calico', startedMs: 900_000 });
    const { helpers, execs } = await lookOver();
    expect(helpers.map(({ name, role, ageMs }) => [name, role, ageMs])).toEqual([
      ['calico', 'cni', 100_000],
      ['runc', 'oci', 10_000],
    ]);
    expect(execs).toBe(1);
  });
});

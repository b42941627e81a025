import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { ProcessGuard } from '../../../src/runtime/process-guard.ts';
import { patient } from '../../helpers/patience.ts';
import { isRunning } from '../../helpers/process-state.ts';
import { createRuntimeDriver, type RuntimeDriver } from '../../helpers/runtime-pods.ts';

/** A second process compiles the runtime before it serves. */
const startTimeoutMs = 30_000;

/** Starts a process that leads a group. */
const startGroup = async (): Promise<ChildProcess & { readonly pid: number }> => {
  const child = spawn('/bin/sh', ['-c', 'exec sleep 1000'], { detached: true, stdio: 'ignore' });
  await once(child, 'spawn');
  onTestFinished(() => void (child.exitCode ?? child.signalCode ?? child.kill('SIGKILL')));
  return child as ChildProcess & { readonly pid: number };
};

describe('the guard', () => {
  it('kills the groups that are on its list when it is closed, and no others', async () => {
    const guard = new ProcessGuard();
    const kept = await startGroup();
    const released = await startGroup();
    const other = await startGroup();
    for (const group of [kept, released]) guard.add(group.pid);
    guard.remove(released.pid);
    const ended = once(kept, 'exit');
    guard.close();

    expect(await ended).toEqual([null, 'SIGKILL']);
    expect([released.pid, other.pid].map(isRunning)).toEqual([true, true]);
  });

  it('that never guarded anything closes in peace', () => {
    const guard = new ProcessGuard();
    guard.remove(1);
    guard.close();
    guard.close();
  });
});

describe('a runtime in a process of its own', { timeout: startTimeoutMs }, () => {
  let directory: string;
  let socketPath: string;
  let runtime: ChildProcess;
  let driver: RuntimeDriver;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'plegd-test-'));
    socketPath = join(directory, 'runtime.sock');
    const script = join(import.meta.dirname, '../../helpers/runtime-process.ts');
    runtime = spawn(process.execPath, ['--import', 'tsx', script, socketPath], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    await once(runtime, 'message');
    driver = createRuntimeDriver(`unix://${socketPath}`);
  }, startTimeoutMs);
  afterEach(async () => {
    driver.cri.close();
    runtime.kill('SIGKILL');
    await rm(directory, { recursive: true });
  });

  const runContainer = async (): Promise<number> => {
    const pod = await driver.runPod({ name: 'web' });
    const pid = await driver.containerPid(await driver.runContainer(pod));
    expect(isRunning(pid)).toBe(true);
    return pid;
  };

  it('does not leave its containers behind when it is killed', async () => {
    const pid = await runContainer();
    const exited = once(runtime, 'exit');
    runtime.kill('SIGKILL');
    await exited;

    await expect.poll(() => isRunning(pid), patient).toBe(false);
  });

  it('lets the process exit once it is stopped', async () => {
    const pid = await runContainer();
    const exited = once(runtime, 'exit');
    runtime.send('stop');

    expect(await exited).toEqual([0, null]);
    expect(isRunning(pid)).toBe(false);
  });
});

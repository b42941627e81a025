import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { useEmbeddedRuntime } from '../../helpers/embedded-runtime.ts';
import { patient } from '../../helpers/patience.ts';
import { childrenOf, isRunning } from '../../helpers/process-state.ts';
import { SimulatedTime } from '../../helpers/simulated-time.ts';

let time: SimulatedTime;
const fixture = useEmbeddedRuntime(() => {
  time = new SimulatedTime();
  return { time };
});

/** Runs a script that says `ready` to its log, and resolves once it has: its traps are set by then. */
const runUntilReady = async (script: string): Promise<{ id: string; words: () => Promise<string[]> }> => {
  const { driver, directory } = fixture;
  const pod = await driver.runPod({ name: 'web', logDirectory: directory });
  const id = await driver.runContainer(pod, { command: ['/bin/sh', '-c', script], logPath: 'app.log' });
  const words = async () =>
    (await readFile(join(directory, 'app.log'), 'utf8'))
      .split('\n')
      .flatMap((line) => line.split(' ').slice(3));
  await expect.poll(words, patient).toContain('ready');
  return { id, words };
};

describe('StopContainer', () => {
  it('lets a container end by itself at TERM', async () => {
    const { driver } = fixture;
    const { id } = await runUntilReady(`trap 'exit 7' TERM; echo ready; while :; do sleep 1000 & wait; done`);
    await driver.stopContainer(id, 10);

    expect(await driver.containerStatus(id)).toMatchObject({ exitCode: 7, reason: 'Error' });
    expect(time.timerCount).toBe(0);
  });

  it('a container that asks for nothing ends at TERM with 0', async () => {
    const { driver } = fixture;
    const pod = await driver.runPod({ name: 'web' });
    const id = await driver.runContainer(pod);
    const pid = await driver.containerPid(id);
    // Its shell has set the trap by the time it sleeps.
    await expect.poll(() => childrenOf(pid), patient).toHaveLength(1);
    await driver.stopContainer(id, 10);

    expect(await driver.containerStatus(id)).toMatchObject({ exitCode: 0, reason: 'Completed' });
  });

  it('kills a container that ignores TERM, once its seconds are over and not before', async () => {
    const { driver } = fixture;
    const { id } = await runUntilReady(`trap '' TERM; echo ready; while :; do sleep 1000 & wait; done`);
    const stop = driver.stopContainer(id, 30);
    await expect.poll(() => time.timerCount, patient).toBe(1);
    await time.advance(29_999);
    expect(isRunning(await driver.containerPid(id))).toBe(true);
    await time.advance(1);
    await stop;

    expect(await driver.containerStatus(id)).toMatchObject({ exitCode: 137 });
  });

  it('kills at once without a timeout', async () => {
    const { driver } = fixture;
    const { id } = await runUntilReady(`trap '' TERM; echo ready; sleep 1000`);
    await driver.stopContainer(id, 0);

    expect(await driver.containerStatus(id)).toMatchObject({ exitCode: 137 });
    expect(time.timerCount).toBe(0);
  });

  it('ends every process of the container', async () => {
    const { driver } = fixture;
    const { id, words } = await runUntilReady(
      `sleep 1000 & echo $!; (sleep 1000 & echo $!); echo ready; wait`,
    );
    const pids = (await words()).map(Number).filter((pid) => pid > 0);
    expect(pids).toHaveLength(2);
    expect(pids.map(isRunning)).toEqual([true, true]);
    await driver.stopContainer(id, 0);

    await expect.poll(() => pids.map(isRunning), patient).toEqual([false, false]);
  });

  it('what a container leaves behind when it ends by itself ends with it', async () => {
    const { driver, runtime } = fixture;
    const tape = driver.recordEvents();
    await runtime.events.waitForReaders(1);
    const { id, words } = await runUntilReady(`sleep 1000 & echo $!; echo ready; exit 3`);
    await tape.next('stopped', id);
    const pid = Number((await words())[0]);

    expect(pid).toBeGreaterThan(0);
    await expect.poll(() => isRunning(pid), patient).toBe(false);
  });

  it('does not wait for ever for the log of a process that left the container', async () => {
    const { driver, runtime } = fixture;
    const tape = driver.recordEvents();
    await runtime.events.waitForReaders(1);
    const { id, words } = await runUntilReady(`setsid sleep 1000 & echo $!; echo ready; exit 0`);
    const pid = Number((await words())[0]);
    onTestFinished(() => void process.kill(pid, 'SIGKILL'));
    await expect.poll(() => time.timerCount, patient).toBe(1);
    await time.advance(1_000);
    await tape.next('stopped', id);

    expect(isRunning(pid)).toBe(true);
  });

  it('a second stop, one of a container that never ran, or of an unknown one is fine', async () => {
    const { driver, runtime } = fixture;
    const pod = await driver.runPod({ name: 'web' });
    const id = await driver.runContainer(pod);
    const neverStarted = await driver.createContainer(pod, { name: 'never-started' });
    await driver.stopContainer(id);
    const tape = driver.recordEvents();
    await runtime.events.waitForReaders(1);
    await driver.stopContainer(id, 10);
    await driver.stopContainer(neverStarted, 10);
    await driver.stopContainer('f'.repeat(64), 10);
    const next = await driver.createContainer(pod, { name: 'next' });

    await tape.take(1);
    expect(tape.steps[0]).toEqual(['created', next]);
  });

  it('two stops at once both wait for the end', async () => {
    const { driver, runtime } = fixture;
    const pod = await driver.runPod({ name: 'web' });
    const id = await driver.runContainer(pod);
    await Promise.all([driver.stopContainer(id, 10), driver.stopContainer(id, 0)]);

    expect(runtime.processIdOf(id)).toBeUndefined();
  });
});

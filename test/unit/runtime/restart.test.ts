import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { ContainerState, PodSandboxState } from '../../../src/cri/gen/runtime/v1/api_pb.ts';
import { startEmbeddedRuntime } from '../../../src/runtime/server.ts';
import { useEmbeddedRuntime } from '../../helpers/embedded-runtime.ts';
import { patient } from '../../helpers/patience.ts';
import { isRunning } from '../../helpers/process-state.ts';
import { createRuntimeDriver } from '../../helpers/runtime-pods.ts';
import { SimulatedTime } from '../../helpers/simulated-time.ts';

let time: SimulatedTime;
const fixture = useEmbeddedRuntime(() => {
  time = new SimulatedTime();
  return { time };
});

/** A connection of its own: one that has just failed waits a while before it tries again. */
const reconnect = () => createRuntimeDriver(fixture.runtime.endpoint);

describe('a runtime that goes away and comes back', () => {
  it('breaks streams and calls, takes its socket away, and lets containers live', async () => {
    const { driver, runtime, directory } = fixture;
    const pod = await driver.runPod({ name: 'web' });
    const id = await driver.runContainer(pod);
    const pid = await driver.containerPid(id);
    const tape = driver.recordEvents();
    await runtime.events.waitForReaders(1);
    await runtime.suspendServing();

    expect(await tape.ended).toMatchObject({ code: status.UNAVAILABLE });
    expect(existsSync(join(directory, 'runtime.sock'))).toBe(false);
    await expect(driver.cri.runtime.version({})).rejects.toMatchObject({ code: status.UNAVAILABLE });
    expect(isRunning(pid)).toBe(true);

    await runtime.resumeServing();
    const back = reconnect();
    expect((await back.podStatus(pod.id)).state).toBe(PodSandboxState.SANDBOX_READY);
    expect(await back.containerPid(id)).toBe(pid);
    back.cri.close();
  });

  it('what ended meanwhile is EXITED 255 Unknown since the return, and no event tells', async () => {
    const { driver, runtime } = fixture;
    const pod = await driver.runPod({ name: 'web' });
    const id = await driver.runContainer(pod);
    const restarted = runtime.restart({ downMs: 60_000, killContainers: [id] });
    await expect.poll(() => time.timerCount, patient).toBe(1);
    const beforeReturnNs = time.wallNs() + 59_000_000_000n;
    await time.advance(60_000);
    await restarted;

    const back = reconnect();
    const tape = back.recordEvents();
    await runtime.events.waitForReaders(1);
    const exited = await back.containerStatus(id);
    expect(exited).toMatchObject({
      state: ContainerState.CONTAINER_EXITED,
      exitCode: 255,
      reason: 'Unknown',
    });
    expect(exited.finishedAt).toBeGreaterThan(beforeReturnNs);
    await back.removeContainer(id);
    await tape.next('deleted', id);
    expect(tape.steps).toEqual([['deleted', id]]);
    back.cri.close();
  });

  it('is the same for a client that stays: its channel recovers', async () => {
    const { driver, runtime } = fixture;
    const pod = await driver.runPod({ name: 'web' });
    await runtime.restart();

    await expect
      .poll(() => driver.podStatus(pod.id).catch(() => undefined), patient)
      .toMatchObject({ id: pod.id });
  });

  it('stays away when it is stopped meanwhile', async () => {
    const { runtime, directory } = fixture;
    const restarted = runtime.restart({ downMs: 60_000 });
    await expect.poll(() => time.timerCount, patient).toBe(1);
    await runtime.stop();
    await time.advance(60_000);
    await restarted;

    expect(existsSync(join(directory, 'runtime.sock'))).toBe(false);
  });
});

describe('stop', () => {
  it('ends every container, whatever it ignores, and removes the socket', async () => {
    const { driver, runtime, directory } = fixture;
    const pod = await driver.runPod({ name: 'web' });
    const ids = [
      await driver.runContainer(pod, { name: 'a' }),
      await driver.runContainer(pod, { name: 'b', command: ['/bin/sh', '-c', `trap '' TERM; sleep 1000`] }),
    ];
    const pids = await Promise.all(ids.map((id) => driver.containerPid(id)));
    await Promise.all([runtime.stop(), runtime.stop()]);

    expect(pids.map(isRunning)).toEqual([false, false]);
    expect(existsSync(join(directory, 'runtime.sock'))).toBe(false);
  });

  it('frees the path for the next', async () => {
    const { runtime, directory } = fixture;
    await runtime.stop();
    const next = await startEmbeddedRuntime({ socketPath: join(directory, 'runtime.sock') });
    const client = createRuntimeDriver(next.endpoint);
    expect((await client.cri.runtime.listPodSandbox({})).items).toEqual([]);
    client.cri.close();
    await next.stop();
  });
});

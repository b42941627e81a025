import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startAgentUnderTest, type AgentUnderTest } from '../helpers/agent-under-test.ts';
import { containerdNames } from '../helpers/containerd.ts';
import { describeRuntime } from '../helpers/requirements.ts';
import { createRuntimeDriver, type Pod } from '../helpers/runtime-pods.ts';

const soon = { timeout: 15_000, interval: 20 };
const shell = (script: string) => ({ command: ['/bin/sh', '-c', script] });
const wholeLife = ['ContainerStarted', 'ContainerDied', 'ContainerRemoved'];

for (const name of containerdNames) {
  describeRuntime(name, (daemon) => {
    const isEvented = name !== 'containerd-1.6';
    const mode = isEvented ? 'evented' : 'generic';
    const driver = createRuntimeDriver(daemon.endpoint);
    let tested: AgentUnderTest;
    let pod: Pod;
    const status = () => tested.agent.view.status();

    beforeEach(async () => {
      tested = await startAgentUnderTest(daemon.endpoint);
      await expect
        .poll(() => [status().mode, status().supervisor.state.split('.')[0]], soon)
        .toEqual(isEvented ? ['evented', 'streaming'] : ['generic', 'generic']);
      pod = await driver.runPod({ name: `agent-${name}`, cgroupParent: daemon.cgroupParent });
      await tested.next('ContainerStarted', pod.id);
    });
    afterEach(() => tested.stop());
    afterAll(() => driver.close());

    it(`serves ${mode} and says why`, () => {
      const { supervisor, configuredMode, runtime, health } = status();
      expect({ configuredMode, runtime, health }).toMatchObject({
        configuredMode: 'evented',
        runtime: { state: 'up', name: 'containerd', apiVersion: 'v1' },
        health: { ok: true },
      });
      if (isEvented) expect(supervisor.lastDegradation).toBeUndefined();
      else expect(supervisor.lastDegradation?.reason).toContain('GetContainerEvents');
    });

    it.each([0, 1])('reports a container that exits with %i', async (exitCode) => {
      const id = await driver.runContainer(pod, shell(`exit ${exitCode}`));
      const died = await tested.next('ContainerDied', id);
      expect(died).toMatchObject({
        podUid: pod.uid,
        podName: pod.name,
        podNamespace: 'default',
        containerName: 'main',
        sandbox: false,
        exitCode,
        reason: exitCode === 0 ? 'Completed' : 'Error',
      });
      expect(died.runtimeTime).toMatch(/^\d{19}$/);
      expect(tested.agent.view.pods().find(({ uid }) => uid === pod.uid)?.containers).toMatchObject([
        { id, state: 'exited', exitCode },
      ]);
    });

    it('reports a container whose process is killed with -9, and prints how fast', async () => {
      const latenciesMs: number[] = [];
      for (let round = 0; round < 5; round += 1) {
        const id = await driver.runContainer(pod, { ...shell('sleep 1000'), attempt: round });
        await tested.next('ContainerStarted', id);
        const pid = await driver.containerPid(id);
        const killedMs = performance.now();
        process.kill(pid, 'SIGKILL');
        const died = await tested.next('ContainerDied', id);
        latenciesMs.push(performance.now() - killedMs);
        expect(died).toMatchObject({ exitCode: 137, source: isEvented ? 'event' : 'relist' });
      }
      const rounded = latenciesMs.map((ms) => Math.round(ms)).join(', ');
      console.log(`${name} ${daemon.version}: kill -9 to event, ms: ${rounded}`);
    });

    it('reports a container that is stopped and removed, once each', async () => {
      const id = await driver.runContainer(pod, shell('sleep 1000'));
      await tested.next('ContainerStarted', id);
      await driver.stopContainer(id);
      await tested.next('ContainerDied', id);
      await driver.removeContainer(id);
      await tested.next('ContainerRemoved', id);
      expect(tested.typesOf(id)).toEqual(wholeLife);
    });

    it('reports a pod that is stopped and removed with its container, and forgets it', async () => {
      const id = await driver.runContainer(pod, shell('sleep 1000'));
      await tested.next('ContainerStarted', id);
      await driver.stopPod(pod.id);
      await driver.removePod(pod.id);
      await tested.next('ContainerRemoved', pod.id);
      await tested.next('ContainerRemoved', id);
      expect(tested.typesOf(id)).toEqual(wholeLife);
      expect(tested.typesOf(pod.id)).toEqual(wholeLife);
      expect(tested.agent.view.pods().map(({ uid }) => uid)).not.toContain(pod.uid);
    });

    it('reports a sandbox whose pause process dies while its container runs on', async () => {
      const id = await driver.runContainer(pod, shell('sleep 1000'));
      await tested.next('ContainerStarted', id);
      process.kill(await driver.podPid(pod.id), 'SIGKILL');
      expect(await tested.next('ContainerDied', pod.id)).toMatchObject({ sandbox: true });
      expect(tested.typesOf(id)).toEqual(['ContainerStarted']);
      await expect
        .poll(() => tested.agent.view.pods().find(({ uid }) => uid === pod.uid)?.sandboxes[0]?.state, soon)
        .toBe('notready');
    });

    it('finds a container whose start failed, which no event announces', async () => {
      const id = await driver.createContainer(pod, { command: ['/no/such/command'] });
      await expect(driver.startContainer(id)).rejects.toThrow(/no\/such\/command/);
      tested.agent.requestRelist();
      expect(await tested.next('ContainerDied', id)).toMatchObject({ exitCode: 128, source: 'relist' });
      expect(status().counts.missedEvents).toBe(0);
    });

    describe('while the runtime goes away and comes back', () => {
      it.each(['stop', 'kill9'] as const)('stays, tells, and finds who died meanwhile (%s)', async (end) => {
        const dies = await driver.runContainer(pod, { name: 'dies', ...shell('sleep 1000') });
        const lives = await driver.runContainer(pod, { name: 'lives', ...shell('sleep 1000') });
        await tested.next('ContainerStarted', dies);
        await tested.next('ContainerStarted', lives);
        const pid = await driver.containerPid(dies);

        await daemon[end]();
        await expect.poll(() => status().runtime.state, soon).toBe('down');
        process.kill(pid, 'SIGKILL');
        expect(tested.typesOf(dies)).toEqual(['ContainerStarted']);

        await daemon.start();
        expect(await tested.next('ContainerDied', dies)).toMatchObject({ source: 'relist' });
        await expect.poll(() => [status().runtime.state, status().mode], soon).toEqual(['up', mode]);
        expect(tested.typesOf(lives)).toEqual(['ContainerStarted']);

        process.kill(await driver.containerPid(lives), 'SIGKILL');
        await tested.next('ContainerDied', lives);
        expect(status().health.ok).toBe(true);
      });
    });
  });
}

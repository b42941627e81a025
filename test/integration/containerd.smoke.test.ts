import { status as grpcStatus } from '@grpc/grpc-js';
import { afterAll, expect, it } from 'vitest';
import { ContainerState } from '../../src/cri/gen/runtime/v1/api_pb.ts';
import { containerdNames, startContainerd } from '../helpers/containerd.ts';
import { leftOnMachine } from '../helpers/left-on-machine.ts';
import { describeRuntime } from '../helpers/requirements.ts';
import { createRuntimeDriver } from '../helpers/runtime-pods.ts';

const soon = { timeout: 15_000, interval: 20 };
const shell = (script: string) => ({ command: ['/bin/sh', '-c', script] });

// The harness itself on each version: what the other integration tests take for granted.
for (const name of containerdNames) {
  describeRuntime(name, (daemon) => {
    const { cgroupParent, endpoint } = daemon;
    const driver = createRuntimeDriver(endpoint);
    const { runtime } = driver.cri;
    afterAll(() => {
      driver.cri.close();
    });

    const stateOf = async (containerId: string) => (await driver.containerStatus(containerId)).state;

    it('is the release that its name says', async () => {
      const { runtimeName, runtimeApiVersion } = await runtime.version({});
      expect({ runtimeName, runtimeApiVersion }).toEqual({
        runtimeName: 'containerd',
        runtimeApiVersion: 'v1',
      });
      // Debian's sid moves on: there only the major version is sure.
      const release = name === 'containerd-2.1' ? '2.' : `${name.replace('containerd-', '')}.`;
      expect(daemon.version.slice(0, release.length)).toBe(release);
    });

    it('runs a container on the host network until it exits with 3, then removes it', async () => {
      const pod = await driver.runPod({ name: 'exit-3', cgroupParent });
      const containerId = await driver.runContainer(pod, shell('exit 3'));
      await expect.poll(() => stateOf(containerId), soon).toBe(ContainerState.CONTAINER_EXITED);
      expect(await driver.containerStatus(containerId)).toMatchObject({ exitCode: 3, reason: 'Error' });

      await driver.removeContainer(containerId);
      await driver.stopPod(pod.id);
      await driver.removePod(pod.id);
      await expect(stateOf(containerId)).rejects.toMatchObject({ code: grpcStatus.NOT_FOUND });
      const { items } = await runtime.listPodSandbox({});
      expect(items.map(({ id }) => id)).not.toContain(pod.id);
    });

    it('gives a pod off the host network an address', async () => {
      const pod = await driver.runPod({ name: 'bridged', cgroupParent, hostNetwork: false });
      expect((await driver.podStatus(pod.id)).network?.ip).toMatch(/^198\.18\./);
    });

    if (name === 'containerd-1.6') {
      it('does not implement GetContainerEvents', async () => {
        expect(await driver.recordEvents().ended).toMatchObject({ code: grpcStatus.UNIMPLEMENTED });
      });
    } else {
      it('announces what becomes of a container', async () => {
        const tape = driver.recordEvents();
        const pod = await driver.runPod({ name: 'announced', cgroupParent });
        const containerId = await driver.runContainer(pod, shell('exit 0'));
        await tape.next('stopped', containerId);
        await tape.next('started', containerId);
        await driver.removeContainer(containerId);
        await tape.next('deleted', containerId);
        tape.cancel();

        const kinds = tape.steps.filter(([, id]) => id === containerId).map(([kind]) => kind);
        // containerd 2 may announce the end of a short life before its start.
        expect(kinds.toSorted()).toEqual(['created', 'deleted', 'started', 'stopped']);
      });
    }

    it('finds its running containers again after a kill -9 and after a stop', async () => {
      const pod = await driver.runPod({ name: 'survivor', cgroupParent });
      const containerId = await driver.runContainer(pod);
      for (const end of ['kill9', 'stop'] as const) {
        await daemon[end]();
        await expect(runtime.version({})).rejects.toMatchObject({ code: grpcStatus.UNAVAILABLE });
        await daemon.start();
        await expect
          .poll(() => stateOf(containerId).catch(() => undefined), soon)
          .toBe(ContainerState.CONTAINER_RUNNING);
      }
    });

    it('leaves nothing on the machine after a purge', async () => {
      const doomed = await startContainerd(name);
      const doomedDriver = createRuntimeDriver(doomed.endpoint);
      try {
        const inOwnCgroup = await doomedDriver.runPod({
          name: 'own-cgroup',
          cgroupParent: doomed.cgroupParent,
          hostNetwork: false,
        });
        const inSharedCgroup = await doomedDriver.runPod({ name: 'shared-cgroup' });
        // containerd 2.1 forgets the shim of a pod whose sandbox process was killed.
        const forgotten = await doomedDriver.runPod({ name: 'forgotten', cgroupParent: doomed.cgroupParent });
        const ids = [inOwnCgroup.id, inSharedCgroup.id, forgotten.id];
        for (const pod of [inOwnCgroup, inSharedCgroup, forgotten]) {
          ids.push(await doomedDriver.runContainer(pod));
        }
        process.kill(await doomedDriver.podPid(forgotten.id), 'SIGKILL');
        await doomedDriver.removePod(forgotten.id);
        expect(leftOnMachine(doomed, ids)).not.toEqual([]);

        await doomed.kill9();
        await doomed.purge();
        // A killed process has left its cgroup before it is quite gone.
        await expect.poll(() => leftOnMachine(doomed, ids), soon).toEqual([]);
      } finally {
        doomedDriver.cri.close();
        await doomed.purge();
      }
    });
  });
}

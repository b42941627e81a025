import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { ContainerState, type Container } from '../../../src/cri/gen/runtime/v1/api_pb.ts';
import { startDemo } from '../../../src/runtime/demo.ts';
import { useEmbeddedRuntime } from '../../helpers/embedded-runtime.ts';
import { patient } from '../../helpers/patience.ts';
import { SimulatedTime } from '../../helpers/simulated-time.ts';

const fixture = useEmbeddedRuntime();

const containersOf = async (podName: string): Promise<Container[]> => {
  const labelSelector = { 'io.kubernetes.pod.name': podName };
  return (await fixture.driver.cri.runtime.listContainers({ filter: { labelSelector } })).containers;
};

const startQuickDemo = async () => {
  const time = new SimulatedTime();
  const demo = await startDemo(fixture.runtime.endpoint, { jobSeconds: 0, syncPeriodMs: 1_000, time });
  return { time, demo };
};

describe('the demo', () => {
  it('runs two pods with the labels and annotations of a kubelet', async () => {
    const { demo } = await startQuickDemo();
    const { items } = await fixture.driver.cri.runtime.listPodSandbox({});
    expect(items.map(({ metadata }) => `${metadata?.namespace}/${metadata?.name}`).sort()).toEqual([
      'default/demo-job',
      'default/demo-web',
    ]);

    const [web] = await containersOf('demo-web');
    const pod = items.find(({ metadata }) => metadata?.name === 'demo-web');
    expect(web).toMatchObject({
      state: ContainerState.CONTAINER_RUNNING,
      metadata: { name: 'web', attempt: 0 },
      labels: {
        'io.kubernetes.pod.name': 'demo-web',
        'io.kubernetes.pod.namespace': 'default',
        'io.kubernetes.pod.uid': pod?.metadata?.uid,
        'io.kubernetes.container.name': 'web',
      },
      annotations: {
        'io.kubernetes.container.hash': expect.stringMatching(/^[0-9a-f]{8}$/) as string,
        'io.kubernetes.container.restartCount': '0',
      },
    });
    await demo.stop();
  });

  it('starts the job anew each time it has ended, and removes the old container', async () => {
    const { driver, runtime } = fixture;
    const tape = driver.recordEvents();
    await runtime.events.waitForReaders(1);
    const { time, demo } = await startQuickDemo();
    const [first] = await containersOf('demo-job');
    await tape.next('stopped', first!.id);
    await time.advance(1_000);
    await tape.next('deleted', first!.id);

    const [second, ...others] = await containersOf('demo-job');
    expect(others).toEqual([]);
    expect(second!.id).not.toBe(first!.id);
    expect(second).toMatchObject({
      metadata: { name: 'job', attempt: 1 },
      annotations: {
        'io.kubernetes.container.hash': first!.annotations['io.kubernetes.container.hash'],
        'io.kubernetes.container.restartCount': '1',
      },
    });
    await tape.next('started', second!.id);
    await demo.stop();
  });

  it('goes on when the runtime was away', async () => {
    const { driver, runtime } = fixture;
    const tape = driver.recordEvents();
    await runtime.events.waitForReaders(1);
    const { time, demo } = await startQuickDemo();
    const [first] = await containersOf('demo-job');
    await tape.next('stopped', first!.id);
    runtime.faults.calls['ContainerStatus'] = [{ fail: { code: status.UNAVAILABLE }, times: 2 }];
    await time.advance(1_000);
    await expect.poll(() => time.timerCount, patient).toBe(1);
    await time.advance(1_000);

    await tape.next('deleted', first!.id);
    await demo.stop();
  });

  it('stop removes its pods', async () => {
    const { demo } = await startQuickDemo();
    await demo.stop();
    expect((await fixture.driver.cri.runtime.listPodSandbox({})).items).toEqual([]);
  });

  it('stop does not mind a runtime that is gone', async () => {
    const { demo } = await startQuickDemo();
    await fixture.runtime.stop();
    await demo.stop();
  });

  it('fails where no runtime is', async () => {
    await fixture.runtime.stop();
    await expect(startQuickDemo()).rejects.toMatchObject({ code: status.UNAVAILABLE });
  });
});

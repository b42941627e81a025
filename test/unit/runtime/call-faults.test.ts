import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { ContainerState } from '../../../src/cri/gen/runtime/v1/api_pb.ts';
import type { CallFault } from '../../../src/runtime/faults.ts';
import { useEmbeddedRuntime } from '../../helpers/embedded-runtime.ts';
import { patient } from '../../helpers/patience.ts';
import { createRuntimeDriver } from '../../helpers/runtime-pods.ts';
import { settle, SimulatedTime } from '../../helpers/simulated-time.ts';

let time: SimulatedTime;
const fixture = useEmbeddedRuntime(() => {
  time = new SimulatedTime();
  return { time };
});

const setFault = (method: string, ...faults: CallFault[]): void => {
  fixture.runtime.faults.calls[method] = faults;
};

/** A promise and what settles it. */
const createGate = () => {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
};

/** Whether a call has been answered by now, one way or the other. */
const watch = (call: Promise<unknown>) => {
  const seen = { isAnswered: false };
  const mark = () => {
    seen.isAnswered = true;
  };
  call.then(mark, mark);
  return seen;
};

describe('a delayed call', () => {
  it('is answered when its time is over, and others are not held up', async () => {
    const { runtime } = fixture.driver.cri;
    setFault('ListContainers', { delayMs: 5_000 });
    const call = runtime.listContainers({});
    const seen = watch(call);
    await expect.poll(() => time.timerCount, patient).toBe(1);
    await runtime.listPodSandbox({});
    await time.advance(4_999);
    await runtime.version({});
    expect(seen.isAnswered).toBe(false);
    await time.advance(1);

    expect((await call).containers).toEqual([]);
  });

  it('is dropped when its caller goes, before anything was done', async () => {
    const impatient = createRuntimeDriver(fixture.runtime.endpoint, { timeoutMs: 100 });
    setFault('RunPodSandbox', { delayMs: 5_000, times: 1 });
    await expect(impatient.runPod({ name: 'web' })).rejects.toMatchObject({
      code: status.DEADLINE_EXCEEDED,
    });
    await expect.poll(() => time.timerCount, patient).toBe(0);
    impatient.cri.close();

    expect((await fixture.driver.cri.runtime.listPodSandbox({})).items).toEqual([]);
  });
});

describe('a hanging call', () => {
  it('hangs until it is let go', async () => {
    const { runtime } = fixture.driver.cri;
    const gate = createGate();
    setFault('Version', { until: gate.opened });
    const call = runtime.version({});
    const seen = watch(call);
    await runtime.status({});
    expect(seen.isAnswered).toBe(false);
    gate.open();

    expect((await call).runtimeName).toBe('plegd-embedded');
  });

  it('ends with the runtime', async () => {
    const { driver, runtime } = fixture;
    setFault('Version', { until: new Promise(() => {}) });
    const call = driver.cri.runtime.version({});
    await driver.cri.runtime.status({});
    const [stopped] = await Promise.all([
      runtime.stop(),
      expect(call).rejects.toMatchObject({ code: status.UNAVAILABLE }),
    ]);
    expect(stopped).toBeUndefined();
  });

  it('may be one about one container only', async () => {
    const { driver } = fixture;
    const pod = await driver.runPod({ name: 'web' });
    const stuck = await driver.createContainer(pod, { name: 'stuck' });
    const well = await driver.createContainer(pod, { name: 'well' });
    const gate = createGate();
    setFault('ContainerStatus', { id: stuck, until: gate.opened });
    const call = driver.containerStatus(stuck);
    const seen = watch(call);

    expect((await driver.containerStatus(well)).id).toBe(well);
    expect(seen.isAnswered).toBe(false);
    gate.open();
    expect((await call).id).toBe(stuck);
  });

  it('may be one about one sandbox, or one image', async () => {
    const { driver } = fixture;
    const pod = await driver.runPod({ name: 'web' });
    setFault('PodSandboxStatus', { id: pod.id, fail: { code: status.ABORTED } });
    setFault('PullImage', { id: 'bad:1', fail: { code: status.ABORTED } });

    await expect(driver.podStatus(pod.id)).rejects.toMatchObject({ code: status.ABORTED });
    await driver.podStatus((await driver.runPod({ name: 'other' })).id);
    await expect(driver.cri.images.pullImage({ image: { image: 'bad:1' } })).rejects.toMatchObject({
      code: status.ABORTED,
    });
    await driver.cri.images.pullImage({ image: { image: 'good:1' } });
  });

  it('may have done its work and keep back an answer that grows stale', async () => {
    const { driver } = fixture;
    const pod = await driver.runPod({ name: 'web' });
    const id = await driver.runContainer(pod);
    const gate = createGate();
    setFault('ListContainers', { at: 'answer', until: gate.opened, times: 1 });
    const stale = driver.cri.runtime.listContainers({});
    await driver.stopContainer(id);
    const { containers } = await driver.cri.runtime.listContainers({});
    expect(containers[0]?.state).toBe(ContainerState.CONTAINER_EXITED);
    gate.open();

    expect((await stale).containers[0]?.state).toBe(ContainerState.CONTAINER_RUNNING);
  });
});

describe('a failing call', () => {
  it('fails with the status it was given, as often as it was told', async () => {
    const { runtime } = fixture.driver.cri;
    setFault('ListPodSandbox', { fail: { code: status.INTERNAL, details: 'disk on fire' }, times: 2 });

    for (let count = 0; count < 2; count += 1) {
      await expect(runtime.listPodSandbox({})).rejects.toMatchObject({
        code: status.INTERNAL,
        details: 'disk on fire',
      });
    }
    expect((await runtime.listPodSandbox({})).items).toEqual([]);
  });

  it('leaves undone what it was asked to do', async () => {
    const { driver } = fixture;
    setFault('RunPodSandbox', { fail: { code: status.INTERNAL } });
    await expect(driver.runPod({ name: 'web' })).rejects.toMatchObject({ code: status.INTERNAL });
    expect((await driver.cri.runtime.listPodSandbox({})).items).toEqual([]);
  });

  it('may lose the answer to work that was done', async () => {
    const { driver } = fixture;
    setFault('RunPodSandbox', { at: 'answer', fail: { code: status.UNAVAILABLE } });
    await expect(driver.runPod({ name: 'web' })).rejects.toMatchObject({ code: status.UNAVAILABLE });
    expect((await driver.cri.runtime.listPodSandbox({})).items).toHaveLength(1);
  });

  it('may break a list stream behind its batches', async () => {
    const { driver } = fixture;
    await driver.runPod({ name: 'web' });
    setFault('StreamPodSandboxes', { at: 'answer', fail: { code: status.UNAVAILABLE } });
    const batches: unknown[] = [];
    const end = await new Promise<{ code?: number }>((resolve) => {
      const stream = driver.cri.runtime.streamPodSandboxes({});
      stream.on('data', (batch) => batches.push(batch));
      stream.once('error', resolve);
    });

    expect(batches).toHaveLength(1);
    expect(end.code).toBe(status.UNAVAILABLE);
  });

  it('GetContainerEvents may be UNIMPLEMENTED, as on containerd 1.6', async () => {
    setFault('GetContainerEvents', { fail: { code: status.UNIMPLEMENTED } });
    expect(await fixture.driver.recordEvents().ended).toMatchObject({ code: status.UNIMPLEMENTED });
    expect(fixture.runtime.events.readerCount).toBe(0);
  });
});

describe('a spoilt answer', () => {
  it('garbage is no message to the client', async () => {
    const { runtime } = fixture.driver.cri;
    setFault('ListContainers', { garbage: true, times: 1 });
    await expect(runtime.listContainers({})).rejects.toMatchObject({ code: status.INTERNAL });
    expect((await runtime.listContainers({})).containers).toEqual([]);
  });

  it('an empty answer has no status in it', async () => {
    const { driver } = fixture;
    const pod = await driver.runPod({ name: 'web' });
    setFault('PodSandboxStatus', { empty: true });
    const answer = await driver.cri.runtime.podSandboxStatus({ podSandboxId: pod.id });

    expect(answer.status).toBeUndefined();
  });

  it('an answer can be longer than 16 MiB, and is else as it was', async () => {
    const { driver, runtime } = fixture;
    const pod = await driver.runPod({ name: 'web' });
    const limitBytes = 16 * 1024 * 1024;
    setFault('ListPodSandbox', { padToBytes: limitBytes + 1 });
    await expect(driver.cri.runtime.listPodSandbox({})).rejects.toMatchObject({
      code: status.RESOURCE_EXHAUSTED,
    });

    const tolerant = createRuntimeDriver(runtime.endpoint, { maxReceiveBytes: 2 * limitBytes });
    const { items } = await tolerant.cri.runtime.listPodSandbox({});
    tolerant.cri.close();
    expect(items.map(({ id }) => id)).toEqual([pod.id]);
  });

  it('the messages of a stream can be spoilt too', async () => {
    const { driver, runtime } = fixture;
    setFault('GetContainerEvents', { garbage: true });
    const tape = driver.recordEvents();
    await runtime.events.waitForReaders(1);
    await driver.runPod({ name: 'web' });

    expect(await tape.ended).toMatchObject({ code: status.INTERNAL });
    expect(tape.events).toEqual([]);
  });
});

it('the first fault that matches strikes, and a spent one makes way', async () => {
  const { runtime } = fixture.driver.cri;
  setFault(
    'Version',
    { fail: { code: status.ABORTED }, times: 1 },
    { fail: { code: status.INTERNAL }, times: 1 },
  );
  await expect(runtime.version({})).rejects.toMatchObject({ code: status.ABORTED });
  await expect(runtime.version({})).rejects.toMatchObject({ code: status.INTERNAL });
  await settle();
  expect((await runtime.version({})).runtimeApiVersion).toBe('v1');
});

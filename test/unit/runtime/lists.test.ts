import type { ClientReadableStream } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { ContainerState, PodSandboxState } from '../../../src/cri/gen/runtime/v1/api_pb.ts';
import { useEmbeddedRuntime } from '../../helpers/embedded-runtime.ts';

const fixture = useEmbeddedRuntime();

const namesOf = (records: readonly { readonly metadata?: { readonly name: string } | undefined }[]) =>
  records.map(({ metadata }) => metadata!.name).sort();

describe('ListPodSandbox', () => {
  /** `up` and `down`, which is stopped. */
  const makePods = async () => {
    const { driver } = fixture;
    const up = await driver.runPod({ name: 'up', labels: { app: 'shop', tier: 'front' } });
    const down = await driver.runPod({ name: 'down', labels: { app: 'shop' } });
    await driver.stopPod(down.id);
    return { up, down };
  };

  it('answers all with all that was kept', async () => {
    const { driver } = fixture;
    const pod = await driver.runPod({ name: 'web', labels: { app: 'shop' }, annotations: { note: 'kept' } });
    const { items } = await driver.cri.runtime.listPodSandbox({});

    expect(items).toMatchObject([
      {
        id: pod.id,
        metadata: { name: 'web', uid: pod.uid, namespace: 'default', attempt: 0 },
        state: PodSandboxState.SANDBOX_READY,
        createdAt: (await driver.podStatus(pod.id)).createdAt,
        labels: { app: 'shop', 'io.kubernetes.pod.name': 'web' },
        annotations: { note: 'kept' },
      },
    ]);
  });

  it.each([
    ['no filter', () => ({}), ['down', 'up']],
    ['an empty filter', () => ({ filter: {} }), ['down', 'up']],
    ['an id', (id: string) => ({ filter: { id } }), ['up']],
    ['the beginning of an id', (id: string) => ({ filter: { id: id.slice(0, 13) } }), ['up']],
    ['an unknown id', () => ({ filter: { id: 'f'.repeat(64) } }), []],
    ['READY', () => ({ filter: { state: { state: PodSandboxState.SANDBOX_READY } } }), ['up']],
    ['NOTREADY', () => ({ filter: { state: { state: PodSandboxState.SANDBOX_NOTREADY } } }), ['down']],
    ['a label', () => ({ filter: { labelSelector: { app: 'shop' } } }), ['down', 'up']],
    ['two labels', () => ({ filter: { labelSelector: { app: 'shop', tier: 'front' } } }), ['up']],
    ['a label of another value', () => ({ filter: { labelSelector: { app: 'bank' } } }), []],
    [
      'a state and a label together',
      () => ({
        filter: {
          state: { state: PodSandboxState.SANDBOX_NOTREADY },
          labelSelector: { tier: 'front' },
        },
      }),
      [],
    ],
  ])('selects by %s', async (_by, requestFor, names) => {
    const { up } = await makePods();
    const { items } = await fixture.driver.cri.runtime.listPodSandbox(requestFor(up.id));
    expect(namesOf(items)).toEqual(names);
  });
});

describe('ListContainers', () => {
  /** `idle` runs and `fresh` was never started, in one pod; `lone` was never started, in another. */
  const makeContainers = async () => {
    const { driver } = fixture;
    const pod = await driver.runPod({ name: 'web' });
    const idle = await driver.runContainer(pod, { name: 'idle', labels: { app: 'shop', tier: 'front' } });
    await driver.createContainer(pod, { name: 'fresh', labels: { app: 'shop' } });
    await driver.createContainer(await driver.runPod({ name: 'other' }), { name: 'lone' });
    return { pod: pod.id, idle };
  };

  it('answers all with all that was kept', async () => {
    const { driver } = fixture;
    const pod = await driver.runPod({ name: 'web' });
    const id = await driver.createContainer(pod, { name: 'app', attempt: 1, labels: { tier: 'front' } });
    const status = await driver.containerStatus(id);
    const { containers } = await driver.cri.runtime.listContainers({});

    expect(containers).toMatchObject([
      {
        id,
        podSandboxId: pod.id,
        metadata: { name: 'app', attempt: 1 },
        image: { image: 'localhost/busybox:1' },
        imageRef: status.imageRef,
        state: ContainerState.CONTAINER_CREATED,
        createdAt: status.createdAt,
        labels: { tier: 'front', 'io.kubernetes.container.name': 'app' },
        annotations: { 'io.kubernetes.container.restartCount': '1' },
      },
    ]);
  });

  it.each([
    ['no filter', () => ({}), ['fresh', 'idle', 'lone']],
    ['an empty filter', () => ({ filter: {} }), ['fresh', 'idle', 'lone']],
    ['an id', (made: { idle: string }) => ({ filter: { id: made.idle } }), ['idle']],
    ['a sandbox', (made: { pod: string }) => ({ filter: { podSandboxId: made.pod } }), ['fresh', 'idle']],
    [
      'the beginning of a sandbox id',
      (made: { pod: string }) => ({ filter: { podSandboxId: made.pod.slice(0, 13) } }),
      ['fresh', 'idle'],
    ],
    [
      'a container of another sandbox',
      (made: { idle: string }) => ({ filter: { id: made.idle, podSandboxId: 'f'.repeat(64) } }),
      [],
    ],
    [
      'CREATED',
      () => ({ filter: { state: { state: ContainerState.CONTAINER_CREATED } } }),
      ['fresh', 'lone'],
    ],
    ['RUNNING', () => ({ filter: { state: { state: ContainerState.CONTAINER_RUNNING } } }), ['idle']],
    ['EXITED', () => ({ filter: { state: { state: ContainerState.CONTAINER_EXITED } } }), []],
    ['a label', () => ({ filter: { labelSelector: { app: 'shop' } } }), ['fresh', 'idle']],
    ['two labels', () => ({ filter: { labelSelector: { app: 'shop', tier: 'front' } } }), ['idle']],
  ])('selects by %s', async (_by, requestFor, names) => {
    const made = await makeContainers();
    const { containers } = await fixture.driver.cri.runtime.listContainers(requestFor(made));
    expect(namesOf(containers)).toEqual(names);
  });
});

describe('the order of lists', () => {
  const makeManyPods = async () => {
    for (let count = 0; count < 20; count += 1) await fixture.driver.runPod({ name: `pod-${count}` });
  };
  const listIds = async () => (await fixture.driver.cri.runtime.listPodSandbox({})).items.map(({ id }) => id);

  it('differs from call to call, as containerd makes it', async () => {
    await makeManyPods();
    const orders = [await listIds(), await listIds(), await listIds()];

    // That twenty records come three times in one order has a chance of less than 1 in 10^36.
    expect(new Set(orders.map((ids) => ids.join())).size).toBeGreaterThan(1);
    expect(orders[0]!.toSorted()).toEqual(orders[1]!.toSorted());
  });

  it('is that of creation when the switch is off', async () => {
    fixture.runtime.faults.isListOrderRandom = false;
    await makeManyPods();
    const { items } = await fixture.driver.cri.runtime.listPodSandbox({});

    expect(items.map(({ metadata }) => metadata?.name)).toEqual(
      Array.from({ length: 20 }, (_, index) => `pod-${index}`),
    );
  });
});

describe('lists as streams', () => {
  it('StreamPodSandboxes sends batches of a hundred and ends', async () => {
    const { driver } = fixture;
    for (let count = 0; count < 101; count += 1) await driver.runPod({ name: `pod-${count}` });
    const batches = await collect(driver.cri.runtime.streamPodSandboxes({}));

    expect(batches.map(({ podSandboxes }) => podSandboxes.length)).toEqual([100, 1]);
    expect(new Set(batches.flatMap(({ podSandboxes }) => podSandboxes.map(({ id }) => id))).size).toBe(101);
  });

  it('StreamContainers heeds the filter', async () => {
    const { driver } = fixture;
    const pod = await driver.runPod({ name: 'web' });
    await driver.createContainer(pod, { name: 'a', labels: { app: 'shop' } });
    await driver.createContainer(pod, { name: 'b' });
    const filter = { labelSelector: { app: 'shop' } };
    const batches = await collect(driver.cri.runtime.streamContainers({ filter }));

    expect(batches.map(({ containers }) => namesOf(containers))).toEqual([['a']]);
  });

  it('an empty list ends without a batch', async () => {
    const { runtime } = fixture.driver.cri;
    expect(await collect(runtime.streamContainers({}))).toEqual([]);
    expect(await collect(runtime.streamPodSandboxes({}))).toEqual([]);
  });
});

const collect = async <T>(stream: ClientReadableStream<T>): Promise<T[]> => {
  const messages: T[] = [];
  for await (const message of stream as AsyncIterable<T>) messages.push(message);
  return messages;
};

import { describe, expect, it } from 'vitest';
import { containerOf, sandboxOf, statusOf } from './records.ts';
import { TestMerge, type World } from './test-merge.ts';

const pod: World = { sandboxes: [sandboxOf('p')], containers: [containerOf('p', 'c1')] };

const mergeWithPod = (): TestMerge => {
  const merge = new TestMerge();
  merge.relist(pod);
  merge.inspect(pod);
  merge.take();
  return merge;
};

describe('the end of a pod', () => {
  it('publishes what is left, without an inspection, when the list has nothing of the pod', () => {
    const merge = mergeWithPod();
    merge.relist({});
    expect(merge.take()).toEqual([
      'ContainerDied p-sandbox',
      'ContainerRemoved p-sandbox',
      'ContainerDied c1',
      'ContainerRemoved c1',
    ]);
    expect(merge.merge.takeInspection()).toBeUndefined();
    expect(merge.merge.podCount).toBe(0);
    expect(merge.merge.registry.size).toBe(0);
  });

  it('publishes what is left after the cache has forgotten the pod', () => {
    const merge = mergeWithPod();
    const cached: number[] = [];
    merge.onPublished = () => cached.push(merge.cache.get('p').status.containers.length);
    merge.relist({});
    expect(cached).toEqual([0, 0, 0, 0]);
  });

  it('ends with the deletion of its last container, before any list says so', () => {
    const merge = mergeWithPod();
    for (const id of ['c1', 'p-sandbox'])
      for (const kind of ['stopped', 'deleted'] as const) merge.event('p', kind, id);
    expect(merge.take()).toEqual([
      'ContainerDied c1',
      'ContainerRemoved c1',
      'ContainerDied p-sandbox',
      'ContainerRemoved p-sandbox',
    ]);
    expect(merge.merge.podCount).toBe(0);
    expect(merge.merge.snapshot()).toEqual([]);
  });

  it('wakes who waits for the pod', async () => {
    const merge = mergeWithPod();
    const news = merge.cache.getNewerThan('p', merge.time.monotonicMs());
    merge.relist({});
    await expect(news).resolves.toMatchObject({ status: { podUid: 'p', containers: [] }, error: undefined });
  });

  it('takes no answer of an inspection that outlived the pod', () => {
    const merge = mergeWithPod();
    merge.event('p', 'stopped', 'c1');
    const inspection = merge.beginInspection();
    merge.relist({});
    merge.take();
    inspection.answer(pod);
    expect(merge.take()).toEqual([]);
    expect(merge.cache.get('p').status.containers).toEqual([]);
    expect(merge.merge.queue.size).toBe(0);
  });

  it('takes no failure of an inspection that outlived the pod', () => {
    const merge = mergeWithPod();
    merge.event('p', 'stopped', 'c1');
    const inspection = merge.beginInspection();
    merge.relist({});
    merge.take();
    inspection.fail();
    expect(merge.failures).toEqual([]);
    expect(merge.cache.get('p').error).toBeUndefined();
    expect(merge.merge.queue.size).toBe(0);
  });

  it('begins anew with another sandbox while an inspection of the old one is under way', () => {
    const merge = mergeWithPod();
    merge.event('p', 'stopped', 'c1');
    const inspection = merge.beginInspection();
    const next = { sandboxes: [sandboxOf('p', { id: 'second' })] };
    merge.relist({});
    merge.relist(next);
    expect(merge.merge.takeInspection()).toBeUndefined();
    merge.take();
    inspection.answer(pod);
    expect(merge.take()).toEqual([]);
    merge.inspect(next);
    expect(merge.take()).toEqual(['ContainerStarted second']);
    expect(merge.cache.get('p').status).toMatchObject({ sandboxes: [{ id: 'second' }], containers: [] });
  });

  it('forgives one list that still shows the remains of a sandbox that an event removed', () => {
    const merge = new TestMerge();
    merge.relist({ sandboxes: [sandboxOf('p')] });
    merge.inspect({ sandboxes: [sandboxOf('p')] });
    merge.event('p', 'stopped', 'p-sandbox');
    merge.event('p', 'deleted', 'p-sandbox');
    merge.take();
    merge.relist({ sandboxes: [sandboxOf('p', { state: 'notready' })] });
    expect(merge.take()).toEqual([]);
    expect(merge.merge.podCount).toBe(0);
    merge.relist({});
    expect(merge.take()).toEqual([]);
    expect(merge.merge.registry.size).toBe(0);
  });

  it('leaves no empty pod behind a list that is older than the removal', () => {
    const merge = new TestMerge();
    merge.relist({ sandboxes: [sandboxOf('p')] });
    merge.inspect({ sandboxes: [sandboxOf('p')] });
    const endRelist = merge.beginRelist();
    merge.event('p', 'deleted', 'p-sandbox');
    merge.take();
    endRelist({ sandboxes: [sandboxOf('p')] });
    expect(merge.merge.podCount).toBe(0);
    expect(merge.merge.queue.size).toBe(0);
    expect(merge.take()).toEqual([]);
  });

  it('takes a container back that a later list shows running after its deletion', () => {
    const merge = mergeWithPod();
    merge.event('p', 'deleted', 'c1');
    merge.inspect({ sandboxes: pod.sandboxes ?? [] });
    merge.take();
    merge.relist(pod);
    merge.inspect(pod);
    expect(merge.take()).toEqual(['ContainerStarted c1']);
  });
});

describe('containers in lists', () => {
  const unlabelled = { podUid: '', podName: '', podNamespace: '' };

  it('belong to the pod of their sandbox where they have no labels', () => {
    const merge = new TestMerge();
    const world = { ...pod, containers: [containerOf('p', 'c1', 'running', unlabelled)] };
    merge.relist(world);
    merge.inspect(world);
    expect(merge.published.map(({ podUid, podName }) => [podUid, podName])).toEqual([
      ['p', 'name-p'],
      ['p', 'name-p'],
    ]);
  });

  it('stay alive without labels when their sandbox goes first', () => {
    const merge = new TestMerge();
    const containers = [containerOf('p', 'c1', 'running', unlabelled)];
    merge.relist({ ...pod, containers });
    merge.inspect({ ...pod, containers });
    merge.take();
    for (let relist = 0; relist < 3; relist += 1) {
      merge.relist({ containers });
      merge.inspect({ containers });
    }
    expect(merge.take()).toEqual(['ContainerDied p-sandbox', 'ContainerRemoved p-sandbox']);
    expect(merge.merge.registry.get('c1')?.state).toBe('running');
  });

  it('are left out and counted when neither labels nor sandbox name a pod', () => {
    const merge = new TestMerge();
    merge.relist({ containers: [containerOf('p', 'c1', 'running', unlabelled)] });
    expect(merge.skipped).toEqual(['c1']);
    expect(merge.merge.podCount).toBe(0);
  });

  it('make a pod of their own when their sandbox is gone', () => {
    const merge = new TestMerge();
    const world = { containers: [containerOf('p', 'c1', 'exited')] };
    merge.relist(world);
    merge.inspect(world);
    expect(merge.take()).toEqual(['ContainerDied c1']);
  });
});

describe('the exit code of a container', () => {
  const status = statusOf('c1', 'exited', { exitCode: 137, reason: 'Error', finishedAtNs: 77n });
  const died = (merge: TestMerge) => merge.published.find(({ type }) => type === 'ContainerDied');

  it('is what the event told when the container is removed before it can be inspected', () => {
    const merge = mergeWithPod();
    merge.event('p', 'stopped', 'c1', { containerStatus: status });
    merge.event('p', 'deleted', 'c1');
    merge.inspect({ sandboxes: pod.sandboxes ?? [] });
    expect(died(merge)).toMatchObject({ exitCode: 137, reason: 'Error', containerName: 'name-c1' });
    expect(merge.take()).toEqual(['ContainerDied c1', 'ContainerRemoved c1']);
  });

  it('is what the event told also when a list had shown the exit first', () => {
    const merge = mergeWithPod();
    merge.relist({ ...pod, containers: [containerOf('p', 'c1', 'exited')] });
    merge.event('p', 'stopped', 'c1', { containerStatus: status });
    expect(merge.ignored).toEqual(['stale c1']);
    merge.inspect({ sandboxes: pod.sandboxes ?? [] });
    expect(died(merge)).toMatchObject({ exitCode: 137, reason: 'Error', source: 'relist' });
  });

  it('is what the inspection found where that is more', () => {
    const merge = mergeWithPod();
    merge.event('p', 'stopped', 'c1', { containerStatus: status });
    merge.inspect({
      ...pod,
      containers: [containerOf('p', 'c1', 'exited')],
      statuses: [{ ...status, reason: 'OOMKilled' }],
    });
    expect(died(merge)).toMatchObject({ exitCode: 137, reason: 'OOMKilled' });
  });

  it('is missing where nobody told', () => {
    const merge = mergeWithPod();
    merge.relist({ sandboxes: pod.sandboxes ?? [] });
    merge.inspect({ sandboxes: pod.sandboxes ?? [] });
    expect(died(merge)).not.toHaveProperty('exitCode');
    expect(died(merge)).not.toHaveProperty('reason');
    expect(died(merge)).not.toHaveProperty('runtimeTime');
  });

  it('comes with the stamp of the event, else with that of the status', () => {
    const told = mergeWithPod();
    told.event('p', 'stopped', 'c1', { createdAtNs: 9_007_199_254_740_993n });
    told.inspect({ ...pod, containers: [containerOf('p', 'c1', 'exited')] });
    expect(died(told)).toMatchObject({ runtimeTime: '9007199254740993' });
    const found = mergeWithPod();
    const exited = { ...pod, containers: [containerOf('p', 'c1', 'exited')], statuses: [status] };
    found.relist(exited);
    found.inspect(exited);
    expect(died(found)).toMatchObject({ runtimeTime: '77' });
  });
});

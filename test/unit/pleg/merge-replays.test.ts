import { describe, expect, it } from 'vitest';
import type { CriEventKind } from '../../../src/cri/runtime-service.ts';
import { containerOf, sandboxOf } from './records.ts';
import { TestMerge, type World } from './test-merge.ts';

const pod: World = { sandboxes: [sandboxOf('p')], containers: [containerOf('p', 'c1')] };
const wholeLife: CriEventKind[] = ['created', 'started', 'stopped', 'deleted'];
const minuteNs = 60_000_000_000n;

/** A merge whose last list showed the pod with its container running. */
const mergeWithPod = (): TestMerge => {
  const merge = new TestMerge();
  merge.relist(pod);
  merge.inspect(pod);
  merge.take();
  return merge;
};

describe('events replayed minutes late', () => {
  it('publishes nothing of a container that lived and went before the last list', () => {
    const merge = mergeWithPod();
    const createdAtNs = merge.time.wallNs() - 4n * minuteNs;
    for (const kind of wholeLife) merge.event('p', kind, 'old', { createdAtNs });
    merge.inspect(pod);
    expect(merge.take()).toEqual([]);
    expect(merge.ignored).toEqual([
      'unknown_container old',
      'unknown_container old',
      'unknown_container old',
      'unknown_container old',
    ]);
    expect(merge.merge.registry.get('old')).toBeUndefined();
  });

  it('publishes nothing of a pod that went before the agent was there', () => {
    const merge = new TestMerge();
    const endRelist = merge.beginRelist();
    const createdAtNs = merge.time.wallNs() - 4n * minuteNs;
    for (const id of ['old', 'p-sandbox'])
      for (const kind of wholeLife) merge.event('p', kind, id, { createdAtNs });
    endRelist({});
    merge.inspect({});
    expect(merge.take()).toEqual([]);
    expect(merge.merge.podCount).toBe(0);
    expect(merge.merge.registry.size).toBe(0);
  });

  it('looks for the container of an old event and publishes what it finds, as found', () => {
    const merge = mergeWithPod();
    merge.event('p', 'started', 'c2', { createdAtNs: merge.time.wallNs() - minuteNs });
    expect(merge.ignored).toEqual(['unknown_container c2']);
    merge.inspect({ ...pod, containers: [containerOf('p', 'c1'), containerOf('p', 'c2')] });
    expect(merge.take()).toEqual(['ContainerStarted c2']);
    expect(merge.published.at(-1)).toMatchObject({ source: 'relist', runtimeTime: '2001' });
  });

  it('leaves a container that runs as it is', () => {
    const merge = mergeWithPod();
    const createdAtNs = merge.time.wallNs() - 4n * minuteNs;
    merge.event('p', 'created', 'c1', { createdAtNs });
    merge.event('p', 'started', 'c1', { createdAtNs });
    expect(merge.ignored).toEqual(['stale c1', 'stale c1']);
    expect(merge.merge.queue.size).toBe(0);
  });

  it('changes nothing after the container is gone, however late, while its tombstone stands', async () => {
    const merge = mergeWithPod();
    merge.relist({ sandboxes: pod.sandboxes ?? [] });
    merge.inspect({ sandboxes: pod.sandboxes ?? [] });
    expect(merge.take()).toEqual(['ContainerDied c1', 'ContainerRemoved c1']);
    await merge.time.advance(5 * 60_000);
    for (const kind of wholeLife) merge.event('p', kind, 'c1');
    expect(merge.take()).toEqual([]);
    expect(merge.ignored).toEqual(['stale c1', 'stale c1', 'stale c1', 'stale c1']);
    expect(merge.merge.queue.size).toBe(0);
  });

  it('lets tombstones go at the first relist six minutes later', async () => {
    const merge = mergeWithPod();
    merge.relist({ sandboxes: pod.sandboxes ?? [] });
    expect(merge.merge.registry.isTombstone('c1')).toBe(true);
    await merge.time.advance(6 * 60_000 - 1);
    merge.relist({ sandboxes: pod.sandboxes ?? [] });
    expect(merge.merge.registry.isTombstone('c1')).toBe(true);
    await merge.time.advance(1);
    merge.relist({ sandboxes: pod.sandboxes ?? [] });
    expect(merge.merge.registry.tombstoneCount).toBe(0);
  });

  it('does not let a list that began earlier bring back what an inspection found gone', () => {
    const merge = mergeWithPod();
    const endRelist = merge.beginRelist();
    merge.merge.requestObservation('p');
    merge.inspect({ sandboxes: pod.sandboxes ?? [] });
    expect(merge.take()).toEqual(['ContainerDied c1', 'ContainerRemoved c1']);
    endRelist(pod);
    merge.inspect({ sandboxes: pod.sandboxes ?? [] });
    expect(merge.take()).toEqual([]);
  });
});

describe('steps of the wall clock', () => {
  const hourNs = 60n * minuteNs;

  it('believes what comes after the clock was set back, for no stamp can be judged until the next list', () => {
    const merge = mergeWithPod();
    merge.time.wallStepNs = -hourNs;
    merge.event('p', 'created', 'c2');
    merge.event('p', 'started', 'c2');
    merge.inspect({ ...pod, containers: [containerOf('p', 'c1'), containerOf('p', 'c2')] });
    expect(merge.take()).toEqual(['ContainerStarted c2']);
    expect(merge.published.at(-1)).toMatchObject({ source: 'event' });
    expect(merge.ignored).toEqual([]);
  });

  it('loses nothing of a container that lives and goes between the step back and its inspection', () => {
    const merge = mergeWithPod();
    merge.time.wallStepNs = -hourNs;
    for (const kind of wholeLife) merge.event('p', kind, 'c2');
    merge.inspect(pod);
    expect(merge.take()).toEqual(['ContainerStarted c2', 'ContainerDied c2', 'ContainerRemoved c2']);
  });

  it('tells a replay from news again from the first list after the clock was set back', () => {
    const merge = mergeWithPod();
    merge.time.wallStepNs = -hourNs;
    merge.relist(pod);
    merge.event('p', 'started', 'old', { createdAtNs: merge.time.wallNs() - 1n });
    merge.event('p', 'started', 'c2');
    merge.inspect({ ...pod, containers: [containerOf('p', 'c1'), containerOf('p', 'c2')] });
    expect(merge.take()).toEqual(['ContainerStarted c2']);
    expect(merge.published.at(-1)).toMatchObject({ source: 'event' });
    expect(merge.ignored).toEqual(['unknown_container old']);
  });

  it('still tells a replay from news after the clock was set forward', () => {
    const merge = mergeWithPod();
    const beforeNs = merge.time.wallNs() - 1n;
    merge.time.wallStepNs = hourNs;
    merge.event('p', 'started', 'old', { createdAtNs: beforeNs });
    merge.event('p', 'started', 'c2');
    expect(merge.ignored).toEqual(['unknown_container old']);
    merge.inspect({ ...pod, containers: [containerOf('p', 'c1'), containerOf('p', 'c2')] });
    expect(merge.take()).toEqual(['ContainerStarted c2']);
  });

  it('moves no container by a stamp: a stop from the past still stops', () => {
    const merge = mergeWithPod();
    merge.event('p', 'stopped', 'c1', { createdAtNs: 1n });
    merge.inspect({ ...pod, containers: [containerOf('p', 'c1', 'exited')] });
    expect(merge.take()).toEqual(['ContainerDied c1']);
  });
});

import { describe, expect, it } from 'vitest';
import { containerOf, sandboxOf, statusOf } from './records.ts';
import { TestMerge, type World } from './test-merge.ts';

const pod: World = { sandboxes: [sandboxOf('p')], containers: [containerOf('p', 'c1')] };
const exitedPod: World = { ...pod, containers: [containerOf('p', 'c1', 'exited')] };

/** A merge to which a list has shown the pod with its container running. */
const mergeWithPod = (): TestMerge => {
  const merge = new TestMerge();
  merge.relist(pod);
  merge.inspect(pod);
  merge.take();
  return merge;
};

describe('events of known containers', () => {
  it('moves the container at once and publishes after the cache knows', () => {
    const merge = mergeWithPod();
    merge.event('p', 'stopped', 'c1');
    expect(merge.merge.registry.get('c1')?.state).toBe('exited');
    expect(merge.take()).toEqual([]);
    merge.inspect(exitedPod);
    expect(merge.take()).toEqual(['ContainerDied c1']);
    expect(merge.cache.get('p').status.containers).toMatchObject([{ id: 'c1', state: 'exited' }]);
  });

  it('counts a doubled event and publishes its change once', () => {
    const merge = mergeWithPod();
    merge.event('p', 'stopped', 'c1');
    merge.event('p', 'stopped', 'c1');
    merge.inspect(exitedPod);
    merge.event('p', 'stopped', 'c1');
    merge.inspect(exitedPod);
    expect(merge.take()).toEqual(['ContainerDied c1']);
    expect(merge.ignored).toEqual(['stale c1', 'stale c1']);
  });

  it('lets a started event that comes after the stopped event change nothing, whatever its stamp', () => {
    const merge = mergeWithPod();
    merge.event('p', 'created', 'c2');
    merge.event('p', 'stopped', 'c2');
    merge.event('p', 'started', 'c2', { createdAtNs: merge.time.wallNs() + 1_000_000n });
    merge.inspect({ ...pod, containers: [containerOf('p', 'c1'), containerOf('p', 'c2', 'exited')] });
    expect(merge.take()).toEqual(['ContainerDied c2']);
    expect(merge.ignored).toEqual(['stale c2']);
  });

  it('does not die a second time when an exited container is deleted', () => {
    const merge = mergeWithPod();
    merge.event('p', 'stopped', 'c1');
    merge.inspect(exitedPod);
    merge.event('p', 'deleted', 'c1');
    merge.inspect({ sandboxes: [sandboxOf('p')] });
    expect(merge.take()).toEqual(['ContainerDied c1', 'ContainerRemoved c1']);
  });

  it('needs no sandbox in the event of a container that it knows', () => {
    const merge = mergeWithPod();
    merge.event('p', 'stopped', 'c1', { podSandbox: undefined });
    merge.inspect(exitedPod);
    expect(merge.take()).toEqual(['ContainerDied c1']);
    expect(merge.relistRequestCount).toBe(0);
  });

  it('does not take the exit for granted that a started event shows of its own container', () => {
    const merge = mergeWithPod();
    merge.event('p', 'started', 'c2', { containerStatus: statusOf('c2', 'exited', { exitCode: 3 }) });
    expect(merge.merge.registry.get('c2')?.state).toBe('running');
    merge.inspect({ ...pod, containers: [containerOf('p', 'c1'), containerOf('p', 'c2', 'exited')] });
    expect(merge.take()).toEqual(['ContainerStarted c2', 'ContainerDied c2']);
  });

  it('leaves the siblings of the container of an event as they are', () => {
    const merge = mergeWithPod();
    merge.event('p', 'stopped', 'c1');
    merge.event('p', 'started', 'c2', { containerStatus: statusOf('c2') });
    expect(merge.merge.registry.get('c1')?.state).toBe('exited');
    merge.inspect({ ...pod, containers: [containerOf('p', 'c1', 'exited'), containerOf('p', 'c2')] });
    expect(merge.take()).toEqual(['ContainerDied c1', 'ContainerStarted c2']);
  });
});

describe('events of unknown containers', () => {
  it('learns the sandbox from the event of its container', () => {
    const merge = new TestMerge();
    merge.relist({});
    merge.event('p', 'created', 'c1');
    merge.event('p', 'started', 'c1');
    merge.inspect(pod);
    expect(merge.take()).toEqual(['ContainerStarted c1', 'ContainerStarted p-sandbox']);
    expect(merge.published.map(({ source, sandbox }) => [source, sandbox])).toEqual([
      ['event', false],
      ['relist', true],
    ]);
  });

  it('makes a pod of the sandbox alone when the container of the event is gone already', () => {
    const merge = new TestMerge();
    merge.relist({});
    merge.event('p', 'created', 'c1');
    merge.inspect({ sandboxes: [sandboxOf('p')] });
    expect(merge.take()).toEqual(['ContainerStarted p-sandbox', 'ContainerDied c1', 'ContainerRemoved c1']);
    expect(merge.merge.registry.size).toBe(1);
  });

  it('asks for a relist when an event does not say which pod', () => {
    const merge = mergeWithPod();
    merge.event('p', 'started', 'c9', { podSandbox: undefined });
    merge.event('p', 'started', 'c8', {
      podSandbox: { id: 's', podUid: '', podName: '', podNamespace: '' },
    });
    expect(merge.ignored).toEqual(['no_sandbox c9', 'no_sandbox c8']);
    expect(merge.relistRequestCount).toBe(2);
    expect(merge.merge.registry.size).toBe(2);
  });

  it('forgets at once the deletion of a container that it never knew', () => {
    const merge = mergeWithPod();
    merge.event('p', 'deleted', 'c9');
    expect(merge.ignored).toEqual(['unknown_container c9']);
    expect(merge.merge.registry.size).toBe(2);
    expect(merge.merge.queue.size).toBe(0);
  });

  it('sets aside a kind that it does not know and an event without a container', () => {
    const merge = mergeWithPod();
    merge.event('p', undefined, 'c1');
    merge.event('p', 'started', '');
    expect(merge.ignored).toEqual(['unrecognized c1', 'unrecognized ']);
    expect(merge.merge.queue.size).toBe(0);
  });

  it('believes the first word about a container that was never listed, also that it stopped', () => {
    const merge = mergeWithPod();
    merge.event('p', 'stopped', 'c2');
    merge.inspect({ ...pod, containers: [containerOf('p', 'c1'), containerOf('p', 'c2', 'exited')] });
    expect(merge.take()).toEqual(['ContainerDied c2']);
  });

  it('keeps what an event told when the list that began before does not have the container yet', () => {
    const merge = mergeWithPod();
    const endRelist = merge.beginRelist();
    merge.event('p', 'started', 'c2');
    endRelist(pod);
    merge.inspect({ ...pod, containers: [containerOf('p', 'c1'), containerOf('p', 'c2')] });
    expect(merge.take()).toEqual(['ContainerStarted c2']);
    expect(merge.merge.queue.size).toBe(0);
  });

  it('believes a list that began after the event and does not have the container', () => {
    const merge = mergeWithPod();
    merge.event('p', 'started', 'c2');
    merge.relist(pod);
    merge.inspect(pod);
    expect(merge.take()).toEqual(['ContainerStarted c2', 'ContainerDied c2', 'ContainerRemoved c2']);
  });
});

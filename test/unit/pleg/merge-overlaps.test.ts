import { describe, expect, it } from 'vitest';
import { containerOf, sandboxOf } from './records.ts';
import { TestMerge, type World } from './test-merge.ts';

const pod: World = {
  sandboxes: [sandboxOf('p')],
  containers: [containerOf('p', 'c1'), containerOf('p', 'c2')],
};

/** A merge that knows the pod with both its containers running. */
const settledMerge = (): TestMerge => {
  const merge = new TestMerge();
  merge.relist(pod);
  merge.inspect(pod);
  merge.take();
  return merge;
};

const withContainers = (...containers: World['containers'] & object): World => ({ ...pod, containers });

describe('calls and events that overlap', () => {
  it('keeps Died before Removed when an inspection that began during the relist finds the container gone', () => {
    const merge = settledMerge();
    const endRelist = merge.beginRelist();
    merge.event('p', 'stopped', 'c2');
    const inspection = merge.beginInspection();
    endRelist(withContainers(containerOf('p', 'c1', 'exited'), containerOf('p', 'c2', 'exited')));
    const after = withContainers(containerOf('p', 'c2', 'exited'));
    inspection.answer(after);
    expect(merge.take()).toEqual(['ContainerDied c2']);
    merge.inspect(after);
    expect(merge.take()).toEqual(['ContainerDied c1', 'ContainerRemoved c1']);
  });

  it('starts nothing again when the inspection asked before and answers after the relist that saw it exit', () => {
    const merge = settledMerge();
    const endRelist = merge.beginRelist();
    merge.event('p', 'stopped', 'c2');
    const inspection = merge.beginInspection();
    const after = withContainers(containerOf('p', 'c1', 'exited'), containerOf('p', 'c2', 'exited'));
    endRelist(after);
    inspection.answer(withContainers(containerOf('p', 'c1'), containerOf('p', 'c2', 'exited')));
    merge.inspect(after);
    expect(merge.take()).toEqual(['ContainerDied c2', 'ContainerDied c1']);
  });

  it('starts nothing again when the list was made before and arrives after the inspection that saw it exit', () => {
    const merge = settledMerge();
    const endRelist = merge.beginRelist();
    merge.event('p', 'stopped', 'c2');
    const after = withContainers(containerOf('p', 'c1', 'exited'), containerOf('p', 'c2', 'exited'));
    merge.inspect(after);
    endRelist(pod);
    merge.inspect(after);
    expect(merge.take().toSorted()).toEqual(['ContainerDied c1', 'ContainerDied c2']);
    expect(merge.merge.queue.size).toBe(0);
  });

  it('looks again rather than believe a list that began before the event it contradicts', () => {
    const merge = settledMerge();
    const endRelist = merge.beginRelist();
    merge.event('p', 'stopped', 'c1');
    const after = withContainers(containerOf('p', 'c1', 'exited'), containerOf('p', 'c2'));
    merge.inspect(after);
    expect(merge.take()).toEqual(['ContainerDied c1']);
    endRelist(pod);
    expect(merge.merge.queue.isMarked('p')).toBe(true);
    merge.inspect(after);
    expect(merge.take()).toEqual([]);
  });

  it('looks again rather than believe an inspection that began before the event it contradicts', () => {
    const merge = settledMerge();
    merge.event('p', 'stopped', 'c2');
    const inspection = merge.beginInspection();
    merge.event('p', 'stopped', 'c1');
    inspection.answer(withContainers(containerOf('p', 'c1'), containerOf('p', 'c2', 'exited')));
    expect(merge.take()).toEqual(['ContainerDied c2']);
    merge.inspect(withContainers(containerOf('p', 'c1', 'exited'), containerOf('p', 'c2', 'exited')));
    expect(merge.take()).toEqual(['ContainerDied c1']);
  });
});

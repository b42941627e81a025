import { describe, expect, it } from 'vitest';
import { newTestPleg, type TestPleg } from '../../helpers/node-pleg.ts';

const forever = new Promise<void>(() => undefined);

/** Generic, with `hungCount` pods whose status never comes and one that answers. */
const startWithHungPods = async (hungCount: number): Promise<TestPleg> => {
  const test = newTestPleg();
  for (let index = 0; index < hungCount; index += 1) {
    const podUid = `hung${String(index)}`;
    test.runtime.addContainer(podUid, `${podUid}-c`);
    test.runtime.behaviours.set(`containerStatus ${podUid}-c`, forever);
  }
  test.runtime.addContainer('well', 'c1');
  test.pleg.start();
  await test.time.advance(0);
  return test;
};

describe("one pod's trouble", () => {
  it('delays no other pod while a place for inspections is left', async () => {
    const test = await startWithHungPods(7);
    expect(test.take()).toEqual(['ContainerStarted c1']);
    test.runtime.setContainer('c1', 'exited', 1);
    await test.time.advance(1_000);
    expect(test.take()).toEqual(['ContainerDied c1']);
    await test.pleg.stop();
  });

  it('delays the others by a second at most when it is that of as many pods as are inspected at once', async () => {
    const test = await startWithHungPods(8);
    expect(test.take()).toEqual([]);
    await test.time.advance(1_000);
    expect(test.take()).toEqual(['ContainerStarted c1']);
    await test.pleg.stop();
  });

  it('is named with its call and its age while it hangs, and after', async () => {
    const test = await startWithHungPods(1);
    const { pleg, time } = test;
    expect(pleg.stuckPods.list()).toEqual([]);
    await time.advance(2_500);
    const call = { method: 'ContainerStatus', id: 'hung0-c' };
    expect(pleg.stuckPods.list()).toMatchObject([
      { podUid: 'hung0', podName: 'name-hung0', call, failures: 0 },
    ]);
    expect(pleg.stuckPods.oldestMs()).toBe(2_500);
    await time.advance(7_500);
    expect(pleg.stuckPods.list()).toMatchObject([
      { call, failures: 1, error: { code: 'DEADLINE_EXCEEDED' } },
    ]);
    expect(pleg.stuckPods.oldestMs()).toBe(10_000);
    expect(await pleg.metrics.registry.getSingleMetricAsString('plegd_stuck_pods')).toContain(
      'plegd_stuck_pods 1',
    );
    test.runtime.behaviours.clear();
    await time.advance(1_000);
    expect(pleg.stuckPods.list()).toEqual([]);
    expect(pleg.stuckPods.oldestMs()).toBe(0);
    await pleg.stop();
  });

  it('is no longer named when the pod is gone', async () => {
    const { pleg, time, runtime } = await startWithHungPods(1);
    await time.advance(10_000);
    runtime.containers.delete('hung0-c');
    await time.advance(2_000);
    expect(pleg.stuckPods.list()).toEqual([]);
    await pleg.stop();
  });

  it('is cut off by the deadline, told of in the event, and shown by its pod alone', async () => {
    const test = await startWithHungPods(1);
    await test.time.advance(10_000);
    expect(test.events.at(-1)).toMatchObject({ containerId: 'hung0-c', inspection: 'failed' });
    expect(test.pleg.cache.get('hung0').error).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect(test.pleg.cache.get('well').error).toBeUndefined();
    const failures = await test.pleg.metrics.inspectionFailures.get();
    expect(failures.values[0]?.value).toBe(1);
    await test.pleg.stop();
  });

  it('is looked at again later and later, and synced when it is over', async () => {
    const test = await startWithHungPods(1);
    const looks = () => test.runtime.calls.filter((call) => call === 'containerStatus hung0-c').length;
    await test.time.advance(10_000);
    test.take();
    expect(looks()).toBe(1);
    await test.time.advance(1_000);
    expect(looks()).toBe(2);
    await test.time.advance(10_000 + 1_999);
    expect(looks()).toBe(2);
    test.runtime.behaviours.clear();
    await test.time.advance(1);
    expect(looks()).toBe(3);
    expect(test.take()).toEqual(['PodSync hung0']);
    await test.pleg.stop();
  });

  it('does not hold up the stop', async () => {
    const test = await startWithHungPods(8);
    await test.pleg.stop();
    expect(test.time.timerCount).toBe(0);
  });
});

describe('a runtime that hangs altogether', () => {
  it('does not hold up the stop either', async () => {
    const test = newTestPleg({ mode: 'evented' });
    for (const method of ['version', 'status', 'listPodSandboxes', 'listContainers']) {
      test.runtime.behaviours.set(method, forever);
    }
    test.pleg.start();
    await test.time.advance(5_000);
    await test.pleg.stop();
    expect([test.time.timerCount, test.runtime.openStreamCount]).toEqual([0, 0]);
  });
});

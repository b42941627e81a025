import { describe, expect, it } from 'vitest';
import { newTestPleg, type TestPleg } from '../../helpers/node-pleg.ts';

const periodMs = 1_000;
const statusError = new Error('unable to get status');

const startWith = async (test: TestPleg): Promise<void> => {
  test.pleg.start();
  await test.time.advance(0);
};

const cached = ({ pleg }: TestPleg, podUid: string) => {
  const { status, error } = pleg.cache.get(podUid);
  return { error, containers: status.containers.map(({ id, state }) => `${id} ${state}`) };
};

describe('TestRelistWithCache', () => {
  // Law: publish after the cache knows, or say that the inspection has failed. Kubelet withholds the events of
  // such a pod until an inspection works; here they are published at once, marked, and a PodSync follows.
  it('caches the error of a pod whose status fails, marks its events, and syncs it when the status is back', async () => {
    const test = newTestPleg();
    const { runtime, time, take, events, pleg } = test;
    runtime.addContainer('test-pod-0', 'c0');
    runtime.addContainer('test-pod-1', 'c1');
    runtime.behaviours.set('containerStatus c1', statusError);
    await startWith(test);
    expect(cached(test, 'test-pod-0')).toEqual({ error: undefined, containers: ['c0 running'] });
    expect(cached(test, 'test-pod-1')).toEqual({ error: statusError, containers: [] });
    expect(take()).toEqual(['ContainerStarted c0', 'ContainerStarted c1']);
    expect(events.map(({ inspection }) => inspection)).toEqual([undefined, 'failed']);

    runtime.behaviours.delete('containerStatus c1');
    await time.advance(periodMs);
    expect(cached(test, 'test-pod-0')).toEqual({ error: undefined, containers: ['c0 running'] });
    expect(cached(test, 'test-pod-1')).toEqual({ error: undefined, containers: ['c1 running'] });
    expect(take()).toEqual(['PodSync test-pod-1']);
    await pleg.stop();
  });

  it('leaves the other pods their events while the status of one hangs', async () => {
    const test = newTestPleg();
    const { runtime, take, pleg } = test;
    runtime.addContainer('test-pod-0', 'c0');
    runtime.addContainer('test-pod-1', 'c1');
    runtime.behaviours.set('containerStatus c0', new Promise(() => undefined));
    await startWith(test);
    expect(take()).toEqual(['ContainerStarted c1']);
    expect(cached(test, 'test-pod-1')).toEqual({ error: undefined, containers: ['c1 running'] });
    await pleg.stop();
  });
});

describe('TestRemoveCacheEntry', () => {
  it('removes the cache entry of a pod that is gone, and answers with an empty status of its uid', async () => {
    const test = newTestPleg();
    test.runtime.addContainer('test-pod-0', 'c0');
    await startWith(test);
    expect(cached(test, 'test-pod-0').containers).toEqual(['c0 running']);
    test.runtime.containers.clear();
    await test.time.advance(periodMs);
    expect(test.pleg.cache.get('test-pod-0')).toEqual({
      status: {
        podUid: 'test-pod-0',
        podName: '',
        podNamespace: '',
        ips: [],
        sandboxes: [],
        containers: [],
      },
      error: undefined,
    });
    await test.pleg.stop();
  });
});

describe('TestRelistWithReinspection', () => {
  it('reinspects the pod after a failed status though its containers are as before, and updates the cache', async () => {
    const test = newTestPleg();
    const { runtime, time, take, pleg } = test;
    runtime.addContainer('test-pod', 'infra');
    await startWith(test);
    expect(take()).toEqual(['ContainerStarted infra']);

    // The runtime is in the middle of creating a container, and its status fails.
    runtime.addContainer('test-pod', 'transient', 'unknown');
    runtime.behaviours.set('containerStatus transient', statusError);
    await time.advance(periodMs);
    expect(cached(test, 'test-pod')).toEqual({ error: statusError, containers: [] });
    expect(take()).toEqual([]);

    // It has gone again: the list is as the first one was.
    runtime.containers.delete('transient');
    await time.advance(periodMs);
    expect(cached(test, 'test-pod')).toEqual({ error: undefined, containers: ['infra running'] });
    // Kubelet forgets that it saw the transient container; here each container has a life of its own, and an
    // unknown one that is gone has died and is removed.
    expect(take()).toEqual(['ContainerDied transient', 'ContainerRemoved transient', 'PodSync test-pod']);
    await pleg.stop();
  });
});

// From 1.32 to 1.35 kubelet had conditions to watch for in this place (TestWatchConditions); requests for
// reinspection replaced them.
describe('TestReinspect', () => {
  /** A pod that is known and has no news. Its first inspection may have failed, which lists it for another. */
  const startWithPod = async (isListed: boolean): Promise<TestPleg> => {
    const test = newTestPleg();
    test.runtime.addContainer('pod', 'c1');
    if (isListed) test.runtime.behaviours.set('containerStatus c1', statusError);
    await startWith(test);
    test.take();
    test.runtime.calls.length = 0;
    return test;
  };
  const fail = ({ runtime }: TestPleg) => runtime.behaviours.set('containerStatus c1', statusError);
  const succeed = ({ runtime }: TestPleg) => runtime.behaviours.delete('containerStatus c1');
  const inspectionCount = ({ runtime }: TestPleg): number =>
    runtime.calls.filter((call) => call === 'containerStatus c1').length;

  // Kubelet waits for the next relist of the pod; here a request is inspected at once.
  it('sends a PodSync and clears a new request whose inspection succeeds', async () => {
    const test = await startWithPod(false);
    test.pleg.requestReinspect('pod');
    await test.time.advance(0);
    expect(test.take()).toEqual(['PodSync pod']);
    expect(cached(test, 'pod')).toEqual({ error: undefined, containers: ['c1 running'] });
    await test.time.advance(5 * periodMs);
    expect([inspectionCount(test), test.take()]).toEqual([1, []]);
    await test.pleg.stop();
  });

  it('keeps a new request whose inspection fails, caches the error and sends nothing', async () => {
    const test = await startWithPod(false);
    fail(test);
    test.pleg.requestReinspect('pod');
    await test.time.advance(0);
    expect(test.take()).toEqual([]);
    expect(cached(test, 'pod')).toEqual({ error: statusError, containers: [] });
    expect(test.pleg.merge.queue.isMarked('pod')).toBe(true);
    await test.pleg.stop();
  });

  it('sends one PodSync for a request of a pod that is listed already when the inspection succeeds', async () => {
    const test = await startWithPod(true);
    succeed(test);
    test.pleg.requestReinspect('pod');
    await test.time.advance(periodMs);
    expect([inspectionCount(test), test.take()]).toEqual([1, ['PodSync pod']]);
    await test.pleg.stop();
  });

  it('keeps a request of a pod that is listed already when the inspection fails again', async () => {
    const test = await startWithPod(true);
    test.pleg.requestReinspect('pod');
    await test.time.advance(periodMs);
    expect([inspectionCount(test), test.take()]).toEqual([1, []]);
    expect(cached(test, 'pod').error).toBe(statusError);
    expect(test.pleg.merge.queue.isMarked('pod')).toBe(true);
    await test.pleg.stop();
  });

  it('inspects nothing and sends nothing without a request', async () => {
    const test = await startWithPod(false);
    await test.time.advance(5 * periodMs);
    expect([inspectionCount(test), test.take()]).toEqual([0, []]);
    await test.pleg.stop();
  });

  it('reinspects a listed pod without a request and sends a PodSync when the inspection succeeds', async () => {
    const test = await startWithPod(true);
    succeed(test);
    await test.time.advance(periodMs);
    expect(test.take()).toEqual(['PodSync pod']);
    expect(test.pleg.merge.queue.isMarked('pod')).toBe(false);
    await test.pleg.stop();
  });

  it('reinspects a listed pod without a request and keeps it listed when the inspection fails', async () => {
    const test = await startWithPod(true);
    await test.time.advance(periodMs);
    expect([inspectionCount(test), test.take()]).toEqual([1, []]);
    expect(cached(test, 'pod').error).toBe(statusError);
    expect(test.pleg.merge.queue.isMarked('pod')).toBe(true);
    await test.pleg.stop();
  });

  // Kubelet sends a PodSync where a deleted pod has no other event. Here a pod exists as long as one of its
  // containers or sandboxes does, so its end always has events of its own.
  it('clears the request and the cache of a deleted pod, whose last events stand for the PodSync', async () => {
    const test = await startWithPod(true);
    test.pleg.requestReinspect('pod');
    test.runtime.containers.clear();
    test.pleg.genericPleg.requestRelist();
    await test.time.advance(0);
    expect(test.take()).toEqual(['ContainerDied c1', 'ContainerRemoved c1']);
    expect(test.pleg.merge.queue.size).toBe(0);
    expect(cached(test, 'pod')).toEqual({ error: undefined, containers: [] });
    await test.pleg.stop();
  });

  it('sends a PodSync for a pod whose containers have all ended', async () => {
    const test = await startWithPod(false);
    test.runtime.setContainer('c1', 'exited');
    await test.time.advance(periodMs);
    test.take();
    test.pleg.requestReinspect('pod');
    await test.time.advance(0);
    expect(test.take()).toEqual(['PodSync pod']);
    await test.pleg.stop();
  });

  it('knows no request for a pod that does not exist', async () => {
    const test = await startWithPod(false);
    test.pleg.requestReinspect('nobody');
    await test.time.advance(periodMs);
    expect(test.take()).toEqual([]);
    expect(test.pleg.merge.queue.size).toBe(0);
    await test.pleg.stop();
  });
});

import { describe, expect, it } from 'vitest';
import type { NodePleg } from '../../../src/agent/node-pleg.ts';
import { newTestPleg, type TestPleg } from '../../helpers/node-pleg.ts';

const periodMs = 1_000;

/** What the first relist of kubelet's tests finds; an id is unique in a runtime, so the second c1 is c1b. */
const startWithTwoPods = async (): Promise<TestPleg> => {
  const test = newTestPleg();
  const { runtime, time, pleg } = test;
  runtime.addContainer('1234', 'c1', 'exited');
  runtime.addContainer('1234', 'c2', 'running');
  runtime.addContainer('1234', 'c3', 'unknown');
  runtime.addContainer('4567', 'c1b', 'exited');
  pleg.start();
  await time.advance(0);
  return test;
};

const discardedCount = async (pleg: NodePleg): Promise<number> =>
  (await pleg.metrics.discardEvents.get()).values[0]?.value ?? 0;

describe('TestRelisting', () => {
  it('reports each running and exited container that the first relist shows, and no unknown one', async () => {
    const { take, pleg } = await startWithTwoPods();
    expect(take().toSorted()).toEqual(['ContainerDied c1', 'ContainerDied c1b', 'ContainerStarted c2']);
    await pleg.stop();
  });

  it('sends no events and asks for no status when a relist finds no container changed', async () => {
    const { take, time, runtime, pleg } = await startWithTwoPods();
    take();
    const statusCallCount = runtime.calls.filter((call) => call.startsWith('containerStatus')).length;
    await time.advance(periodMs);
    expect(take()).toEqual([]);
    expect(runtime.calls.filter((call) => call.startsWith('containerStatus'))).toHaveLength(statusCallCount);
    await pleg.stop();
  });

  it('reports only the containers that moved when they are removed, exit, start or appear', async () => {
    const { take, time, runtime, pleg } = await startWithTwoPods();
    take();
    runtime.containers.delete('c1');
    runtime.setContainer('c2', 'exited');
    runtime.setContainer('c3', 'running');
    runtime.containers.delete('c1b');
    runtime.addContainer('4567', 'c4', 'running');
    await time.advance(periodMs);
    expect(take().toSorted()).toEqual([
      'ContainerDied c2',
      'ContainerRemoved c1',
      'ContainerRemoved c1b',
      'ContainerStarted c3',
      'ContainerStarted c4',
    ]);
    await pleg.stop();
  });
});

describe('TestRelistingWithSandboxes', () => {
  it('reports sandboxes as it does containers: ready has started, not ready has died', async () => {
    const { take, time, runtime, pleg } = newTestPleg();
    runtime.addSandbox('1234', 'c1', 'notready');
    runtime.addSandbox('1234', 'c2', 'ready');
    runtime.addSandbox('4567', 'c1b', 'notready');
    pleg.start();
    await time.advance(0);
    expect(take().toSorted()).toEqual(['ContainerDied c1', 'ContainerDied c1b', 'ContainerStarted c2']);
    await time.advance(periodMs);
    expect(take()).toEqual([]);
    runtime.sandboxes.delete('c1');
    runtime.setSandbox('c2', 'notready');
    runtime.addSandbox('1234', 'c3', 'ready');
    runtime.sandboxes.delete('c1b');
    runtime.addSandbox('4567', 'c4', 'ready');
    await time.advance(periodMs);
    expect(take().toSorted()).toEqual([
      'ContainerDied c2',
      'ContainerRemoved c1',
      'ContainerRemoved c1b',
      'ContainerStarted c3',
      'ContainerStarted c4',
    ]);
    await pleg.stop();
  });
});

describe.each([1, 3])('TestDetectingContainerDeaths after %i relists', (relistCount) => {
  const startAndRelist = async (test: TestPleg): Promise<void> => {
    test.pleg.start();
    await test.time.advance((relistCount - 1) * periodMs);
    test.take();
  };

  it('reports a running container that is missing as died and removed, an exited one as removed', async () => {
    const test = newTestPleg();
    test.runtime.addContainer('1234', 'c1', 'running');
    test.runtime.addContainer('1234', 'c2', 'running');
    test.runtime.addContainer('1234', 'c3', 'exited');
    await startAndRelist(test);
    test.runtime.containers.delete('c2');
    test.runtime.containers.delete('c3');
    await test.time.advance(periodMs);
    expect(test.take()).toEqual(['ContainerDied c2', 'ContainerRemoved c2', 'ContainerRemoved c3']);
    await test.pleg.stop();
  });

  it('reports the container of a missing pod as died and removed', async () => {
    const test = newTestPleg();
    test.runtime.addContainer('1234', 'c2', 'running');
    await startAndRelist(test);
    test.runtime.containers.clear();
    await test.time.advance(periodMs);
    expect(test.take()).toEqual(['ContainerDied c2', 'ContainerRemoved c2']);
    await test.pleg.stop();
  });
});

// Law: nothing is lost. Kubelet's channel drops what does not fit; here a subscriber that falls behind is told
// so and gets every live pod instead.
describe('TestEventChannelFull, TestSendPodLifecycleEvent', () => {
  it('gives a subscriber that falls behind a Gap and PodSyncs in place of what did not fit', async () => {
    const test = newTestPleg({ lifecycleLogSize: 4 });
    const { runtime, time, pleg } = test;
    runtime.addContainer('1234', 'c1', 'exited');
    runtime.addContainer('1234', 'c2', 'running');
    runtime.addContainer('1234', 'c3', 'unknown');
    runtime.addContainer('4567', 'c1b', 'exited');
    pleg.start();
    const slow = pleg.log.subscribe();
    await time.advance(0);
    expect(pleg.log.lastSeq).toBe(3);
    runtime.containers.delete('c1');
    runtime.setContainer('c2', 'exited');
    runtime.setContainer('c3', 'running');
    runtime.containers.delete('c1b');
    runtime.addContainer('4567', 'c4', 'running');
    await time.advance(periodMs);
    const discardedBefore = await discardedCount(pleg);
    expect((await slow.next()).value).toEqual({ type: 'Gap', seq: 0, from: 1, to: 8 });
    expect((await discardedCount(pleg)) - discardedBefore).toBe(8);
    const syncs = [(await slow.next()).value, (await slow.next()).value];
    expect(syncs).toMatchObject([
      { type: 'PodSync', podUid: '1234', seq: 0 },
      { type: 'PodSync', podUid: '4567', seq: 8 },
    ]);
    runtime.setContainer('c3', 'exited');
    await time.advance(periodMs);
    expect((await slow.next()).value).toMatchObject({ type: 'ContainerDied', containerId: 'c3', seq: 9 });
    await pleg.stop();
  });

  it('sends what fits in order and drops nothing of it', async () => {
    const { runtime, time, pleg } = newTestPleg({ lifecycleLogSize: 4 });
    runtime.addContainer('1234', 'c1', 'exited');
    runtime.addContainer('1234', 'c2', 'running');
    pleg.start();
    const slow = pleg.log.subscribe({ since: 0 });
    await time.advance(0);
    expect((await slow.next()).value).toMatchObject({ seq: 1, type: 'ContainerDied', containerId: 'c1' });
    expect((await slow.next()).value).toMatchObject({ seq: 2, type: 'ContainerStarted', containerId: 'c2' });
    await pleg.stop();
    expect(await slow.next()).toEqual({ done: true, value: undefined });
  });
});

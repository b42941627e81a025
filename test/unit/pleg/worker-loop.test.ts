import { describe, expect, it } from 'vitest';
import { newTestPleg, type TestPleg } from '../../helpers/node-pleg.ts';
import { settle } from '../../helpers/simulated-time.ts';

/** Two pods that are known, in evented mode, so that the next relist is far away. */
const startWithTwoPods = async (): Promise<TestPleg> => {
  const test = newTestPleg({ mode: 'evented' });
  test.runtime.addContainer('pod1', 'c1');
  test.runtime.addContainer('pod2', 'c2');
  test.pleg.start();
  await test.time.advance(5_000);
  test.take();
  test.runtime.calls.length = 0;
  return test;
};

const listCount = ({ runtime }: TestPleg): number =>
  runtime.calls.filter((call) => call === 'listContainers').length;

// Kubelet's worker asks for a relist of one pod, and whoever waits without having asked waits for the global one.
// By law waiting is asking here: GetNewerThan itself makes the look at its pod, and the lists that show what is
// new in it. They are asked for side by side, so that a pod that hangs delays nobody.
describe('TestWorkerLoop', () => {
  it('releases only the waiter of the pod that was looked at', async () => {
    const test = await startWithTwoPods();
    const { pleg, runtime, time } = test;
    let answer: (() => void) | undefined;
    const hang = new Promise<void>((resolve) => {
      answer = resolve;
    });
    runtime.behaviours.set('containerStatus c2', hang);
    const released: string[] = [];
    for (const podUid of ['pod1', 'pod2']) {
      void pleg.cache.getNewerThan(podUid, time.monotonicMs() - 1).then(() => released.push(podUid));
    }
    await settle();
    expect(released).toEqual(['pod1']);
    answer?.();
    await settle();
    expect(released).toEqual(['pod1', 'pod2']);
    expect(listCount(test)).toBe(2);
    await pleg.stop();
  });

  it('answers every pod without a look when a global relist is newer than the question', async () => {
    const test = await startWithTwoPods();
    const { pleg, time, runtime } = test;
    const { status } = pleg.cache.get('pod1');
    const askedMs = time.monotonicMs();
    await time.advance(1);
    pleg.genericPleg.requestRelist();
    await time.advance(1);
    runtime.calls.length = 0;
    expect((await pleg.cache.getNewerThan('pod1', askedMs)).status).toBe(status);
    expect((await pleg.cache.getNewerThan('pod2', askedMs)).status.podUid).toBe('pod2');
    expect(runtime.calls).toEqual([]);
    await pleg.stop();
  });

  it('looks once for a reinspection and a question that come together', async () => {
    const test = await startWithTwoPods();
    const { pleg, time, runtime } = test;
    pleg.requestReinspect('pod1');
    const news = pleg.cache.getNewerThan('pod1', time.monotonicMs() - 1);
    await settle();
    await expect(news).resolves.toMatchObject({ status: { podUid: 'pod1' } });
    expect(runtime.calls.filter((call) => !call.startsWith('list'))).toEqual(['containerStatus c1']);
    expect(listCount(test)).toBe(1);
    expect(test.take()).toEqual(['PodSync pod1']);
    await pleg.stop();
  });

  it('has nothing more to do afterwards', async () => {
    const test = await startWithTwoPods();
    const { pleg, time, runtime } = test;
    await pleg.cache.getNewerThan('pod1', time.monotonicMs() - 1);
    await settle();
    runtime.calls.length = 0;
    expect(pleg.merge.queue.size).toBe(0);
    await time.advance(250_000);
    expect(runtime.calls.filter((call) => call !== 'status')).toEqual([]);
    expect(test.take()).toEqual([]);
    await pleg.stop();
  });

  it('looks again for a question that is newer than the look under way', async () => {
    const test = await startWithTwoPods();
    const { pleg, time, runtime } = test;
    let answer: (() => void) | undefined;
    const hang = new Promise<void>((resolve) => {
      answer = resolve;
    });
    runtime.behaviours.set('containerStatus c1', hang);
    const first = pleg.cache.getNewerThan('pod1', time.monotonicMs() - 1);
    await time.advance(10);
    const second = pleg.cache.getNewerThan('pod1', time.monotonicMs() - 1);
    runtime.behaviours.clear();
    runtime.setContainer('c1', 'exited', 3);
    answer?.();
    await first;
    expect((await second).status.containers).toMatchObject([{ state: 'exited' }]);
    expect(runtime.calls.filter((call) => call === 'containerStatus c1')).toHaveLength(2);
    await pleg.stop();
  });

  it('relists for a question about a pod that it does not know', async () => {
    const test = await startWithTwoPods();
    const { pleg, time } = test;
    const news = pleg.cache.getNewerThan('pod3', time.monotonicMs() - 1);
    await settle();
    await expect(news).resolves.toMatchObject({ status: { podUid: 'pod3', containers: [] } });
    expect(listCount(test)).toBe(1);
    await pleg.stop();
  });

  it('hands a waiter the error of a look that fails, and makes no event of it', async () => {
    const test = await startWithTwoPods();
    const { pleg, time, runtime } = test;
    const error = new Error('unable to get status');
    runtime.behaviours.set('containerStatus c1', error);
    await expect(pleg.cache.getNewerThan('pod1', time.monotonicMs() - 1)).resolves.toMatchObject({ error });
    expect(test.take()).toEqual([]);
    await pleg.stop();
  });
});

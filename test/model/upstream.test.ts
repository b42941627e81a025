import { describe, expect, it } from 'vitest';
import type { CachedPodStatus } from '../../src/pleg/pod-status-cache.ts';
import { newTestPleg, type TestPleg } from '../helpers/node-pleg.ts';
import { settle } from '../helpers/simulated-time.ts';

/** An evented PLEG that has settled on a pod with one running container; relists are minutes away. */
const startEvented = async (): Promise<TestPleg> => {
  const test = newTestPleg({ mode: 'evented' });
  test.runtime.addSandbox('p1');
  test.runtime.addContainer('p1', 'c1');
  test.pleg.start();
  await test.time.advance(5_000);
  expect(test.take()).toEqual(['ContainerStarted p1-sandbox', 'ContainerStarted c1']);
  return test;
};

const statesOf = ({ status }: CachedPodStatus): string[] =>
  status.containers.map(({ id, state }) => `${id} ${state}`).toSorted();

/** A call of the runtime that looks now and answers when told to. */
const hold = ({ runtime }: TestPleg, call: string): (() => void) => {
  let answer: () => void = () => undefined;
  runtime.behaviours.set(call, new Promise<void>((resolve) => (answer = resolve)));
  return () => {
    runtime.behaviours.delete(call);
    answer();
  };
};

describe('faults of Evented PLEG upstream, which are none here', () => {
  it('k/k#120941: a burst of syncs for a new pod sees its container, never an empty status', async () => {
    const test = await startEvented();
    const { pleg, runtime, time } = test;
    await time.advance(60_000);
    runtime.addSandbox('p2');
    runtime.addContainer('p2', 'c2', 'created');
    const syncs = [1, 2, 3].map(() => pleg.cache.getNewerThan('p2', time.monotonicMs() - 0.5));
    await time.advance(0);
    for (const status of await Promise.all(syncs)) expect(statesOf(status)).toEqual(['c2 created']);
    await pleg.stop();
  });

  it('k/k#120941: nor does one for a pod that is known, whose container nobody has announced yet', async () => {
    const test = await startEvented();
    const { pleg, runtime, time } = test;
    await time.advance(60_000);
    runtime.addContainer('p1', 'c2', 'created');
    const sync = pleg.cache.getNewerThan('p1', time.monotonicMs() - 0.5);
    await time.advance(0);
    expect(statesOf(await sync)).toEqual(['c1 running', 'c2 created']);
    await pleg.stop();
  });

  it('k/k#121349, k/k#123087: the status of before the start does not pass for the one after it', async () => {
    const test = await startEvented();
    const { pleg, runtime, time } = test;
    runtime.addContainer('p1', 'c2', 'created');
    const answer = hold(test, 'containerStatus c2');
    runtime.emit('created', 'c2');
    await time.advance(10);
    runtime.setContainer('c2', 'running');
    const sync = pleg.cache.getNewerThan('p1', time.monotonicMs() - 0.5);
    answer();
    await settle();
    expect(statesOf(await sync)).toEqual(['c1 running', 'c2 running']);
    runtime.emit('started', 'c2');
    await time.advance(0);
    expect(test.take()).toEqual(['ContainerStarted c2']);
    await pleg.stop();
  });

  it('k/k#124297, k/k#125624: stamps in the wrong unit, or from the future, do not stop later statuses', async () => {
    const test = await startEvented();
    const { pleg, runtime, time } = test;
    const stamps = [1_795_215_059n, 2n ** 62n];
    for (const [index, createdAtNs] of stamps.entries()) {
      const id = runtime.addContainer('p1', `c${String(index + 2)}`);
      runtime.emit('started', id, { createdAtNs });
      await time.advance(10);
      runtime.setContainer(id, 'exited', 1);
      runtime.emit('stopped', id);
      await time.advance(10);
      expect(test.take()).toEqual([`ContainerStarted ${id}`, `ContainerDied ${id}`]);
      expect(statesOf(pleg.cache.get('p1'))).toContain(`${id} exited`);
    }
    await pleg.stop();
  });

  it('k/k#124704: a sync that changes nothing, or deletes, does not wait for a tick', async () => {
    const test = await startEvented();
    const { pleg, runtime, time } = test;
    await time.advance(60_000);
    const askedMs = time.monotonicMs();
    const sync = pleg.cache.getNewerThan('p1', askedMs - 0.5);
    await settle();
    expect(statesOf(await sync)).toEqual(['c1 running']);
    const podSandbox = runtime.sandboxes.get('p1-sandbox')!;
    runtime.containers.clear();
    runtime.sandboxes.clear();
    const deletion = pleg.cache.getNewerThan('p1', askedMs);
    for (const id of ['c1', 'p1-sandbox']) runtime.emit('deleted', id, { podSandbox });
    await settle();
    expect(statesOf(await deletion)).toEqual([]);
    expect(time.monotonicMs()).toBe(askedMs);
    await pleg.stop();
  });

  it('k/k#129827: a restart of containerd leaves Evented PLEG on, a long outage leaves it off only for so long', async () => {
    const test = await startEvented();
    const { pleg, runtime, time } = test;
    const breakFor = async (outageMs: number): Promise<void> => {
      const endMs = time.monotonicMs() + outageMs;
      while (time.monotonicMs() < endMs) {
        if (runtime.openStreamCount > 0) runtime.failStream('UNAVAILABLE', 'Connection dropped');
        await time.advance(20);
      }
    };
    await breakFor(400);
    await time.advance(5_000);
    expect(pleg.supervision.lastDegradation).toBeUndefined();
    expect(pleg.supervision.mode).toBe('evented');
    await breakFor(30_000);
    expect(pleg.supervision.mode).toBe('generic');
    await time.advance(120_000);
    expect(pleg.supervision.mode).toBe('evented');
    await pleg.stop();
  });

  it('k/k#126414, k/k#127195: statuses and events are ordered by when they came, not by their stamps', async () => {
    const test = await startEvented();
    const { pleg, runtime, time } = test;
    runtime.addContainer('p1', 'c2');
    const answer = hold(test, 'containerStatus c1');
    runtime.emit('started', 'c2');
    await time.advance(10);
    runtime.setContainer('c1', 'exited', 137);
    runtime.emit('stopped', 'c1', { createdAtNs: 1n });
    await time.advance(10);
    answer();
    await settle();
    expect(statesOf(pleg.cache.get('p1'))).toEqual(['c1 exited', 'c2 running']);
    expect(test.take()).toEqual(['ContainerStarted c2', 'ContainerDied c1']);
    await pleg.stop();
  });

  it('nil sandbox, k/k#114371: an event without its sandbox is followed up, not dropped', async () => {
    const test = await startEvented();
    const { pleg, runtime, time } = test;
    runtime.addContainer('p1', 'c2');
    runtime.emit('started', 'c2', { podSandbox: undefined });
    await time.advance(0);
    expect(test.take()).toEqual(['ContainerStarted c2']);
    runtime.containers.delete('c1');
    runtime.emit('deleted', 'c1', { podSandbox: undefined });
    await time.advance(0);
    expect(test.take()).toEqual(['ContainerDied c1', 'ContainerRemoved c1']);
    await pleg.stop();
  });

  it('partial statuses, k/k#129355: the event of one sandbox does not hide the containers of the one before', async () => {
    const test = await startEvented();
    const { pleg, runtime, time } = test;
    runtime.setContainer('c1', 'exited', 1);
    runtime.setSandbox('p1-sandbox', 'notready');
    runtime.emit('stopped', 'c1');
    runtime.emit('stopped', 'p1-sandbox');
    await time.advance(10);
    runtime.addSandbox('p1', 'p1-second');
    runtime.emit('started', 'p1-second');
    await time.advance(10);
    const { status } = pleg.cache.get('p1');
    expect(status.sandboxes.map(({ id }) => id)).toEqual(['p1-second', 'p1-sandbox']);
    expect(status.containers).toMatchObject([{ id: 'c1', exitCode: 1 }]);
    await pleg.stop();
  });

  it('partial statuses, k/k#129818, containerd#10728: an event without container statuses empties nothing', async () => {
    const test = await startEvented();
    const { pleg, runtime, time } = test;
    runtime.addContainer('p1', 'c2');
    runtime.emit('started', 'c2', { containerStatus: undefined });
    await time.advance(0);
    expect(statesOf(pleg.cache.get('p1'))).toEqual(['c1 running', 'c2 running']);
    await pleg.stop();
  });

  it('containerd, cri-o#6627: the first event after a reconnect is lost, and what it told is found', async () => {
    const test = await startEvented();
    const { pleg, runtime, time } = test;
    runtime.closeStream();
    await time.advance(120);
    expect(runtime.openStreamCount).toBe(1);
    runtime.setContainer('c1', 'exited', 137);
    await time.advance(1_000);
    expect(test.take()).toEqual(['ContainerDied c1']);
    expect(pleg.supervision.mode).toBe('evented');
    await pleg.stop();
  });

  it('containerd: five minutes of replayed events tell nothing that is not so', async () => {
    const test = await startEvented();
    const { pleg, runtime, time } = test;
    const past = time.wallNs();
    const podSandbox = runtime.sandboxes.get('p1-sandbox')!;
    runtime.addContainer('p1', 'c2');
    runtime.emit('started', 'c2');
    await time.advance(10);
    runtime.containers.delete('c2');
    runtime.emit('deleted', 'c2', { podSandbox });
    await time.advance(10);
    test.take();
    runtime.closeStream();
    await time.advance(290_000);
    for (const id of ['c1', 'c2', 'before-plegd']) {
      for (const kind of ['created', 'started'] as const) {
        runtime.emit(kind, id, { podSandbox, createdAtNs: past });
      }
    }
    await time.advance(10);
    expect(test.take()).toEqual([]);
    expect(statesOf(pleg.cache.get('p1'))).toEqual(['c1 running']);
    await pleg.stop();
  });
});

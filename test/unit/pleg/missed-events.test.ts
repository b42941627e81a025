import { describe, expect, it } from 'vitest';
import { MissedEvents } from '../../../src/pleg/missed-events.ts';
import { isAnnounced, StreamState } from '../../../src/pleg/stream-state.ts';
import { newTestPleg, type TestPleg } from '../../helpers/node-pleg.ts';
import { SimulatedTime } from '../../helpers/simulated-time.ts';

describe('missed events', () => {
  const newMissed = () => {
    const time = new SimulatedTime();
    const missed: string[] = [];
    return { time, missed, events: new MissedEvents(time, (id) => missed.push(id)) };
  };

  it('count a change that no event announces within five seconds', async () => {
    const { time, missed, events } = newMissed();
    events.suspect('c1');
    await time.advance(4_999);
    expect(missed).toEqual([]);
    await time.advance(1);
    expect(missed).toEqual(['c1']);
    await time.advance(60_000);
    expect(missed).toEqual(['c1']);
  });

  it('do not count a change whose event was only late', async () => {
    const { time, missed, events } = newMissed();
    events.suspect('c1');
    events.suspect('c2');
    await time.advance(4_999);
    events.announce('c1');
    await time.advance(60_000);
    expect(missed).toEqual(['c2']);
  });

  it('count a container once for changes that are found in one go', async () => {
    const { time, missed, events } = newMissed();
    events.suspect('c1');
    await time.advance(1_000);
    events.suspect('c1');
    await time.advance(60_000);
    expect(missed).toEqual(['c1']);
  });

  it('count a container again for a later change', async () => {
    const { time, missed, events } = newMissed();
    events.suspect('c1');
    await time.advance(5_000);
    events.suspect('c1');
    await time.advance(5_000);
    expect(missed).toEqual(['c1', 'c1']);
  });

  it('do not count what a relist finds within five seconds of an event that only it could place', async () => {
    const { time, missed, events } = newMissed();
    events.excuse('c1');
    await time.advance(4_999);
    events.suspect('c1');
    await time.advance(60_000);
    expect(missed).toEqual([]);
    events.suspect('c1');
    await time.advance(5_000);
    expect(missed).toEqual(['c1']);
  });

  it('take no notice of an event that nobody waits for', () => {
    const { time, events } = newMissed();
    events.announce('c1');
    expect(time.timerCount).toBe(0);
  });

  it('leave no timer behind', async () => {
    const { time, missed, events } = newMissed();
    events.suspect('c1');
    events.suspect('c2');
    events.excuse('c3');
    events.clear();
    expect(time.timerCount).toBe(0);
    await time.advance(60_000);
    expect(missed).toEqual([]);
  });
});

describe('whether an event was due', () => {
  it.each([
    ['a running container that exited', 'running', 'exited', false, 'containerd', true],
    ['an exited container that was removed', 'exited', 'nonexistent', false, 'containerd', true],
    [
      'a container that was made and ended between two lists',
      'nonexistent',
      'exited',
      false,
      'containerd',
      true,
    ],
    ['a container that was created', 'nonexistent', 'unknown', false, 'containerd', true],
    ['a container that started', 'unknown', 'running', false, 'containerd', true],
    ['a container that was removed without a start', 'unknown', 'nonexistent', false, 'containerd', true],
    ['a container whose start failed', 'unknown', 'exited', false, 'containerd', false],
    ['a container that the runtime lost sight of', 'running', 'unknown', false, 'containerd', false],
    ['a pod that went with its containers on containerd', 'running', 'nonexistent', true, 'containerd', true],
    ['a pod that went with its containers on CRI-O', 'running', 'nonexistent', true, 'cri-o', false],
    ['a single container that was removed on CRI-O', 'exited', 'nonexistent', false, 'cri-o', true],
    ['a runtime that has not said its name', 'running', 'exited', false, undefined, true],
  ] as const)('for %s', (_, from, to, isPodGone, runtimeName, isDue) => {
    expect(isAnnounced({ containerId: 'c1', podUid: 'p', from, to, isPodGone }, runtimeName)).toBe(isDue);
  });
});

describe('the event stream as it is known', () => {
  const beginningAt = (began: number) => ({ began, beganMs: 0, beganWallNs: 0n });

  it('is off until it is opened, and down when it failed', async () => {
    const time = new SimulatedTime();
    const stream = new StreamState(time);
    expect(stream).toMatchObject({ state: 'off', openCount: 0, since: '2026-11-20T22:50:59.359Z' });
    await time.advance(1_000);
    stream.opened();
    expect(stream).toMatchObject({ state: 'open', openCount: 1, since: '2026-11-20T22:51:00.359Z' });
    await time.advance(1_000);
    stream.failed('Connection dropped');
    stream.closed();
    expect(stream).toMatchObject({
      state: 'down',
      lastError: 'Connection dropped',
      since: '2026-11-20T22:51:01.359Z',
    });
    stream.opened();
    expect(stream).toMatchObject({ state: 'open', openCount: 2, lastError: undefined });
    stream.closed();
    expect(stream).toMatchObject({ state: 'off', openCount: 2 });
  });

  it('counts events and remembers when the last one came', async () => {
    const time = new SimulatedTime();
    const stream = new StreamState(time);
    expect(stream.lastEventAt).toBeUndefined();
    stream.received();
    await time.advance(500);
    stream.received();
    expect(stream).toMatchObject({ eventCount: 2, lastEventAt: '2026-11-20T22:50:59.859Z' });
  });

  it('speaks for what changed since a relist only if it was settled before that relist began', () => {
    const stream = new StreamState(new SimulatedTime());
    stream.opened();
    expect(stream.hasBeenSettledSince(beginningAt(1))).toBe(false);
    stream.settled(beginningAt(5));
    expect(stream.hasBeenSettledSince(undefined)).toBe(false);
    expect(stream.hasBeenSettledSince(beginningAt(4))).toBe(false);
    expect(stream.hasBeenSettledSince(beginningAt(5))).toBe(false);
    expect(stream.hasBeenSettledSince(beginningAt(6))).toBe(true);
  });

  it.each(['failed', 'closed'] as const)('is not settled any more once it has %s', (how) => {
    const stream = new StreamState(new SimulatedTime());
    stream.opened();
    stream.settled(beginningAt(5));
    stream[how]('Connection dropped');
    stream.opened();
    expect(stream.hasBeenSettledSince(beginningAt(6))).toBe(false);
  });
});

describe('plegd_missed_events_total', () => {
  const relist = async ({ pleg, time }: TestPleg): Promise<void> => {
    pleg.genericPleg.requestRelist();
    await time.advance(10);
  };

  /** Evented, with a stream that is settled and a relist since. */
  const startSettled = async (): Promise<TestPleg> => {
    const test = newTestPleg({ mode: 'evented' });
    test.runtime.addSandbox('p');
    test.runtime.addContainer('p', 'c1');
    test.pleg.start();
    await test.time.advance(2_000);
    await relist(test);
    return test;
  };

  it('counts a change that a relist found and no event announced', async () => {
    const test = await startSettled();
    test.runtime.setContainer('c1', 'exited', 1);
    await relist(test);
    expect(test.take()).toContain('ContainerDied c1');
    expect(test.pleg.missedCount).toBe(0);
    await test.time.advance(5_000);
    expect(test.pleg.missedCount).toBe(1);
    const text = await test.pleg.metrics.registry.getSingleMetricAsString('plegd_missed_events_total');
    expect(text.split('\n').at(-1)).toBe('plegd_missed_events_total 1');
    await test.pleg.stop();
    expect(test.time.timerCount).toBe(0);
  });

  it('does not count a change whose event comes after the relist', async () => {
    const test = await startSettled();
    test.runtime.setContainer('c1', 'exited', 1);
    await relist(test);
    await test.time.advance(4_000);
    test.runtime.emit('stopped', 'c1');
    await test.time.advance(60_000);
    expect(test.pleg.missedCount).toBe(0);
    await test.pleg.stop();
  });

  it('does not count what changed before the stream had settled', async () => {
    const test = newTestPleg({ mode: 'evented' });
    test.runtime.addSandbox('p');
    test.runtime.addContainer('p', 'c1');
    test.pleg.start();
    await test.time.advance(500);
    test.runtime.setContainer('c1', 'exited', 1);
    await test.time.advance(60_000);
    expect(test.take()).toContain('ContainerDied c1');
    expect(test.pleg.missedCount).toBe(0);
    await test.pleg.stop();
  });

  it('does not count what changed while the stream was down', async () => {
    const test = await startSettled();
    test.runtime.failStream('UNAVAILABLE', 'Connection dropped');
    test.runtime.setContainer('c1', 'exited', 1);
    await test.time.advance(60_000);
    expect(test.take()).toContain('ContainerDied c1');
    expect(test.pleg.missedCount).toBe(0);
    await test.pleg.stop();
  });

  it('does not count a StartContainer that failed, of which no runtime says a word', async () => {
    const test = await startSettled();
    test.runtime.addContainer('p', 'c2', 'created');
    test.runtime.emit('created', 'c2');
    await test.time.advance(10);
    test.runtime.setContainer('c2', 'exited', 128, 'StartError');
    await relist(test);
    await test.time.advance(60_000);
    expect(test.take()).toContain('ContainerDied c2');
    expect(test.pleg.missedCount).toBe(0);
    await test.pleg.stop();
  });

  it('counts a started event that got lost', async () => {
    const test = await startSettled();
    test.runtime.addContainer('p', 'c2', 'created');
    test.runtime.emit('created', 'c2');
    await test.time.advance(10);
    test.runtime.setContainer('c2', 'running');
    await relist(test);
    await test.time.advance(5_000);
    expect(test.pleg.missedCount).toBe(1);
    await test.pleg.stop();
  });

  it('does not count what an event announced that did not say which pod', async () => {
    const test = await startSettled();
    test.runtime.addContainer('q', 'c9');
    test.runtime.emit('started', 'c9', { podSandbox: undefined });
    await test.time.advance(60_000);
    expect(test.take()).toContain('ContainerStarted c9');
    expect(test.pleg.missedCount).toBe(0);
    await test.pleg.stop();
  });

  it('counts nothing in generic mode', async () => {
    const test = newTestPleg();
    test.runtime.addContainer('p', 'c1');
    test.pleg.start();
    await test.time.advance(5_000);
    test.runtime.setContainer('c1', 'exited', 1);
    await test.time.advance(60_000);
    expect(test.take()).toContain('ContainerDied c1');
    expect(test.pleg.missedCount).toBe(0);
    await test.pleg.stop();
  });

  it.each([
    ['cri-o', 0],
    ['containerd', 2],
  ])('of a pod that goes with its container without an event is on %s: %i', async (runtimeName, expected) => {
    const test = newTestPleg({ mode: 'evented' });
    test.runtime.runtimeName = runtimeName;
    test.runtime.addSandbox('p');
    test.runtime.addContainer('p', 'c1');
    test.pleg.start();
    await test.time.advance(2_000);
    await relist(test);
    test.runtime.sandboxes.clear();
    test.runtime.containers.clear();
    await relist(test);
    await test.time.advance(60_000);
    expect(test.pleg.missedCount).toBe(expected);
    await test.pleg.stop();
  });
});

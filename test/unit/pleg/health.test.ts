import { describe, expect, it } from 'vitest';
import { plegProblem, runtimeProblem } from '../../../src/pleg/health.ts';
import { newTestPleg, type TestPleg } from '../../helpers/node-pleg.ts';

const minuteMs = 60_000;

const problemOf = ({ time, pleg }: TestPleg): string | undefined =>
  plegProblem({
    nowMs: time.monotonicMs(),
    relistMs: pleg.relister.lastSuccess?.beganMs,
    thresholdMs: pleg.genericPleg.relistDuration.thresholdMs,
  });

describe('TestHealthy', () => {
  it('is unhealthy before the first relist, healthy after one, and unhealthy past the threshold', async () => {
    const test = newTestPleg({ generic: { periodMs: 60 * minuteMs, thresholdMs: 3 * minuteMs } });
    expect(problemOf(test)).toBe('pleg has yet to be successful');
    await test.time.advance(10 * minuteMs);
    expect(problemOf(test)).toBe('pleg has yet to be successful');
    test.pleg.start();
    await test.time.advance(minuteMs);
    expect(problemOf(test)).toBeUndefined();
    await test.time.advance(3 * minuteMs);
    expect(problemOf(test)).toBe('pleg was last seen active 4m0s ago; threshold is 3m0s');
    await test.pleg.stop();
  });

  it('does not move its stamp for a relist that fails', async () => {
    const test = newTestPleg();
    test.pleg.start();
    await test.time.advance(0);
    test.runtime.behaviours.set('listContainers', new Error('runtime is away'));
    await test.time.advance(3 * minuteMs);
    expect(problemOf(test)).toBeUndefined();
    await test.time.advance(1);
    expect(problemOf(test)).toBe('pleg was last seen active 3m0.001s ago; threshold is 3m0s');
    test.runtime.behaviours.clear();
    await test.time.advance(1_000);
    expect(problemOf(test)).toBeUndefined();
    await test.pleg.stop();
  });

  it('does not wait for inspections: one that hangs is the trouble of its pod', async () => {
    const test = newTestPleg();
    test.runtime.addContainer('p', 'c1');
    test.runtime.behaviours.set('containerStatus c1', new Promise(() => undefined));
    test.pleg.start();
    await test.time.advance(10 * minuteMs);
    expect(problemOf(test)).toBeUndefined();
    await test.pleg.stop();
  });

  it('measures by the monotonic clock, whatever the wall clock does', async () => {
    const test = newTestPleg();
    test.pleg.start();
    await test.time.advance(0);
    test.time.wallStepNs = 3_600_000_000_000n;
    expect(problemOf(test)).toBeUndefined();
    test.time.wallStepNs = -3_600_000_000_000n;
    expect(problemOf(test)).toBeUndefined();
    await test.pleg.stop();
  });
});

describe('TestHealthyEventedPLEG', () => {
  // Kubelet's Evented PLEG is unhealthy when its channel is full. Here a subscriber that falls behind gets a Gap
  // and is nobody else's trouble, so the log is never full and health does not speak of it.
  it('stays healthy however far a subscriber falls behind', async () => {
    const test = newTestPleg({ mode: 'evented', lifecycleLogSize: 5 });
    for (let index = 0; index < 100; index += 1) test.runtime.addContainer('p', `c${String(index)}`);
    test.pleg.log.subscribe({ since: 0 });
    test.pleg.start();
    await test.time.advance(0);
    expect(test.pleg.log.lastSeq).toBe(100);
    expect(problemOf(test)).toBeUndefined();
    await test.pleg.stop();
  });

  it('allows ten minutes between the relists of five while events flow', async () => {
    const test = newTestPleg({ mode: 'evented' });
    test.pleg.start();
    await test.time.advance(1_000);
    test.runtime.behaviours.set('listContainers', new Promise(() => undefined));
    await test.time.advance(10 * minuteMs);
    expect(problemOf(test)).toBeUndefined();
    await test.time.advance(1);
    expect(problemOf(test)).toBe('pleg was last seen active 10m0.001s ago; threshold is 10m0s');
    await test.pleg.stop();
  });
});

describe("kubelet's words", () => {
  it.each([
    [
      3 * minuteMs + 7_629.592089,
      3 * minuteMs,
      'pleg was last seen active 3m7.629592089s ago; threshold is 3m0s',
    ],
    [180_000.000001, 180_000, 'pleg was last seen active 3m0.000000001s ago; threshold is 3m0s'],
    [1_500, 1_000, 'pleg was last seen active 1.5s ago; threshold is 1s'],
    [3_600_000, 600_000, 'pleg was last seen active 1h0m0s ago; threshold is 10m0s'],
  ])('say that a relist is %d ms old with a threshold of %d ms', (ageMs, thresholdMs, expected) => {
    expect(plegProblem({ nowMs: 1_000 + ageMs, relistMs: 1_000, thresholdMs })).toBe(expected);
  });

  it('are none for a relist exactly as old as the threshold', () => {
    expect(plegProblem({ nowMs: 181_000, relistMs: 1_000, thresholdMs: 180_000 })).toBeUndefined();
  });

  it.each([
    [undefined, 'container runtime status check may not have completed yet'],
    [0, 'container runtime is down'],
    [1, undefined],
  ])('of a runtime that was ready at %s ms and is asked at 30 000 ms are: %s', (lastSyncMs, expected) => {
    expect(runtimeProblem(30_000, lastSyncMs)).toBe(expected);
  });
});

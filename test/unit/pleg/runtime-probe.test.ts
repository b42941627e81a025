import { describe, expect, it } from 'vitest';
import { CriError } from '../../../src/cri/cri-error.ts';
import type { RuntimeCondition } from '../../../src/cri/runtime-service.ts';
import { probePeriodMs, RuntimeProbe } from '../../../src/pleg/runtime-probe.ts';
import { settle, SimulatedTime } from '../../helpers/simulated-time.ts';

const ready: RuntimeCondition = { type: 'RuntimeReady', status: true, reason: '', message: '' };

/** A probe of a runtime that says what the test has put into `answer`. */
const newProbe = () => {
  const time = new SimulatedTime();
  const told: string[] = [];
  const calls: string[] = [];
  const answer: { status: RuntimeCondition[] | Error; version: string; gate?: Promise<void> } = {
    status: [ready],
    version: '1.7.24',
  };
  const probe = new RuntimeProbe({
    time,
    service: {
      version: async (options) => {
        calls.push(`version ${String(options?.timeoutMs)}`);
        if (answer.status instanceof Error) throw answer.status;
        return { runtimeName: 'containerd', runtimeVersion: answer.version, runtimeApiVersion: 'v1' };
      },
      status: async (options) => {
        calls.push(`status ${String(options?.timeoutMs)}`);
        await answer.gate;
        if (answer.status instanceof Error) throw answer.status;
        return { conditions: answer.status };
      },
    },
    onUp: ({ runtimeVersion }) => told.push(`up ${runtimeVersion}`),
    onDown: ({ code }) => told.push(`down ${code}`),
    describe: ({ message }) => message,
  });
  return { time, probe, told, calls, answer };
};

const unavailable = new CriError('Status', 'UNAVAILABLE', 'no connection');

describe('updateRuntimeUp', () => {
  it('asks for version and status at once, and then for the status five seconds after each answer', async () => {
    const { probe, time, told, calls } = newProbe();
    expect([probe.state, probe.lastSyncMs]).toEqual(['unknown', undefined]);
    void probe.start();
    await settle();
    expect(calls).toEqual(['status 5000', 'version 5000']);
    expect([probe.state, probe.lastSyncMs, probe.version?.runtimeVersion]).toEqual([
      'up',
      time.monotonicMs(),
      '1.7.24',
    ]);
    await time.advance(2 * probePeriodMs);
    expect(calls).toEqual(['status 5000', 'version 5000', 'status 5000', 'status 5000']);
    expect(told).toEqual(['up 1.7.24']);
    expect(probe.lastSyncMs).toBe(time.monotonicMs());
    probe.stop();
    expect(time.timerCount).toBe(0);
  });

  it('says once that the runtime is down, keeps its words, and does not move its stamp', async () => {
    const { probe, time, told, answer } = newProbe();
    void probe.start();
    await settle();
    const { lastSyncMs } = probe;
    answer.status = unavailable;
    await time.advance(3 * probePeriodMs);
    expect(told).toEqual(['up 1.7.24', 'down UNAVAILABLE']);
    expect(probe).toMatchObject({
      state: 'down',
      problem: 'Status: UNAVAILABLE: no connection',
      lastSyncMs,
    });
    probe.stop();
  });

  it('asks for the version again when the runtime is back, for it may be another one', async () => {
    const { probe, time, told, answer } = newProbe();
    void probe.start();
    await settle();
    answer.status = unavailable;
    await time.advance(probePeriodMs);
    answer.status = [ready];
    answer.version = '2.1.9';
    await time.advance(probePeriodMs);
    expect(told).toEqual(['up 1.7.24', 'down UNAVAILABLE', 'up 2.1.9']);
    expect(probe).toMatchObject({
      state: 'up',
      problem: undefined,
      version: { runtimeVersion: '2.1.9' },
    });
    probe.stop();
  });

  it("is up but not in sync with a runtime that says it is not ready, in kubelet's words", async () => {
    const { probe, time, answer } = newProbe();
    answer.status = [{ ...ready, status: false, reason: 'Starting', message: 'loading plugins' }];
    void probe.start();
    await settle();
    expect(probe).toMatchObject({
      state: 'up',
      lastSyncMs: undefined,
      problem: 'container runtime not ready: RuntimeReady=false reason:Starting message:loading plugins',
    });
    answer.status = [ready];
    await time.advance(probePeriodMs);
    expect(probe).toMatchObject({ problem: undefined, lastSyncMs: time.monotonicMs() });
    probe.stop();
  });

  it('takes no notice of conditions that are not about the runtime', async () => {
    const { probe, answer } = newProbe();
    answer.status = [
      ready,
      { type: 'NetworkReady', status: false, reason: 'NoCni', message: 'cni plugin not initialized' },
    ];
    void probe.start();
    await settle();
    expect(probe.problem).toBeUndefined();
    probe.stop();
  });

  it.each([
    ['suspectDown', 'is up', [ready]],
    ['suspectUp', 'is down', unavailable],
  ] as const)(
    'asks at once on %s when the runtime %s, and starts its period anew',
    async (suspect, _, status) => {
      const { probe, time, calls, answer } = newProbe();
      answer.status = status instanceof Error ? status : [...status];
      void probe.start();
      await time.advance(2_000);
      const statusCount = () => calls.filter((call) => call.startsWith('status')).length;
      const count = statusCount();
      probe[suspect]();
      await settle();
      expect(statusCount()).toBe(count + 1);
      await time.advance(probePeriodMs - 1);
      expect(statusCount()).toBe(count + 1);
      await time.advance(1);
      expect(statusCount()).toBe(count + 2);
      expect(time.timerCount).toBe(1);
      probe.stop();
    },
  );

  it.each([
    ['suspectUp', 'is up', [ready]],
    ['suspectDown', 'is down', unavailable],
  ] as const)('does not ask on %s when the runtime %s anyway', async (suspect, _, status) => {
    const { probe, calls, answer } = newProbe();
    answer.status = status instanceof Error ? status : [...status];
    void probe.start();
    await settle();
    const count = calls.length;
    probe[suspect]();
    await settle();
    expect(calls.length).toBe(count);
    probe.stop();
  });

  it('asks once at a time, however often it is suspected', async () => {
    const { probe, time, calls, answer } = newProbe();
    void probe.start();
    await settle();
    let open = (): void => undefined;
    answer.gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    for (let suspicion = 0; suspicion < 5; suspicion += 1) probe.suspectDown();
    await settle();
    expect(calls.filter((call) => call.startsWith('status'))).toHaveLength(2);
    open();
    await settle();
    expect(time.timerCount).toBe(1);
    probe.stop();
  });

  it('says nothing of a call that its stop has cut off', async () => {
    const { probe, time, told, answer } = newProbe();
    let fail = (): void => undefined;
    answer.gate = new Promise<void>((_, reject) => {
      fail = () => reject(unavailable);
    });
    void probe.start();
    await settle();
    probe.stop();
    fail();
    await settle();
    expect(told).toEqual([]);
    expect([probe.state, time.timerCount]).toEqual(['unknown', 0]);
  });

  it('does not take for ready a runtime that reports no such condition', async () => {
    const { probe, answer } = newProbe();
    answer.status = [];
    void probe.start();
    await settle();
    expect([probe.state, probe.lastSyncMs, probe.problem]).toEqual([
      'up',
      undefined,
      'container runtime not ready: it reports no condition RuntimeReady',
    ]);
    probe.stop();
  });

  it('asks for the version again after somebody doubted the runtime, for it may be another one', async () => {
    const { probe, answer } = newProbe();
    void probe.start();
    await settle();
    answer.version = '2.1.9';
    probe.suspectDown();
    await settle();
    expect(probe.version?.runtimeVersion).toBe('2.1.9');
    probe.stop();
  });
});

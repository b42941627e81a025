import { describe, expect, it } from 'vitest';
import { CriError } from '../../../src/cri/cri-error.ts';
import type { CallOptions } from '../../../src/cri/runtime-service.ts';
import { EvidenceOrder } from '../../../src/pleg/evidence-order.ts';
import { Relister } from '../../../src/pleg/relister.ts';
import { FakeRuntimeService } from '../../helpers/fake-runtime-service.ts';
import { settle, SimulatedTime } from '../../helpers/simulated-time.ts';

/** A relister that notes whom it tells what, in order. */
const newRelister = () => {
  const time = new SimulatedTime();
  const runtime = new FakeRuntimeService();
  const order = new EvidenceOrder();
  const told: string[] = [];
  const abort = new AbortController();
  const relister = new Relister({
    time,
    service: runtime,
    begin: () => ({ began: order.next(), beganMs: time.monotonicMs(), beganWallNs: time.wallNs() }),
    onBegin: (intervalMs) => told.push(`begin ${intervalMs ?? '-'}`),
    onResult: ({ began, podSandboxes, containers }) =>
      told.push(
        `result ${String(began)}: ${String(podSandboxes.length)} sandboxes, ${String(containers.length)} containers`,
      ),
    onFailed: ({ code }, isFirst) => told.push(`failed ${code}${isFirst ? ', the first' : ''}`),
    onRecovered: () => told.push('recovered'),
    onEnd: (durationMs) => told.push(`end ${String(durationMs)}`),
  });
  return {
    time,
    runtime,
    relister,
    told,
    abort,
    relist: () => relister.relist(abort.signal),
    fail: (call: 'listContainers' | 'listPodSandboxes', code: 'UNAVAILABLE' | 'RESOURCE_EXHAUSTED') =>
      runtime.behaviours.set(call, new CriError(call, code, 'no list')),
  };
};

/** A wait that the test ends. */
const gate = () => {
  let open = (): void => undefined;
  const closed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { closed, open: () => open() };
};

describe('a relist', () => {
  it('hands on both lists with the place at which it began, and stamps its success', async () => {
    const { relist, relister, runtime, told, time } = newRelister();
    runtime.addSandbox('p');
    runtime.addContainer('p', 'c1');
    expect(relister.lastSuccess).toBeUndefined();
    expect(await relist()).toBe(true);
    expect(told).toEqual(['begin -', 'result 1: 1 sandboxes, 1 containers', 'end 0']);
    expect(relister.lastSuccess).toEqual({
      began: 1,
      beganMs: time.monotonicMs(),
      beganWallNs: time.wallNs(),
    });
  });

  it('is stamped with its beginning, not its end, and takes as long as its slower list', async () => {
    const { relist, relister, runtime, time, told } = newRelister();
    const { closed, open } = gate();
    runtime.behaviours.set('listContainers', closed);
    const beganMs = time.monotonicMs();
    const relisting = relist();
    await time.advance(2_500);
    expect([relister.inFlightMs, relister.lastSuccess]).toEqual([2_500, undefined]);
    open();
    await relisting;
    expect([relister.inFlightMs, relister.lastDurationMs]).toEqual([undefined, 2_500]);
    expect(relister.lastSuccess?.beganMs).toBe(beganMs);
    expect(told.at(-1)).toBe('end 2500');
  });

  it('asks for both lists side by side', async () => {
    const { relist, runtime } = newRelister();
    const { closed, open } = gate();
    runtime.behaviours.set('listPodSandboxes', closed);
    const relisting = relist();
    await settle();
    expect(runtime.calls).toEqual(['listPodSandboxes', 'listContainers']);
    open();
    await relisting;
  });

  it.each(['listContainers', 'listPodSandboxes'] as const)(
    'fails when %s fails, and leaves the stamp where it was',
    async (call) => {
      const { relist, relister, told, fail, time } = newRelister();
      await relist();
      const { lastSuccess } = relister;
      await time.advance(1_000);
      fail(call, 'UNAVAILABLE');
      expect(await relist()).toBe(false);
      expect(told.slice(3)).toEqual(['begin 1000', 'failed UNAVAILABLE, the first', 'end 0']);
      expect(relister.lastSuccess).toBe(lastSuccess);
      expect(relister.lastError).toMatchObject({ code: 'UNAVAILABLE', details: 'no list' });
    },
  );

  it('says which failure is the first in a row, and when it is over', async () => {
    const { relist, relister, told, fail, runtime } = newRelister();
    fail('listContainers', 'UNAVAILABLE');
    await relist();
    fail('listContainers', 'RESOURCE_EXHAUSTED');
    await relist();
    runtime.behaviours.clear();
    await relist();
    await relist();
    expect(told.filter((line) => !/^(begin|end)/.test(line))).toEqual([
      'failed UNAVAILABLE, the first',
      'failed RESOURCE_EXHAUSTED',
      'result 3: 0 sandboxes, 0 containers',
      'recovered',
      'result 4: 0 sandboxes, 0 containers',
    ]);
    expect(relister.lastError).toBeUndefined();
  });

  it('makes an error of the runtime service of whatever is thrown', async () => {
    const { relist, relister, runtime } = newRelister();
    const cause = new TypeError('broken');
    runtime.behaviours.set('listContainers', cause);
    await relist();
    expect(relister.lastError).toMatchObject({ code: 'UNKNOWN', method: 'relist', cause });
  });

  it('leaves no trace but its duration when it is aborted', async () => {
    const { relist, relister, runtime, told, abort, time } = newRelister();
    runtime.behaviours.set('listContainers', gate().closed);
    const relisting = relist();
    await time.advance(40);
    abort.abort();
    expect(await relisting).toBe(false);
    expect(told).toEqual(['begin -', 'end 40']);
    expect([relister.lastError, relister.lastSuccess, relister.inFlightMs]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('hands on nothing when it is aborted while its answer is on the way', async () => {
    const { relist, runtime, told, abort } = newRelister();
    const { closed, open } = gate();
    runtime.behaviours.set('listContainers', closed);
    const relisting = relist();
    await settle();
    open();
    abort.abort();
    expect(await relisting).toBe(false);
    expect(told).toEqual(['begin -', 'end 0']);
  });

  it('leaves no list behind that hangs when the other fails', async () => {
    const { relist, runtime, fail } = newRelister();
    const signals: (AbortSignal | undefined)[] = [];
    const { listPodSandboxes } = runtime;
    runtime.listPodSandboxes = (options?: CallOptions) => {
      signals.push(options?.signal);
      return listPodSandboxes.call(runtime, options);
    };
    runtime.behaviours.set('listPodSandboxes', gate().closed);
    fail('listContainers', 'RESOURCE_EXHAUSTED');
    for (let attempt = 0; attempt < 3; attempt += 1) expect(await relist()).toBe(false);
    expect(signals.map((signal) => signal?.aborted)).toEqual([true, true, true]);
  });
});

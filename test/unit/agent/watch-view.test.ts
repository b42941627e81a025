import { describe, expect, it } from 'vitest';
import { createAgentView } from '../../../src/agent/agent-view.ts';
import { newTestPleg } from '../../helpers/node-pleg.ts';

const setup = (options: Parameters<typeof newTestPleg>[0] = {}) => {
  const test = newTestPleg(options);
  const { time, pleg } = test;
  const { watch } = createAgentView({
    time,
    pleg,
    configuredMode: options.mode ?? 'generic',
    runtimeEndpoint: 'unix:///run/test.sock',
  });
  return { ...test, watch };
};

describe('the row of a pod', () => {
  it('has its containers as their machines have them, with the way they ended', async () => {
    const { pleg, runtime, time, watch } = setup();
    runtime.addSandbox('p1');
    runtime.addContainer('p1', 'c1');
    runtime.addContainer('p1', 'c2');
    pleg.start();
    await time.advance(10);
    runtime.setContainer('c1', 'exited', 137, 'OOMKilled');
    await time.advance(1_010);
    expect([...watch.podUids()]).toEqual(['p1']);
    expect(watch.podRow('p1')?.containers).toEqual([
      expect.objectContaining({ id: 'p1-sandbox', isSandbox: true, state: 'running' }),
      expect.objectContaining({ id: 'c1', state: 'exited', exitCode: 137, reason: 'OOMKilled' }),
      expect.objectContaining({ id: 'c2', isSandbox: false, state: 'running' }),
    ]);
    expect(watch.podRow('nobody')).toBeUndefined();
    await pleg.stop();
  });
});

describe('one container', () => {
  it('has the state of its machine, its last status and when its pod was inspected', async () => {
    const { pleg, runtime, time, watch } = setup();
    runtime.addSandbox('p1');
    runtime.addContainer('p1', 'c1');
    pleg.start();
    await time.advance(10);
    const detail = watch.container('c1');
    expect(detail).toMatchObject({
      id: 'c1',
      path: 'running',
      pod: { uid: 'p1' },
      status: { state: 'running' },
    });
    expect(Date.parse(detail?.pod.inspectedAt ?? '')).toBeLessThanOrEqual(Number(time.wallNs() / 1_000_000n));
    expect(watch.container('p1-sandbox')).toMatchObject({ isSandbox: true, status: { state: 'ready' } });
    expect(watch.container('nobody')).toBeUndefined();
    await pleg.stop();
  });
});

describe('the history of the supervisor', () => {
  it('has each step of a degradation with its time and the reason', async () => {
    const { pleg, runtime, time, watch } = setup({ mode: 'evented' });
    pleg.start();
    await time.advance(10);
    for (let failure = 1; failure <= 5; failure += 1) {
      runtime.failStream('UNAVAILABLE', 'Connection dropped');
      await time.advance(failure < 5 ? 3_000 : 10);
    }
    const moves = watch.supervisorHistory();
    const begin = moves.findIndex(({ path }) => path.startsWith('degrading'));
    expect(moves.slice(begin - 1, begin + 5).map(({ path, reason }) => [path, reason])).toEqual([
      ['streaming.evented.fresh', undefined],
      ['degrading.stoppingEvented.acting', expect.stringMatching(/Connection dropped.* \(5 in a row\)/)],
      ['degrading.stoppingGeneric.acting', undefined],
      ['degrading.updatingRelistDuration.acting', undefined],
      ['degrading.startingGeneric.acting', undefined],
      ['generic.waiting', expect.stringContaining('Connection dropped')],
    ]);
    expect(moves.map(({ at }) => at)).toEqual(moves.map(({ at }) => at).toSorted());
    await pleg.stop();
  });

  it('says why a step is tried again', async () => {
    const { pleg, time, watch } = setup();
    const { start } = pleg.genericPleg;
    let failures = 0;
    pleg.genericPleg.start = () => {
      failures += 1;
      if (failures === 1) throw new Error('no room');
      start.call(pleg.genericPleg);
    };
    pleg.start();
    await time.advance(2_000);
    expect(
      watch
        .supervisorHistory()
        .slice(1)
        .map(({ path, reason }) => [path.split('.').slice(-2).join('.'), reason]),
    ).toEqual([
      ['startingGeneric.acting', undefined],
      ['startingGeneric.pausing', 'no room'],
      ['startingGeneric.acting', undefined],
      ['generic.chosen', undefined],
    ]);
    await pleg.stop();
  });

  it('is bounded', async () => {
    const { pleg, runtime, time, watch } = setup({ mode: 'evented', maxStreamRetries: 1_000 });
    pleg.start();
    for (let failure = 0; failure < 120; failure += 1) {
      await time.advance(3_100);
      runtime.failStream('UNAVAILABLE', 'Connection dropped');
    }
    expect(watch.supervisorHistory()).toHaveLength(100);
    await pleg.stop();
  });
});

describe('events that are kept', () => {
  it('come from a number on, as far as the log goes back', async () => {
    const { pleg, runtime, time, watch } = setup({ lifecycleLogSize: 3 });
    runtime.addSandbox('p1');
    for (const id of ['c1', 'c2', 'c3']) runtime.addContainer('p1', id);
    pleg.start();
    await time.advance(10);
    const numbers = (since: number): number[] => [...watch.keptEvents(since)].map(({ seq }) => seq);
    expect(numbers(0)).toEqual([2, 3, 4]);
    expect(numbers(3)).toEqual([4]);
    expect(numbers(4)).toEqual([]);
    await pleg.stop();
  });
});

import { describe, expect, it } from 'vitest';
import { createAgentView } from '../../../src/agent/agent-view.ts';
import { newTestPleg } from '../../helpers/node-pleg.ts';

/** A pod `p1` with a container `c1`, known since 10 ms after the start. */
const startPleg = async () => {
  const { pleg, runtime, time } = newTestPleg({ mode: 'evented' });
  runtime.addSandbox('p1');
  runtime.addContainer('p1', 'c1');
  const view = createAgentView({ time, pleg, configuredMode: 'evented', runtimeEndpoint: 'unix:///fake' });
  pleg.start();
  await time.advance(10);
  return { pleg, runtime, time, view };
};

const { signal } = new AbortController();
const inspectionsOf = (calls: readonly string[]) =>
  calls.filter((call) => call.startsWith('podSandboxStatus'));

describe('a pod newer than a moment', () => {
  it('is answered at once when it was looked at since', async () => {
    const { pleg, runtime, time, view } = await startPleg();
    const before = inspectionsOf(runtime.calls).length;
    const newerThanNs = time.wallNs() - 3_600_000_000_000n;
    await time.advance(60_000);
    const pod = await view.podNewerThan('p1', { newerThanNs, signal });
    expect(pod).toEqual(view.pod('p1'));
    expect(pod?.containers).toMatchObject([{ id: 'c1', state: 'running' }]);
    expect(inspectionsOf(runtime.calls)).toHaveLength(before);
    await pleg.stop();
  });

  it('is looked at anew when it was not, whatever the wall clock did since', async () => {
    const { pleg, runtime, time, view } = await startPleg();
    await time.advance(60_000);
    time.wallStepNs = -3_600_000_000_000n;
    const before = inspectionsOf(runtime.calls).length;
    runtime.setContainer('c1', 'exited', 3);
    const newer = view.podNewerThan('p1', { newerThanNs: time.wallNs(), signal });
    await time.advance(10);
    expect((await newer)?.containers).toMatchObject([{ state: 'exited', exitCode: 3 }]);
    expect(inspectionsOf(runtime.calls).length).toBeGreaterThan(before);
    await pleg.stop();
  });

  it('of no pod is answered after a list that does not show it', async () => {
    const { pleg, time, view } = await startPleg();
    const newer = view.podNewerThan('p2', { newerThanNs: time.wallNs(), signal });
    await time.advance(10);
    expect(await newer).toBeUndefined();
    await pleg.stop();
  });

  it('is the pod as of now for a moment that lies ahead, as a finer clock than ours may say', async () => {
    const { pleg, time, view } = await startPleg();
    const newer = view.podNewerThan('p1', { newerThanNs: time.wallNs() + 500_000n, signal });
    await time.advance(1);
    await expect(newer).resolves.toMatchObject({ uid: 'p1' });
    await pleg.stop();
  });

  it('is waited for no longer than somebody wants it', async () => {
    const { pleg, time, view, runtime } = await startPleg();
    runtime.behaviours.set('podSandboxStatus', new Promise(() => undefined));
    const asker = new AbortController();
    const newer = view.podNewerThan('p1', { newerThanNs: time.wallNs(), signal: asker.signal });
    await time.advance(5_000);
    asker.abort(new Error('gone'));
    await expect(newer).rejects.toThrow('gone');
    await pleg.stop();
  });
});

it('has no pod that is not there', async () => {
  const { pleg, view } = await startPleg();
  expect(view.pod('p2')).toBeUndefined();
  await pleg.stop();
});

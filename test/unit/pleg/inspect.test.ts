import { describe, expect, it } from 'vitest';
import { CriError } from '../../../src/cri/cri-error.ts';
import { inspect } from '../../../src/pleg/inspect.ts';
import type { InspectionRequest } from '../../../src/pleg/observation.ts';
import { FakeRuntimeService } from '../../helpers/fake-runtime-service.ts';

const requestFor = (podSandboxIds: string[], containerIds: string[]): InspectionRequest => ({
  began: 1,
  beganMs: 0,
  beganWallNs: 0n,
  podUid: 'p',
  podName: 'name-p',
  podNamespace: 'default',
  podSandboxIds,
  containerIds,
});

const newRuntime = (): FakeRuntimeService => {
  const runtime = new FakeRuntimeService();
  runtime.addSandbox('p', 's1');
  runtime.addContainer('p', 'c1');
  runtime.addContainer('p', 'c2', 'exited');
  return runtime;
};

describe('TestGetPodStatus', () => {
  it('asks for every sandbox, then for every container, one after the other', async () => {
    const runtime = newRuntime();
    let answer: (() => void) | undefined;
    runtime.behaviours.set(
      'containerStatus c1',
      new Promise<void>((resolve) => {
        answer = resolve;
      }),
    );
    const outcome = inspect(runtime, requestFor(['s1'], ['c1', 'c2']), {});
    await new Promise((resolve) => setImmediate(resolve));
    expect(runtime.calls).toEqual(['podSandboxStatus s1', 'containerStatus c1']);
    answer?.();
    expect(await outcome).toMatchObject({
      ok: true,
      answers: {
        podSandboxes: [{ id: 's1', state: 'ready' }],
        containers: [
          { id: 'c1', state: 'running' },
          { id: 'c2', state: 'exited' },
        ],
      },
    });
    expect(runtime.calls).toHaveLength(3);
  });

  it('hands every call the options that it was given', async () => {
    const seen: unknown[] = [];
    const runtime = newRuntime();
    const options = { timeoutMs: 10_000, signal: new AbortController().signal };
    await inspect(
      {
        podSandboxStatus: (id, given) => {
          seen.push(given);
          return runtime.podSandboxStatus(id);
        },
        containerStatus: (id, given) => {
          seen.push(given);
          return runtime.containerStatus(id);
        },
      },
      requestFor(['s1'], ['c1']),
      options,
    );
    expect(seen).toEqual([options, options]);
  });

  it('asks nothing for a pod without sandboxes and containers', async () => {
    const runtime = newRuntime();
    expect(await inspect(runtime, requestFor([], []), {})).toEqual({
      ok: true,
      answers: { podSandboxes: [], containers: [] },
    });
    expect(runtime.calls).toEqual([]);
  });
});

describe('TestGetPodStatusWithNotFoundError', () => {
  it('leaves out what is not found', async () => {
    const runtime = newRuntime();
    expect(await inspect(runtime, requestFor(['gone', 's1'], ['c1', 'lost']), {})).toMatchObject({
      ok: true,
      answers: { podSandboxes: [{ id: 's1' }], containers: [{ id: 'c1' }] },
    });
  });

  it.each([
    ['podSandboxStatus s1', { method: 'PodSandboxStatus', id: 's1' }],
    ['containerStatus c1', { method: 'ContainerStatus', id: 'c1' }],
  ])('ends with the error of %s, and says which call it was', async (behaviour, call) => {
    const runtime = newRuntime();
    const error = new CriError('Status', 'DEADLINE_EXCEEDED', 'Deadline exceeded');
    runtime.behaviours.set(behaviour, error);
    const outcome = await inspect(runtime, requestFor(['s1'], ['c1', 'c2']), {});
    expect(outcome).toEqual({ ok: false, error, call });
    expect(runtime.calls).not.toContain('containerStatus c2');
  });

  it('never rejects, whatever is thrown', async () => {
    const outcome = await inspect(
      {
        // oxlint-disable-next-line prefer-promise-reject-errors -- a careless implementation of the port
        podSandboxStatus: () => Promise.reject('just a text'),
        containerStatus: () => Promise.reject(new Error('not asked')),
      },
      requestFor(['s1'], []),
      {},
    );
    expect(outcome).toMatchObject({ ok: false, error: { message: 'just a text' } });
  });
});

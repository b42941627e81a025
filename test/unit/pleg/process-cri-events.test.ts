import { describe, expect, it } from 'vitest';
import type { CriEventKind } from '../../../src/cri/runtime-service.ts';
import { newTestPleg, type TestPleg } from '../../helpers/node-pleg.ts';
import { statusOf } from './records.ts';

/** Evented, with a stream that is settled, and a pod with one container in the given state. */
const startEvented = async (state: 'created' | 'running' | 'exited' = 'running'): Promise<TestPleg> => {
  const test = newTestPleg({ mode: 'evented' });
  test.runtime.addSandbox('p');
  test.runtime.addContainer('p', 'c1', state);
  test.pleg.start();
  await test.time.advance(5_000);
  test.take();
  test.runtime.calls.length = 0;
  return test;
};

/** What the runtime asked itself since, less the probe of its health. */
const calls = ({ runtime }: TestPleg): string[] => runtime.calls.filter((call) => call !== 'status');

describe('TestProcessCRIEvent', () => {
  it('a created event makes no event, and the cache knows the container', async () => {
    const test = await startEvented();
    test.runtime.addContainer('p', 'c2', 'created');
    test.runtime.emit('created', 'c2');
    await test.time.advance(0);
    expect(test.take()).toEqual([]);
    expect(test.pleg.cache.get('p').status.containers).toMatchObject([
      { id: 'c2', state: 'created' },
      { id: 'c1' },
    ]);
    await test.pleg.stop();
  });

  it('a started event is ContainerStarted', async () => {
    const test = await startEvented('created');
    test.runtime.setContainer('c1', 'running');
    test.runtime.emit('started', 'c1');
    await test.time.advance(0);
    expect(test.take()).toEqual(['ContainerStarted c1']);
    await test.pleg.stop();
  });

  it('a stopped event is ContainerDied', async () => {
    const test = await startEvented();
    test.runtime.setContainer('c1', 'exited', 137, 'Error');
    test.runtime.emit('stopped', 'c1');
    await test.time.advance(0);
    expect(test.take()).toEqual(['ContainerDied c1']);
    await test.pleg.stop();
  });

  // Kubelet sends ContainerDied with every deletion, a second time for a container that had died. Here the
  // machine knows whether it has.
  it.each([
    ['running', ['ContainerDied c1', 'ContainerRemoved c1']],
    ['exited', ['ContainerRemoved c1']],
  ] as const)('a deleted event of a container that is %s is %j', async (state, expected) => {
    const test = await startEvented(state);
    test.runtime.emit('deleted', 'c1');
    test.runtime.containers.delete('c1');
    await test.time.advance(0);
    expect(test.take()).toEqual(expected);
    await test.pleg.stop();
  });

  it('a deleted event of the last sandbox ends the pod and its cache entry', async () => {
    const test = await startEvented('exited');
    test.runtime.containers.clear();
    test.runtime.emit('deleted', 'c1', { podSandbox: undefined });
    test.runtime.sandboxes.clear();
    test.runtime.emit('deleted', 'p-sandbox', { podSandbox: undefined });
    await test.time.advance(0);
    expect(test.take()).toEqual([
      'ContainerRemoved c1',
      'ContainerDied p-sandbox',
      'ContainerRemoved p-sandbox',
    ]);
    expect(test.pleg.cache.get('p').status.podName).toBe('');
    await test.pleg.stop();
  });
});

// Kubelet's third generation relists the pod for stopped events alone. Here every event that moves its container
// marks its pod for an inspection at once, and the payload is used for nothing but the exit of its container.
describe('TestProcessCRIEventsRequestsRelistOnlyForStoppedEvents', () => {
  const inspection = ['podSandboxStatus p-sandbox', 'containerStatus c1'];

  it.each([
    [
      'stopped with an exit code that is not zero',
      'stopped',
      statusOf('c1', 'exited', { exitCode: 1 }),
      inspection,
    ],
    [
      'stopped by the OOM killer',
      'stopped',
      statusOf('c1', 'exited', { exitCode: 137, reason: 'OOMKilled' }),
      inspection,
    ],
    ['stopped cleanly', 'stopped', statusOf('c1', 'exited'), inspection],
    ['stopped without a status of the container', 'stopped', undefined, inspection],
    ['started', 'started', statusOf('c1'), []],
    ['created', 'created', statusOf('c1', 'created'), []],
  ] as const)(
    'for a running container and an event that says %s',
    async (_, kind, containerStatus, expected) => {
      const test = await startEvented();
      if (kind === 'stopped') test.runtime.setContainer('c1', 'exited', 1);
      test.runtime.emit(kind, 'c1', { containerStatus });
      await test.time.advance(0);
      expect(calls(test)).toEqual(expected);
      await test.pleg.stop();
    },
  );

  it('for a deleted container', async () => {
    const test = await startEvented();
    test.runtime.emit('deleted', 'c1');
    test.runtime.containers.delete('c1');
    await test.time.advance(0);
    expect(calls(test)).toEqual(['podSandboxStatus p-sandbox']);
    await test.pleg.stop();
  });

  it.each<[CriEventKind, string[]]>([
    ['started', ['listPodSandboxes', 'listContainers']],
    ['stopped', ['listPodSandboxes', 'listContainers']],
    ['deleted', []],
  ])('for an unknown container, %s, whose sandbox is missing: %j', async (kind, expected) => {
    const test = await startEvented();
    test.runtime.emit(kind, 'unknown', { podSandbox: undefined });
    await test.time.advance(0);
    expect(calls(test)).toEqual(expected);
    await test.pleg.stop();
  });

  it('coalesces the events of a pod that come while it is inspected into one more inspection', async () => {
    const test = await startEvented();
    for (let index = 2; index < 10; index += 1) test.runtime.addContainer('p', `c${String(index)}`);
    for (let index = 2; index < 10; index += 1) test.runtime.emit('started', `c${String(index)}`);
    await test.time.advance(0);
    expect(calls(test).filter((call) => call === 'podSandboxStatus p-sandbox')).toHaveLength(1);
    expect(test.take()).toHaveLength(8);
    await test.pleg.stop();
  });
});

describe('the events of a pod by container ID', () => {
  it.each([
    ['the container of the event, whatever the others are named', 'c1', ['ContainerDied c1']],
    ['none when the ID is that of no container', 'name-c1', []],
  ])('stop %s', async (_, containerId, expected) => {
    const test = await startEvented();
    test.runtime.addContainer('p', 'c2');
    test.runtime.emit('started', 'c2');
    await test.time.advance(0);
    test.take();
    if (containerId === 'c1') test.runtime.setContainer('c1', 'exited', 1);
    test.runtime.emit('stopped', containerId, {
      podSandbox: test.runtime.sandboxes.get('p-sandbox'),
      createdAtNs: 1n,
    });
    await test.time.advance(0);
    expect(test.take()).toEqual(expected);
    await test.pleg.stop();
  });
});

describe('the latency of events', () => {
  it('is counted for every event, and is never negative', async () => {
    const test = await startEvented();
    const stampNs = test.time.wallNs();
    test.runtime.emit('started', 'c1', { createdAtNs: stampNs - 250_000_000n });
    test.runtime.emit('started', 'c1', { createdAtNs: stampNs + 3_600_000_000_000n });
    const text = await test.pleg.metrics.registry.getSingleMetricAsString(
      'kubelet_evented_pleg_connection_latency_seconds',
    );
    expect(text).toContain('kubelet_evented_pleg_connection_latency_seconds_sum 0.25\n');
    expect(text).toContain('kubelet_evented_pleg_connection_latency_seconds_count 2');
    await test.pleg.stop();
  });
});

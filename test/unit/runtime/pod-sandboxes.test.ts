import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { NamespaceMode, PodSandboxState } from '../../../src/cri/gen/runtime/v1/api_pb.ts';
import { useEmbeddedRuntime } from '../../helpers/embedded-runtime.ts';

const fixture = useEmbeddedRuntime();

const metadata = { name: 'web-0', uid: 'uid-0', namespace: 'shop', attempt: 2 };

describe('RunPodSandbox', () => {
  it('makes a ready sandbox that keeps all it was told', async () => {
    const { driver } = fixture;
    const config = {
      metadata,
      labels: { app: 'web' },
      annotations: { note: 'kept' },
      linux: { securityContext: { namespaceOptions: { network: NamespaceMode.NODE } } },
    };
    const { podSandboxId } = await driver.cri.runtime.runPodSandbox({ config });

    expect(podSandboxId).toMatch(/^[0-9a-f]{64}$/);
    const podStatus = await driver.podStatus(podSandboxId);
    expect(podStatus).toMatchObject({
      id: podSandboxId,
      metadata,
      state: PodSandboxState.SANDBOX_READY,
      labels: { app: 'web' },
      annotations: { note: 'kept' },
      network: { ip: '' },
      linux: { namespaces: { options: { network: NamespaceMode.NODE } } },
    });
    expect(podStatus.createdAt).toBeGreaterThan(0n);
  });

  it('announces CREATED, then STARTED, with the status of the sandbox', async () => {
    const { driver, runtime } = fixture;
    const tape = driver.recordEvents();
    await runtime.events.waitForReaders(1);
    const pod = await driver.runPod({ name: 'web' });

    const [created, started] = await tape.take(2);
    expect(tape.steps).toEqual([
      ['created', pod.id],
      ['started', pod.id],
    ]);
    expect(created?.podSandboxStatus).toEqual(await driver.podStatus(pod.id));
    expect(created?.containersStatuses).toEqual([]);
    expect(started!.createdAt).toBeGreaterThan(created!.createdAt);
  });

  it('gives each pod with a network of its own an address, which it loses when it is stopped', async () => {
    const { driver } = fixture;
    const first = await driver.runPod({ name: 'a', hostNetwork: false });
    const second = await driver.runPod({ name: 'b', hostNetwork: false });

    expect((await driver.podStatus(first.id)).network?.ip).toBe('127.64.0.1');
    expect((await driver.podStatus(second.id)).network?.ip).toBe('127.64.0.2');
    await driver.stopPod(first.id);
    expect((await driver.podStatus(first.id)).network?.ip).toBe('');
  });

  it.each([
    [undefined, 'config.metadata is missing'],
    [{}, 'config.metadata is missing'],
    [{ metadata: { ...metadata, name: '' } }, 'config.metadata.name is empty'],
    [{ metadata: { ...metadata, uid: '' } }, 'config.metadata.uid is empty'],
    [{ metadata: { ...metadata, namespace: '' } }, 'config.metadata.namespace is empty'],
  ])('refuses %j', async (config, details) => {
    const call = fixture.driver.cri.runtime.runPodSandbox(config === undefined ? {} : { config });
    await expect(call).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringContaining(details) as string,
    });
  });

  it('refuses a second sandbox for the same attempt of a pod, as long as the first is there', async () => {
    const { driver } = fixture;
    const { runtime } = driver.cri;
    const { podSandboxId } = await runtime.runPodSandbox({ config: { metadata } });

    await expect(runtime.runPodSandbox({ config: { metadata } })).rejects.toMatchObject({
      code: status.FAILED_PRECONDITION,
      details: expect.stringContaining(`reserved for "${podSandboxId}"`) as string,
    });
    await runtime.runPodSandbox({ config: { metadata: { ...metadata, attempt: 3 } } });
    await driver.removePod(podSandboxId);
    await runtime.runPodSandbox({ config: { metadata } });
  });

  it('refuses a runtime handler, and nothing stays', async () => {
    const { runtime } = fixture.driver.cri;
    await expect(
      runtime.runPodSandbox({ config: { metadata }, runtimeHandler: 'kata' }),
    ).rejects.toMatchObject({ code: status.UNKNOWN });
    expect((await runtime.listPodSandbox({})).items).toEqual([]);
  });
});

describe('StopPodSandbox', () => {
  it('stops each running container, then the sandbox', async () => {
    const { driver, runtime } = fixture;
    const pod = await driver.runPod({ name: 'web' });
    const running = [
      await driver.runContainer(pod, { name: 'a' }),
      await driver.runContainer(pod, { name: 'b' }),
    ];
    await driver.createContainer(pod, { name: 'never-started' });
    const tape = driver.recordEvents();
    await runtime.events.waitForReaders(1);
    await driver.stopPod(pod.id);

    await tape.take(3);
    expect(tape.steps.slice(0, 2).map(([, id]) => id)).toEqual(expect.arrayContaining(running));
    expect(tape.steps.map(([kind]) => kind)).toEqual(['stopped', 'stopped', 'stopped']);
    expect(tape.events[2]).toMatchObject({
      containerId: pod.id,
      podSandboxStatus: { state: PodSandboxState.SANDBOX_NOTREADY },
    });
    expect(await driver.containerStatus(running[0]!)).toMatchObject({ exitCode: 137, reason: 'Error' });
  });

  it('a second stop, or one of an unknown sandbox, is fine and announces nothing', async () => {
    const { driver, runtime } = fixture;
    const pod = await driver.runPod({ name: 'web' });
    await driver.stopPod(pod.id);
    const tape = driver.recordEvents();
    await runtime.events.waitForReaders(1);
    await driver.stopPod(pod.id);
    await driver.stopPod('f'.repeat(64));
    const next = await driver.runPod({ name: 'next' });

    await tape.take(1);
    expect(tape.steps[0]).toEqual(['created', next.id]);
  });

  it('a stopped sandbox starts no more containers, though it takes them', async () => {
    const { driver } = fixture;
    const pod = await driver.runPod({ name: 'web' });
    await driver.stopPod(pod.id);
    const containerId = await driver.createContainer(pod);

    await expect(driver.startContainer(containerId)).rejects.toMatchObject({
      code: status.UNKNOWN,
      details: `sandbox "${pod.id}" is not running`,
    });
  });
});

describe('RemovePodSandbox', () => {
  it('announces DELETED for each container, then for the sandbox, whose status is still there', async () => {
    const { driver, runtime } = fixture;
    const pod = await driver.runPod({ name: 'web' });
    const containerIds = [
      await driver.runContainer(pod, { name: 'a', command: ['/bin/sh', '-c', 'exit 0'] }),
      await driver.createContainer(pod, { name: 'b' }),
    ];
    await driver.stopPod(pod.id);
    const tape = driver.recordEvents();
    await runtime.events.waitForReaders(1);
    await driver.removePod(pod.id);

    await tape.take(3);
    expect(tape.steps.map(([kind]) => kind)).toEqual(['deleted', 'deleted', 'deleted']);
    expect(tape.steps.slice(0, 2).map(([, id]) => id)).toEqual(expect.arrayContaining(containerIds));
    expect(tape.events[2]).toMatchObject({
      containerId: pod.id,
      podSandboxStatus: { id: pod.id, state: PodSandboxState.SANDBOX_NOTREADY },
      containersStatuses: [],
    });
    await expect(driver.podStatus(pod.id)).rejects.toMatchObject({ code: status.NOT_FOUND });
  });

  it('stops a sandbox that still runs', async () => {
    const { driver, runtime } = fixture;
    const pod = await driver.runPod({ name: 'web' });
    const containerId = await driver.runContainer(pod);
    const tape = driver.recordEvents();
    await runtime.events.waitForReaders(1);
    await driver.removePod(pod.id);

    await tape.take(4);
    expect(tape.steps).toEqual([
      ['stopped', containerId],
      ['stopped', pod.id],
      ['deleted', containerId],
      ['deleted', pod.id],
    ]);
  });

  it('a second removal is fine and announces nothing, be it at the same time or later', async () => {
    const { driver, runtime } = fixture;
    const pod = await driver.runPod({ name: 'web' });
    const tape = driver.recordEvents();
    await runtime.events.waitForReaders(1);
    await Promise.all([driver.removePod(pod.id), driver.removePod(pod.id)]);
    await driver.removePod(pod.id);
    const next = await driver.runPod({ name: 'next' });

    await tape.next('started', next.id);
    expect(tape.steps).toEqual([
      ['stopped', pod.id],
      ['deleted', pod.id],
      ['created', next.id],
      ['started', next.id],
    ]);
  });
});

describe('the end of a sandbox by itself', () => {
  it('announces STOPPED of the sandbox and leaves its containers running', async () => {
    const { driver, runtime } = fixture;
    const pod = await driver.runPod({ name: 'web' });
    const containerId = await driver.runContainer(pod);
    const tape = driver.recordEvents();
    await runtime.events.waitForReaders(1);
    runtime.endSandbox(pod.id);
    await tape.next('stopped', pod.id);
    expect(runtime.processIdOf(containerId)).toBeGreaterThan(0);
    await driver.stopPod(pod.id);

    await tape.next('stopped', containerId);
    expect(tape.steps).toEqual([
      ['stopped', pod.id],
      ['stopped', containerId],
    ]);
  });
});

describe('PodSandboxStatus', () => {
  it('finds a sandbox by the beginning of its id', async () => {
    const pod = await fixture.driver.runPod({ name: 'web' });
    expect((await fixture.driver.podStatus(pod.id.slice(0, 13))).id).toBe(pod.id);
  });

  it('an unknown sandbox is NOT_FOUND, an empty id INVALID_ARGUMENT', async () => {
    await expect(fixture.driver.podStatus('f'.repeat(64))).rejects.toMatchObject({
      code: status.NOT_FOUND,
      details: `sandbox "${'f'.repeat(64)}": not found`,
    });
    await expect(fixture.driver.podStatus('')).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: 'pod_sandbox_id is empty, expected an id',
    });
  });
});

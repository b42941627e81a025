import { readFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { status, type ServiceError } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ContainerState, PodSandboxState } from '../../src/cri/gen/runtime/v1/api_pb.ts';
import { startEmbeddedRuntime } from '../../src/runtime/server.ts';
import type { EventKind, EventTape } from '../helpers/event-tape.ts';
import { describeRuntime } from '../helpers/requirements.ts';
import {
  createRuntimeDriver,
  type ContainerSpec,
  type Pod,
  type RuntimeDriver,
} from '../helpers/runtime-pods.ts';

/** Starting a container takes a real runtime long enough. */
const soon = { timeout: 15_000, interval: 20 } as const;

const shell = (script: string): ContainerSpec => ({ command: ['/bin/sh', '-c', script] });
const untilKilled = shell('while :; do sleep 1; done');

/** The status that a call is refused with, or OK. */
const codeOf = (call: Promise<unknown>): Promise<string | undefined> =>
  call.then(
    () => 'OK',
    ({ code }: ServiceError) => status[code],
  );

interface Target {
  readonly endpoint: string;
  readonly cgroupParent?: string;
  /** Resolves once the event stream is served; a containerd keeps its first events for its first reader. */
  readonly untilRead?: () => Promise<void>;
}

/** Where versions of containerd differ in the status that they refuse a call with. */
interface Codes {
  readonly containerOfStoppedSandbox: string;
  readonly secondOfOneName: string;
}

const codesOf17: Codes = { containerOfStoppedSandbox: 'NOT_FOUND', secondOfOneName: 'UNKNOWN' };
const codesOf21: Codes = { containerOfStoppedSandbox: 'OK', secondOfOneName: 'FAILED_PRECONDITION' };

/**
 * What the embedded runtime says it does as containerd does, asked of both: the expectations are the same.
 * Only the order of a container's events is not compared, as a real runtime may mix up those of a quick one.
 */
const defineConformance = (
  target: () => Target,
  { containerOfStoppedSandbox, secondOfOneName }: Codes = codesOf21,
): void => {
  let driver: RuntimeDriver;
  let tape: EventTape;
  let logDirectory: string;
  let podCount = 0;

  beforeAll(async () => {
    logDirectory = await mkdtemp(join(tmpdir(), 'plegd-test-'));
    driver = createRuntimeDriver(target().endpoint);
    tape = driver.recordEvents();
    await target().untilRead?.();
    const first = await runPod();
    await tape.next('started', first.id);
  });
  afterAll(async () => {
    await driver.close();
    await rm(logDirectory, { recursive: true });
  });

  const runPod = (): Promise<Pod> => {
    const { cgroupParent = '' } = target();
    podCount += 1;
    return driver.runPod({ name: `pod-${podCount}`, cgroupParent, logDirectory });
  };

  /** What was announced of a container or sandbox, once it was announced as deleted. */
  const announced = async (id: string): Promise<EventKind[]> => {
    await tape.next('deleted', id);
    return tape.steps
      .filter(([, about]) => about === id)
      .map(([kind]) => kind)
      .sort();
  };

  it.each([
    ['exits with 0', 'exit 0', { exitCode: 0, reason: 'Completed' }],
    ['exits with 3', 'exit 3', { exitCode: 3, reason: 'Error' }],
  ])('a container that %s', async (_what, script, expected) => {
    const pod = await runPod();
    const id = await driver.runContainer(pod, shell(script));
    await tape.next('stopped', id);
    expect(await driver.containerStatus(id)).toMatchObject({
      state: ContainerState.CONTAINER_EXITED,
      ...expected,
    });
    await driver.removeContainer(id);
    expect(await announced(id)).toEqual(['created', 'deleted', 'started', 'stopped']);
  });

  it('a container whose process is killed', async () => {
    const id = await driver.runContainer(await runPod(), untilKilled);
    process.kill(await driver.containerPid(id), 'SIGKILL');
    await tape.next('stopped', id);
    expect(await driver.containerStatus(id)).toMatchObject({ exitCode: 137, reason: 'Error' });
    expect(await codeOf(driver.startContainer(id))).toBe('UNKNOWN');
  });

  it('a container that is told to stop and does', async () => {
    const id = await driver.runContainer(await runPod(), {
      ...shell(`trap 'exit 7' TERM; echo ready; while :; do sleep 0.1; done`),
      logPath: 'trap.log',
    });
    const log = () => readFile(join(logDirectory, 'trap.log'), 'utf8');
    await expect
      .poll(log, soon)
      .toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(Z|[+-]\d\d:\d\d) stdout F ready\n$/);
    await driver.stopContainer(id, 20);
    expect(await driver.containerStatus(id)).toMatchObject({ exitCode: 7, reason: 'Error' });
    expect(await codeOf(driver.stopContainer(id, 20))).toBe('OK');
  });

  it('a container whose program is missing', async () => {
    const id = await driver.createContainer(await runPod(), { command: ['/does/not/exist'] });
    expect(await codeOf(driver.startContainer(id))).toBe('UNKNOWN');
    expect(await driver.containerStatus(id)).toMatchObject({
      state: ContainerState.CONTAINER_EXITED,
      exitCode: 128,
      reason: 'StartError',
      message: expect.stringContaining('/does/not/exist') as string,
    });
    await driver.removeContainer(id);
    expect(await announced(id)).toEqual(['created', 'deleted']);
  });

  it('a container that is removed without having run, twice', async () => {
    const id = await driver.createContainer(await runPod());
    await driver.removeContainer(id);
    expect(await codeOf(driver.removeContainer(id))).toBe('OK');
    expect(await announced(id)).toEqual(['created', 'deleted']);
  });

  it('a container that is removed while it runs', async () => {
    const id = await driver.runContainer(await runPod(), untilKilled);
    await driver.removeContainer(id);
    expect(await announced(id)).toEqual(['created', 'deleted', 'started', 'stopped']);
    expect(await codeOf(driver.containerStatus(id))).toBe('NOT_FOUND');
  });

  it('a pod that is stopped and removed with its containers, each twice', async () => {
    const pod = await runPod();
    const running = await driver.runContainer(pod, { name: 'running', ...untilKilled });
    const fresh = await driver.createContainer(pod, { name: 'fresh' });
    await driver.stopPod(pod.id);
    await driver.stopPod(pod.id);
    expect((await driver.podStatus(pod.id)).state).toBe(PodSandboxState.SANDBOX_NOTREADY);
    expect(await driver.containerStatus(running)).toMatchObject({ exitCode: 137, reason: 'Error' });
    expect((await driver.containerStatus(fresh)).state).toBe(ContainerState.CONTAINER_CREATED);
    expect(await codeOf(driver.createContainer(pod, { name: 'late' }))).toBe(containerOfStoppedSandbox);
    expect(await codeOf(driver.startContainer(fresh))).toBe('UNKNOWN');

    await driver.removePod(pod.id);
    await driver.removePod(pod.id);
    expect(await announced(pod.id)).toEqual(['created', 'deleted', 'started', 'stopped']);
    expect(await announced(running)).toEqual(['created', 'deleted', 'started', 'stopped']);
    expect(await announced(fresh)).toEqual(['created', 'deleted']);
    expect(await codeOf(driver.podStatus(pod.id))).toBe('NOT_FOUND');
    const order = tape.steps.map(([kind, id]) => `${kind} ${id}`);
    expect(order.indexOf(`stopped ${running}`)).toBeLessThan(order.indexOf(`stopped ${pod.id}`));
    expect(order.indexOf(`deleted ${running}`)).toBeLessThan(order.indexOf(`deleted ${pod.id}`));
  });

  it('a pod that is removed while it runs', async () => {
    const pod = await runPod();
    const id = await driver.runContainer(pod, untilKilled);
    await driver.removePod(pod.id);
    expect(await announced(id)).toEqual(['created', 'deleted', 'started', 'stopped']);
    expect(await announced(pod.id)).toEqual(['created', 'deleted', 'started', 'stopped']);
  });

  it('the lists, by every filter', async () => {
    const pod = await runPod();
    const running = await driver.runContainer(pod, { name: 'running', ...untilKilled, labels: { a: '1' } });
    const fresh = await driver.createContainer(pod, { name: 'fresh', labels: { a: '1', b: '2' } });
    const { runtime } = driver.cri;
    const containers = async (filter: object) =>
      (await runtime.listContainers({ filter: { podSandboxId: pod.id, ...filter } })).containers
        .map(({ id }) => id)
        .sort();

    expect(await containers({})).toEqual([running, fresh].sort());
    expect(await containers({ id: running })).toEqual([running]);
    expect(await containers({ id: running.slice(0, 16) })).toEqual([running]);
    expect(await containers({ state: { state: ContainerState.CONTAINER_CREATED } })).toEqual([fresh]);
    expect(await containers({ state: { state: ContainerState.CONTAINER_RUNNING } })).toEqual([running]);
    expect(await containers({ labelSelector: { a: '1' } })).toEqual([running, fresh].sort());
    expect(await containers({ labelSelector: { a: '1', b: '2' } })).toEqual([fresh]);
    expect(await containers({ podSandboxId: 'f'.repeat(64) })).toEqual([]);

    const sandboxes = async (filter: object) =>
      (await runtime.listPodSandbox({ filter: { id: pod.id, ...filter } })).items.map(({ id }) => id);
    expect(await sandboxes({})).toEqual([pod.id]);
    expect(await sandboxes({ state: { state: PodSandboxState.SANDBOX_READY } })).toEqual([pod.id]);
    expect(await sandboxes({ state: { state: PodSandboxState.SANDBOX_NOTREADY } })).toEqual([]);
    expect(await sandboxes({ labelSelector: { 'io.kubernetes.pod.name': pod.name } })).toEqual([pod.id]);
    expect(await sandboxes({ labelSelector: { 'io.kubernetes.pod.name': 'other' } })).toEqual([]);
  });

  it('what is refused, and how', async () => {
    const { runtime } = driver.cri;
    const pod = await runPod();
    await driver.createContainer(pod);
    const unknown = 'f'.repeat(64);

    expect({
      secondSandbox: await codeOf(runtime.runPodSandbox({ config: pod.config })),
      unknownHandler: await codeOf(
        runtime.runPodSandbox({
          config: { metadata: { name: 'x', uid: 'x', namespace: 'x' } },
          runtimeHandler: 'nosuch',
        }),
      ),
      secondContainer: await codeOf(driver.createContainer(pod)),
      containerOfUnknownSandbox: await codeOf(driver.createContainer({ ...pod, id: unknown })),
      startOfUnknown: await codeOf(driver.startContainer(unknown)),
      statusOfUnknown: await codeOf(driver.containerStatus(unknown)),
      sandboxStatusOfUnknown: await codeOf(driver.podStatus(unknown)),
      stopOfUnknown: await codeOf(driver.stopContainer(unknown)),
      removeOfUnknown: await codeOf(driver.removeContainer(unknown)),
      stopOfUnknownSandbox: await codeOf(driver.stopPod(unknown)),
      removeOfUnknownSandbox: await codeOf(driver.removePod(unknown)),
    }).toEqual({
      secondSandbox: secondOfOneName,
      unknownHandler: 'UNKNOWN',
      secondContainer: secondOfOneName,
      containerOfUnknownSandbox: 'NOT_FOUND',
      startOfUnknown: 'NOT_FOUND',
      statusOfUnknown: 'NOT_FOUND',
      sandboxStatusOfUnknown: 'NOT_FOUND',
      stopOfUnknown: 'OK',
      removeOfUnknown: 'OK',
      stopOfUnknownSandbox: 'OK',
      removeOfUnknownSandbox: 'OK',
    });
  });
};

describe('the embedded runtime', () => {
  let directory: string;
  let runtime: Awaited<ReturnType<typeof startEmbeddedRuntime>>;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'plegd-test-'));
    runtime = await startEmbeddedRuntime({ socketPath: join(directory, 'runtime.sock') });
  });
  afterAll(async () => {
    await runtime.stop();
    await rm(directory, { recursive: true });
  });
  defineConformance(() => ({
    endpoint: runtime.endpoint,
    untilRead: () => runtime.events.waitForReaders(1),
  }));
});

describeRuntime('containerd-1.7', (daemon) => defineConformance(() => daemon, codesOf17));
describeRuntime('containerd-2.1', (daemon) => defineConformance(() => daemon));

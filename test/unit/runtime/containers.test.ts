import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { ContainerState } from '../../../src/cri/gen/runtime/v1/api_pb.ts';
import { useEmbeddedRuntime } from '../../helpers/embedded-runtime.ts';
import { isRunning } from '../../helpers/process-state.ts';

const fixture = useEmbeddedRuntime();

const unknownId = 'f'.repeat(64);

describe('the life of a container', () => {
  it('announces CREATED, STARTED, STOPPED and DELETED, each with the state it then has', async () => {
    const { driver, runtime } = fixture;
    const pod = await driver.runPod({ name: 'web' });
    const tape = driver.recordEvents();
    await runtime.events.waitForReaders(1);
    const id = await driver.runContainer(pod, { command: ['/bin/sh', '-c', 'exit 0'] });
    await tape.next('stopped', id);
    await driver.removeContainer(id);
    await tape.next('deleted', id);

    expect(tape.steps).toEqual([
      ['created', id],
      ['started', id],
      ['stopped', id],
      ['deleted', id],
    ]);
    expect(tape.events.map(({ containersStatuses: [own] }) => own?.state)).toEqual([
      ContainerState.CONTAINER_CREATED,
      ContainerState.CONTAINER_RUNNING,
      ContainerState.CONTAINER_EXITED,
      undefined,
    ]);
    expect(tape.events.every(({ podSandboxStatus }) => podSandboxStatus?.id === pod.id)).toBe(true);
  });

  it('shows in its status: stamps, exit code, reason, and all that it was told', async () => {
    const { driver, runtime } = fixture;
    const pod = await driver.runPod({ name: 'web' });
    const tape = driver.recordEvents();
    await runtime.events.waitForReaders(1);
    const id = await driver.createContainer(pod, {
      name: 'app',
      attempt: 3,
      command: ['/bin/sh', '-c', 'exit 0'],
      labels: { tier: 'front' },
      annotations: { note: 'kept' },
    });
    const created = await driver.containerStatus(id);
    expect(created).toMatchObject({
      id,
      metadata: { name: 'app', attempt: 3 },
      state: ContainerState.CONTAINER_CREATED,
      startedAt: 0n,
      finishedAt: 0n,
      image: { image: 'localhost/busybox:1' },
      imageRef: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string,
      labels: { tier: 'front', 'io.kubernetes.container.name': 'app', 'io.kubernetes.pod.uid': pod.uid },
      annotations: { note: 'kept', 'io.kubernetes.container.restartCount': '3' },
    });
    await driver.startContainer(id);
    await tape.next('stopped', id);

    const exited = await driver.containerStatus(id);
    expect(exited).toMatchObject({
      state: ContainerState.CONTAINER_EXITED,
      exitCode: 0,
      reason: 'Completed',
      createdAt: created.createdAt,
    });
    expect(exited.startedAt).toBeGreaterThan(exited.createdAt);
    expect(exited.finishedAt).toBeGreaterThan(exited.startedAt);
  });

  it.each([
    ['exit 1', 1],
    ['exit 42', 42],
    ['kill -9 $$', 137],
    ['kill -TERM $$', 143],
    ['kill -SEGV $$', 139],
  ])('`%s` ends with exit code %i and reason Error', async (script, exitCode) => {
    const { driver, runtime } = fixture;
    const pod = await driver.runPod({ name: 'web' });
    const tape = driver.recordEvents();
    await runtime.events.waitForReaders(1);
    const id = await driver.runContainer(pod, { command: ['/bin/sh', '-c', script] });
    const stopped = await tape.next('stopped', id);

    expect(stopped.containersStatuses).toMatchObject([{ id, exitCode, reason: 'Error' }]);
  });

  it('a process killed from outside is seen at once', async () => {
    const { driver, runtime } = fixture;
    const pod = await driver.runPod({ name: 'web' });
    const id = await driver.runContainer(pod);
    const tape = driver.recordEvents();
    await runtime.events.waitForReaders(1);
    const pid = await driver.containerPid(id);
    expect(pid).toBe(runtime.processIdOf(id));
    process.kill(pid, 'SIGKILL');

    await tape.next('stopped', id);
    expect(await driver.containerStatus(id)).toMatchObject({ exitCode: 137, reason: 'Error' });
    expect(runtime.processIdOf(id)).toBeUndefined();
  });

  it('carries the statuses of its siblings in its events', async () => {
    const { driver, runtime } = fixture;
    const pod = await driver.runPod({ name: 'web' });
    const other = await driver.runPod({ name: 'other' });
    const siblings = [
      await driver.createContainer(pod, { name: 'a' }),
      await driver.createContainer(pod, { name: 'b' }),
    ];
    await driver.createContainer(other, { name: 'c' });
    const tape = driver.recordEvents();
    await runtime.events.waitForReaders(1);
    await driver.removeContainer(siblings[1]!);

    const deleted = await tape.next('deleted', siblings[1]!);
    expect(deleted.containersStatuses.map(({ id }) => id)).toEqual([siblings[0]]);
  });
});

describe('CreateContainer', () => {
  it.each([
    [{}, 'config.metadata.name is empty'],
    [{ metadata: { name: '' } }, 'config.metadata.name is empty'],
    [{ metadata: { name: 'app' } }, 'config.image.image is empty'],
    [{ metadata: { name: 'app' }, image: { image: '' } }, 'config.image.image is empty'],
  ])('refuses %j', async (config, details) => {
    const pod = await fixture.driver.runPod({ name: 'web' });
    await expect(
      fixture.driver.cri.runtime.createContainer({ podSandboxId: pod.id, config }),
    ).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringContaining(details) as string,
    });
  });

  it('refuses an unknown sandbox', async () => {
    const { driver } = fixture;
    const pod = await driver.runPod({ name: 'web' });
    await expect(driver.createContainer({ ...pod, id: unknownId })).rejects.toMatchObject({
      code: status.NOT_FOUND,
    });
  });

  it('refuses a second container of the same name and attempt in one pod', async () => {
    const { driver } = fixture;
    const pod = await driver.runPod({ name: 'web' });
    const first = await driver.createContainer(pod, { name: 'app' });
    await expect(driver.createContainer(pod, { name: 'app' })).rejects.toMatchObject({
      code: status.FAILED_PRECONDITION,
      details: expect.stringContaining(`reserved for "${first}"`) as string,
    });
    await driver.createContainer(pod, { name: 'app', attempt: 1 });
  });
});

describe('StartContainer', () => {
  it.each([
    [{ command: ['/does/not/exist'] }, '/does/not/exist'],
    [{ command: ['no-such-program'] }, 'no-such-program'],
    [{ command: ['/etc/passwd'] }, 'EACCES'],
    [{ command: ['/bin/sh'], workingDir: '/no/such/folder' }, '/no/such/folder'],
  ])('%j fails with UNKNOWN, leaves EXITED 128 StartError and no event', async (spec, details) => {
    const { driver, runtime } = fixture;
    const pod = await driver.runPod({ name: 'web' });
    const tape = driver.recordEvents();
    await runtime.events.waitForReaders(1);
    const id = await driver.createContainer(pod, spec);
    await expect(driver.startContainer(id)).rejects.toMatchObject({
      code: status.UNKNOWN,
      details: expect.stringContaining(details) as string,
    });

    expect(await driver.containerStatus(id)).toMatchObject({
      state: ContainerState.CONTAINER_EXITED,
      exitCode: 128,
      reason: 'StartError',
      message: expect.stringContaining(details) as string,
      startedAt: 0n,
    });
    await driver.removeContainer(id);
    await tape.next('deleted', id);
    expect(tape.steps).toEqual([
      ['created', id],
      ['deleted', id],
    ]);
  });

  it('starts a container once', async () => {
    const { driver } = fixture;
    const pod = await driver.runPod({ name: 'web' });
    const id = await driver.createContainer(pod);
    const starts = await Promise.allSettled([driver.startContainer(id), driver.startContainer(id)]);

    expect(starts.map((start) => start.status)).toEqual(['fulfilled', 'rejected']);
    await expect(driver.startContainer(id)).rejects.toMatchObject({ code: status.UNKNOWN });
  });

  it('an unknown container is NOT_FOUND, an empty id INVALID_ARGUMENT', async () => {
    await expect(fixture.driver.startContainer(unknownId)).rejects.toMatchObject({ code: status.NOT_FOUND });
    await expect(fixture.driver.startContainer('')).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: 'container_id is empty, expected an id',
    });
  });

  it('runs command and args with the environment and the folder of its config, and nothing else of ours', async () => {
    const { driver, runtime, directory } = fixture;
    const pod = await driver.runPod({ name: 'web', logDirectory: directory });
    const tape = driver.recordEvents();
    await runtime.events.waitForReaders(1);
    const id = await driver.runContainer(pod, {
      command: ['/bin/sh', '-c'],
      args: ['echo "$GREETING from $(pwd)"; env | grep -c VITEST'],
      env: { GREETING: 'grüße' },
      workingDir: directory,
      logPath: 'app.log',
    });
    await tape.next('stopped', id);

    const lines = (await readFile(join(directory, 'app.log'), 'utf8')).trim().split('\n');
    expect(lines.map((line) => line.split(' ').slice(3).join(' '))).toEqual([`grüße from ${directory}`, '0']);
  });
});

describe('RemoveContainer', () => {
  it('kills a running container first', async () => {
    const { driver, runtime } = fixture;
    const pod = await driver.runPod({ name: 'web' });
    const id = await driver.runContainer(pod);
    const pid = await driver.containerPid(id);
    const tape = driver.recordEvents();
    await runtime.events.waitForReaders(1);
    await driver.removeContainer(id);

    await tape.take(2);
    expect(tape.steps).toEqual([
      ['stopped', id],
      ['deleted', id],
    ]);
    expect(tape.events[0]?.containersStatuses).toMatchObject([{ exitCode: 137 }]);
    expect(isRunning(pid)).toBe(false);
    await expect(driver.containerStatus(id)).rejects.toMatchObject({ code: status.NOT_FOUND });
  });

  it('a second removal is fine and announces nothing, be it at the same time or later', async () => {
    const { driver, runtime } = fixture;
    const pod = await driver.runPod({ name: 'web' });
    const id = await driver.runContainer(pod);
    const tape = driver.recordEvents();
    await runtime.events.waitForReaders(1);
    await Promise.all([driver.removeContainer(id), driver.removeContainer(id)]);
    await driver.removeContainer(id);
    const next = await driver.createContainer(pod, { name: 'next' });

    await tape.next('created', next);
    expect(tape.steps).toEqual([
      ['stopped', id],
      ['deleted', id],
      ['created', next],
    ]);
  });
});

describe('ContainerStatus', () => {
  it('says more only when asked to', async () => {
    const { driver } = fixture;
    const pod = await driver.runPod({ name: 'web' });
    const containerId = await driver.createContainer(pod);

    expect((await driver.cri.runtime.containerStatus({ containerId })).info).toEqual({});
    const { info } = await driver.cri.runtime.containerStatus({ containerId, verbose: true });
    expect(JSON.parse(info['info']!)).toEqual({ sandboxID: pod.id, pid: 0 });
  });

  it('an unknown container is NOT_FOUND', async () => {
    await expect(fixture.driver.containerStatus(unknownId)).rejects.toMatchObject({
      code: status.NOT_FOUND,
      details: `container "${unknownId}": not found`,
    });
  });
});

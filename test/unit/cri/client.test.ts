import type { sendUnaryData, ServerUnaryCall } from '@grpc/grpc-js';
import { describe, expect, it, vi } from 'vitest';
import { createCriClient, type CriCall, type SkippedRecord } from '../../../src/cri/client.ts';
import { isNotFound } from '../../../src/cri/cri-error.ts';
import { EndpointError } from '../../../src/cri/endpoint.ts';
import {
  ContainerState,
  ContainerStatusResponseSchema,
  ListContainersResponseSchema,
  ListPodSandboxResponseSchema,
  PodSandboxStatusResponseSchema,
  StatusResponseSchema,
  VersionResponseSchema,
} from '../../../src/cri/gen/runtime/v1/api_pb.ts';
import {
  answer,
  connect,
  failureOf,
  makeLatch,
  makeSocketPath,
  serve,
  startProxy,
  startServer,
  withRawAnswers,
} from './cri-server.ts';

const answerVersion = answer(VersionResponseSchema, {
  runtimeName: 'containerd',
  runtimeVersion: '2.1.9',
  runtimeApiVersion: 'v1',
});

/** Long enough for a runtime to return on a busy machine; only a client that never recovers waits it out. */
const patience = { timeout: 10_000, interval: 10 };

const metadata = { name: 'web-0', uid: 'uid-1', namespace: 'default' };

describe('the CRI client', () => {
  it('asks for version and status', async () => {
    const client = await serve({
      Version: answerVersion,
      Status: answer(StatusResponseSchema, {
        status: {
          conditions: [
            { type: 'RuntimeReady', status: true },
            { type: 'NetworkReady', reason: 'NoCni' },
          ],
        },
      }),
    });
    await expect(client.version()).resolves.toEqual({
      runtimeName: 'containerd',
      runtimeVersion: '2.1.9',
      runtimeApiVersion: 'v1',
    });
    await expect(client.status()).resolves.toEqual({
      conditions: [
        { type: 'RuntimeReady', status: true, reason: '', message: '' },
        { type: 'NetworkReady', status: false, reason: 'NoCni', message: '' },
      ],
    });
  });

  it('lists, and reports the records that it leaves out', async () => {
    const skipped: SkippedRecord[] = [];
    const client = await serve(
      {
        ListPodSandbox: answer(ListPodSandboxResponseSchema, {
          items: [{ id: 's1', metadata }, { id: 's2' }],
        }),
        ListContainers: answer(ListContainersResponseSchema, {
          containers: [
            { id: 'c1' },
            { id: 'c2', metadata: { name: 'app' }, createdAt: 1795215059359284865n },
            { metadata: { name: 'app' } },
          ],
        }),
      },
      { onSkip: (record) => skipped.push(record) },
    );
    const sandboxes = await client.listPodSandboxes();
    const containers = await client.listContainers();
    expect(sandboxes.map(({ id, podUid }) => [id, podUid])).toEqual([['s1', 'uid-1']]);
    expect(containers.map(({ id, createdAtNs }) => [id, createdAtNs])).toEqual([
      ['c2', 1795215059359284865n],
    ]);
    expect(skipped).toEqual([
      { method: 'ListPodSandbox', id: 's2' },
      { method: 'ListContainers', id: 'c1' },
      { method: 'ListContainers', id: '' },
    ]);
  });

  it('asks for the status of one sandbox and one container', async () => {
    const ids: string[] = [];
    const client = await serve({
      PodSandboxStatus: (
        call: ServerUnaryCall<{ podSandboxId: string }, unknown>,
        callback: sendUnaryData<unknown>,
      ) => {
        ids.push(call.request.podSandboxId);
        answer(PodSandboxStatusResponseSchema, { status: { id: 's1', metadata } })(call, callback);
      },
      ContainerStatus: (
        call: ServerUnaryCall<{ containerId: string }, unknown>,
        callback: sendUnaryData<unknown>,
      ) => {
        ids.push(call.request.containerId);
        answer(ContainerStatusResponseSchema, {
          status: {
            id: 'c1',
            state: ContainerState.CONTAINER_EXITED,
            finishedAt: 1795215059359284865n,
            exitCode: 137,
            annotations: { 'io.kubernetes.container.hash': 'ffffffffffffffff' },
          },
        })(call, callback);
      },
    });
    await expect(client.podSandboxStatus('s1')).resolves.toMatchObject({ id: 's1', podUid: 'uid-1' });
    await expect(client.containerStatus('c1')).resolves.toMatchObject({
      finishedAtNs: 1795215059359284865n,
      exitCode: 137,
      hash: 0xffffffffffffffffn,
    });
    expect(ids).toEqual(['s1', 'c1']);
  });

  it('answers an empty status with INTERNAL', async () => {
    const client = await serve({
      PodSandboxStatus: answer(PodSandboxStatusResponseSchema, {}),
      ContainerStatus: answer(ContainerStatusResponseSchema, {}),
    });
    await expect(failureOf(client.podSandboxStatus('s1'))).resolves.toMatchObject({
      code: 'INTERNAL',
      details: 'pod sandbox status is nil',
    });
    await expect(failureOf(client.containerStatus('c1'))).resolves.toMatchObject({
      code: 'INTERNAL',
      details: 'container status is nil',
    });
  });

  it('answers a sandbox status without metadata with INTERNAL', async () => {
    const client = await serve({
      PodSandboxStatus: answer(PodSandboxStatusResponseSchema, { status: { id: 's1' } }),
    });
    await expect(failureOf(client.podSandboxStatus('s1'))).resolves.toMatchObject({
      code: 'INTERNAL',
      details: 'pod sandbox metadata is nil',
    });
  });

  it('has an empty status for a runtime that tells nothing', async () => {
    const client = await serve({ Status: answer(StatusResponseSchema, {}) });
    await expect(client.status()).resolves.toEqual({ conditions: [] });
  });

  it('keeps the code that the runtime answers with', async () => {
    const client = await serve({
      ContainerStatus: (_call: unknown, callback: (error: object) => void) => {
        callback({ code: 5, details: 'container "c1" not found' });
      },
    });
    const error = await failureOf(client.containerStatus('c1'));
    expect(error).toMatchObject({
      method: 'ContainerStatus',
      code: 'NOT_FOUND',
      details: 'container "c1" not found',
    });
    expect(isNotFound(error)).toBe(true);
    await expect(failureOf(client.listContainers())).resolves.toMatchObject({ code: 'UNIMPLEMENTED' });
  });

  it('fails a call that outlives the deadline of the client, or its own', async () => {
    const never = () => undefined;
    const hasty = await serve({ Version: never }, { callTimeoutMs: 20 });
    await expect(failureOf(hasty.version())).resolves.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    const patient = await serve({ Version: never });
    await expect(failureOf(patient.version({ timeoutMs: 20 }))).resolves.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
    });
  });

  it('cancels a call under way when its signal aborts, and the runtime sees it', async () => {
    const arrived = makeLatch();
    const cancelled = makeLatch();
    const client = await serve({
      Version: (call: ServerUnaryCall<unknown, unknown>) => {
        call.once('cancelled', cancelled.open);
        arrived.open();
      },
    });
    const controller = new AbortController();
    const failure = failureOf(client.version({ signal: controller.signal }));
    await arrived.opened;
    controller.abort();
    await expect(failure).resolves.toMatchObject({ code: 'CANCELLED' });
    await cancelled.opened;
  });

  it('makes no call when its signal has aborted before', async () => {
    const Version = vi.fn(answerVersion);
    const client = await serve({ Version });
    await expect(failureOf(client.version({ signal: AbortSignal.abort() }))).resolves.toMatchObject({
      code: 'CANCELLED',
    });
    await client.version();
    expect(Version).toHaveBeenCalledOnce();
  });

  it('fails a list beyond the limit with RESOURCE_EXHAUSTED and goes on', async () => {
    const annotations = { filler: 'x'.repeat(16 * 1024 * 1024) };
    const client = await serve({
      Version: answerVersion,
      ListContainers: answer(ListContainersResponseSchema, { containers: [{ id: 'c1', annotations }] }),
    });
    const error = await failureOf(client.listContainers());
    expect(error.code).toBe('RESOURCE_EXHAUSTED');
    expect(error.details).toMatch(/larger than max \(\d+ vs 16777216\)/);
    await expect(client.version()).resolves.toMatchObject({ runtimeName: 'containerd' });
  });

  it('takes a list that a raised limit allows', async () => {
    const annotations = { filler: 'x'.repeat(16 * 1024 * 1024) };
    const client = await serve(
      {
        ListContainers: answer(ListContainersResponseSchema, {
          containers: [{ id: 'c1', metadata: { name: 'app' }, annotations }],
        }),
      },
      { maxReceiveBytes: 17 * 1024 * 1024 },
    );
    await expect(client.listContainers()).resolves.toMatchObject([{ id: 'c1' }]);
  });

  it('fails a garbage answer with INTERNAL and goes on', async () => {
    const path = await makeSocketPath();
    await startServer(
      path,
      {
        Version: answerVersion,
        ListContainers: (_call: unknown, callback: (error: null, bytes: Buffer) => void) => {
          // Field 1, 127 bytes long, of which one follows.
          callback(null, Buffer.from([0x0a, 0x7f, 0x01]));
        },
      },
      withRawAnswers('ListContainers'),
    );
    const client = connect(path);
    await expect(failureOf(client.listContainers())).resolves.toMatchObject({
      name: 'CriError',
      method: 'ListContainers',
      code: 'INTERNAL',
    });
    await expect(client.version()).resolves.toMatchObject({ runtimeName: 'containerd' });
  });

  it('fails calls under way with UNAVAILABLE when the connection drops', async () => {
    const path = await makeSocketPath();
    const arrived = makeLatch();
    await startServer(path, { Version: arrived.open });
    const proxy = await startProxy(path);
    const failure = failureOf(connect(proxy.path).version());
    await arrived.opened;
    proxy.drop();
    await expect(failure).resolves.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it(
    'fails at once with UNAVAILABLE while no runtime is there, and recovers when it returns',
    { timeout: 30_000 },
    async () => {
      const path = await makeSocketPath();
      const client = connect(path);
      await expect(failureOf(client.version())).resolves.toMatchObject({ code: 'UNAVAILABLE' });

      const first = await startServer(path, { Version: answerVersion });
      await vi.waitFor(() => client.version(), patience);
      first.forceShutdown();
      await vi.waitFor(
        async () => expect((await failureOf(client.version())).code).toBe('UNAVAILABLE'),
        patience,
      );

      await startServer(path, { Version: answerVersion });
      await vi.waitFor(() => client.version(), patience);
    },
  );

  it('ends calls under way and refuses later ones once closed', async () => {
    const arrived = makeLatch();
    const client = await serve({ Version: arrived.open });
    const failure = failureOf(client.version());
    await arrived.opened;
    client.close();
    await expect(failure).resolves.toMatchObject({ code: 'CANCELLED' });
    await expect(failureOf(client.version())).resolves.toMatchObject({
      code: 'CANCELLED',
      details: 'the client is closed',
    });
  });

  it('reports every call once, with its code', async () => {
    const calls: CriCall[] = [];
    const client = await serve({ Version: answerVersion }, { onCall: (call) => calls.push(call) });
    await client.version();
    await failureOf(client.listContainers());
    await failureOf(client.status({ signal: AbortSignal.abort() }));
    expect(calls.map(({ method, code }) => [method, code])).toEqual([
      ['Version', 'OK'],
      ['ListContainers', 'UNIMPLEMENTED'],
      ['Status', 'CANCELLED'],
    ]);
    expect(calls.every(({ durationMs }) => durationMs >= 0)).toBe(true);
    // containerd, 2.1.9 and v1, each behind its tag and length.
    expect(calls.map(({ answerBytes }) => answerBytes)).toEqual([23, undefined, undefined]);
  });

  it('takes no endpoint but a unix socket', () => {
    expect(() => createCriClient({ endpoint: 'tcp://127.0.0.1:1' })).toThrow(EndpointError);
  });
});

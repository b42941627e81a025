import { toJson } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { Pleg, PodSchema, StatusResponseSchema } from '../../../src/grpc/gen/plegd/v1/api_pb.ts';
import { healthyStatus, webPod } from '../../helpers/fake-agent-view.ts';
import { serveFakeAgent } from '../../helpers/grpc-server.ts';
import { patient } from '../../helpers/patience.ts';

const { getPod, listPods, status: getStatus } = Pleg.method;
const never = new Promise<never>(() => undefined);

const podJson = {
  uid: webPod.uid,
  namespace: 'default',
  name: 'web-0',
  ips: ['10.0.0.7'],
  inspectedAt: '2026-11-20T22:50:00Z',
  sandboxes: [{ id: 'sandbox-1', state: 'SANDBOX_STATE_READY', createdAt: '2026-11-20T22:00:00Z' }],
  containers: [
    {
      id: 'container-1',
      name: 'app',
      state: 'CONTAINER_STATE_RUNNING',
      createdAt: '2026-11-20T22:00:01Z',
      startedAt: '2026-11-20T22:00:02Z',
      image: 'registry.example/web:1',
    },
  ],
};

it('ListPods gives the pods', async () => {
  const { client } = await serveFakeAgent();
  const { pods } = await client.call(listPods, {});
  expect(pods.map((pod) => toJson(PodSchema, pod))).toEqual([podJson]);
});

describe('GetPod', () => {
  it('gives what is known now', async () => {
    const { client, view } = await serveFakeAgent();
    expect(toJson(PodSchema, await client.call(getPod, { uid: webPod.uid }))).toEqual(podJson);
    expect(view.waits).toEqual([]);
  });

  it('tells how a container ended, and why a pod cannot be read', async () => {
    const { client, view } = await serveFakeAgent();
    const ended = {
      ...webPod.containers[0]!,
      state: 'exited',
      finishedAt: '2026-11-20T22:00:03.250Z',
      exitCode: 0,
      reason: 'Completed',
      message: 'bye',
      restartCount: 4,
    } as const;
    const { inspectedAt: _, ...pod } = webPod;
    view.currentPods = [{ ...pod, error: 'the runtime did not answer', containers: [ended] }];
    const answer = await client.call(getPod, { uid: webPod.uid });
    expect(answer.error).toBe('the runtime did not answer');
    expect(answer.inspectedAt).toBeUndefined();
    expect(answer.containers[0]).toMatchObject({
      finishedAt: { seconds: 1795212003n, nanos: 250_000_000 },
      exitCode: 0,
      reason: 'Completed',
      message: 'bye',
      restartCount: 4,
    });
  });

  it('answers NOT_FOUND for a pod that is not there', async () => {
    const { client } = await serveFakeAgent();
    await expect(client.call(getPod, { uid: 'x' })).rejects.toMatchObject({
      code: status.NOT_FOUND,
      details: 'no pod "x" on this node',
    });
  });

  it('waits for news', async () => {
    const { client, view } = await serveFakeAgent();
    let tell: () => void = () => undefined;
    view.news = new Promise((resolve) => {
      tell = resolve;
    });
    const answer = client.call(getPod, { uid: webPod.uid, newerThan: { seconds: 1_795_215_059n, nanos: 7 } });
    await expect.poll(() => view.waits.length, patient).toBe(1);
    expect(view.waits[0]?.newerThanNs).toBe(1_795_215_059_000_000_007n);
    view.currentPods = [{ ...webPod, ips: ['10.0.0.8'] }];
    tell();
    expect((await answer).ips).toEqual(['10.0.0.8']);
  });

  it('ends the wait at the deadline of the call', async () => {
    const { client, view } = await serveFakeAgent();
    view.news = never;
    const answer = client.call(getPod, { uid: webPod.uid, newerThan: { seconds: 1n } }, { deadlineMs: 100 });
    await expect(answer).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED });
    await expect.poll(() => view.waits[0]?.signal.aborted, patient).toBe(true);
  });

  it('ends the wait with UNAVAILABLE when the server closes', async () => {
    const { client, view, server } = await serveFakeAgent();
    view.news = never;
    const answer = client.call(getPod, { uid: webPod.uid, newerThan: { seconds: 1n } });
    const failure = answer.then(
      () => undefined,
      ({ code }: { code: status }) => code,
    );
    await expect.poll(() => view.waits.length, patient).toBe(1);
    await server.close();
    expect(await failure).toBe(status.UNAVAILABLE);
  });

  it.each([
    [{ uid: '' }, 'uid: got "", expected the uid of a pod'],
    [{ uid: 'x', newerThan: { nanos: -1 } }, 'newer_than.nanos: got -1, expected 0 to 999999999'],
    [{ uid: 'x', newerThan: { nanos: 1e9 } }, 'newer_than.nanos: got 1000000000, expected 0 to 999999999'],
  ])('refuses %j in one line', async (request, details) => {
    const { client } = await serveFakeAgent();
    await expect(client.call(getPod, request)).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
      details,
    });
  });
});

describe('Status', () => {
  it('gives the status', async () => {
    const { client } = await serveFakeAgent();
    expect(toJson(StatusResponseSchema, await client.call(getStatus, {}))).toEqual({
      health: { ok: true, checks: [{ name: 'pleg', ok: true }] },
      mode: 'MODE_EVENTED',
      configuredMode: 'MODE_EVENTED',
      startedAt: '2026-11-20T22:00:00Z',
      supervisor: { state: 'evented', since: '2026-11-20T22:00:00Z' },
      relist: {
        periodMs: 300_000,
        thresholdMs: 600_000,
        lastSuccessAt: '2026-11-20T22:50:00Z',
        lastSuccessAgeMs: 60_000,
        lastDurationMs: 4.25,
      },
      stream: {
        state: 'STATE_OPEN',
        since: '2026-11-20T22:00:00Z',
        events: '120',
        lastEventAt: '2026-11-20T22:50:30Z',
      },
      runtime: {
        endpoint: 'unix:///run/containerd/containerd.sock',
        state: 'STATE_UP',
        name: 'containerd',
        version: 'v1.7.24',
        apiVersion: 'v1',
      },
      counts: { pods: '2', containers: { running: '3', exited: '1', unknown: '0' } },
      log: { firstSeq: '1', lastSeq: '17' },
    });
  });

  it('tells of trouble', async () => {
    const { client, view } = await serveFakeAgent();
    view.currentStatus = {
      ...healthyStatus,
      mode: 'generic',
      supervisor: {
        ...healthyStatus.supervisor,
        lastDegradation: { at: '2026-11-20T22:40:00.000Z', reason: 'five failures' },
        streamFailuresInARow: 5,
      },
      relist: { periodMs: 1_000, thresholdMs: 180_000, inFlightMs: 1_500.5, lastError: 'no answer' },
      counts: { ...healthyStatus.counts, missedEvents: 3, ignoredEvents: { stale: 2 } },
    };
    const answer = await client.call(getStatus, {});
    expect(toJson(StatusResponseSchema, answer)).toMatchObject({
      mode: 'MODE_GENERIC',
      supervisor: {
        lastDegradation: { at: '2026-11-20T22:40:00Z', reason: 'five failures' },
        streamFailuresInARow: 5,
      },
      relist: { inFlightMs: 1_500.5, lastError: 'no answer' },
      counts: { missedEvents: '3', ignoredEvents: { stale: '2' } },
    });
    expect(answer.relist?.lastSuccessAt).toBeUndefined();
  });

  it('answers INTERNAL with a word in the log when it fails', async () => {
    const { client, view, logged } = await serveFakeAgent();
    view.status = () => {
      throw new Error('the cache is gone');
    };
    await expect(client.call(getStatus, {})).rejects.toMatchObject({
      code: status.INTERNAL,
      details: "Status failed, the agent's log says why",
    });
    expect(JSON.parse(logged[0] ?? '')).toMatchObject({ err: { message: 'the cache is gone' } });
  });
});

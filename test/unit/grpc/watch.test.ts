import { status } from '@grpc/grpc-js';
import { expect, it } from 'vitest';
import { Inspection, EventType, EvidenceSource } from '../../../src/grpc/gen/plegd/v1/api_pb.ts';
import { lifecycleEvent, webPod } from '../../helpers/fake-agent-view.ts';
import { serveFakeAgent } from '../../helpers/grpc-server.ts';
import { patient } from '../../helpers/patience.ts';

it('begins with where it begins, and tells all that a JSON event tells', async () => {
  const { view, client } = await serveFakeAgent();
  const watcher = client.watch({ since: 17n });
  view.push(
    lifecycleEvent(18),
    lifecycleEvent(19, {
      type: 'ContainerDied',
      source: 'relist',
      exitCode: 137,
      reason: 'OOMKilled',
      inspection: 'failed',
      sandbox: true,
    }),
  );
  await watcher.until(({ length }) => length === 3);
  const observedAt = { $typeName: 'google.protobuf.Timestamp', seconds: 1795215059n, nanos: 360_000_000 };
  const common = {
    $typeName: 'plegd.v1.LifecycleEvent',
    podUid: webPod.uid,
    podNamespace: 'default',
    podName: 'web-0',
    containerId: 'container-1',
    containerName: 'app',
    runtimeTime: 1795215059359284865n,
    observedAt,
  };
  expect(watcher.events.map(({ seq, entry }) => ({ seq, ...entry }))).toEqual([
    { seq: 17n, case: 'bookmark', value: { $typeName: 'plegd.v1.Bookmark' } },
    {
      seq: 18n,
      case: 'lifecycle',
      value: {
        ...common,
        type: EventType.CONTAINER_STARTED,
        sandbox: false,
        source: EvidenceSource.EVENT,
        reason: '',
        inspection: Inspection.UNSPECIFIED,
      },
    },
    {
      seq: 19n,
      case: 'lifecycle',
      value: {
        ...common,
        type: EventType.CONTAINER_DIED,
        sandbox: true,
        source: EvidenceSource.RELIST,
        exitCode: 137,
        reason: 'OOMKilled',
        inspection: Inspection.FAILED,
      },
    },
  ]);
});

it('leaves out what is not known', async () => {
  const { view, client } = await serveFakeAgent();
  const watcher = client.watch();
  const { podUid, podNamespace, podName, observedAt } = lifecycleEvent(18);
  view.push({ seq: 18, type: 'PodSync', podUid, podNamespace, podName, source: 'relist', observedAt });
  await watcher.until(({ length }) => length === 2);
  const value = watcher.events[1]?.entry.value;
  expect(value).toMatchObject({ type: EventType.POD_SYNC, containerId: '' });
  expect(value).not.toHaveProperty('runtimeTime');
  expect(value).not.toHaveProperty('exitCode');
});

it('without since begins at the newest number', async () => {
  const { view, client } = await serveFakeAgent();
  view.push(lifecycleEvent(16), lifecycleEvent(17));
  const watcher = client.watch();
  await watcher.until(({ length }) => length === 1);
  view.push(lifecycleEvent(18));
  await watcher.until(({ length }) => length === 2);
  expect(watcher.words).toEqual(['17 bookmark', '18 lifecycle']);
});

it('tells a gap as a case of its own', async () => {
  const { view, client } = await serveFakeAgent();
  const watcher = client.watch({ since: 17n });
  view.push({ type: 'Gap', seq: 18, from: 18, to: 40 });
  await watcher.until(({ length }) => length === 2);
  expect(watcher.events[1]).toMatchObject({
    seq: 18n,
    entry: { case: 'gap', value: { from: 18n, to: 40n } },
  });
});

const entries = [
  lifecycleEvent(18),
  lifecycleEvent(19, { type: 'ContainerDied' }),
  lifecycleEvent(20, { podName: 'web-1', podUid: 'uid-1' }),
  lifecycleEvent(21, { podNamespace: 'kube-system', podUid: 'uid-2' }),
  { type: 'Gap', seq: 22, from: 22, to: 30 } as const,
];

it.each([
  [{}, [18, 19, 20, 21, 22]],
  [{ types: [EventType.CONTAINER_DIED] }, [19, 22]],
  [{ types: [EventType.CONTAINER_DIED, EventType.CONTAINER_STARTED] }, [18, 19, 20, 21, 22]],
  [{ pods: [{ name: 'web-0' }] }, [18, 19, 21, 22]],
  [{ pods: [{ namespace: 'default', name: 'web-0' }] }, [18, 19, 22]],
  [{ pods: [{ uid: 'uid-1' }, { namespace: 'kube-system' }] }, [20, 21, 22]],
  [{ pods: [{ uid: 'uid-1', name: 'web-0' }] }, [22]],
  [{ pods: [{ name: 'web-0' }], types: [EventType.CONTAINER_DIED] }, [19, 22]],
])('of %j shows the right ones, and every gap', async (filter, seqs) => {
  const { view, client } = await serveFakeAgent();
  const watcher = client.watch({ since: 17n, filter });
  view.push(...entries);
  await watcher.until((events) => events.at(-1)?.seq === 22n);
  expect(watcher.events.slice(1).map(({ seq }) => Number(seq))).toEqual(seqs);
});

it('moves the resume point of a watch whose filter holds everything back', async () => {
  const { view, client, time } = await serveFakeAgent();
  const watcher = client.watch({ since: 17n, filter: { pods: [{ name: 'other' }] } });
  view.push(lifecycleEvent(18), lifecycleEvent(19));
  await expect.poll(() => view.pulledCount, patient).toBe(2);
  await time.advance(15_000);
  await watcher.until(({ length }) => length === 2);
  // Nothing new, nothing said.
  await time.advance(60_000);
  view.push(lifecycleEvent(20, { podName: 'other' }));
  await watcher.until(({ length }) => length === 3);
  expect(watcher.words).toEqual(['17 bookmark', '19 bookmark', '20 lifecycle']);
});

it('ends its subscription and its timer when the caller goes away', async () => {
  const { view, client, time } = await serveFakeAgent();
  const watcher = client.watch();
  await watcher.until(({ length }) => length === 1);
  expect([view.openSubscriptionCount, time.timerCount]).toEqual([1, 1]);
  watcher.cancel();
  await expect.poll(() => [view.openSubscriptionCount, time.timerCount], patient).toEqual([0, 0]);
});

it('ends with UNAVAILABLE when the agent stops, after what is in the log', async () => {
  const { view, client } = await serveFakeAgent();
  const watcher = client.watch({ since: 17n });
  view.push(lifecycleEvent(18));
  view.end();
  expect(await watcher.ended).toMatchObject({
    code: status.UNAVAILABLE,
    details: 'the agent stops; connect again and resume after the last seq',
  });
  expect(watcher.words).toEqual(['17 bookmark', '18 lifecycle']);
});

it('ends with UNAVAILABLE when the server closes', async () => {
  const { client, server } = await serveFakeAgent();
  const watcher = client.watch();
  await watcher.until(({ length }) => length === 1);
  await server.close();
  expect((await watcher.ended).code).toBe(status.UNAVAILABLE);
});

it('ends with INTERNAL and a word in the log when the log fails', async () => {
  const { view, client, logged } = await serveFakeAgent();
  const watcher = client.watch();
  view.fail(new Error('the ring is broken'));
  expect(await watcher.ended).toMatchObject({
    code: status.INTERNAL,
    details: "Watch failed, the agent's log says why",
  });
  expect(JSON.parse(logged[0] ?? '')).toMatchObject({
    method: 'Watch',
    err: { message: 'the ring is broken' },
  });
});

const selectors = (count: number) => Array.from({ length: count }, (_, index) => ({ uid: `uid-${index}` }));

it.each([
  [{ since: -1n }, 'since: got "-1", expected the seq of an event, 0 or more'],
  [{ since: 2n ** 60n }, 'since: got "1152921504606846976", expected the seq of an event, 0 or more'],
  [
    { filter: { pods: [{ uid: 'a' }, {}] } },
    'filter.pods[1]: got an empty selector, expected uid, namespace or name',
  ],
  [{ filter: { pods: selectors(101) } }, 'filter.pods: got 101 selectors, expected at most 100'],
  [
    { filter: { types: [77 as EventType] } },
    'filter.types[0]: got 77, expected one of EVENT_TYPE_CONTAINER_STARTED, EVENT_TYPE_CONTAINER_DIED, EVENT_TYPE_CONTAINER_REMOVED, EVENT_TYPE_POD_SYNC',
  ],
])('refuses a bad request in one line, number %#', async (request, details) => {
  const { view, client } = await serveFakeAgent();
  expect(await client.watch(request).ended).toMatchObject({ code: status.INVALID_ARGUMENT, details });
  expect(view.subscriptions).toEqual([]);
});

it('takes a filter of a hundred pods', async () => {
  const { client } = await serveFakeAgent();
  const watcher = client.watch({ filter: { pods: selectors(100) } });
  await watcher.until(({ length }) => length === 1);
});

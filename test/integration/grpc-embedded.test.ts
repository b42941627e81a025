import { join } from 'node:path';
import { timestampNow } from '@bufbuild/protobuf/wkt';
import { status } from '@grpc/grpc-js';
import { expect, it, onTestFinished } from 'vitest';
import { ContainerState, EventType, Pleg } from '../../src/grpc/gen/plegd/v1/api_pb.ts';
import { startAgentUnderTest } from '../helpers/agent-under-test.ts';
import { useEmbeddedRuntime } from '../helpers/embedded-runtime.ts';
import { PlegClient } from '../helpers/pleg-client.ts';

const fixture = useEmbeddedRuntime();

it('a watcher of a real agent sees what happens to its pod, and reads the pod as it is', async () => {
  const { runtime, driver, directory } = fixture;
  const socket = join(directory, 'plegd.sock');
  const { agent, stop } = await startAgentUnderTest(runtime.endpoint, { socket });
  expect(agent.socketPath).toBe(socket);
  const client = new PlegClient(socket);
  onTestFinished(() => client.close());

  const watcher = client.watch({ filter: { pods: [{ name: 'watched' }] } });
  await watcher.until(({ length }) => length === 1);
  await driver.runPod({ name: 'other' });
  const pod = await driver.runPod({ name: 'watched' });
  const container = await driver.runContainer(pod, { command: ['sh', '-c', 'exit 3'] });
  const isDeath = ({ entry }: (typeof watcher.events)[number]) =>
    entry.case === 'lifecycle' &&
    entry.value.containerId === container &&
    entry.value.type === EventType.CONTAINER_DIED;
  await watcher.until((events) => events.some(isDeath));
  expect(watcher.events.find(isDeath)?.entry.value).toMatchObject({
    podUid: pod.uid,
    podName: 'watched',
    containerName: 'main',
    exitCode: 3,
  });
  const names = watcher.events.map(({ entry }) => entry.case === 'lifecycle' && entry.value.podName);
  expect(new Set(names.slice(1))).toEqual(new Set(['watched']));

  const read = await client.call(Pleg.method.getPod, { uid: pod.uid, newerThan: timestampNow() });
  expect(read.containers).toMatchObject([{ id: container, state: ContainerState.EXITED, exitCode: 3 }]);
  expect((await client.call(Pleg.method.listPods, {})).pods.map(({ name }) => name)).toEqual([
    'other',
    'watched',
  ]);
  expect((await client.call(Pleg.method.status, {})).log?.lastSeq).toBeGreaterThan(0n);

  await stop();
  expect((await watcher.ended).code).toBe(status.UNAVAILABLE);
});

import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCriClient, type CriClient } from '../../src/cri/client.ts';
import type { CallFault, EventFaults } from '../../src/runtime/faults.ts';
import { useEmbeddedRuntime } from '../helpers/embedded-runtime.ts';
import {
  quickSettings,
  readLines,
  replayToEnd,
  startRecordedRun,
  type RecordedRun,
} from '../helpers/recorded-run.ts';

const fixture = useEmbeddedRuntime();
let client: CriClient;
let run: RecordedRun;

beforeEach(() => {
  client = createCriClient({ endpoint: fixture.runtime.endpoint });
  // Few, so that a degradation is in the recordings too.
  run = startRecordedRun(client, { settings: { ...quickSettings, maxStreamRetries: 3 } });
});
afterEach(async () => {
  await run.stop();
  client.close();
});

/** Two pods side by side, with containers that run, exit and are killed, from first to last. */
const churn = async (round: number): Promise<void> => {
  const { driver } = fixture;
  const { published } = run;
  await Promise.all(
    ['a', 'b'].map(async (name) => {
      const pod = await driver.runPod({ name: `${name}-${round}` });
      const lasting = await driver.runContainer(pod, { name: 'lasting', command: ['sleep', '1000'] });
      const brief = await driver.runContainer(pod, { name: 'brief', command: ['sh', '-c', 'exit 3'] });
      await published.next('ContainerStarted', pod.id);
      await published.next('ContainerStarted', lasting);
      await published.next('ContainerDied', brief);
      await driver.stopContainer(lasting);
      await driver.removePod(pod.id);
      await published.next('ContainerRemoved', pod.id);
    }),
  );
};

const expectSameReplays = async (): Promise<void> => {
  await run.stop();
  const recording = await readLines(run.lines);
  expect(recording.cut).toBeUndefined();
  expect(run.published.events.length).toBeGreaterThan(0);
  for (let time = 0; time < 3; time += 1) {
    expect(await replayToEnd(recording)).toEqual(run.published.lines);
  }
};

const eventFaults: readonly (readonly [string, Partial<EventFaults>])[] = [
  ['loses its first events', { dropNext: 5 }],
  ['says everything twice', { isDoubled: true }],
  ['says events in the wrong order', { reverseNext: 6 }],
  ['says its events late', { delayMs: 40 }],
  ['says no sandbox', { hasNoSandbox: true }],
  ['speaks garbage, which ends the stream', { garbageNext: 2 }],
  ['opens streams only to end them', { onOpen: 'eof' }],
];

const callFaults: readonly (readonly [string, Readonly<Record<string, CallFault[]>>])[] = [
  ['fails inspections', { ContainerStatus: [{ times: 4, fail: { code: status.INTERNAL } }] }],
  ['fails relists', { ListContainers: [{ times: 2, fail: { code: status.UNAVAILABLE } }] }],
  ['answers nil', { PodSandboxStatus: [{ times: 2, empty: true }] }],
  ['has slow lists, stale when they come', { ListContainers: [{ times: 3, at: 'answer', delayMs: 50 }] }],
  ['has no event stream', { GetContainerEvents: [{ fail: { code: status.UNIMPLEMENTED } }] }],
];

describe('a recording of a runtime replays to the same events, byte for byte, when the runtime', () => {
  it.each(eventFaults)('%s', async (_, faults) => {
    Object.assign(fixture.runtime.faults.events, faults);
    await churn(1);
    await churn(2);
    await expectSameReplays();
  });

  it.each(callFaults)('%s', async (_, faults) => {
    Object.assign(fixture.runtime.faults.calls, faults);
    await churn(1);
    await expectSameReplays();
  });

  it('goes away and comes back', async () => {
    await churn(1);
    await fixture.runtime.restart();
    await churn(2);
    await expectSameReplays();
  });

  it('is fine, and stopped in the middle of its work', async () => {
    const churning = churn(1);
    const pod = await fixture.driver.runPod({ name: 'c' });
    await run.published.next('ContainerStarted', pod.id);
    const { lines, published } = run;
    const count = lines.length;
    await churning;
    // What a recorder would have left that was killed just then.
    const recording = await readLines(lines.slice(0, count));
    const replayed = await replayToEnd(recording);
    expect(replayed).toEqual(published.lines.slice(0, replayed.length));
    await expectSameReplays();
  });
});

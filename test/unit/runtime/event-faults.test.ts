import { status } from '@grpc/grpc-js';
import { beforeEach, describe, expect, it } from 'vitest';
import { ContainerEventType } from '../../../src/cri/gen/runtime/v1/api_pb.ts';
import type { EventFaults } from '../../../src/runtime/faults.ts';
import { useEmbeddedRuntime } from '../../helpers/embedded-runtime.ts';
import type { EventTape } from '../../helpers/event-tape.ts';
import { SimulatedTime } from '../../helpers/simulated-time.ts';

let time: SimulatedTime;
const fixture = useEmbeddedRuntime(() => {
  time = new SimulatedTime();
  return { time };
});

let tape: EventTape;
let faults: EventFaults;

beforeEach(async () => {
  tape = fixture.driver.recordEvents();
  faults = fixture.runtime.faults.events;
  await fixture.runtime.events.waitForReaders(1);
});

/** Runs a pod and removes it: four events. Then heals, and runs another to know that all have come. */
const livePod = async (): Promise<{ id: string; steps: string[] }> => {
  const { driver, runtime } = fixture;
  const { id } = await driver.runPod({ name: 'web' });
  await driver.removePod(id);
  runtime.faults.events.drop = () => false;
  runtime.faults.events.isSilent = false;
  const last = await driver.runPod({ name: 'last' });
  await tape.next('started', last.id);
  return { id, steps: tape.steps.filter(([, about]) => about === id).map(([kind]) => kind) };
};

describe('switches of the event stream', () => {
  it('without any, all comes once and in order', async () => {
    expect((await livePod()).steps).toEqual(['created', 'started', 'stopped', 'deleted']);
  });

  it('drop loses the events that it picks', async () => {
    faults.drop = ({ containerEventType }) =>
      containerEventType === ContainerEventType.CONTAINER_STOPPED_EVENT;
    expect((await livePod()).steps).toEqual(['created', 'started', 'deleted']);
  });

  it('dropNext loses so many and no more', async () => {
    faults.dropNext = 3;
    expect((await livePod()).steps).toEqual(['deleted']);
    expect(faults.dropNext).toBe(0);
  });

  it('isDoubled sends each twice', async () => {
    faults.isDoubled = true;
    const { driver } = fixture;
    const { id } = await driver.runPod({ name: 'web' });
    await tape.take(4);
    expect(tape.steps.map(([kind]) => kind)).toEqual(['created', 'created', 'started', 'started']);
    expect(tape.events[0]).toEqual(tape.events[1]);
    expect(tape.events[0]?.containerId).toBe(id);
  });

  it('reverseNext sends so many last one first', async () => {
    faults.reverseNext = 3;
    expect((await livePod()).steps).toEqual(['stopped', 'started', 'created', 'deleted']);
    const stamps = tape.events.map(({ createdAt }) => createdAt);
    expect(stamps[0]).toBeGreaterThan(stamps[2]!);
  });

  it('what reverseNext holds comes when it is given up', async () => {
    const { driver } = fixture;
    faults.reverseNext = 10;
    const { id } = await driver.runPod({ name: 'web' });
    faults.reverseNext = 0;
    await driver.stopPod(id);
    await tape.take(3);
    expect(tape.steps.map(([kind]) => kind)).toEqual(['stopped', 'started', 'created']);
  });

  it('delayMs sends each so much later, in order', async () => {
    const { driver } = fixture;
    faults.delayMs = 5_000;
    const { id } = await driver.runPod({ name: 'web' });
    await time.advance(4_999);
    await driver.cri.runtime.version({});
    expect(tape.events).toEqual([]);
    await time.advance(1);
    await tape.take(2);
    expect(tape.steps).toEqual([
      ['created', id],
      ['started', id],
    ]);
  });

  it('hasNoSandbox leaves the status of the sandbox out', async () => {
    const { driver } = fixture;
    faults.hasNoSandbox = true;
    await driver.runPod({ name: 'web' });
    expect((await tape.take(1))[0]?.podSandboxStatus).toBeUndefined();
  });

  it('isSilent sends nothing while the stream stays open', async () => {
    faults.isSilent = true;
    const { steps } = await livePod();
    expect(steps).toEqual([]);
    expect(fixture.runtime.events.readerCount).toBe(1);
  });

  it('garbageNext breaks the stream for the client', async () => {
    faults.garbageNext = 1;
    await fixture.driver.runPod({ name: 'web' });
    expect(await tape.ended).toMatchObject({ code: status.INTERNAL });
    await fixture.runtime.events.waitForReaders(0);
  });

  it('onOpen eof ends a new stream at once with OK, as CRI-O does with pod events off', async () => {
    faults.onOpen = 'eof';
    const second = fixture.driver.recordEvents();
    expect(await second.ended).toBeUndefined();
    expect(fixture.runtime.events.readerCount).toBe(1);
  });
});

describe('what tests do to open streams', () => {
  it('replay sends everything again as it was', async () => {
    const { id } = await fixture.driver.runPod({ name: 'web' });
    await tape.next('started', id);
    fixture.runtime.events.replay();
    await tape.take(4);
    expect(tape.events.slice(2)).toEqual(tape.events.slice(0, 2));
  });

  it('breakStreams ends all of them with UNAVAILABLE, and a new one is served', async () => {
    const { driver, runtime } = fixture;
    const second = driver.recordEvents();
    await runtime.events.waitForReaders(2);
    runtime.events.breakStreams();
    const ends = await Promise.all([tape.ended, second.ended]);
    expect(ends).toMatchObject([{ code: status.UNAVAILABLE }, { code: status.UNAVAILABLE }]);
    expect(runtime.events.readerCount).toBe(0);

    const third = driver.recordEvents();
    await runtime.events.waitForReaders(1);
    const { id } = await driver.runPod({ name: 'web' });
    await third.next('started', id);
  });

  it('breakStreams can end them with any status', async () => {
    fixture.runtime.events.breakStreams(status.INTERNAL, 'out of order');
    expect(await tape.ended).toEqual({ code: status.INTERNAL, details: 'out of order' });
  });

  it('endStreams ends them with OK', async () => {
    fixture.runtime.events.endStreams();
    expect(await tape.ended).toBeUndefined();
  });
});

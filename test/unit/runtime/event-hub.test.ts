import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import type { ContainerEventResponseSchema } from '../../../src/cri/gen/runtime/v1/api_pb.ts';
import { EventHub, type ContainerEvent } from '../../../src/runtime/event-hub.ts';
import { noFaults } from '../../../src/runtime/faults.ts';
import type { AnswerStream } from '../../../src/runtime/grpc-binding.ts';
import { SimulatedTime } from '../../helpers/simulated-time.ts';

/** A reader that has left so many messages untaken. */
const readerWith = (waitingCount: number) => {
  const received: (string | undefined)[] = [];
  const answers: AnswerStream<typeof ContainerEventResponseSchema> = {
    send: ({ containerId }: ContainerEvent) => void received.push(containerId),
    sendBytes: () => {},
    waitingCount,
    signal: new AbortController().signal,
  };
  return { received, answers };
};

describe('a reader that does not read', () => {
  it('is cut off when it has left 10 000 events, and the others are served', async () => {
    const hub = new EventHub(noFaults(), new SimulatedTime());
    const stuck = readerWith(10_001);
    const slow = readerWith(10_000);
    const stuckCall = hub.open(stuck.answers);
    void hub.open(slow.answers);
    hub.publish({ containerId: 'a' });

    await expect(stuckCall).rejects.toMatchObject({ code: status.RESOURCE_EXHAUSTED });
    expect(stuck.received).toEqual([]);
    expect(slow.received).toEqual(['a']);
    expect(hub.readerCount).toBe(1);
  });
});

describe('the history for replays', () => {
  it('holds the last thousand events', () => {
    const hub = new EventHub(noFaults(), new SimulatedTime());
    for (let count = 0; count < 1_001; count += 1) hub.publish({ containerId: String(count) });
    const { received, answers } = readerWith(0);
    void hub.open(answers);
    hub.replay();

    expect(received).toHaveLength(1_000);
    expect(received[0]).toBe('1');
    expect(received.at(-1)).toBe('1000');
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSse, type SseMessage } from '../../../src/cli/sse.ts';
import { eventEncodings } from '../../../src/server/event-encoding.ts';
import { lifecycleEvent } from '../../helpers/fake-agent-view.ts';

async function read(...chunks: string[]): Promise<SseMessage[]> {
  const messages: SseMessage[] = [];
  const source = (async function* () {
    yield* chunks;
  })();
  for await (const message of readSse(source)) messages.push(message);
  return messages;
}

describe('readSse', () => {
  it.each([
    ['id: 1\nevent: PodSync\ndata: {}\n\n', [{ id: '1', data: '{}' }]],
    ['id:1\ndata:{}\n\n', [{ id: '1', data: '{}' }]],
    ['data: {"a": "b: c"}\n\n', [{ data: '{"a": "b: c"}' }]],
    [': heartbeat\n\n', []],
    [': heartbeat\nid: 17\n\n', [{ id: '17' }]],
    ['retry: 5\n\nid: 1\n\n', [{ id: '1' }]],
    ['id: 1\ndata: {}\n', []],
    ['id: 1\ndata: {}\n\nid: 2\ndata: {"cut', [{ id: '1', data: '{}' }]],
    ['', []],
  ])('%j', async (text, messages) => {
    expect(await read(text)).toEqual(messages);
  });

  it('reads what the server writes, however it is cut', async () => {
    const { encode, heartbeat } = eventEncodings.sse;
    const events = [lifecycleEvent(1), lifecycleEvent(2, { reason: 'a\nb: c ✓' })];
    const text = `${encode(events[0]!)}${heartbeat(5)}${encode(events[1]!)}`;
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(text.length)), async (cuts) => {
        const ends = [0, ...cuts.sort((a, b) => a - b), text.length];
        const messages = await read(...ends.slice(1).map((end, index) => text.slice(ends[index], end)));
        expect(messages).toEqual([
          { id: '1', data: JSON.stringify(events[0]) },
          { id: '5' },
          { id: '2', data: JSON.stringify(events[1]) },
        ]);
      }),
    );
  });
});

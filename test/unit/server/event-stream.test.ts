import { createServer, type ServerResponse } from 'node:http';
import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { eventEncodings } from '../../../src/server/event-encoding.ts';
import { streamEvents } from '../../../src/server/event-stream.ts';
import { FakeAgentView, lifecycleEvent } from '../../helpers/fake-agent-view.ts';
import { settle, SimulatedTime } from '../../helpers/simulated-time.ts';

/** A socket that takes nothing until the test says so. */
class StuckSocket extends Duplex {
  written = '';
  #release: (() => void) | undefined;
  #isStuck = true;

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.written += chunk.toString();
    if (this.#isStuck) this.#release = done;
    else done();
  }

  release(): void {
    this.#isStuck = false;
    this.#release?.();
  }
}

async function start() {
  const view = new FakeAgentView();
  const time = new SimulatedTime();
  const client = new AbortController();
  const socket = new StuckSocket();
  const response = await new Promise<ServerResponse>((resolve) => {
    createServer((_request, answer) => resolve(answer)).emit('connection', socket);
    socket.push('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  });
  const done = streamEvents(response, {
    entries: view.subscribe({ signal: client.signal }),
    matches: () => true,
    encoding: eventEncodings.sse,
    time,
    signal: client.signal,
  });
  return { view, time, socket, response, client, done };
}

const wide = (seq: number) => lifecycleEvent(seq, { reason: 'x'.repeat(10_000) });

describe('while the client does not read', () => {
  it('nothing more is pulled than the response buffers, and all of it comes later', async () => {
    const { view, socket, client, done } = await start();
    view.push(...Array.from({ length: 100 }, (_, index) => wide(index + 1)));
    await settle();
    expect(view.pulledCount).toBeLessThan(10);

    socket.release();
    while (view.pulledCount < 100) await settle();
    client.abort();
    await done;
    expect([...socket.written.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id))).toEqual(
      Array.from({ length: 100 }, (_, index) => index + 1),
    );
  });

  it('no heartbeat is added to what waits', async () => {
    const { view, time, response, client, done } = await start();
    view.push(...Array.from({ length: 10 }, (_, index) => wide(index + 1)));
    await settle();
    const waitingBytes = response.writableLength;
    await time.advance(150_000);
    expect(response.writableLength).toBe(waitingBytes);
    client.abort();
    await done;
  });

  it('the end of the client ends it', async () => {
    const { view, time, client, done } = await start();
    view.push(...Array.from({ length: 10 }, (_, index) => wide(index + 1)));
    await settle();
    client.abort();
    await done;
    expect(view.openSubscriptionCount).toBe(0);
    expect(time.timerCount).toBe(0);
  });
});

it('beats no more once it has ended', async () => {
  const { time, socket, client, done } = await start();
  socket.release();
  client.abort();
  await done;
  const written = socket.written;
  await time.advance(60_000);
  expect(socket.written).toBe(written);
  expect(written).not.toContain('heartbeat');
});

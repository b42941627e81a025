import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLogger } from '../../../src/lib/log.ts';
import { type Server, startServer } from '../../../src/server/server.ts';
import { FakeAgentView, lifecycleEvent } from '../../helpers/fake-agent-view.ts';
import { openStream } from '../../helpers/http-stream.ts';
import { settle, SimulatedTime } from '../../helpers/simulated-time.ts';

let view: FakeAgentView;
let time: SimulatedTime;
let server: Server;
let logged: string[];
let isClosed: boolean;

beforeEach(async () => {
  view = new FakeAgentView();
  time = new SimulatedTime();
  logged = [];
  isClosed = false;
  const logger = createLogger({
    level: 'info',
    format: 'json',
    destination: { write: (line) => logged.push(line) },
  });
  server = await startServer({ view, listen: { host: '127.0.0.1', port: 0 }, logger, time });
});

afterEach(async () => {
  if (!isClosed) await server.close();
  // No test may leave a subscription or a timer behind.
  await vi.waitFor(() => expect(view.openSubscriptionCount).toBe(0));
  expect(time.timerCount).toBe(0);
});

const url = (query = '') => `http://127.0.0.1:${server.address.port}/v1/events${query}`;
const gap = { type: 'Gap', seq: 3, from: 4, to: 9 } as const;

describe('server-sent events', () => {
  it('have id, event and data', async () => {
    const stream = await openStream(url());
    expect(stream.status).toBe(200);
    expect(stream.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
    });
    const event = lifecycleEvent(17, { type: 'ContainerDied', exitCode: 137, reason: 'OOMKilled' });
    view.push(event);
    await stream.until((text) => text.endsWith('\n\n'));
    expect(stream.text).toBe(`id: 17\nevent: ContainerDied\ndata: ${JSON.stringify(event)}\n\n`);
    stream.leave();
  });

  it('have the seq of a Gap as its id', async () => {
    const stream = await openStream(url());
    view.push(gap);
    await stream.until((text) => text.endsWith('\n\n'));
    expect(stream.text).toBe('id: 3\nevent: Gap\ndata: {"type":"Gap","seq":3,"from":4,"to":9}\n\n');
    stream.leave();
  });

  it('are subscribed to by the time the headers are there', async () => {
    const stream = await openStream(url());
    expect(view.openSubscriptionCount).toBe(1);
    stream.leave();
  });
});

describe('a heartbeat', () => {
  it('comes every 15 s', async () => {
    const stream = await openStream(url());
    await time.advance(14_999);
    await time.advance(1);
    await stream.until((text) => text === ': heartbeat\n\n');
    await time.advance(15_000);
    await stream.until((text) => text === ': heartbeat\n\n: heartbeat\n\n');
    stream.leave();
  });

  it('moves the resume point past what a filter held back', async () => {
    const stream = await openStream(url('?type=PodSync'));
    view.push(lifecycleEvent(17));
    await settle();
    await time.advance(15_000);
    await stream.until((text) => text === ': heartbeat\nid: 17\n\n');
    stream.leave();
  });

  it('is nothing in NDJSON', async () => {
    const stream = await openStream(url('?format=ndjson'));
    await time.advance(15_000);
    view.push(gap);
    await stream.until((text) => text.includes('\n'));
    expect(stream.text).toBe(`${JSON.stringify(gap)}\n`);
    stream.leave();
  });
});

describe('NDJSON', () => {
  it('is one entry a line', async () => {
    const stream = await openStream(url('?format=ndjson'));
    expect(stream.headers['content-type']).toBe('application/x-ndjson; charset=utf-8');
    const events = [lifecycleEvent(1), gap, lifecycleEvent(10)];
    view.push(...events);
    await stream.until((text) => text.split('\n').length === 4);
    expect(stream.text).toBe(events.map((event) => `${JSON.stringify(event)}\n`).join(''));
    stream.leave();
  });
});

describe('the resume point', () => {
  it.each([
    ['', {}, undefined],
    ['?since=5', {}, 5],
    ['?since=0', {}, 0],
    ['', { 'Last-Event-ID': '7' }, 7],
    ['?since=5', { 'Last-Event-ID': '7' }, 7],
    ['?since=5', { 'Last-Event-ID': '' }, 5],
  ])('of %j with %j is %j', async (query, headers, since) => {
    const stream = await openStream(url(query), headers as Record<string, string>);
    expect(view.subscriptions[0]?.since).toBe(since);
    stream.leave();
  });
});

it('a filter lets matching events and every Gap through', async () => {
  const stream = await openStream(url('?format=ndjson&pod=web-1&pod=shop/web-2&type=ContainerDied'));
  view.push(
    lifecycleEvent(1, { podName: 'web-1' }),
    lifecycleEvent(2, { podName: 'web-1', type: 'ContainerDied' }),
    lifecycleEvent(3, { podName: 'web-2', type: 'ContainerDied' }),
    gap,
    lifecycleEvent(10, { podName: 'web-2', podNamespace: 'shop', type: 'ContainerDied' }),
  );
  await stream.until((text) => text.split('\n').length === 4);
  const seqs = stream.text
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { seq: number }).seq);
  expect(seqs).toEqual([2, 3, 10]);
  stream.leave();
});

describe('the end', () => {
  it('of the client ends its subscription', async () => {
    const stream = await openStream(url());
    stream.leave();
    await vi.waitFor(() => expect(view.openSubscriptionCount).toBe(0));
    expect(view.subscriptions[0]?.signal.aborted).toBe(true);
  });

  it('of the agent ends the answer after what was left', async () => {
    const stream = await openStream(url('?format=ndjson'));
    view.push(gap);
    view.end();
    await stream.ended;
    expect(stream.text).toBe(`${JSON.stringify(gap)}\n`);
  });

  it('of the server ends every answer at once and well', async () => {
    const streams = [await openStream(url()), await openStream(url('?format=ndjson'))];
    isClosed = true;
    await server.close();
    await Promise.all(streams.map(({ ended }) => ended));
  });

  it('of the server does not wait for a log that ignores its signal', async () => {
    const never = new Promise<IteratorResult<never>>(() => undefined);
    view.subscribe = () => ({ [Symbol.asyncIterator]: () => ({ next: () => never }) });
    const stream = await openStream(url());
    isClosed = true;
    await server.close();
    await stream.ended;
  });

  it('that a failing log makes is cut off, not taken for a good one, and logged', async () => {
    const stream = await openStream(url());
    view.fail(new Error('the ring broke'));
    await expect(stream.ended).rejects.toThrow('aborted');
    expect(JSON.parse(logged[0] ?? '')).toMatchObject({
      msg: 'event stream broke off',
      err: { message: 'the ring broke' },
    });
  });
});

it('a subscription that fails at once is cut off and logged', async () => {
  view.subscribe = () => {
    throw new Error('no log');
  };
  await expect(openStream(url())).rejects.toThrow('socket hang up');
  expect(JSON.parse(logged[0] ?? '')).toMatchObject({
    msg: 'event stream broke off',
    err: { message: 'no log' },
  });
});

describe('a client that does not read', () => {
  const padding = 'x'.repeat(1000);

  /** Entries without end, one a pull. */
  async function* endless() {
    for (let seq = 1; ; seq++) yield lifecycleEvent(seq, { reason: padding });
  }

  /** Waits until nothing more is pulled while the event loop turns. */
  async function stalled(): Promise<number> {
    for (let idleTurns = 0, before = -1; idleTurns < 50;) {
      await settle();
      idleTurns = view.pulledCount > 0 && view.pulledCount === before ? idleTurns + 1 : 0;
      before = view.pulledCount;
    }
    return view.pulledCount;
  }

  function connectSilently() {
    const socket = connect(server.address.port, '127.0.0.1').pause();
    socket.on('error', () => undefined);
    socket.write('GET /v1/events?format=ndjson HTTP/1.1\r\nHost: localhost\r\n\r\n');
    return socket;
  }

  beforeEach(() => {
    view.source = endless;
  });

  it('stops the pulling, and loses nothing when it reads again', async () => {
    const socket = connectSilently();
    const pulledCount = await stalled();
    // What the kernel's socket buffers hold; the heap holds next to nothing.
    expect(pulledCount).toBeLessThan(50_000);

    let text = '';
    await new Promise<void>((resolve) => {
      socket.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        if (view.pulledCount > pulledCount + 1000) resolve();
      });
      socket.resume();
    });
    socket.destroy();
    const seqs = [...text.matchAll(/\{"seq":(\d+),/g)].map(([, seq]) => Number(seq));
    expect(seqs.length).toBeGreaterThan(1);
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
  });

  it('does not hold up the end of the server', async () => {
    const socket = connectSilently();
    await stalled();
    isClosed = true;
    await server.close();
    socket.destroy();
  });

  it('does not hold up others', async () => {
    const silent = connectSilently();
    await stalled();
    const reader = await openStream(url('?format=ndjson'));
    await reader.until((text) => text.split('\n').length > 100);
    reader.leave();
    silent.destroy();
  });
});

import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLogger } from '../../../src/lib/log.ts';
import { type Server, startServer } from '../../../src/server/server.ts';
import type { KeptEvents, WatchedContainer, WatchMessages } from '../../../src/server/watch-messages.ts';
import type { PodRow } from '../../../src/server/watch-view.ts';
import { FakeAgentView, lifecycleEvent } from '../../helpers/fake-agent-view.ts';
import { type HttpStream, openStream } from '../../helpers/http-stream.ts';
import { SimulatedTime } from '../../helpers/simulated-time.ts';

const turnMs = 250;

let view: FakeAgentView;
let time: SimulatedTime;
let server: Server;

beforeEach(async () => {
  view = new FakeAgentView();
  time = new SimulatedTime();
  const logger = createLogger({ level: 'silent', format: 'json' });
  server = await startServer({ view, listen: { host: '127.0.0.1', port: 0 }, logger, time });
});

afterEach(async () => {
  await server.close();
  // Whoever looked has left nothing behind.
  await vi.waitFor(() => expect(view.openSubscriptionCount).toBe(0));
  expect(time.timerCount).toBe(0);
});

const url = (path: string): string => `http://127.0.0.1:${server.address.port}${path}`;

const row = (uid: string, fields: Partial<PodRow> = {}): PodRow => ({
  uid,
  namespace: 'default',
  name: uid,
  changedMs: 0,
  containers: [{ id: `${uid}-app`, name: 'app', isSandbox: false, state: 'running' }],
  ...fields,
});

/** All messages of one kind so far. */
const messages = <K extends keyof WatchMessages>({ text }: HttpStream, name: K): WatchMessages[K][] =>
  text
    .split('\n\n')
    .filter((message) => message.startsWith(`event: ${name}\n`))
    .map((message) => JSON.parse(message.slice(message.indexOf('data: ') + 6)) as WatchMessages[K]);

const isReady = (text: string): boolean => text.includes('event: ready\n');

const openReady = async (): Promise<HttpStream> => {
  const stream = await openStream(url('/v1/watch'));
  await stream.until(isReady);
  return stream;
};

describe('a page that watches', () => {
  it('is told who the agent is, every pod once, the status, the history and the plots', async () => {
    for (let index = 0; index < 450; index += 1) view.watch.rows.set(`pod-${index}`, row(`pod-${index}`));
    view.watch.history = [{ path: 'generic.chosen', at: '2026-11-20T22:00:00.000Z' }];
    view.watch.slices = [{ index: 0, eventCount: 1, reconnectCount: 0, missedCount: 0 }];
    view.watch.currentIndex = 1;
    const stream = await openReady();
    expect(messages(stream, 'hello')).toEqual([
      {
        startedAt: view.currentStatus.startedAt,
        slicePeriodMs: 5_000,
        sliceCount: 180,
        isInspectable: false,
      },
    ]);
    const uids = messages(stream, 'pods').flatMap(({ upsert }) => upsert.map(({ uid }) => uid));
    expect(uids).toEqual([...view.watch.rows.keys()]);
    expect(messages(stream, 'status')).toEqual([view.currentStatus]);
    expect(messages(stream, 'history')).toEqual([view.watch.history]);
    expect(messages(stream, 'vitals')).toEqual([{ currentIndex: 1, slices: view.watch.slices }]);
    stream.leave();
  });

  it('gets many changes of a pod as one, and of many events the newest', async () => {
    view.watch.rows.set('web', row('web'));
    const stream = await openReady();
    for (let seq = 1; seq <= 1_000; seq += 1) view.push(lifecycleEvent(seq, { podUid: 'web' }));
    view.watch.rows.set('web', row('web', { name: 'changed' }));
    await time.advance(turnMs);
    await stream.until((text) => text.includes('event: events\n'));
    const [, changes, ...others] = messages(stream, 'pods');
    expect(changes?.upsert).toEqual([
      row('web', { name: 'changed', changedMs: Number(time.wallNs() / 1_000_000n) }),
    ]);
    expect(others).toEqual([]);
    const [events] = messages(stream, 'events');
    expect(events?.map(({ seq }) => seq)).toEqual(Array.from({ length: 30 }, (_, index) => 971 + index));
    stream.leave();
  });

  it('hears nothing of a pod of which nothing changed', async () => {
    view.watch.rows.set('web', row('web'));
    const stream = await openReady();
    view.push(lifecycleEvent(1, { podUid: 'web' }));
    await time.advance(4 * turnMs);
    await stream.until(() => messages(stream, 'status').length === 2);
    expect(messages(stream, 'pods')).toHaveLength(1);
    stream.leave();
  });

  it('sees in time what no event tells of: a new problem, a pod that is gone', async () => {
    for (let index = 0; index < 250; index += 1) view.watch.rows.set(`pod-${index}`, row(`pod-${index}`));
    const stream = await openReady();
    view.watch.rows.set('pod-0', row('pod-0', { problem: 'DeadlineExceeded' }));
    view.watch.rows.delete('pod-249');
    await time.advance(3 * turnMs);
    await stream.until((text) => text.includes('DeadlineExceeded') && text.includes('"removed":["pod-249"]'));
    stream.leave();
  });

  it('gets the status each second, and history and plots when there is more of them', async () => {
    const stream = await openReady();
    await time.advance(1_000);
    view.watch.history = [
      { path: 'degrading.stoppingEvented', at: '2026-11-20T22:00:00.000Z', reason: 'EOF' },
    ];
    view.watch.slices = [{ index: 7, eventCount: 0, reconnectCount: 1, missedCount: 0 }];
    view.watch.currentIndex = 8;
    await time.advance(2_000);
    await stream.until(() => messages(stream, 'status').length >= 4);
    expect(messages(stream, 'history').at(-1)).toEqual(view.watch.history);
    expect(messages(stream, 'vitals').filter(({ slices }) => slices.length > 0)).toEqual([
      { currentIndex: 8, slices: view.watch.slices },
    ]);
    stream.leave();
  });
});

describe('nobody', () => {
  it('costs nothing: no timer, no subscription, no row is read', async () => {
    view.watch.rows.set('web', row('web'));
    const stream = await openReady();
    stream.leave();
    await vi.waitFor(() => expect(time.timerCount).toBe(0));
    await vi.waitFor(() => expect(view.openSubscriptionCount).toBe(0));
    const before = view.watch.rowCount;
    view.push(lifecycleEvent(1, { podUid: 'web' }));
    await time.advance(60_000);
    expect(view.watch.rowCount).toBe(before);
  });

  it('is left behind by one who leaves at once', async () => {
    const stream = await openStream(url('/v1/watch'));
    stream.leave();
    await vi.waitFor(() => expect(view.openSubscriptionCount).toBe(0));
  });
});

describe('a hundred pages', () => {
  it('cost as many looks as one', async () => {
    for (let index = 0; index < 10; index += 1) view.watch.rows.set(`pod-${index}`, row(`pod-${index}`));
    const streams = await Promise.all(Array.from({ length: 100 }, openReady));
    expect(view.openSubscriptionCount).toBe(1);
    const before = view.watch.rowCount;
    view.watch.rows.set('pod-1', row('pod-1', { name: 'news' }));
    await time.advance(turnMs);
    expect(view.watch.rowCount - before).toBe(10);
    await Promise.all(streams.map((stream) => stream.until((text) => text.includes('"news"'))));
    for (const stream of streams) stream.leave();
  });

  it('are not the end of it, but two hundred are', async () => {
    const streams = await Promise.all(Array.from({ length: 200 }, openReady));
    const answer = await fetch(url('/v1/watch'));
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({ error: '200 pages watch already, close one of them' });
    streams[0]?.leave();
    await vi.waitFor(async () => {
      const stream = await openStream(url('/v1/watch'));
      expect(stream.status).toBe(200);
      stream.leave();
    });
    for (const stream of streams) stream.leave();
  });
});

describe('a page that does not read', () => {
  /** Asks and never reads the answer. */
  const openDeaf = () => {
    const socket = connect(server.address.port, '127.0.0.1');
    socket.pause();
    socket.write(`GET /v1/watch HTTP/1.1\r\nhost: localhost\r\n\r\n`);
    return socket;
  };
  const bigRow = (index: number, name: string): PodRow =>
    row(`pod-${index}`, { name: name.padEnd(2_000, '.') });

  it('is dropped after half a minute, while others see all', async () => {
    for (let index = 0; index < 4_000; index += 1) view.watch.rows.set(`pod-${index}`, bigRow(index, 'a'));
    const socket = openDeaf();
    const isClosed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.on('error', () => undefined);
    const stream = await openReady();
    for (let second = 0; second < 32; second += 1) {
      for (let index = 0; index < 100; index += 1) {
        view.watch.rows.set(`pod-${index}`, bigRow(index, `second ${second} `));
        view.push(lifecycleEvent(second * 100 + index + 1, { podUid: `pod-${index}` }));
      }
      await time.advance(1_000);
    }
    await stream.until((text) => text.includes('second 31 '));
    socket.resume();
    await isClosed;
    stream.leave();
  });

  it('gets all it missed when it reads again', async () => {
    for (let index = 0; index < 4_000; index += 1) view.watch.rows.set(`pod-${index}`, bigRow(index, 'a'));
    const socket = openDeaf();
    const stream = await openReady();
    view.watch.rows.set('pod-3', bigRow(3, 'changed meanwhile'));
    view.watch.rows.delete('pod-4');
    view.push(lifecycleEvent(1, { podUid: 'pod-3' }), lifecycleEvent(2, { podUid: 'pod-4' }));
    await time.advance(turnMs);
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    socket.resume();
    await vi.waitFor(() => expect(isReady(text)).toBe(true));
    expect(text).toContain('changed meanwhile');
    expect(text.indexOf('"removed":["pod-4"]')).toBeGreaterThan(text.indexOf('"uid":"pod-4"'));
    socket.destroy();
    stream.leave();
  });
});

describe('what the log still has', () => {
  it('is given from a number on, the newest where it is too much', async () => {
    view.watch.kept = Array.from({ length: 900 }, (_, index) => lifecycleEvent(index + 1));
    const ask = async (since: string): Promise<number[]> => {
      const answer = (await (await fetch(url(`/v1/watch/events?since=${since}`))).json()) as KeptEvents;
      expect(answer).toMatchObject(view.currentStatus.log);
      return answer.entries.map(({ seq }) => seq);
    };
    expect(await ask('898')).toEqual([899, 900]);
    expect(await ask('900')).toEqual([]);
    const newest = await ask('0');
    expect(newest).toHaveLength(500);
    expect(newest[0]).toBe(401);
  });

  it.each(['-1', 'x', '1e3', ''])('is refused for %j', async (since) => {
    const answer = await fetch(url(`/v1/watch/events?since=${since}`));
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({
      error: `since: got ${JSON.stringify(since)}, expected the number of an event, 0 or more`,
    });
  });
});

describe('one container', () => {
  const detail = {
    id: 'container-1',
    name: 'app',
    isSandbox: false,
    path: 'running',
    pod: { uid: 'web', namespace: 'default', name: 'web-0', ips: [] },
  };

  it('comes with what the log tells of it', async () => {
    view.watch.details.set('container-1', detail);
    view.watch.kept = [lifecycleEvent(1), lifecycleEvent(2, { containerId: 'other' }), lifecycleEvent(3)];
    const answer = (await (await fetch(url('/v1/watch/containers/container-1'))).json()) as WatchedContainer;
    expect(answer.container).toEqual(detail);
    expect(answer.history.map(({ seq }) => seq)).toEqual([1, 3]);
  });

  it('has only its history when it is gone', async () => {
    view.watch.kept = [lifecycleEvent(1)];
    const answer = (await (await fetch(url('/v1/watch/containers/container-1'))).json()) as WatchedContainer;
    expect(answer).toEqual({ history: [lifecycleEvent(1)] });
  });

  it('is not found when nothing is known of it', async () => {
    const answer = await fetch(url('/v1/watch/containers/nobody'));
    expect(answer.status).toBe(404);
    expect(await answer.json()).toEqual({
      error: 'no container "nobody" here, and the log does not know it',
    });
  });
});

describe('the page', () => {
  it('comes to browsers, under a policy that takes nothing from elsewhere', async () => {
    const answer = await fetch(url('/'), { headers: { accept: 'text/html,*/*' } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'self';/);
    const html = await answer.text();
    expect(html).not.toMatch(/https?:|<style|style=|<script>/);
    const files = [...html.matchAll(/(?:src|href)="(\/page[^"]+)"/g)].map(([, path]) => path ?? '');
    const answers = await Promise.all(files.map(async (path) => (await fetch(url(path))).status));
    expect(answers).toEqual(files.map(() => 200));
  });

  it('is a list of what there is for everybody else', async () => {
    const answer = await fetch(url('/'));
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(await answer.text()).toContain('GET /v1/events');
  });

  it('has the charts of the machines beside it, and no other file', async () => {
    expect((await fetch(url('/machines/container.svg'))).headers.get('content-type')).toBe(
      'image/svg+xml; charset=utf-8',
    );
    const strangers = ['/machines/nobody.svg', '/page/..%2f..%2fpackage.json', '/page/%2e%2e%2fpackage.json'];
    const answers = await Promise.all(strangers.map(async (path) => (await fetch(url(path))).status));
    expect(answers).toEqual([404, 404, 404]);
  });
});

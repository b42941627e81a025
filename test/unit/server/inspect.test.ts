import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { type Actor, createActor } from 'xstate';
import { containerMachine, supervisorMachine } from '../../../machines/index.ts';
import { createLogger } from '../../../src/lib/log.ts';
import { InspectFeed, type InspectView, queueLimit } from '../../../src/server/inspect-feed.ts';
import { type Server, startServer } from '../../../src/server/server.ts';
import { FakeAgentView } from '../../helpers/fake-agent-view.ts';
import { settle, SimulatedTime } from '../../helpers/simulated-time.ts';

interface Message {
  readonly type: string;
  readonly [field: string]: unknown;
}

const newContainer = (id: string): Actor<typeof containerMachine> =>
  createActor(containerMachine, { id, input: { containerId: id, podUid: 'web' } }).start();

/** Some machines, as an agent has them. */
const newMachines = () => {
  const containers = new Map([newContainer('c1'), newContainer('c2')].map((actor) => [actor.id, actor]));
  const supervisor = createActor(supervisorMachine, {
    id: 'supervisor',
    input: {
      configuredMode: 'generic',
      generic: { periodMs: 1_000, thresholdMs: 2_000 },
      evented: { periodMs: 1_000, thresholdMs: 2_000 },
      maxStreamRetries: 5,
      stepTimeoutMs: 1_000,
      stepRetryMs: 1_000,
      reconnectMinMs: 1,
      reconnectMaxMs: 1,
      probeMinMs: 1,
      probeMaxMs: 1,
      probeOpenMs: 1,
      steadyAfterMs: 1,
    },
  });
  const inspect: InspectView = {
    supervisor: () => supervisor,
    pod: (uid) => (uid === 'web' ? [...containers.values()] : undefined),
    container: (id) => containers.get(id),
  };
  return { containers, inspect, c1: containers.get('c1')! };
};

describe('a feed', () => {
  const setup = () => {
    const machines = newMachines();
    const time = new SimulatedTime();
    const sent: Message[] = [];
    const sink = {
      isReady: vi.fn(() => true),
      send: (text: string) => void sent.push(JSON.parse(text) as Message),
    };
    const feed = new InspectFeed({ choose: () => [...machines.containers.values()], sink, time });
    return { ...machines, time, sent, sink, feed };
  };

  it('speaks as @statelyai/inspect does', () => {
    const { c1, sent, feed } = setup();
    const [first] = sent;
    expect(first).toEqual({
      type: '@xstate.actor',
      name: 'c1',
      sessionId: c1.sessionId,
      rootId: c1.sessionId,
      id: null,
      createdAt: '1795215059359',
      _version: '0.7.2',
      definition: expect.any(String) as string,
      snapshot: expect.objectContaining({
        status: 'active',
        value: { nonexistent: 'unseen' },
        context: expect.objectContaining({ containerId: 'c1' }) as unknown,
        tags: [],
        children: {},
      }) as unknown,
    });
    expect(JSON.parse(String(first?.['definition']))).toMatchObject({
      id: 'container',
      initial: 'nonexistent',
    });

    sent.length = 0;
    c1.send({ type: 'event.started', at: 1 });
    expect(sent.filter(({ sessionId }) => sessionId === c1.sessionId)).toEqual([
      expect.objectContaining({ type: '@xstate.event', event: { type: 'event.started', at: 1 } }),
      expect.objectContaining({
        type: '@xstate.snapshot',
        event: { type: 'event.started', at: 1 },
        snapshot: expect.objectContaining({ value: 'running', tags: ['present'] }) as unknown,
      }),
    ]);
    feed.end();
  });

  it('finds containers that are new, and lets go of those that are gone', async () => {
    const { containers, c1, sent, feed, time } = setup();
    containers.delete('c1');
    containers.set('c3', newContainer('c3'));
    await time.advance(1_000);
    expect(sent.at(-1)).toMatchObject({ type: '@xstate.actor', name: 'c3' });
    const before = sent.length;
    c1.send({ type: 'event.started', at: 1 });
    expect(sent).toHaveLength(before);
    feed.end();
  });

  it('leaves nothing attached when it ends', () => {
    const { c1, sent, feed, time } = setup();
    feed.end();
    const before = sent.length;
    c1.send({ type: 'event.started', at: 1 });
    expect(sent).toHaveLength(before);
    expect(time.timerCount).toBe(0);
  });

  it('drops the oldest for a viewer that does not keep up, and says how many', () => {
    const { c1, sent, sink, feed } = setup();
    sink.isReady.mockReturnValue(false);
    sent.length = 0;
    for (let at = 1; at <= queueLimit; at += 1) c1.send({ type: 'event.started', at });
    sink.isReady.mockReturnValue(true);
    feed.pump();
    const [dropped, ...rest] = sent;
    expect(rest).toHaveLength(queueLimit);
    // Each event is told twice: that it came, and what it made of the actor.
    expect(dropped).toEqual({ type: 'plegd.dropped', count: 2 * queueLimit - queueLimit });
    expect(rest.at(-1)).toMatchObject({ event: { at: queueLimit } });
    feed.end();
  });
});

describe('/stately', () => {
  let machines: ReturnType<typeof newMachines>;
  let time: SimulatedTime;
  let server: Server;
  const start = async (inspect?: InspectView): Promise<void> => {
    const logger = createLogger({ level: 'silent', format: 'json' });
    const listen = { host: '127.0.0.1', port: 0 };
    server = await startServer({ view: new FakeAgentView(), listen, logger, time, inspect });
  };
  const url = (path: string): string => `127.0.0.1:${server.address.port}${path}`;
  const open = (query: string, options = {}): WebSocket =>
    new WebSocket(`ws://${url(`/stately/actors?${query}`)}`, options);
  const nextMessage = async (socket: WebSocket): Promise<Message> => {
    const [data] = (await once(socket, 'message')) as [Buffer];
    return JSON.parse(data.toString()) as Message;
  };
  const closing = async (socket: WebSocket): Promise<string> => {
    const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
    return `${code} ${reason.toString()}`;
  };

  beforeEach(() => {
    machines = newMachines();
    time = new SimulatedTime();
  });
  afterEach(async () => {
    await server.close();
    await vi.waitFor(() => expect(time.timerCount).toBe(0));
  });

  it('is not there unless it was asked for', async () => {
    await start();
    const page = await fetch(`http://${url('/stately')}`);
    expect(page.status).toBe(404);
    expect(await page.json()).toEqual({
      error: 'machines are not shown to Stately, start plegd with --inspect',
    });
    const [error] = (await once(open('actor=supervisor'), 'error')) as [Error];
    expect(error.message).toContain('404');
  });

  it('is a page that may show stately.ai in a frame, and nobody else', async () => {
    await start(machines.inspect);
    const page = await fetch(`http://${url('/stately')}`);
    expect(page.headers.get('content-security-policy')).toMatch(/; frame-src https:\/\/stately\.ai$/);
    expect(await page.text()).toContain('What leaves this machine');
  });

  it.each([
    ['', 'supervisor'],
    ['actor=supervisor', 'supervisor'],
    ['pod=web', 'c1'],
    ['container=c2', 'c2'],
  ])('tells of %j, first of %s', async (query, name) => {
    await start(machines.inspect);
    const socket = open(query);
    expect(await nextMessage(socket)).toMatchObject({ type: '@xstate.actor', name });
    socket.terminate();
  });

  it.each([
    ['pod=nobody', '4404 no pod "nobody" here'],
    [`container=${'x'.repeat(500)}`, `4404 no container "${'x'.repeat(40)}" here`],
    ['actor=nobody', '4404 no "actor=nobody", expected actor=supervisor, pod=UID or container=ID'],
    ['thing=ü', '4404 no "thing=?", expected actor=supervisor, pod=UID or container=ID'],
    ['pod=web&pod=other', '4404 one of actor=supervisor, pod=UID or container=ID, expected'],
  ])('closes on %j with a clear word', async (query, expected) => {
    await start(machines.inspect);
    expect(await closing(open(query))).toBe(expected);
  });

  it.each([
    ['a page of another site', { origin: 'https://elsewhere.example' }],
    ['an origin that is none', { origin: 'null' }],
    ['a name that was pointed here', { headers: { host: 'elsewhere.example' } }],
  ])('is closed to %s', async (_, options) => {
    await start(machines.inspect);
    const [error] = (await once(open('actor=supervisor', options), 'error')) as [Error];
    expect(error.message).toContain('403');
  });

  it('is open to its own page', async () => {
    await start(machines.inspect);
    const socket = open('', { origin: `http://${url('')}` });
    expect(await nextMessage(socket)).toMatchObject({ type: '@xstate.actor' });
    socket.terminate();
  });

  it('serves a hundred viewers, and detaches when they are gone', async () => {
    await start(machines.inspect);
    const sockets = Array.from({ length: 100 }, () => open('container=c1'));
    await Promise.all(sockets.map(nextMessage));
    const heard = Promise.all(sockets.map(nextMessage));
    machines.c1.send({ type: 'event.started', at: 1 });
    for (const message of await heard) expect(message).toMatchObject({ type: '@xstate.event' });
    for (const socket of sockets) socket.terminate();
    await vi.waitFor(() => expect(time.timerCount).toBe(0));
  });

  it('lets go of a viewer that answers no ping', async () => {
    await start(machines.inspect);
    const socket = open('actor=supervisor', { autoPong: false });
    await nextMessage(socket);
    const closed = closing(socket);
    await time.advance(61_000);
    expect(await closed).toBe('1006 ');
  });

  it('bounds what waits for a viewer that never reads', async () => {
    await start(machines.inspect);
    const socket = open('container=c1');
    await nextMessage(socket);
    socket.pause();
    for (let at = 1; at <= 40_000; at += 1) {
      machines.c1.send({ type: 'event.started', at });
      if (at % 1_000 === 0) await settle();
    }
    const messages: Message[] = [];
    socket.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString()) as Message));
    socket.resume();
    await vi.waitFor(() => expect(messages.at(-1)).toMatchObject({ event: { at: 40_000 } }));
    expect(messages.some(({ type }) => type === 'plegd.dropped')).toBe(true);
    // Each of them is told twice: most were never kept.
    expect(messages.length).toBeLessThan(60_000);
    socket.terminate();
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createApp } from '../../../src/server/app.ts';
import { createLogger } from '../../../src/lib/log.ts';
import { FakeAgentView, healthyStatus, webPod } from '../../helpers/fake-agent-view.ts';
import { SimulatedTime } from '../../helpers/simulated-time.ts';

const makeApp = () => {
  const view = new FakeAgentView();
  const logged: string[] = [];
  const logger = createLogger({
    level: 'error',
    format: 'json',
    destination: { write: (line) => logged.push(line) },
  });
  const app = createApp({ view, logger, time: new SimulatedTime(), followers: new Set() });
  return { view, logged, app };
};

let { view, logged, app } = makeApp();
beforeEach(() => {
  ({ view, logged, app } = makeApp());
});
afterEach(() => app.close());

const neverRelisted = 'PLEG is not healthy: pleg has yet to be successful';
const unhealthy = {
  ok: false,
  message: neverRelisted,
  checks: [
    { name: 'ping', ok: true, message: '' },
    { name: 'pleg', ok: false, message: neverRelisted },
  ],
  degradations: [],
};

describe('GET /healthz', () => {
  it('says ok', async () => {
    const answer = await app.inject('/healthz');
    expect([answer.statusCode, answer.body]).toEqual([200, 'ok']);
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it("says what is wrong in the kubelet's words", async () => {
    view.currentStatus = { ...healthyStatus, health: unhealthy };
    const answer = await app.inject('/healthz');
    expect([answer.statusCode, answer.body]).toEqual([500, neverRelisted]);
  });

  it.each(['?verbose', '?verbose=', '?verbose=true'])('%s lists every check', async (query) => {
    const good = await app.inject(`/healthz${query}`);
    expect([good.statusCode, good.body]).toEqual([200, '[+]pleg ok\nhealthz check passed\n']);

    view.currentStatus = { ...healthyStatus, health: unhealthy };
    const bad = await app.inject(`/healthz${query}`);
    expect([bad.statusCode, bad.body]).toEqual([
      500,
      `[+]ping ok\n[-]pleg failed: ${neverRelisted}\nhealthz check failed\n`,
    ]);
  });

  it('answers HEAD too', async () => {
    const answer = await app.inject({ method: 'HEAD', url: '/healthz' });
    expect([answer.statusCode, answer.body]).toEqual([200, '']);
  });
});

it('GET /metrics gives the text with its content type', async () => {
  const answer = await app.inject('/metrics');
  expect([answer.statusCode, answer.body]).toEqual([200, 'plegd_events_total 17\n']);
  expect(answer.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
});

it('GET /v1/status gives the status', async () => {
  expect((await app.inject('/v1/status')).json()).toEqual(healthyStatus);
});

it('GET /v1/pods gives the pods', async () => {
  expect((await app.inject('/v1/pods')).json()).toEqual({ pods: [webPod] });
});

it('GET / lists what there is', async () => {
  const { body } = await app.inject('/');
  for (const path of ['/healthz', '/metrics', '/v1/status', '/v1/pods', '/v1/events']) {
    expect(body).toContain(`GET ${path}`);
  }
});

describe('what is not there', () => {
  it.each([
    ['GET', '/v2/pods'],
    ['GET', '/v1/pods/'],
    ['POST', '/v1/pods'],
    ['HEAD', '/v1/events'],
  ] as const)('%s %s is answered with 404', async (method, url) => {
    const answer = await app.inject({ method, url });
    expect(answer.statusCode).toBe(404);
    if (method !== 'HEAD') {
      expect(answer.json()).toEqual({ error: `no ${method} ${url} here, GET / lists what there is` });
    }
  });

  it('a URL that is none is answered with 400', async () => {
    const answer = await app.inject('/%zz');
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toEqual({ error: expect.stringContaining('%zz') });
  });
});

it('a failure inside is answered with 500 and logged', async () => {
  view.status = () => {
    throw new Error('the cache is gone');
  };
  const answer = await app.inject('/v1/status');
  expect(answer.statusCode).toBe(500);
  expect(answer.json()).toEqual({ error: "GET /v1/status failed, the agent's log says why" });
  expect(JSON.parse(logged[0] ?? '')).toMatchObject({
    msg: 'request failed',
    url: '/v1/status',
    err: { message: 'the cache is gone' },
  });
});

it('a body that is too large is answered with 413', async () => {
  const answer = await app.inject({ method: 'POST', url: '/v1/pods', payload: { text: 'x'.repeat(2000) } });
  expect(answer.statusCode).toBe(413);
});

describe('the Host header', () => {
  it('must be a name of this machine', async () => {
    const answer = await app.inject({ url: '/v1/pods', headers: { host: 'evil.example:10270' } });
    expect(answer.statusCode).toBe(403);
    expect(answer.json()).toEqual({
      error: 'Host "evil.example:10270" is not served here, expected localhost, 127.0.0.1 or [::1]',
    });
  });

  it('is looked at before anything else', async () => {
    const answer = await app.inject({ url: '/no/such/path', headers: { host: 'evil.example' } });
    expect(answer.statusCode).toBe(403);
  });
});

describe('GET /v1/events with a bad question', () => {
  it.each([
    ['?since=x', {}, 'since: got "x", expected the number of an event, 0 or more'],
    ['?since=1&since=2', {}, 'since: got ["1","2"], expected the number of an event, 0 or more'],
    ['?format=xml', {}, 'format: got "xml", expected sse or ndjson'],
    [
      '?type=Died',
      {},
      'type: got "Died", expected one of ContainerStarted, ContainerDied, ContainerRemoved, PodSync',
    ],
    ['?pod=', {}, 'pod: got "", expected the name of a pod, or namespace/name'],
    ['?color=red', {}, 'unknown parameter "color", expected since, format, pod, type'],
    ['', { 'last-event-id': 'x' }, 'Last-Event-ID: got "x", expected the number of an event, 0 or more'],
  ])('%s %j is answered with 400 and one line', async (query, headers, error) => {
    const answer = await app.inject({ url: `/v1/events${query}`, headers });
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toEqual({ error });
    expect(view.subscriptions).toEqual([]);
  });
});

import { expect, describe, it, onTestFinished } from 'vitest';
import { createLogger } from '../../../src/lib/log.ts';
import { maxFollowers } from '../../../src/server/access-bounds.ts';
import type { Access } from '../../../src/server/access.ts';
import { AccessToken } from '../../../src/server/access-token.ts';
import { createApp } from '../../../src/server/app.ts';
import { CertificateFolder } from '../../helpers/certificates.ts';
import { FakeAgentView } from '../../helpers/fake-agent-view.ts';
import { SimulatedTime } from '../../helpers/simulated-time.ts';

const logger = createLogger({ level: 'silent', format: 'json' });
const secret = 'a-token-of-enough-characters';
const folder = new CertificateFolder();
const tokenFile = folder.write('token', secret);

const makeApp = (access: Access = {}) => {
  const time = new SimulatedTime();
  const view = new FakeAgentView();
  const app = createApp({ view, logger, time, followers: new Set(), access });
  onTestFinished(() => app.close());
  return { app, time, view };
};

const withToken = () =>
  makeApp({ token: new AccessToken({ path: tokenFile, time: new SimulatedTime(), logger }) });

describe('with a token', () => {
  const paths = [
    '/',
    '/healthz',
    '/metrics',
    '/v1/status',
    '/v1/pods',
    '/v1/events',
    '/v1/watch',
    '/none',
    '/%zz',
  ];

  it.each(paths)('%s tells nothing to who has none', async (url) => {
    const { app, view } = withToken();
    const answer = await app.inject(url);
    // What is no URL is refused before anything else is looked at.
    expect(answer.statusCode).toBe(url === '/%zz' ? 400 : 401);
    if (url === '/%zz') return;
    expect(answer.json()).toEqual({
      error: 'who are you? send the token of --token-file as "Authorization: Bearer TOKEN"',
    });
    expect(answer.headers['www-authenticate']).toBe('Bearer, Basic realm="plegd", charset="UTF-8"');
    expect(view.subscriptions).toEqual([]);
  });

  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

  it.each([
    [`Bearer ${secret}`, 200],
    [`bearer  ${secret}`, 200],
    // What a browser makes of a name and a password.
    [basic(`anybody:${secret}`), 200],
    [basic(`:${secret}`), 200],
    [`Bearer ${secret}x`, 401],
    [`Bearer ${secret} x`, 401],
    ['Bearer', 401],
    [`Token ${secret}`, 401],
    [secret, 401],
    [basic(secret), 401],
    [basic(`${secret}:`), 401],
    ['Basic ====', 401],
    ['', 401],
  ])('%j is answered with %d', async (authorization, statusCode) => {
    const { app } = withToken();
    expect((await app.inject({ url: '/v1/pods', headers: { authorization } })).statusCode).toBe(statusCode);
  });
});

describe('pages of other sites', () => {
  it.each([
    [{ origin: 'http://evil.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ origin: 'http://localhost:3000' }, 403],
    [{ origin: 'http://localhost:10270' }, 200],
    [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }, 403],
    [{ 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }, 403],
    [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }, 403],
    [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }, 200],
    [{ 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }, 200],
    [{ 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }, 200],
  ])('%j: %d', async (headers, statusCode) => {
    const { app } = makeApp();
    const all = { host: 'localhost:10270', ...headers };
    expect((await app.inject({ url: '/v1/pods', headers: all })).statusCode).toBe(statusCode);
  });

  it('may not follow events either', async () => {
    const { app, view } = makeApp();
    const answer = await app.inject({ url: '/v1/events', headers: { origin: 'http://evil.example' } });
    expect(answer.json()).toEqual({
      error: 'pages of "http://evil.example" may not read this, only pages from here',
    });
    expect(view.subscriptions).toEqual([]);
  });
});

it('who comes when all places are taken is told so', async () => {
  const followers = new Set(Array.from({ length: maxFollowers }, () => new AbortController()));
  const view = new FakeAgentView();
  const app = createApp({ view, logger, time: new SimulatedTime(), followers });
  onTestFinished(() => app.close());
  const answer = await app.inject('/v1/events');
  expect(answer.statusCode).toBe(503);
  expect(answer.json()).toEqual({ error: '1100 event streams are open, close one of them' });
  expect(view.subscriptions).toEqual([]);
});

it('who asks too often is told to wait', async () => {
  const { app, time } = makeApp();
  const statuses = async (count: number) => {
    const answers = Array.from({ length: count }, async () => (await app.inject('/none')).statusCode);
    return (await Promise.all(answers)).filter((statusCode) => statusCode !== 429).length;
  };
  expect(await statuses(2_100)).toBe(2_000);
  const refused = await app.inject('/healthz');
  expect([refused.statusCode, refused.headers['retry-after']]).toEqual([429, '1']);
  expect(refused.json()).toEqual({ error: 'more than 200 requests a second; come later' });
  const other = await app.inject({ url: '/healthz', remoteAddress: '127.0.0.2' });
  expect(other.statusCode).toBe(200);
  await time.advance(1_000);
  expect(await statuses(300)).toBe(200);
});

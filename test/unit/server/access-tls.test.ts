import { readFileSync } from 'node:fs';
import { get as getPlain, type IncomingMessage } from 'node:http';
import { get, type RequestOptions } from 'node:https';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { createLogger } from '../../../src/lib/log.ts';
import { type AccessFiles, readAccess } from '../../../src/server/access.ts';
import { type Server, startServer } from '../../../src/server/server.ts';
import { CertificateFolder, type KeyPair } from '../../helpers/certificates.ts';
import { FakeAgentView, lifecycleEvent } from '../../helpers/fake-agent-view.ts';
import { SimulatedTime } from '../../helpers/simulated-time.ts';

const folder = new CertificateFolder();
const strangers = new CertificateFolder();
const secret = 'a-token-of-enough-characters';
const serverPair = folder.server();
const clientPair = folder.client();
const strangerPair = strangers.client();
const pair = { tlsCert: serverPair.cert, tlsKey: serverPair.key };
const withToken = { ...pair, tokenFile: folder.write('token', secret) };
const withCa = { ...pair, clientCa: folder.ca.cert };

let server: Server | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const start = async (files: Partial<AccessFiles>, host = '127.0.0.1') => {
  const view = new FakeAgentView();
  const listen = { host, port: 0 };
  const logger = createLogger({ level: 'silent', format: 'json' });
  const time = new SimulatedTime();
  const none = { tlsCert: undefined, tlsKey: undefined, clientCa: undefined, tokenFile: undefined };
  const access = readAccess(listen, { ...none, ...files }, { time, logger });
  server = await startServer({ view, listen, access, logger, time });
  return view;
};

const identity = ({ cert, key }: KeyPair) => ({ cert: readFileSync(cert), key: readFileSync(key) });

const ask = (path: string, options: RequestOptions = {}): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const ca = readFileSync(folder.ca.cert);
    const port = server?.address.port;
    get({ host: '127.0.0.1', port, path, ca, agent: false, ...options }, resolve).once('error', reject);
  });

const statusOf = async (options: RequestOptions = {}): Promise<number | undefined> => {
  const answer = await ask('/healthz', options);
  answer.resume();
  return answer.statusCode;
};

const bearer = { headers: { authorization: `Bearer ${secret}` } };

describe('with a token', () => {
  it('lets in who has it, and nobody else', async () => {
    await start(withToken);
    expect(await statusOf(bearer)).toBe(200);
    expect(await statusOf()).toBe(401);
    expect(await statusOf(identity(clientPair))).toBe(401);
  });

  it('streams events too', async () => {
    const view = await start(withToken);
    const answer = await ask('/v1/events?format=ndjson&since=17', bearer);
    view.push(lifecycleEvent(18));
    view.end();
    expect(JSON.parse(await text(answer))).toMatchObject({ seq: 18 });
  });

  it('goes by any name on every interface', async () => {
    await start(withToken, '0.0.0.0');
    expect(
      await statusOf({ servername: 'localhost', headers: { ...bearer.headers, host: 'node-1.example' } }),
    ).toBe(200);
  });

  it('says nothing to plain HTTP', async () => {
    await start(withToken);
    const answer = new Promise((resolve, reject) => {
      getPlain({ host: '127.0.0.1', port: server?.address.port, ...bearer }, resolve).once('error', reject);
    });
    await expect(answer).rejects.toMatchObject({ code: 'ECONNRESET' });
  });
});

describe('with client certificates', () => {
  it('lets in who has one of the CA', async () => {
    await start(withCa);
    expect(await statusOf(identity(clientPair))).toBe(200);
  });

  it.each([
    ['none', {}],
    ['one of another CA', identity(strangerPair)],
  ])('ends the handshake with who has %s', async (_name, options) => {
    await start(withCa);
    await expect(statusOf({ ...bearer, ...options })).rejects.toThrow(/alert|reset|socket/i);
  });
});

describe('with both', () => {
  it.each([
    ['the token', bearer, 200],
    ['a certificate of the CA', identity(clientPair), 200],
    ['neither', {}, 401],
    ['a certificate of another CA', identity(strangerPair), 401],
  ])('answers who has %s', async (_name, options, status) => {
    await start({ ...withToken, ...withCa });
    expect(await statusOf(options)).toBe(status);
  });
});

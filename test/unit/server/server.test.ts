import { request } from 'node:http';
import { createServer, type Server as NetServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createLogger } from '../../../src/lib/log.ts';
import { AccessError } from '../../../src/server/access-error.ts';
import { ListenError } from '../../../src/server/listen-error.ts';
import { type Server, startServer } from '../../../src/server/server.ts';
import { FakeAgentView } from '../../helpers/fake-agent-view.ts';
import { SimulatedTime } from '../../helpers/simulated-time.ts';

const logger = createLogger({ level: 'silent', format: 'json' });
const start = (host: string, port = 0) =>
  startServer({ view: new FakeAgentView(), listen: { host, port }, logger, time: new SimulatedTime() });

let server: Server | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

describe('the address', () => {
  it('has the port that it got', async () => {
    server = await start('127.0.0.1');
    expect(server.address).toEqual({ host: '127.0.0.1', port: expect.any(Number) });
    expect(server.address.port).toBeGreaterThan(0);
    const answer = await fetch(`http://127.0.0.1:${server.address.port}/healthz`);
    expect(await answer.text()).toBe('ok');
  });

  it('is free again after the close', async () => {
    server = await start('127.0.0.1');
    const { port } = server.address;
    await server.close();
    server = await start('127.0.0.1', port);
    expect(server.address.port).toBe(port);
  });
});

describe('an address that cannot be had', () => {
  it('for a port in use is one clear line', async () => {
    const other: NetServer = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const refused = start('127.0.0.1', port);
    await expect(refused).rejects.toThrow(ListenError);
    await expect(refused).rejects.toMatchObject({
      message: `cannot listen on 127.0.0.1:${port}: the port is in use; stop what uses it, or choose another with --listen`,
      cause: { code: 'EADDRINUSE' },
    });
    await new Promise((resolve) => other.close(resolve));
  });

  it.each([
    [
      'EADDRNOTAVAIL',
      'cannot listen on [::1]:80: this machine has no such address; choose another with --listen',
    ],
    ['EACCES', 'cannot listen on [::1]:80: no permission for this port; choose one above 1023 with --listen'],
    ['ENOTFOUND', 'cannot listen on [::1]:80: no such host name; choose another with --listen'],
    ['EWHATEVER', 'cannot listen on [::1]:80: what the system said'],
  ])('for %s is one clear line', (code, message) => {
    const cause = Object.assign(new Error('what the system said'), { code });
    expect(ListenError.from(cause, { host: '::1', port: 80 })).toMatchObject({ message, cause });
  });
});

/** Asks over a real socket, which `fetch` would not do with a Host of one's own. */
const statusWith = (port: number, headers: Record<string, string>): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const call = request({ host: '127.0.0.1', port, path: '/v1/pods', headers, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    call.once('error', reject).end();
  });

describe('what others reach', () => {
  it('is not served to everybody', async () => {
    await expect(start('0.0.0.0')).rejects.toThrow(AccessError);
  });
});

describe('the Host header', () => {
  it('is checked on loopback', async () => {
    server = await start('127.0.0.1');
    const { port } = server.address;
    expect(await statusWith(port, { host: `localhost:${port}` })).toBe(200);
    expect(await statusWith(port, { host: `evil.example:${port}` })).toBe(403);
  });
});

it('headers beyond 8 KiB are answered with 431', async () => {
  server = await start('127.0.0.1');
  expect(await statusWith(server.address.port, { cookie: 'x'.repeat(9000) })).toBe(431);
});

it('closes although a client keeps its connection', async () => {
  server = await start('127.0.0.1');
  const answer = await fetch(`http://127.0.0.1:${server.address.port}/healthz`, { keepalive: true });
  await answer.text();
  await server.close();
  server = undefined;
});

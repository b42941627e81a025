import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { AgentClient, AgentUnreachableError } from '../../../src/cli/agent-client.ts';

let server: Server;
const sockets = new Set<Socket>();

/** A server that answers every connection with the text and then falls silent, and a client of it. */
async function clientOf(text: string, silenceMs: number): Promise<AgentClient> {
  server = createServer((socket) => {
    sockets.add(socket);
    socket.write(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return new AgentClient({ host: '127.0.0.1', port }, { silenceMs });
}

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

const headers = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
const everything = { pod: [], type: [] };
const neverAborted = new AbortController().signal;

it('an agent that never answers is gone', async () => {
  const client = await clientOf('', 20);
  await expect(client.status()).rejects.toThrow(
    /^no agent answers at 127\.0\.0\.1:\d+ \(silent for 0\.02 s\); start one/,
  );
});

it('an agent that breaks off in the middle of its events is gone', async () => {
  const client = await clientOf(`${headers}${chunk('id: 7\ndata: {"seq":7}\n\n')}`, 60_000);
  const messages = client.events(everything, neverAborted);
  expect(await messages.next()).toEqual({ value: { seq: 7, entry: { seq: 7 } }, done: false });
  for (const socket of sockets) socket.destroy();
  await expect(messages.next()).rejects.toThrow(AgentUnreachableError);
});

it('an id alone is a resume point', async () => {
  const client = await clientOf(`${headers}${chunk(': heartbeat\nid: 17\n\n')}`, 60_000);
  const messages = client.events(everything, neverAborted);
  expect(await messages.next()).toEqual({ value: { seq: 17 }, done: false });
  await messages.return();
});

it('what is no HTTP is no agent', async () => {
  const client = await clientOf('SSH-2.0-OpenSSH_9.2\r\n', 60_000);
  await expect(client.pods()).rejects.toThrow(/^no agent answers at 127\.0\.0\.1:\d+ \(Parse Error: .*\)/);
});

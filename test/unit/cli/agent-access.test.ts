import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLogger } from '../../../src/lib/log.ts';
import { formatHostPort } from '../../../src/lib/host-port.ts';
import { readAccess } from '../../../src/server/access.ts';
import { type Server, startServer } from '../../../src/server/server.ts';
import { CertificateFolder } from '../../helpers/certificates.ts';
import { runToEnd } from '../../helpers/cli-io.ts';
import { FakeAgentView } from '../../helpers/fake-agent-view.ts';
import { SimulatedTime } from '../../helpers/simulated-time.ts';

const folder = new CertificateFolder();
const serverPair = folder.server();
const client = folder.client();
const ca = folder.ca.cert;
const tokenFile = folder.write('token', 'a-token-of-enough-characters');
const wrongToken = folder.write('wrong', 'another-token-of-enough-characters');

let server: Server;
let address: string;
beforeAll(async () => {
  const time = new SimulatedTime();
  const logger = createLogger({ level: 'silent', format: 'json' });
  const listen = { host: '127.0.0.1', port: 0 };
  const files = { tlsCert: serverPair.cert, tlsKey: serverPair.key, clientCa: ca, tokenFile };
  const access = readAccess(listen, files, { time, logger });
  server = await startServer({ view: new FakeAgentView(), listen, access, logger, time });
  address = formatHostPort(server.address);
});
afterAll(() => server.close());

const pods = (...args: string[]) => runToEnd(['pods', '-o', 'json', ...args]);

describe('an agent behind TLS', () => {
  it.each([
    ['its token', ['--token-file', tokenFile]],
    ['a certificate', ['--cert', client.cert, '--key', client.key]],
  ])('answers who shows %s', async (_name, args) => {
    const answer = await pods('--server', `https://${address}`, '--ca', ca, ...args);
    expect(answer).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(answer.stdout)).toHaveLength(1);
  });

  it('refuses who shows neither, or a wrong one', async () => {
    for (const args of [[], ['--token-file', wrongToken]]) {
      expect(await pods('--server', `https://${address}/`, '--ca', ca, ...args)).toEqual({
        code: 1,
        stdout: '',
        stderr: `plegd: https://${address} answered 401 to GET /v1/pods: who are you? send the token of --token-file as "Authorization: Bearer TOKEN"\n`,
      });
    }
  });

  it('is not believed without its CA', async () => {
    const { code, stderr } = await pods('--server', `https://${address}`, '--token-file', tokenFile);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^plegd: the certificate of https:\/\/127\.0\.0\.1:\d+ is not to be trusted \(.*\); name who signed it with --ca\n$/,
    );
  });

  it('is nobody to plain HTTP', async () => {
    const { code, stderr } = await pods('--server', address);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^plegd: no agent answers at 127\.0\.0\.1:\d+ \(.*\); start/),
    ]);
  });
});

it.each([
  [
    ['--token-file', tokenFile, '--server', '192.0.2.1:1'],
    '--token-file: the token would go over the network for all to read; use --server https://…',
  ],
  [['--ca', ca], '--ca and --cert need --server https://…'],
  [['--server', 'https://localhost:1', '--cert', client.cert], '--cert and --key go together'],
  [['--server', 'https://localhost:1', '--ca', '/missing'], '--ca /missing: cannot read the file: ENOENT'],
  [['--token-file', '/missing'], '--token-file /missing: cannot read the file: ENOENT'],
  [['--server', 'https://localhost'], "option '--server <URL>' argument 'https://localhost' is invalid."],
  [['--server', 'ftp://localhost:1'], "option '--server <URL>' argument 'ftp://localhost:1' is invalid."],
])('%j is refused in one line', async (args, line) => {
  const { code, stdout, stderr } = await pods(...args);
  expect({ code, stdout, stderr: stderr.slice(0, line.length + 7) }).toEqual({
    code: 2,
    stdout: '',
    stderr: `plegd: ${line}`,
  });
  expect(stderr.match(/\n/g)).toHaveLength(1);
});

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createLogger } from '../../../src/lib/log.ts';
import { AccessError } from '../../../src/server/access-error.ts';
import { type AccessFiles, readAccess } from '../../../src/server/access.ts';
import { CertificateFolder } from '../../helpers/certificates.ts';
import { SimulatedTime } from '../../helpers/simulated-time.ts';

const folder = new CertificateFolder();
const server = folder.server();
const client = folder.client();
const tokenFile = folder.write('token', 'a-token-of-enough-characters\n');
const pair = { tlsCert: server.cert, tlsKey: server.key };
const none = { tlsCert: undefined, tlsKey: undefined, clientCa: undefined, tokenFile: undefined };

const read = (host: string, files: Partial<AccessFiles> = {}) =>
  readAccess(
    { host, port: 10270 },
    { ...none, ...files },
    { time: new SimulatedTime(), logger: createLogger({ level: 'silent', format: 'json' }) },
  );

/** What is said, with paths cut to their names. */
const complaint = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(AccessError);
    return (error as AccessError).message.replaceAll(`${folder.path}/`, '');
  }
  throw new Error('nothing was refused');
};

describe('an address of this machine alone', () => {
  it.each(['127.0.0.1', '127.3.2.1', '::1', 'localhost'])('%s needs nothing', (host) => {
    expect(read(host)).toEqual({});
  });

  it('may be protected all the same', () => {
    expect(read('127.0.0.1', { tokenFile })).toHaveProperty('token');
    expect(read('127.0.0.1', { ...pair, clientCa: folder.ca.cert }).certificates).toHaveProperty('ca');
  });
});

describe('an address that others reach', () => {
  const needed =
    ':10270: others reach this address, so it needs --tls-cert and --tls-key, and --token-file or --client-ca; or listen on 127.0.0.1';

  it.each([
    ['0.0.0.0', {}],
    ['::', {}],
    ['192.0.2.1', { tokenFile }],
    ['node-1.example', pair],
    // A name is no address, whatever it begins with.
    ['127.example', {}],
  ])('%s with %j is refused', (host, files) => {
    const shown = host === '::' ? '[::]' : host;
    expect(complaint(() => read(host, files))).toBe(`--listen ${shown}${needed}`);
  });

  it.each([
    ['a token', { tokenFile }],
    ['client certificates', { clientCa: folder.ca.cert }],
    ['both', { tokenFile, clientCa: folder.ca.cert }],
  ])('is served over TLS with %s', (_name, files) => {
    expect(read('0.0.0.0', { ...pair, ...files })).toHaveProperty('certificates');
  });
});

describe('files that will not do', () => {
  const missing = join(folder.path, 'missing');
  const junk = folder.write('junk', 'no PEM\n');
  const broken = folder.write('broken', '-----BEGIN CERTIFICATE-----\nbm8=\n-----END CERTIFICATE-----\n');
  const short = folder.write('short', 'secret');
  const two = folder.write('two', 'first-token-of-sixteen\nsecond-token-of-sixteen\n');

  it.each([
    [{ tlsCert: server.cert }, '--tls-cert needs --tls-key'],
    [{ tlsKey: server.key }, '--tls-key needs --tls-cert'],
    [{ clientCa: folder.ca.cert }, '--client-ca needs --tls-cert and --tls-key'],
    [{ ...pair, tlsCert: missing }, '--tls-cert missing: cannot read the file: ENOENT'],
    [{ ...pair, tlsCert: junk }, '--tls-cert junk: expected a certificate in PEM'],
    [{ ...pair, tlsCert: broken }, '--tls-cert broken: expected a certificate in PEM'],
    [{ ...pair, tlsKey: junk }, '--tls-key junk: expected a private key in PEM, not encrypted'],
    [
      { ...pair, tlsKey: client.key },
      '--tls-key client.key: is not the key of the certificate in --tls-cert server.crt',
    ],
    [{ ...pair, clientCa: junk }, '--client-ca junk: expected certificates in PEM'],
    [{ tokenFile: missing }, '--token-file missing: cannot read the file: ENOENT'],
    [{ tokenFile: short }, '--token-file short: expected one token of 16 to 1024 visible ASCII characters'],
    [{ tokenFile: two }, '--token-file two: expected one token of 16 to 1024 visible ASCII characters'],
  ])('%j are named in one line', (files, line) => {
    const said = complaint(() => read('127.0.0.1', files));
    expect(said.slice(0, line.length)).toBe(line);
    expect(said).not.toMatch(/\n|secret/);
  });
});

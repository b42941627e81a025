import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  checkEndpoint,
  defaultEndpoints,
  discoverEndpoint,
  EndpointError,
  parseEndpoint,
  type EndpointFiles,
} from '../../../src/cri/endpoint.ts';
import { makeSocketPath } from './cri-server.ts';

const listenAt = async (path: string): Promise<void> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => {
    server.close();
  });
};

const unix = (path: string): string => `unix://${path}`;

describe('an endpoint', () => {
  it.each(['unix:///run/containerd/containerd.sock', 'unix:/run/containerd/containerd.sock'])(
    'may be written %s',
    (text) => {
      expect(parseEndpoint(text)).toEqual({
        target: 'unix:///run/containerd/containerd.sock',
        path: '/run/containerd/containerd.sock',
      });
    },
  );

  it.each([
    ['/run/crio/crio.sock', 'no scheme, expected unix:///path, here unix:///run/crio/crio.sock'],
    ['run/crio/crio.sock', 'no scheme, expected unix:///path'],
    ['', 'no scheme, expected unix:///path'],
    ['tcp://127.0.0.1:2375', 'scheme tcp is not supported, expected unix:///path'],
    ['http://localhost', 'scheme http is not supported, expected unix:///path'],
    ['UNIX:///run/crio/crio.sock', 'scheme UNIX is not supported, expected unix:///path'],
    ['unix://run/crio/crio.sock', 'expected an absolute path, as in unix:///path'],
    ['unix:run/crio.sock', 'expected an absolute path, as in unix:///path'],
    ['unix:////run/crio.sock', 'expected an absolute path, as in unix:///path'],
    ['unix:', 'expected an absolute path, as in unix:///path'],
    ['unix://', 'expected an absolute path, as in unix:///path'],
    ['unix:///', 'expected an absolute path, as in unix:///path'],
    ['unix:///a\0b', 'a path holds no NUL'],
  ])('%j is bad input', (text, problem) => {
    expect(() => parseEndpoint(text, '--runtime-endpoint')).toThrow(
      new EndpointError('bad-input', '--runtime-endpoint', text, problem),
    );
  });

  it('names the setting, its value and what was expected in one line', () => {
    const { kind, message } = new EndpointError('bad-input', '--runtime-endpoint', '/a\nb', 'no scheme');
    expect(kind).toBe('bad-input');
    expect(message).toBe('--runtime-endpoint "/a\\nb": no scheme');
  });

  it('has a path that a socket can have', () => {
    expect(parseEndpoint(unix(`/${'x'.repeat(106)}`)).path).toHaveLength(107);
    expect(() => parseEndpoint(unix(`/${'é'.repeat(54)}`))).toThrow(
      "the path has 109 bytes, a socket's path has at most 107",
    );
  });
});

describe('checking an endpoint', () => {
  const check = async (path: string, files?: EndpointFiles) =>
    checkEndpoint(parseEndpoint(unix(path)), { field: '--runtime-endpoint', ...(files && { files }) });

  /** A file system where looking at anything fails with `code`. */
  const failing = (code: string): EndpointFiles => ({
    stat: () => Promise.reject(Object.assign(new Error(`${code}: no`), { code })),
    access: () => Promise.reject(new Error('not reached')),
  });

  it('finds a socket', async () => {
    const path = await makeSocketPath();
    await listenAt(path);
    await expect(check(path)).resolves.toBe('socket');
  });

  it('says when nothing is there, which is no error', async () => {
    const path = await makeSocketPath();
    await expect(check(path)).resolves.toBe('absent');
    await expect(check(join(path, 'deeper'))).resolves.toBe('absent');
  });

  it('refuses a path that is no socket as bad input', async () => {
    const path = await makeSocketPath();
    await writeFile(path, '');
    const message = `--runtime-endpoint "${unix(path)}": ${path} is no socket`;
    await expect(check(path)).rejects.toMatchObject({ name: 'EndpointError', kind: 'bad-input', message });
    await expect(check(dirname(path))).rejects.toMatchObject({ kind: 'bad-input' });
    await expect(check(join(path, 'deeper'))).rejects.toMatchObject({
      kind: 'bad-input',
      message: expect.stringContaining('no directory') as string,
    });
  });

  it.each(['EACCES', 'EPERM'])('says what to do when the directory answers %s', async (code) => {
    await expect(check('/run/crio/crio.sock', failing(code))).rejects.toMatchObject({
      kind: 'refused',
      message:
        '--runtime-endpoint "unix:///run/crio/crio.sock": no permission on /run/crio/crio.sock; ' +
        "run as root or as a member of the socket's group",
      cause: { code },
    });
  });

  it('refuses a socket that may be seen but not written to', async () => {
    const files: EndpointFiles = {
      stat: () => Promise.resolve({ isSocket: () => true }),
      access: () => Promise.reject(Object.assign(new Error('EACCES: no'), { code: 'EACCES' })),
    };
    await expect(check('/run/crio/crio.sock', files)).rejects.toMatchObject({ kind: 'refused' });
  });

  it('refuses what it cannot look at for another reason, and keeps the reason', async () => {
    await expect(check('/run/crio/crio.sock', failing('EIO'))).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('EIO: no') as string,
      cause: { code: 'EIO' },
    });
  });
});

describe('looking for an endpoint', () => {
  it('goes in the order of crictl', () => {
    expect(defaultEndpoints).toEqual([
      'unix:///run/containerd/containerd.sock',
      'unix:///run/crio/crio.sock',
      'unix:///var/run/cri-dockerd.sock',
    ]);
  });

  it('takes the first that is a socket', async () => {
    const [absent, file, directory, first, second] = await Promise.all(
      Array.from({ length: 5 }, () => makeSocketPath()),
    );
    await writeFile(file!, '');
    await mkdir(directory!);
    await listenAt(first!);
    await listenAt(second!);
    const endpoints = [absent!, file!, directory!, first!, second!].map(unix);
    await expect(discoverEndpoint(endpoints)).resolves.toEqual({ target: unix(first!), path: first });
  });

  it('finds nothing where there is no socket', async () => {
    await expect(discoverEndpoint([unix(await makeSocketPath())])).resolves.toBeUndefined();
  });
});

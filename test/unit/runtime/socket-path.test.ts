import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startEmbeddedRuntime } from '../../../src/runtime/server.ts';
import { SocketPathError } from '../../../src/lib/socket-path.ts';
import { createRuntimeDriver } from '../../helpers/runtime-pods.ts';

let directory: string;
let socketPath: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'plegd-test-'));
  socketPath = join(directory, 'runtime.sock');
});

afterEach(() => rm(directory, { recursive: true }));

/** What is told to whoever asks for this path. */
const refusalOf = async (path: string): Promise<string> => {
  const error: unknown = await startEmbeddedRuntime({ socketPath: path }).catch(
    (refusal: unknown) => refusal,
  );
  expect(error).toBeInstanceOf(SocketPathError);
  return (error as SocketPathError).message;
};

describe('the socket', () => {
  it('is for our own user only, in a folder that is made', async () => {
    const path = join(directory, 'run', 'plegd', 'runtime.sock');
    const runtime = await startEmbeddedRuntime({ socketPath: path });

    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(directory, 'run'))).mode & 0o777 & ~0o750).toBe(0);
    expect(runtime.endpoint).toBe(`unix://${path}`);
    await runtime.stop();
  });

  it('of a process that is gone is replaced', async () => {
    const script = `require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
    await once(spawn(process.execPath, ['-e', script, socketPath], { stdio: 'ignore' }), 'exit');
    expect((await stat(socketPath)).isSocket()).toBe(true);

    const runtime = await startEmbeddedRuntime({ socketPath });
    const driver = createRuntimeDriver(runtime.endpoint);
    expect((await driver.cri.runtime.version({})).runtimeApiVersion).toBe('v1');
    driver.cri.close();
    await runtime.stop();
  });

  it('of a runtime that serves is left to it', async () => {
    const runtime = await startEmbeddedRuntime({ socketPath });
    expect(await refusalOf(socketPath)).toBe(
      `cannot serve on unix://${socketPath}: in use: another process serves there; stop it or choose another path`,
    );

    const driver = createRuntimeDriver(runtime.endpoint);
    expect((await driver.cri.runtime.version({})).runtimeApiVersion).toBe('v1');
    driver.cri.close();
    await runtime.stop();
  });

  it('is refused where something else is', async () => {
    await writeFile(socketPath, 'precious');
    expect(await refusalOf(socketPath)).toContain('there is something else, not a socket');
    await symlink('/nowhere', join(directory, 'link'));
    expect(await refusalOf(join(directory, 'link'))).toContain('there is something else, not a socket');
    expect(await stat(socketPath)).toMatchObject({ size: 8 });
  });

  it('is refused where no folder can be made', async () => {
    await writeFile(join(directory, 'file'), '');
    expect(await refusalOf(join(directory, 'file', 'runtime.sock'))).toMatch(/ENOTDIR|EEXIST/);
  });

  it('is refused where its path is too long for the kernel', async () => {
    const path = join(directory, 'x'.repeat(108));
    expect(await refusalOf(path)).toContain('longer than the 107 bytes');
  });
});

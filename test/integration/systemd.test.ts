import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import { describeTool } from '../helpers/requirements.ts';
import { spawnCli } from '../helpers/spawn-cli.ts';

const directory = mkdtempSync(join(tmpdir(), 'plegd-systemd-'));
afterAll(() => rmSync(directory, { recursive: true }));

const unit = readFileSync(new URL('../../docs/deploy/plegd.service', import.meta.url), 'utf8');

describeTool('systemd-analyze', 'systemd', () => {
  const path = join(directory, 'plegd.service');
  // Where Node is, is up to the machine.
  writeFileSync(path, unit.replace('/usr/bin/node', process.execPath));
  const analyze = (...args: string[]) => spawnSync('systemd-analyze', args, { encoding: 'utf8' });

  it('finds no fault in the unit', () => {
    const { status, stdout, stderr } = analyze('verify', '--man=no', path);
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it('finds little that the unit may do', () => {
    const { stdout } = analyze('security', '--offline=true', path);
    const [, exposure] = /Overall exposure level for plegd\.service: ([\d.]+)/.exec(stdout) ?? [];
    expect(Number(exposure)).toBeLessThan(2);
  });
});

/** A service manager as far as it listens: prints each datagram of its socket on a line. */
const listener = `
import socket, sys
manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
manager.bind(sys.argv[1])
print('listening', flush=True)
while True:
    print(manager.recv(4096).decode().replace('\\n', ' '), flush=True)
`;

describeTool('systemd-notify', 'systemd', () => {
  it('tells a service manager of the start, of every half period, and of the end', async () => {
    const socketPath = join(directory, 'notify.sock');
    const manager = spawn('python3', ['-c', listener, socketPath], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void manager.kill());
    const lines = createInterface({ input: manager.stdout })[Symbol.asyncIterator]();
    /** The next line that is no wish of systemd-notify's own, which asks to be told when it was heard. */
    const next = async (): Promise<string> => {
      for (;;) {
        const { value, done } = await lines.next();
        if (done) throw new Error('the manager is gone');
        if (value !== 'BARRIER=1') return value;
      }
    };
    expect(await next()).toBe('listening');

    const args = ['run', '--runtime-endpoint', 'embedded', '--listen', '127.0.0.1:0'];
    const env = { TMPDIR: directory, NOTIFY_SOCKET: socketPath, WATCHDOG_USEC: '400000' };
    const agent = spawnCli(args, env);
    onTestFinished(() => void agent.kill('SIGKILL'));
    const told = [await next()];
    while (told.filter((word) => word === 'WATCHDOG=1').length < 2) told.push(await next());
    agent.kill('SIGTERM');
    while (told.at(-1) !== 'STOPPING=1') told.push(await next());
    expect(told.filter((word) => word !== 'WATCHDOG=1')).toEqual(['READY=1', 'STOPPING=1']);
    expect(await agent.ended).toEqual({ code: 0, signal: null });
  });
});

import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { startFakeAgent } from '../helpers/fake-agent.ts';
import { FakeAgentView, lifecycleEvent } from '../helpers/fake-agent-view.ts';
import { cliCommand, spawnCli } from '../helpers/spawn-cli.ts';

/** Starting node and what strips the types takes its time on a busy machine. */
const timeoutMs = 60_000;

const directory = mkdtempSync(join(tmpdir(), 'plegd-command-line-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});

let running: ReturnType<typeof spawnCli>[] = [];
afterEach(async () => {
  for (const { kill } of running) kill('SIGKILL');
  await Promise.all(running.map(({ ended }) => ended));
  running = [];
});

function start(...args: string[]) {
  const command = spawnCli(args, { TMPDIR: directory });
  running.push(command);
  return command;
}

const runArgs = ['run', '--runtime-endpoint', 'embedded', '--listen', '127.0.0.1:0', '--log-format', 'json'];
const runs = '"msg":"plegd runs"';

describe('plegd run', { timeout: timeoutMs }, () => {
  it('does not start unprotected on an address that others reach', async () => {
    const agent = start(...runArgs, '--listen', '0.0.0.0:0');
    expect(await agent.ended).toEqual({ code: 2, signal: null });
    expect(agent.stderr.all).toEqual([
      'plegd: --listen 0.0.0.0:0: others reach this address, so it needs --tls-cert and --tls-key, and --token-file or --client-ca; or listen on 127.0.0.1',
    ]);
  });

  it('says what it does, prints events if asked, and ends with 0 and nothing left on SIGTERM', async () => {
    const agent = start(...runArgs, '--events', 'text');
    const line = JSON.parse(await agent.stderr.until(runs)) as Record<string, string>;
    expect(line).toMatchObject({
      level: 'info',
      mode: 'evented',
      runtimeEndpoint: expect.stringMatching(/^unix:\/\/\//),
      listen: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    });
    await agent.stdout.until('ContainerStarted  default/demo-web/web');

    agent.kill('SIGTERM');
    expect(await agent.ended).toEqual({ code: 0, signal: null });
    await agent.stderr.until('"msg":"plegd stops"');
    const socketPath = (line['runtimeEndpoint'] ?? '').replace('unix://', '');
    expect(existsSync(dirname(socketPath))).toBe(false);
  });

  it('prints no events where nobody watches', async () => {
    const agent = start(...runArgs);
    await agent.stderr.until(runs);
    agent.kill('SIGINT');
    expect(await agent.ended).toEqual({ code: 0, signal: null });
    expect(agent.stdout.all).toEqual([]);
  });

  it('ends at once on the second signal', async () => {
    const agent = start(...runArgs);
    await agent.stderr.until(runs);
    // Both signals wait until the process goes on, so it cannot have stopped in between.
    for (const signal of ['SIGSTOP', 'SIGINT', 'SIGTERM', 'SIGCONT'] as const) agent.kill(signal);
    const { code } = await agent.ended;
    // Of two signals that wait, either may come first.
    expect([128 + constants.signals.SIGINT, 128 + constants.signals.SIGTERM]).toContain(code);
  });

  it('ends with 1 and one line when its port is in use', async () => {
    const other = await startFakeAgent();
    const agent = start(...runArgs, '--log-level', 'silent', '--listen', other.server);
    expect(await agent.ended).toEqual({ code: 1, signal: null });
    expect(agent.stderr.all).toEqual([
      `plegd: cannot listen on ${other.server}: the port is in use; stop what uses it, or choose another with --listen`,
    ]);
    await other.close();
  });
});

describe('plegd events', { timeout: timeoutMs }, () => {
  it('ends quietly with 0 when its reader has enough', async () => {
    const view = new FakeAgentView();
    view.source = async function* () {
      for (let seq = 1; ; seq++) yield lifecycleEvent(seq);
    };
    const agent = await startFakeAgent({ view });
    const command = `${cliCommand.join(' ')} events -o json --server ${agent.server} | head -n 1; echo \${PIPESTATUS[0]}`;
    const { stdout, stderr } = await promisify(execFile)('bash', ['-c', command]);
    expect(stderr).toBe('');
    expect(stdout).toBe(`${JSON.stringify(lifecycleEvent(1))}\n0\n`);
    await agent.close();
  });

  it('follows a runtime directly and ends with 0 on SIGINT', async () => {
    const events = start(
      'events',
      '--runtime-endpoint',
      'embedded',
      '-o',
      'json',
      '--type',
      'ContainerStarted',
    );
    const line = await events.stdout.until('"containerName":"web"');
    expect(JSON.parse(line)).toMatchObject({ type: 'ContainerStarted', podName: 'demo-web', sandbox: false });
    events.kill('SIGINT');
    expect(await events.ended).toEqual({ code: 0, signal: null });
  });
});

describe('plegd runtime', { timeout: timeoutMs }, () => {
  it('serves its socket and takes it away on SIGTERM', async () => {
    const path = join(directory, 'runtime.sock');
    const runtime = start('runtime', '--listen', `unix://${path}`, '--log-format', 'json');
    await runtime.stderr.until('"msg":"embedded runtime runs"');
    expect(existsSync(path)).toBe(true);
    runtime.kill('SIGTERM');
    expect(await runtime.ended).toEqual({ code: 0, signal: null });
    expect(existsSync(path)).toBe(false);
  });
});

describe('the process', { timeout: timeoutMs }, () => {
  it('ends with 2 and one line for bad input', async () => {
    const command = start('run', '--relist-threshold', '1s', '--relist-period', '1s');
    expect(await command.ended).toEqual({ code: 2, signal: null });
    expect(command.stdout.all).toEqual([]);
    expect(command.stderr.all).toEqual([
      'plegd: --relist-threshold 1s is not longer than --relist-period 1s',
    ]);
  });

  it('ends with 0 after its version', async () => {
    const command = start('--version');
    expect(await command.ended).toEqual({ code: 0, signal: null });
    expect(command.stderr.all).toEqual([]);
  });
});

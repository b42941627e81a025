import { afterEach, describe, expect, it } from 'vitest';
import { useEmbeddedRuntime } from '../helpers/embedded-runtime.ts';
import { spawnCli } from '../helpers/spawn-cli.ts';
import type { Report } from '../../src/doctor/report.ts';

const fixture = useEmbeddedRuntime();

let running: ReturnType<typeof spawnCli>[] = [];
afterEach(async () => {
  for (const { kill } of running) kill('SIGKILL');
  await Promise.all(running.map(({ ended }) => ended));
  running = [];
});

/** Starting node and what strips the types takes its time on a busy machine. */
const timeoutMs = 60_000;

const doctor = async (...args: string[]) => {
  // tcpmux: an agent of this machine is to have no say.
  const command = spawnCli(['doctor', '--for', '2s', '--server', '127.0.0.1:1', ...args]);
  running.push(command);
  const { code } = await command.ended;
  return { code, stdout: command.stdout.all.join('\n'), stderr: command.stderr.all };
};

describe('plegd doctor', { timeout: timeoutMs }, () => {
  it('names the pod whose status hangs, in text and by exit code 1', async () => {
    const { runtime, driver } = fixture;
    const pod = await driver.runPod({ name: 'web' });
    runtime.faults.calls = { PodSandboxStatus: [{ id: pod.id, until: new Promise(() => {}) }] };
    const { code, stdout, stderr } = await doctor('--runtime-endpoint', runtime.endpoint);
    expect({ code, stderr }).toEqual({ code: 1, stderr: [] });
    expect(stdout).toMatch(/^\d+ findings? needs? action, first: /);
    expect(stdout).toMatch(/^ {2}- default\/web: PodSandboxStatus without an answer for [\d.]+ s$/m);
  });

  it('prints JSON, and ends as its report says', async () => {
    const { runtime, driver } = fixture;
    await driver.runPod({ name: 'web' });
    const { code, stdout, stderr } = await doctor('--runtime-endpoint', runtime.endpoint, '-o', 'json');
    const report = JSON.parse(stdout) as Report;
    expect({ code, stderr }).toEqual({ code: report.exitCode, stderr: [] });
    expect(report.facts).toMatchObject({
      endpoint: runtime.endpoint,
      windowMs: 2_000,
      lists: { seen: { sandboxes: { total: 1 } } },
      agent: { unseen: expect.stringContaining('nobody listens') },
    });
  });

  it('tells of a runtime that is not there as of any other finding', async () => {
    const { code, stdout } = await doctor('--runtime-endpoint', `unix://${fixture.directory}/nobody.sock`);
    expect(code).toBe(1);
    expect(stdout).toContain('CRITICAL: nobody answers on the runtime’s socket  [runtime-unreachable]');
  });
});

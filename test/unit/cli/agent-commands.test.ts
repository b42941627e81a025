import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from '../../../src/cli/program.ts';
import { FakeIo, runToEnd } from '../../helpers/cli-io.ts';
import { startFakeAgent } from '../../helpers/fake-agent.ts';
import { healthyStatus, lifecycleEvent, webPod } from '../../helpers/fake-agent-view.ts';

let agent: Awaited<ReturnType<typeof startFakeAgent>>;
beforeEach(async () => {
  agent = await startFakeAgent();
});
afterEach(() => agent.close());

const run = (...args: string[]) => runToEnd([...args, '--server', agent.server]);

describe('plegd pods', () => {
  it('prints a table', async () => {
    const { code, stdout, stderr } = await run('pods');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /^NAMESPACE   POD     CONTAINER   STATE     RESTARTS   AGE\ndefault     web-0   app         running   0          /,
    );
  });

  it('prints a wide table', async () => {
    expect((await run('pods', '-o', 'wide')).stdout).toContain('registry.example/web:1');
  });

  it('prints JSON', async () => {
    expect(JSON.parse((await run('pods', '-o', 'json')).stdout)).toEqual([webPod]);
  });

  it('says so where there is none', async () => {
    agent.view.currentPods = [];
    expect(await run('pods')).toEqual({ code: 0, stdout: '', stderr: 'plegd: no pods\n' });
    expect(await run('pods', '-o', 'json')).toEqual({ code: 0, stdout: '[]\n', stderr: '' });
  });
});

describe('plegd status', () => {
  const message = 'PLEG is not healthy: pleg was last seen active 3m7.629592089s ago; threshold is 3m0s';
  const health = { ok: false, message, checks: [{ name: 'pleg', ok: false, message }], degradations: [] };

  it('prints text and ends with 0 when healthy', async () => {
    const { code, stdout, stderr } = await run('status');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^health {6}ok\nmode {8}evented\n/);
  });

  it('prints JSON', async () => {
    const { code, stdout } = await run('status', '-o', 'json');
    expect({ code, status: JSON.parse(stdout) as unknown }).toEqual({ code: 0, status: healthyStatus });
  });

  it.each([['text'], ['json']])('ends with 1 when not healthy and says why, as %s', async (output) => {
    agent.view.currentStatus = { ...healthyStatus, health };
    const { code, stdout, stderr } = await run('status', '-o', output);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toContain(message);
  });
});

describe('plegd events', () => {
  /** Follows until the reader goes away, which the test decides on. */
  function follow(...args: string[]) {
    const io = new FakeIo();
    return { io, done: runCli(['events', '--server', agent.server, ...args], io) };
  }

  it('prints what comes, one JSON line each, and ends with 0 when nobody reads any more', async () => {
    const { io, done } = follow('-o', 'json');
    agent.view.push(lifecycleEvent(17), lifecycleEvent(18));
    await io.stdout.until((text) => text.endsWith('\n'));
    expect(io.stdout.text).toBe(`${JSON.stringify(lifecycleEvent(18))}\n`);
    io.closeReader();
    expect(await done).toBe(0);
    expect(io.stderr.text).toBe('');
  });

  it('prints text', async () => {
    const { io, done } = follow();
    agent.view.push(lifecycleEvent(18));
    await io.stdout.until((text) => text.endsWith('\n'));
    expect(io.stdout.text).toMatch(
      /^ {4}18 {2}\d\d:\d\d:\d\d\.\d{3} {2}ContainerStarted {2}default\/web-0\/app\n$/,
    );
    io.closeReader();
    await done;
  });

  it('hands the filters to the agent', async () => {
    const { io, done } = follow(
      '-o',
      'json',
      '--since',
      '0',
      '--pod',
      'web-1',
      '--pod',
      'shop/web-2',
      '--type',
      'PodSync',
    );
    agent.view.push(
      lifecycleEvent(1, { type: 'PodSync' }),
      lifecycleEvent(2, { podName: 'web-1' }),
      lifecycleEvent(3, { podName: 'web-1', type: 'PodSync' }),
      lifecycleEvent(4, { podName: 'web-2', podNamespace: 'shop', type: 'PodSync' }),
    );
    await io.stdout.until((text) => text.split('\n').length === 3);
    expect([...io.stdout.text.matchAll(/"seq":(\d+)/g)].map(([, seq]) => Number(seq))).toEqual([3, 4]);
    io.closeReader();
    await done;
  });

  it('shows a Gap', async () => {
    const { io, done } = follow('--since', '4');
    agent.view.push({ type: 'Gap', seq: 16, from: 5, to: 16 });
    await io.stdout.until((text) => text.endsWith('\n'));
    expect(io.stdout.text).toContain('events 5 to 16 are lost');
    io.closeReader();
    await done;
  });
});

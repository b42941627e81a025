import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { runCli } from '../../src/cli/program.ts';
import { FakeIo, runToEnd } from '../helpers/cli-io.ts';
import { useEmbeddedRuntime } from '../helpers/embedded-runtime.ts';
import { spawnCli } from '../helpers/spawn-cli.ts';
import { patient } from '../helpers/patience.ts';
import { withFile } from '../helpers/recorded-run.ts';

const fixture = useEmbeddedRuntime();
let file: string;
let runtime: readonly string[];

beforeEach(() => {
  file = join(fixture.directory, 'recording.jsonl');
  runtime = ['--runtime-endpoint', fixture.runtime.endpoint];
});

/** A recording of one pod with one container: the lines of its file, and what the person was told. */
const recordPod = async () => {
  const pod = await fixture.driver.runPod({ name: 'web' });
  const container = await fixture.driver.runContainer(pod, { command: ['sleep', '1000'] });
  const io = new FakeIo();
  const ended = runCli(['record', '--out', file, ...runtime], io);
  for (const id of [pod.id, container]) {
    await expect
      .poll(() => readFile(file, 'utf8').catch(() => ''), patient)
      .toMatch(new RegExp(`"kind":"published".*"${id}"`));
  }
  io.closeReader();
  expect(await ended).toBe(0);
  return { lines: (await readFile(file, 'utf8')).trimEnd().split('\n'), stderr: io.stderr.text };
};

describe('plegd record and plegd replay', () => {
  it('write a file, and print the events that were published when it was written', async () => {
    const recorded = await recordPod();
    expect(recorded.stderr).toMatch(
      /^plegd: records unix:.*, until Ctrl-C\nplegd: wrote \d+ lines to .*recording\.jsonl, with 2 lifecycle events\n$/,
    );
    const published = recorded.lines
      .map((line) => JSON.parse(line) as { kind?: string; event?: unknown })
      .filter(({ kind }) => kind === 'published')
      .map(({ event }) => `${JSON.stringify(event)}\n`);
    const { code, stdout, stderr } = await runToEnd(['replay', file, '-o', 'json', '--check']);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: published.join(''),
      stderr: 'plegd: the same 2 events as recorded\n',
    });
    expect((await runToEnd(['replay', file, '--speed', '50'])).stdout).toMatch(
      /^ +1 .* ContainerStarted {2}default\/web .*sandbox, found by relist\n +2 .*default\/web\/main .*\n$/,
    );
  });

  it('write to standard output, and end when nobody reads any more', async () => {
    await fixture.driver.runPod({ name: 'web' });
    const io = new FakeIo();
    const ended = runCli(['record', '--out', '-', ...runtime], io);
    await io.stdout.until((text) => text.includes('"kind":"published"'));
    io.closeReader();
    expect(await ended).toBe(0);
    expect(io.stdout.text).toMatch(/^\{"plegdRecording":1,/);
    expect(io.stdout.text).toMatch(/"kind":"end"\}\n$/);
  });

  it('serve the HTTP API on the replay, which stays at its end', async () => {
    await recordPod();
    const io = new FakeIo();
    const ended = runCli(['replay', file, '--listen', '127.0.0.1:0', '--speed', 'max'], io);
    await io.stderr.until((text) => text.includes('at its end'));
    const [url = ''] = /http:\S+/.exec(io.stderr.text) ?? [];
    const { pods } = (await (await fetch(`${url}/v1/pods`)).json()) as { pods: unknown[] };
    expect(pods).toMatchObject([{ name: 'web', containers: [{ name: 'main', state: 'running' }] }]);
    expect(await (await fetch(`${url}/v1/status`)).json()).toMatchObject({
      mode: 'evented',
      runtime: { name: 'plegd-embedded', endpoint: fixture.runtime.endpoint },
    });
    io.closeReader();
    expect(await ended).toBe(0);
  });

  it('lose nothing but the line that is being written when the recorder is killed', async () => {
    await fixture.driver.runPod({ name: 'web' });
    const recorder = spawnCli(['record', '--out', file, ...runtime]);
    await recorder.stderr.until('records');
    await expect.poll(() => readFile(file, 'utf8'), patient).toContain('"kind":"published"');
    recorder.kill('SIGKILL');
    expect(await recorder.ended).toMatchObject({ signal: 'SIGKILL' });
    const { code, stdout, stderr } = await runToEnd(['replay', file, '--check']);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr:
        `plegd: ${file}: the recording has no end, its recorder was killed: replaying what there is\n` +
        'plegd: the same 1 events as recorded\n',
    });
    expect(stdout).toContain('default/web');
  });

  it('end by themselves after the time that was asked for', async () => {
    const { code } = await runToEnd(['record', '--out', file, '--for', '100ms', ...runtime]);
    expect(code).toBe(0);
    expect(await readFile(file, 'utf8')).toMatch(/"kind":"end"\}\n$/);
  });

  it('end in good order with Ctrl-C', async () => {
    const recorder = spawnCli(['record', '--out', file, ...runtime]);
    await recorder.stderr.until('records');
    recorder.kill('SIGINT');
    expect(await recorder.ended).toEqual({ code: 0, signal: null });
    expect(await readFile(file, 'utf8')).toMatch(/"kind":"end"\}\n$/);
  });
});

describe('bad input is refused in one line', () => {
  it.each([
    [['record'], "plegd: required option '--out <FILE>' not specified"],
    [['record', '--out', '/no/such/folder/x'], 'plegd: /no/such/folder/x: cannot be written: ENOENT'],
    [['record', '--out', '/dev/null', '--for', 'soon'], "plegd: option '--for <DURATION>' argument 'soon'"],
    [['replay'], "plegd: missing required argument 'FILE'"],
    [['replay', '/no/such/file'], 'plegd: /no/such/file: no such file'],
    [['replay', 'package.json'], 'plegd: package.json: no recording of plegd record'],
    [['replay', 'x', '--speed', 'fast'], "plegd: option '--speed <N|max>' argument 'fast' is invalid"],
    [['replay', 'x', '--speed', '0'], "plegd: option '--speed <N|max>' argument '0' is invalid"],
    [['replay', 'x', '--listen', 'here'], "plegd: option '--listen <HOST:PORT>' argument 'here' is invalid"],
  ])('%j', async (args, expected) => {
    const { code, stdout, stderr } = await runToEnd(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(expected);
    expect(stderr.trimEnd()).not.toContain('\n');
  });

  it('a file that is full, with exit code 1', async () => {
    const { code, stderr } = await runToEnd(['record', '--out', '/dev/full', ...runtime]);
    expect(code).toBe(1);
    expect(stderr).toContain('plegd: /dev/full: cannot be written');
  });

  it('a recording that does not fit this plegd, with exit code 1', async () => {
    const { lines } = await recordPod();
    const foreign = lines.filter((line) => !line.includes('"kind":"containerStatus"'));
    await withFile(`${foreign.join('\n')}\n`, async (path) => {
      const { code, stderr } = await runToEnd(['replay', path]);
      expect(code).toBe(1);
      expect(stderr).toMatch(/^plegd: .*: the replay asks for containerStatus .*, which is not in it: .*\n$/);
    });
  });

  it('a recording with other events, with exit code 1 where they are checked', async () => {
    const { lines } = await recordPod();
    const text = `${lines.join('\n')}\n`.replace(
      '"podName":"web","containerId"',
      '"podName":"wet","containerId"',
    );
    await withFile(text, async (path) => {
      expect((await runToEnd(['replay', path])).code).toBe(0);
      const { code, stderr } = await runToEnd(['replay', path, '--check']);
      expect(code).toBe(1);
      expect(stderr).toContain('event 1 is not as recorded');
    });
  });
});

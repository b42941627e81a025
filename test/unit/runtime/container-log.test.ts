import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rfc3339Nano } from '../../../src/runtime/container-log.ts';
import { useEmbeddedRuntime } from '../../helpers/embedded-runtime.ts';

const fixture = useEmbeddedRuntime();

/** Runs a shell script to its end; resolves with the lines of its log. */
const logOf = async (script: string, logDirectory = fixture.directory): Promise<string[]> => {
  const { driver, runtime } = fixture;
  const pod = await driver.runPod({ name: 'web', logDirectory });
  const tape = driver.recordEvents();
  await runtime.events.waitForReaders(1);
  const id = await driver.runContainer(pod, { command: ['/bin/sh', '-c', script], logPath: 'app/0.log' });
  await tape.next('stopped', id);
  const { logPath } = await driver.containerStatus(id);
  expect(logPath).toBe(join(logDirectory, 'app/0.log'));
  return (await readFile(logPath, 'utf8')).trimEnd().split('\n');
};

const stampPattern = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z`;

describe('the log of a container', () => {
  it('has a line with stamp, stream and tag for each line of its output', async () => {
    const lines = await logOf('echo one; echo two >&2');

    expect(lines.toSorted((a, b) => a.localeCompare(b))).toEqual([
      expect.stringMatching(new RegExp(`^${stampPattern} stdout F one$`)),
      expect.stringMatching(new RegExp(`^${stampPattern} stderr F two$`)),
    ]);
  });

  it('is complete when the container is announced as stopped, the line without an end included', async () => {
    const lines = await logOf(`i=0; while [ $i -lt 2000 ]; do echo line $i; i=$((i+1)); done; printf last`);

    expect(lines).toHaveLength(2001);
    expect(lines.at(-2)).toMatch(/ stdout F line 1999$/);
    expect(lines.at(-1)).toMatch(/ stdout F last$/);
  });

  it('splits a line of more than 16 KiB into pieces marked P', async () => {
    const lines = await logOf(`head -c 40000 /dev/zero | tr '\\0' x; echo; echo short`);

    const pieces = lines.map((line) => /^\S+ stdout (?<tag>[PF]) (?<text>.*)$/.exec(line)!.groups!);
    expect(pieces.map(({ tag, text }) => [tag, text!.length])).toEqual([
      ['P', 16_384],
      ['P', 16_384],
      ['F', 40_000 - 2 * 16_384],
      ['F', 5],
    ]);
  });

  it('keeps bytes that are no text, and letters of several bytes', async () => {
    const { directory } = fixture;
    await logOf(`printf 'gr\\303\\274n \\377\\n'`);
    const line = (await readFile(join(directory, 'app/0.log'))).subarray(-8);

    expect(line).toEqual(Buffer.from([0x67, 0x72, 0xc3, 0xbc, 0x6e, 0x20, 0xff, 0x0a]));
  });

  it('keeps empty lines', async () => {
    const lines = await logOf(`printf 'a\\n\\nb\\n'`);
    expect(lines.map((line) => line.split(' stdout F ')[1])).toEqual(['a', '', 'b']);
  });

  it('a log that cannot be made keeps the container from starting', async () => {
    const { driver, directory } = fixture;
    await writeFile(join(directory, 'file'), '');
    const pod = await driver.runPod({ name: 'web', logDirectory: join(directory, 'file') });
    const id = await driver.createContainer(pod, { logPath: 'app.log' });

    await expect(driver.startContainer(id)).rejects.toMatchObject({
      details: expect.stringMatching(/ENOTDIR|EEXIST/) as string,
    });
  });

  it('a log that cannot be written does not hold up the container', async () => {
    const { driver, runtime } = fixture;
    const pod = await driver.runPod({ name: 'web', logDirectory: '/dev' });
    const tape = driver.recordEvents();
    await runtime.events.waitForReaders(1);
    const id = await driver.runContainer(pod, {
      command: ['/bin/sh', '-c', 'head -c 1000000 /dev/zero; exit 5'],
      logPath: 'full',
    });

    const stopped = await tape.next('stopped', id);
    expect(stopped.containersStatuses).toMatchObject([{ exitCode: 5 }]);
  });
});

describe('rfc3339Nano', () => {
  it.each([
    [0n, '1970-01-01T00:00:00.000000000Z'],
    [1_795_215_059_359_284_865n, '2026-11-20T22:50:59.359284865Z'],
    [1_795_215_059_000_000_001n, '2026-11-20T22:50:59.000000001Z'],
  ])('%s is %s', (ns, text) => {
    expect(rfc3339Nano(ns)).toBe(text);
  });
});

import { describe, expect, it } from 'vitest';
import { readRecording } from '../../../src/record/recording.ts';
import { testHeader, withFile } from '../../helpers/recorded-run.ts';

const header = JSON.stringify({ plegdRecording: 1, ...testHeader(), startWallNs: '1795215059359000000' });
const timer = '{"atMs":1.5,"kind":"timer","nth":1}';
const end = '{"atMs":2,"kind":"end"}';

/** What a file with this text is refused with, less its path. */
const refusal = (text: string): Promise<string> =>
  withFile(text, async (path) => {
    const error = await readRecording(path).then(
      () => new Error('nothing was refused'),
      (refused: Error) => refused,
    );
    expect(error).toMatchObject({ name: 'RecordingError' });
    return error.message.replace(`${path}: `, '');
  });

describe('a recording', () => {
  it('is read line by line', async () => {
    const recording = await withFile(`${header}\n${timer}\n${end}\n`, readRecording);
    expect(recording.header).toMatchObject({ plegdVersion: '0.0.0-test', settings: { mode: 'evented' } });
    expect(recording.lines).toEqual([
      { atMs: 1.5, kind: 'timer', nth: 1 },
      { atMs: 2, kind: 'end' },
    ]);
    expect(recording.cut).toBeUndefined();
  });

  it.each([
    ['in the middle of a line', `${header}\n${timer}\n${timer.slice(0, 12)}`, 'line 3 is cut off'],
    ['between two lines', `${header}\n${timer}\n`, 'the recording has no end, its recorder was killed'],
    ['before its newline', `${header}\n${timer}`, 'the recording has no end, its recorder was killed'],
  ])('that is cut %s is read up to there', async (_, text, cut) => {
    const recording = await withFile(text, readRecording);
    expect(recording.lines).toHaveLength(1);
    expect(recording.cut).toBe(cut);
  });

  it('has its stamps as bigints again, to the last digit', async () => {
    const event = {
      containerId: 'c',
      kind: null,
      createdAtNs: '1795215059359000001',
      podSandbox: null,
      containerStatus: null,
    };
    const line = JSON.stringify({ atMs: 1, kind: 'event', stream: 1, event });
    const { lines } = await withFile(`${header}\n${line}\n`, readRecording);
    expect(lines).toEqual([
      {
        atMs: 1,
        kind: 'event',
        stream: 1,
        event: {
          containerId: 'c',
          kind: undefined,
          createdAtNs: 1_795_215_059_359_000_001n,
          podSandbox: undefined,
          containerStatus: undefined,
        },
      },
    ]);
  });
});

describe('a file that is no recording is refused in one line', () => {
  const foreign = 'no recording of plegd record, its first line is no header of one';
  it.each([
    ['empty', '', 'the file is empty, expected a recording of plegd record'],
    ['text', 'hello\nworld\n', foreign],
    ['JSON lines of something else', '{"runtime":"containerd","version":"2.1.9"}\n', foreign],
    ['a JSON value that is no object', 'null\n', foreign],
    ['one endless line', 'x'.repeat(3_000_000), foreign],
    [
      'from a newer version',
      `${JSON.stringify({ plegdRecording: 2, plegdVersion: '9.1.0', news: true })}\n`,
      'recorded in format 2 by plegd 9.1.0, and this plegd reads formats up to 1: ' +
        'replay it with the plegd that recorded it, or a newer one',
    ],
    ['with half a header', '{"plegdRecording":1}\n', 'line 1: plegdVersion: got undefined, expected string'],
    ['with a damaged line', `${header}\n{"atMs":\n${end}\n`, 'line 2 is no JSON: the file is damaged'],
    ['with a line that is no object', `${header}\n7\n${end}\n`, 'line 2: got 7, expected object'],
    ['with an unknown line', `${header}\n{"atMs":1,"kind":"news"}\n`, /^line 2: kind: got "news", expected /],
    [
      'with a line that lacks something',
      `${header}\n{"atMs":1,"kind":"timer"}\n`,
      'line 2: nth: got undefined, expected number',
    ],
    [
      'with a stamp that is none',
      `${header}\n{"atMs":1,"kind":"clock","wallNs":"soon"}\n`,
      /^line 2: wallNs: got "soon", expected .*pattern/,
    ],
  ])('%s', async (_, text, expected) => {
    const message = await refusal(text);
    if (typeof expected === 'string') expect(message).toBe(expected);
    else expect(message).toMatch(expected);
    expect(message).not.toContain('\n');
  });

  it('missing, or a folder', async () => {
    await expect(readRecording('/no/such/file')).rejects.toThrow('/no/such/file: no such file');
    await expect(readRecording('/')).rejects.toThrow('/: a folder, expected a recording of plegd record');
  });
});

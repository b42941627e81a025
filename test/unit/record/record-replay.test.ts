import { beforeEach, describe, expect, it } from 'vitest';
import { CriError } from '../../../src/cri/cri-error.ts';
import { FakeRuntimeService } from '../../helpers/fake-runtime-service.ts';
import { readLines, replayToEnd, startRecordedRun, type RecordedRun } from '../../helpers/recorded-run.ts';
import { settle, SimulatedTime } from '../../helpers/simulated-time.ts';

let time: SimulatedTime;
let runtime: FakeRuntimeService;
let run: RecordedRun;

beforeEach(() => {
  time = new SimulatedTime();
  runtime = new FakeRuntimeService();
  runtime.addSandbox('p1');
  runtime.addContainer('p1', 'c1');
  run = startRecordedRun(runtime, { time });
});

/** Moves time on in small steps, and lets each answer have its turn. */
const advance = async (ms: number): Promise<void> => {
  for (let step = 0; step < 20; step += 1) {
    await time.advance(ms / 20);
    for (let turn = 0; turn < 5; turn += 1) await settle();
  }
};

const typesOf = ({ published }: RecordedRun): string[] =>
  published.events.map(({ type, containerId = '' }) => `${type} ${containerId}`);

/** The whole life of a container, with all that may go wrong on the way. */
const live = async (): Promise<void> => {
  await advance(2_000);
  runtime.setContainer('c1', 'exited', 137, 'OOMKilled');
  runtime.emit('stopped', 'c1');
  await advance(50);
  let answer = (): void => undefined;
  runtime.behaviours.set('containerStatus c2', new Promise((resolve) => (answer = resolve)));
  runtime.addContainer('p1', 'c2');
  runtime.emit('started', 'c2');
  runtime.emit('started', 'c2');
  runtime.emit('created', 'c2');
  await advance(500);
  answer();
  runtime.behaviours.set('podSandboxStatus', new CriError('PodSandboxStatus', 'INTERNAL', 'no idea'));
  runtime.addContainer('p1', 'c3', 'exited');
  await advance(2_000);
  runtime.behaviours.clear();
  time.wallStepNs = -3_600_000_000_000n;
  for (let failure = 0; failure < 6; failure += 1) {
    runtime.failStream('UNAVAILABLE', 'Connection dropped');
    await advance(3_000);
  }
  runtime.behaviours.set('listContainers', new CriError('ListContainers', 'UNAVAILABLE', 'gone'));
  await advance(1_000);
  runtime.behaviours.clear();
  runtime.containers.clear();
  runtime.sandboxes.clear();
  await advance(10_000);
};

describe('a recorded run', () => {
  it('replays to the same events, byte for byte, again and again', async () => {
    await live();
    await run.stop();
    expect(typesOf(run)).toEqual(
      expect.arrayContaining(['ContainerDied c1', 'ContainerStarted c2', 'ContainerRemoved p1-sandbox']),
    );
    expect(run.published.events.some(({ inspection }) => inspection === 'failed')).toBe(true);
    const recording = await readLines(run.lines);
    for (let round = 0; round < 3; round += 1) {
      expect(await replayToEnd(recording)).toEqual(run.published.lines);
    }
  });

  it('replays as far as it was written when its recorder was killed, wherever that was', async () => {
    await live();
    const published = run.published.lines;
    const whole = run.lines.length;
    await run.stop();
    for (let length = 1; length < whole; length += Math.ceil(whole / 40)) {
      const recording = await readLines(run.lines.slice(0, length));
      expect(recording.cut).toBe('the recording has no end, its recorder was killed');
      const replayed = await replayToEnd(recording);
      expect(replayed).toEqual(published.slice(0, replayed.length));
      const writtenCount = recording.lines.filter(({ kind }) => kind === 'published').length;
      expect(replayed.length).toBeGreaterThanOrEqual(writtenCount);
    }
  });

  it('shows a step of the wall clock, and its events have the stamps of then', async () => {
    await advance(1_000);
    time.wallStepNs = 60_000_000_000n;
    runtime.addContainer('p1', 'late');
    await advance(1_000);
    await run.stop();
    const late = run.published.events.find(({ containerId }) => containerId === 'late');
    const startMs = Number(time.startWallNs / 1_000_000n);
    expect(Date.parse(late?.observedAt ?? '') - startMs).toBeGreaterThan(61_000);
    const recording = await readLines(run.lines);
    expect(recording.lines.filter(({ kind }) => kind === 'clock')).toHaveLength(1);
    expect(await replayToEnd(recording)).toEqual(run.published.lines);
  });

  it('has its calls that were never answered, and they are not answered again', async () => {
    await advance(1_000);
    runtime.behaviours.set('containerStatus c9', new Promise(() => undefined));
    runtime.addContainer('p1', 'c9');
    await advance(2_000);
    await run.stop();
    const recording = await readLines(run.lines);
    expect(recording.lines.at(-2)).toMatchObject({ kind: 'unanswered', call: 'containerStatus', id: 'c9' });
    expect(recording.lines.at(-1)).toMatchObject({ kind: 'end' });
    expect(await replayToEnd(recording)).toEqual(run.published.lines);
  });

  it('has nothing behind its end', async () => {
    await advance(1_000);
    const stopped = run.stop();
    runtime.setContainer('c1', 'exited', 1);
    runtime.emit('stopped', 'c1');
    await stopped;
    await advance(1_000);
    expect(JSON.parse(run.lines.at(-1) ?? '')).toMatchObject({ kind: 'end' });
    expect(time.timerCount).toBe(0);
    expect(runtime.openStreamCount).toBe(0);
  });
});

describe('what is secret', () => {
  it('is not in a recording: no message of a container, and no field that the format does not name', async () => {
    const secrets = { env: { TOKEN: 'hunter2' }, annotations: { key: 'hunter2' }, message: 'hunter2' };
    Object.assign(runtime.containers.get('c1') ?? {}, secrets);
    Object.assign(runtime.sandboxes.get('p1-sandbox') ?? {}, secrets);
    const containerStatus = await runtime.containerStatus('c1');
    runtime.emit('started', 'c1', { ...secrets, containerStatus: { ...containerStatus, ...secrets } });
    await advance(1_000);
    await run.stop();
    expect(run.lines.join('\n')).toContain('"kind":"containerStatus"');
    expect(run.lines.join('\n')).not.toContain('hunter2');
  });
});

describe('a replay that does something else than its recording says', () => {
  const tamper = async (change: (line: string) => string[]): Promise<string> => {
    runtime.addContainer('p1', 'c2');
    await advance(1_000);
    runtime.setContainer('c2', 'exited', 1);
    runtime.emit('stopped', 'c2');
    await advance(1_000);
    await run.stop();
    const recording = await readLines(run.lines.flatMap(change));
    const error = await replayToEnd(recording).then(
      () => new Error('the replay went through'),
      (diverged: Error) => diverged,
    );
    expect(error).toMatchObject({ name: 'DivergenceError' });
    expect(error.message).toMatch(
      /recording\.jsonl: line \d+, at [\d.]+ ms: .*plegd 0\.0\.0-test did; replay it/,
    );
    return error.message;
  };
  const without = (text: string) => (line: string) => (line.includes(text) ? [] : [line]);

  it('asks for what was never recorded', async () => {
    expect(await tamper(without('"kind":"containerStatus","id":"c2"'))).toContain(
      'the replay asks for containerStatus c2 (the 1. time), which is not in it',
    );
  });

  it('has not asked for what is answered', async () => {
    const rename = (line: string) => [
      line,
      ...(line.includes('"kind":"version"') ? [line.replace('"nth":1', '"nth":2')] : []),
    ];
    expect(await tamper(rename)).toContain(
      'version (the 2. time) is answered, and the replay has not asked for it',
    );
  });

  it('has not set the timer that goes off', async () => {
    expect(await tamper((line) => [line.replace('"kind":"timer","nth":', '"kind":"timer","nth":7')])).toMatch(
      /a timer \(the 7\d+\.\) goes off that is not set/,
    );
  });

  it('has not opened the stream that speaks', async () => {
    expect(await tamper((line) => [line.replace('"stream":1', '"stream":2')])).toContain(
      'event stream 2 speaks, which is not open',
    );
  });
});

import { describe, expect, it } from 'vitest';
import { settle } from '../../helpers/simulated-time.ts';
import { follow, newLog, next, started } from './log-readers.ts';

describe('the lifecycle log', () => {
  it('numbers events from 1 on and keeps as many as it has room for', () => {
    const { log, append } = newLog({ capacity: 4 });
    expect([log.firstSeq, log.lastSeq]).toEqual([1, 0]);
    expect(log.append(started('c1'))).toMatchObject({ seq: 1, containerId: 'c1' });
    append(3);
    expect([log.firstSeq, log.lastSeq]).toEqual([1, 4]);
    append(3);
    expect([log.firstSeq, log.lastSeq]).toEqual([4, 7]);
  });

  it('gives a subscriber what comes from now on, also what comes before it first asks', async () => {
    const { log, append } = newLog();
    append(2);
    const entries = log.subscribe();
    append(1);
    expect(await next(entries)).toBe('3 ContainerStarted c3');
    const reader = follow(log);
    append(1);
    expect(await reader.read()).toEqual(['4 ContainerStarted c4']);
  });

  it('gives each of several subscribers every event, each at its own pace', async () => {
    const { log, append } = newLog();
    const prompt = follow(log);
    const slow = log.subscribe();
    append(2);
    expect(await prompt.read()).toEqual(['1 ContainerStarted c1', '2 ContainerStarted c2']);
    expect(await next(slow)).toBe('1 ContainerStarted c1');
    append(1);
    expect(await prompt.read()).toEqual(['3 ContainerStarted c3']);
    expect(await next(slow)).toBe('2 ContainerStarted c2');
    expect(await next(slow)).toBe('3 ContainerStarted c3');
  });

  it('ends every subscription after what it holds when it is closed', async () => {
    const { log, append } = newLog();
    const waiting = follow(log);
    const behind = log.subscribe({ since: 0 });
    append(2);
    log.close();
    expect(await waiting.read()).toHaveLength(2);
    expect(waiting.state.isEnded).toBe(true);
    expect([await next(behind), await next(behind), await next(behind)]).toEqual([
      '1 ContainerStarted c1',
      '2 ContainerStarted c2',
      'end',
    ]);
    expect(await next(log.subscribe())).toBe('end');
  });

  it('ends a subscription whose signal aborts while it waits, and no other', async () => {
    const { log, append } = newLog();
    const abort = new AbortController();
    const aborted = follow(log, { signal: abort.signal });
    const other = follow(log);
    await settle();
    abort.abort();
    append(1);
    expect([await aborted.read(), aborted.state.isEnded]).toEqual([[], true]);
    expect(await other.read()).toEqual(['1 ContainerStarted c1']);
  });

  it('ends a subscription whose signal has aborted before', async () => {
    const { log, append } = newLog();
    append(1);
    for (const since of [0, 500]) {
      expect(await next(log.subscribe({ since, signal: AbortSignal.abort() }))).toBe('end');
    }
  });

  it('ends a subscription whose signal aborts in the middle of its snapshot', async () => {
    const { log, append } = newLog({ capacity: 2, livePods: ['p', 'q'] });
    append(5);
    const abort = new AbortController();
    const entries = log.subscribe({ since: 0, signal: abort.signal });
    expect([await next(entries), await next(entries)]).toEqual(['0 Gap 1..3', '0 PodSync p']);
    abort.abort();
    expect(await next(entries)).toBe('end');
  });

  it('lets go of a subscriber that stops reading', async () => {
    const { log, append } = newLog();
    append(1);
    for await (const entry of log.subscribe({ since: 0 })) {
      expect(entry.seq).toBe(1);
      break;
    }
    append(1);
    expect(log.lastSeq).toBe(2);
  });
});

describe('resuming', () => {
  it('goes on after the number of the last event seen', async () => {
    const { log, append } = newLog();
    append(4);
    const reader = follow(log, { since: 2 });
    expect(await reader.read()).toEqual(['3 ContainerStarted c3', '4 ContainerStarted c4']);
    append(1);
    expect(await reader.read()).toEqual(['5 ContainerStarted c5']);
  });

  it('from the newest number waits for what is next', async () => {
    const { log, append } = newLog();
    append(4);
    const reader = follow(log, { since: 4 });
    expect(await reader.read()).toEqual([]);
    append(1);
    expect(await reader.read()).toEqual(['5 ContainerStarted c5']);
  });

  it('from 0 gives all that there ever was, as long as all is kept', async () => {
    const { log, append, gaps } = newLog({ capacity: 4 });
    append(4);
    expect(await follow(log, { since: 0 }).read()).toHaveLength(4);
    expect(gaps).toEqual([]);
  });

  it('from the oldest number that still has all its successors leaves no gap', async () => {
    const { log, append, gaps } = newLog({ capacity: 4 });
    append(10);
    expect(log.firstSeq).toBe(7);
    expect((await follow(log, { since: 6 }).read())[0]).toBe('7 ContainerStarted c7');
    expect(gaps).toEqual([]);
  });

  it.each([0, 4])(
    'from %i, which is too old, gives a gap, every live pod, and what is kept',
    async (since) => {
      const { log, append, gaps } = newLog({ capacity: 4, livePods: ['p', 'q'] });
      append(10);
      const reader = follow(log, { since });
      expect(await reader.read()).toEqual([
        `${String(since)} Gap ${String(since + 1)}..6`,
        `${String(since)} PodSync p`,
        '6 PodSync q',
        ...[7, 8, 9, 10].map((seq) => `${String(seq)} ContainerStarted c${String(seq)}`),
      ]);
      expect(gaps).toEqual([]);
      append(1);
      expect(await reader.read()).toEqual(['11 ContainerStarted c11']);
    },
  );

  it('from the future, which is another life of the agent, gives a gap and all of this life', async () => {
    const { log, append } = newLog({ livePods: ['p'] });
    append(2);
    const reader = follow(log, { since: 500 });
    expect(await reader.read()).toEqual([
      '0 Gap 1..0',
      '0 PodSync p',
      '1 ContainerStarted c1',
      '2 ContainerStarted c2',
    ]);
    append(1);
    expect(await reader.read()).toEqual(['3 ContainerStarted c3']);
  });

  it('from the future of a log that holds nothing yet misses nothing that comes', async () => {
    const { log, append } = newLog();
    const reader = follow(log, { since: 500 });
    expect(await reader.read()).toEqual(['0 Gap 1..0']);
    append(1);
    expect(await reader.read()).toEqual(['1 ContainerStarted c1']);
  });
});

describe('what is kept', () => {
  it.each([
    [0, [3, 4, 5, 6]],
    [4, [5, 6]],
    [6, []],
    [100, []],
  ])('above %i is %j', (since, expected) => {
    const { log, append } = newLog({ capacity: 4 });
    append(6);
    expect([...log.kept(since)].map(({ seq }) => seq)).toEqual(expected);
  });
});

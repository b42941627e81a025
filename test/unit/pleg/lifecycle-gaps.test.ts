import { describe, expect, it } from 'vitest';
import { follow, newLog, next } from './log-readers.ts';

describe('a subscriber that falls behind', () => {
  it('gets a gap and every live pod when it is further behind than its own bound', async () => {
    const { log, append, gaps } = newLog({ capacity: 10, livePods: ['p'] });
    const patient = log.subscribe();
    const impatient = log.subscribe({ bound: 2 });
    append(3);
    expect(await next(impatient)).toBe('0 Gap 1..3');
    expect(await next(impatient)).toBe('3 PodSync p');
    expect(await next(patient)).toBe('1 ContainerStarted c1');
    expect(gaps).toEqual([3]);
  });

  it('gets every event when it is behind by exactly its bound', async () => {
    const { log, append } = newLog({ capacity: 10 });
    const entries = log.subscribe({ bound: 2 });
    append(2);
    expect([await next(entries), await next(entries)]).toEqual([
      '1 ContainerStarted c1',
      '2 ContainerStarted c2',
    ]);
  });

  it('cannot have a bound beyond what the log keeps', async () => {
    const { log, append } = newLog({ capacity: 2 });
    const entries = log.subscribe({ bound: 1_000 });
    append(3);
    expect(await next(entries)).toBe('3 Gap 1..3');
  });

  it('falls into a gap between two events as well', async () => {
    const { log, append } = newLog({ capacity: 3, livePods: ['p'] });
    const entries = log.subscribe();
    append(2);
    expect(await next(entries)).toBe('1 ContainerStarted c1');
    append(4);
    expect([await next(entries), await next(entries)]).toEqual(['1 Gap 2..6', '6 PodSync p']);
  });

  it('gets nothing twice that came while it read its snapshot, and misses nothing of it', async () => {
    const { log, append } = newLog({ capacity: 3, livePods: ['p', 'q'] });
    const entries = log.subscribe();
    append(5);
    expect(await next(entries)).toBe('0 Gap 1..5');
    append(2);
    expect([await next(entries), await next(entries)]).toEqual(['0 PodSync p', '5 PodSync q']);
    expect([await next(entries), await next(entries)]).toEqual([
      '6 ContainerStarted c6',
      '7 ContainerStarted c7',
    ]);
  });

  it('falls into a second gap when too much came while it read its snapshot', async () => {
    const { log, append } = newLog({ capacity: 3, livePods: ['p'] });
    const entries = log.subscribe();
    append(5);
    await next(entries);
    append(4);
    expect([await next(entries), await next(entries)]).toEqual(['5 PodSync p', '5 Gap 6..9']);
  });

  it('that is cut off in the middle of its snapshot gets the whole snapshot when it resumes', async () => {
    const { log, append } = newLog({ capacity: 3, livePods: ['p', 'q'] });
    const entries = log.subscribe({ since: 1 });
    append(5);
    await next(entries);
    const { value: lastSeen } = await entries.next();
    await entries.return();
    expect(lastSeen).toMatchObject({ type: 'PodSync', podUid: 'p', seq: 1 });
    const resumed = await follow(log, { since: 1 }).read();
    expect(resumed.slice(0, 3)).toEqual(['1 Gap 2..2', '1 PodSync p', '2 PodSync q']);
  });

  it('resumes behind the gap when no pod lives that could be snapshot', async () => {
    const { log, append } = newLog({ capacity: 3 });
    append(5);
    expect((await follow(log, { since: 1 }).read()).slice(0, 2)).toEqual([
      '2 Gap 2..2',
      '3 ContainerStarted c3',
    ]);
  });
});

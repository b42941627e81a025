import { describe, expect, it } from 'vitest';
import type { PodLifecycleEvent } from '../../../src/pleg/lifecycle-event.ts';
import { EventCheck } from '../../../src/record/event-check.ts';
import { readLines, testHeader } from '../../helpers/recorded-run.ts';

const event = (seq: number): PodLifecycleEvent => ({
  seq,
  type: 'PodSync',
  podUid: 'p1',
  podNamespace: 'default',
  podName: 'web',
  source: 'relist',
  observedAt: '2026-11-20T22:50:59.359Z',
});

const checkOf = async (count: number, end: readonly string[] = ['{"atMs":9,"kind":"end"}']) => {
  const header = { plegdRecording: 1, ...testHeader(), startWallNs: '1' };
  const published = Array.from({ length: count }, (_, index) => ({
    atMs: 1,
    kind: 'published',
    event: event(index + 1),
  }));
  const lines = [header, ...published].map((line) => JSON.stringify(line));
  return new EventCheck(await readLines([...lines, ...end]));
};

describe('the check of a replay', () => {
  it('counts what is the same', async () => {
    const check = await checkOf(2);
    check.see(event(1));
    check.see(event(2));
    expect(check.end()).toBe(2);
  });

  it('shows the first event that is another', async () => {
    const check = await checkOf(2);
    check.see(event(1));
    expect(() => check.see({ ...event(2), podName: 'other' })).toThrow(
      /event 2 is not as recorded: \{"seq":2,.*"web".*\} was published then, \{"seq":2,.*"other".*\} now/,
    );
  });

  it('misses what is not published again', async () => {
    const check = await checkOf(1);
    expect(() => check.end()).toThrow(/event 1 is not as recorded: .* was published then, nothing now/);
  });

  it('refuses what is too much, but not behind the end of a recording that was cut', async () => {
    const whole = await checkOf(0);
    expect(() => whole.see(event(1))).toThrow(/nothing was published then/);
    const cut = await checkOf(0, []);
    cut.see(event(1));
    expect(cut.end()).toBe(0);
  });
});

import { describe, expect, it } from 'vitest';
import { InspectionQueue } from '../../../src/pleg/inspection-queue.ts';
import { Inspector } from '../../../src/pleg/inspector.ts';
import type { InspectionOutcome, InspectionRequest } from '../../../src/pleg/observation.ts';
import { settle, SimulatedTime } from '../../helpers/simulated-time.ts';

const ok: InspectionOutcome = { ok: true, answers: { podSandboxes: [], containers: [] } };
const failed: InspectionOutcome = { ok: false, error: new Error('unable to get status') };

/** An inspector whose inspections end when the test says so. */
const newInspector = (concurrency: number) => {
  const time = new SimulatedTime();
  const queue = new InspectionQueue();
  const open = new Map<string, (outcome: InspectionOutcome) => void>();
  const started: string[] = [];
  const ended: string[] = [];
  const inspector = new Inspector({
    time,
    queue,
    concurrency,
    take: () => {
      const work = queue.take(time.monotonicMs());
      return work && ({ podUid: work.podUid } as InspectionRequest);
    },
    inspect: ({ podUid }) => {
      started.push(podUid);
      return new Promise((resolve) => {
        open.set(podUid, resolve);
      });
    },
    onOutcome: ({ podUid }, outcome) => {
      ended.push(podUid);
      queue.finish(podUid, outcome.ok, time.monotonicMs());
    },
  });
  return {
    time,
    queue,
    started,
    ended,
    inspector,
    mark: async (...podUids: string[]) => {
      for (const podUid of podUids) queue.mark(podUid, 'changed');
      inspector.wake();
      await settle();
    },
    end: async (podUid: string, outcome: InspectionOutcome = ok) => {
      open.get(podUid)?.(outcome);
      await settle();
    },
  };
};

describe('the inspector', () => {
  it('inspects as many pods side by side as it may, and the next as soon as one ends', async () => {
    const { mark, end, started, inspector } = newInspector(2);
    await mark('a', 'b', 'c', 'd');
    expect(started).toEqual(['a', 'b']);
    expect([...inspector.inFlight()].map(({ request }) => request.podUid)).toEqual(['a', 'b']);
    await end('b');
    expect(started).toEqual(['a', 'b', 'c']);
    await end('c');
    expect(started).toEqual(['a', 'b', 'c', 'd']);
  });

  it('inspects one pod once at a time, and again when it was marked meanwhile', async () => {
    const { mark, end, started } = newInspector(4);
    await mark('a');
    await mark('a');
    expect(started).toEqual(['a']);
    await end('a');
    expect(started).toEqual(['a', 'a']);
  });

  it('delays no other pod for one that hangs', async () => {
    const { mark, end, ended } = newInspector(2);
    await mark('hung', 'a', 'b', 'c');
    for (const podUid of ['a', 'b', 'c']) await end(podUid);
    expect(ended).toEqual(['a', 'b', 'c']);
  });

  it('retries a pod that failed after its pause, and needs no waking for that', async () => {
    const { mark, end, started, time } = newInspector(2);
    await mark('a');
    await end('a', failed);
    await time.advance(999);
    expect(started).toEqual(['a']);
    await time.advance(1);
    expect(started).toEqual(['a', 'a']);
    await end('a', failed);
    await time.advance(1_999);
    expect(started).toHaveLength(2);
    await time.advance(1);
    expect(started).toHaveLength(3);
    await end('a');
    expect(time.timerCount).toBe(0);
  });

  it('begins a retry that came due while every place was taken as soon as one is free', async () => {
    const { mark, end, started, time } = newInspector(1);
    await mark('a');
    await end('a', failed);
    await time.advance(500);
    await mark('b');
    await time.advance(999);
    expect(started).toEqual(['a', 'b']);
    await end('b');
    expect(started).toEqual(['a', 'b', 'a']);
  });

  it('gives the place of one that takes a second to the next, up to four for each place', async () => {
    const { mark, end, started, inspector, time } = newInspector(1);
    const hung = ['h1', 'h2', 'h3', 'h4', 'h5'];
    await mark(...hung, 'well');
    await time.advance(999);
    expect(started).toEqual(['h1']);
    await time.advance(1);
    expect(started).toEqual(['h1', 'h2']);
    await time.advance(3_000);
    await time.advance(60_000);
    expect(started).toEqual(hung);
    expect([...inspector.inFlight()].filter(({ isSlow }) => isSlow)).toHaveLength(4);
    await end('h2');
    await time.advance(1_000);
    expect(started.at(-1)).toBe('well');
  });

  it('starts nothing before the work that woke it is done', async () => {
    const { queue, inspector, started } = newInspector(2);
    queue.mark('a', 'changed');
    inspector.wake();
    inspector.wake();
    expect(started).toEqual([]);
    await settle();
    expect(started).toEqual(['a']);
  });

  it('waits when it is stopped for what is in flight, tells nobody of it, and starts nothing more', async () => {
    const { mark, end, started, ended, inspector, time } = newInspector(1);
    await mark('a', 'b');
    let isStopped = false;
    const stopping = inspector.stop().then(() => {
      isStopped = true;
    });
    await settle();
    expect(isStopped).toBe(false);
    await end('a');
    await stopping;
    await mark('c');
    expect([started, ended, [...inspector.inFlight()]]).toEqual([['a'], [], []]);
    expect(time.timerCount).toBe(0);
  });

  it('lets go of the timer of a retry when it is stopped', async () => {
    const { mark, end, inspector, time } = newInspector(1);
    await mark('a');
    await end('a', failed);
    expect(time.timerCount).toBe(1);
    await inspector.stop();
    expect(time.timerCount).toBe(0);
  });
});

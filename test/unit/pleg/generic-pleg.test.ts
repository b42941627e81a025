import { describe, expect, it } from 'vitest';
import { GenericPleg } from '../../../src/pleg/generic-pleg.ts';
import { settle, SimulatedTime } from '../../helpers/simulated-time.ts';
import { MarbleRecorder } from './marble-time.ts';

interface LoopOptions {
  readonly periodMs?: number;
  /** How long each relist takes; the last one tells for all that follow. 0 by default. */
  readonly durationsMs?: readonly number[];
  /** Whether each relist succeeds; the last one tells for all that follow. */
  readonly outcomes?: readonly boolean[];
  /** Whether a relist ends when it is aborted. */
  readonly isAbortable?: boolean;
}

/** A loop whose relists note `r` when they begin and `e` when they end. */
const newLoop = ({
  periodMs = 10,
  durationsMs = [0],
  outcomes = [true],
  isAbortable = true,
}: LoopOptions = {}) => {
  const time = new SimulatedTime();
  const marbles = new MarbleRecorder(time);
  const state = { count: 0, runningCount: 0, mostRunning: 0 };
  const pleg = new GenericPleg({
    time,
    relistDuration: { periodMs, thresholdMs: 180_000 },
    relist: async (signal) => {
      const index = state.count;
      state.count += 1;
      state.runningCount += 1;
      state.mostRunning = Math.max(state.mostRunning, state.runningCount);
      marbles.note('r');
      const durationMs = durationsMs[index] ?? durationsMs.at(-1) ?? 0;
      await new Promise<void>((resolve) => {
        const timer = time.setTimeout(resolve, durationMs);
        signal.addEventListener('abort', () => {
          if (!isAbortable) return;
          time.clearTimeout(timer);
          resolve();
        });
      });
      marbles.note('e');
      state.runningCount -= 1;
      return outcomes[index] ?? outcomes.at(-1) ?? true;
    },
  });
  return { time, marbles, state, pleg };
};

describe('the relist loop', () => {
  it('relists at once, and then a period after the end of each relist', async () => {
    const { time, marbles, pleg } = newLoop({ periodMs: 5, durationsMs: [3] });
    pleg.start();
    await time.advance(24);
    marbles.expectToBe('r--e----r--e----r--e----r');
    await pleg.stop();
  });

  it('counts the period from the end of a relist also when the relist takes longer than the period', async () => {
    const { time, marbles, pleg } = newLoop({ periodMs: 2, durationsMs: [7, 1] });
    pleg.start();
    await time.advance(13);
    marbles.expectToBe('r------e-re-re');
    await pleg.stop();
  });

  it('begins at once when it is asked for a relist between two', async () => {
    const { time, marbles, pleg } = newLoop({ periodMs: 10, durationsMs: [2] });
    pleg.start();
    await time.advance(5);
    pleg.requestRelist();
    await time.advance(15);
    marbles.expectToBe('r-e--r-e---------r-e');
    await pleg.stop();
  });

  it('makes one relist of all requests that come during one, right after it', async () => {
    const { time, marbles, pleg } = newLoop({ periodMs: 10, durationsMs: [4] });
    pleg.start();
    await time.advance(1);
    pleg.requestRelist();
    await time.advance(1);
    pleg.requestRelist();
    pleg.requestRelist();
    await time.advance(16);
    marbles.expectToBe('r---(er)e---------r---');
    await pleg.stop();
  });

  it('relists a second after one that failed, however slow its period', async () => {
    const { time, marbles, pleg } = newLoop({ periodMs: 300_000, outcomes: [false, false, true] });
    pleg.start();
    await time.advance(10_000);
    marbles.expectToBe('(re) 996ms (re) 996ms (re)');
    await pleg.stop();
  });

  it('relists at its period after one that failed where that is the shorter', async () => {
    const { time, marbles, pleg } = newLoop({ periodMs: 10, outcomes: [false] });
    pleg.start();
    await time.advance(20);
    marbles.expectToBe('(re)------(re)------(re)');
    await pleg.stop();
  });

  it('starts once, however often it is started', async () => {
    const { time, marbles, pleg } = newLoop({ periodMs: 5 });
    pleg.start();
    pleg.start();
    await time.advance(6);
    pleg.start();
    await time.advance(3);
    marbles.expectToBe('(re)-(re)');
    expect(pleg.isStarted).toBe(true);
    await pleg.stop();
  });

  it('ends with its timer when it is stopped between two relists', async () => {
    const { time, marbles, pleg } = newLoop({ periodMs: 5 });
    pleg.start();
    await time.advance(1);
    await pleg.stop();
    expect(time.timerCount).toBe(0);
    pleg.requestRelist();
    await time.advance(20);
    marbles.expectToBe('(re)');
    expect(pleg.isStarted).toBe(false);
  });

  it('aborts the relist under way when it is stopped', async () => {
    const { time, marbles, pleg } = newLoop({ durationsMs: [1_000] });
    pleg.start();
    await time.advance(3);
    await pleg.stop();
    marbles.expectToBe('r--e');
    expect(time.timerCount).toBe(0);
  });

  it('waits for the relist under way when it is stopped, also when that does not heed the abort', async () => {
    const { time, marbles, pleg } = newLoop({ durationsMs: [5], isAbortable: false });
    pleg.start();
    await time.advance(2);
    const stopping = pleg.stop().then(() => marbles.note('s'));
    await time.advance(20);
    await stopping;
    marbles.expectToBe('r----(es)');
  });

  it('stops more than once without harm, and before it was ever started', async () => {
    const { pleg, time } = newLoop();
    await pleg.stop();
    pleg.start();
    await Promise.all([pleg.stop(), pleg.stop()]);
    await pleg.stop();
    expect(time.timerCount).toBe(0);
  });

  it('serializes overlapping relists over a stop and a start that does not wait', async () => {
    const { time, marbles, state, pleg } = newLoop({ durationsMs: [5, 4], isAbortable: false });
    pleg.start();
    await time.advance(2);
    const stopping = pleg.stop();
    pleg.start();
    await time.advance(8);
    await stopping;
    expect(state.mostRunning).toBe(1);
    marbles.expectToBe('r----(er)e');
    await pleg.stop();
  });

  it('begins no relist when it is stopped before the first could', async () => {
    const { time, state, pleg } = newLoop();
    pleg.start();
    await pleg.stop();
    await time.advance(100);
    expect(state.count).toBe(0);
  });

  it('forgets a request of before its start, whose first relist answers it', async () => {
    const { time, marbles, pleg } = newLoop({ periodMs: 20 });
    pleg.requestRelist();
    pleg.start();
    await time.advance(10);
    marbles.expectToBe('(re)');
    await pleg.stop();
  });

  it('relists at its new period after an update', async () => {
    const { time, marbles, pleg } = newLoop({ periodMs: 20 });
    pleg.start();
    await time.advance(5);
    await pleg.stop();
    pleg.update({ periodMs: 8, thresholdMs: 1_000 });
    expect(pleg.relistDuration).toEqual({ periodMs: 8, thresholdMs: 1_000 });
    pleg.start();
    await time.advance(9);
    marbles.expectToBe('(re)-(re)----(re)');
    await pleg.stop();
  });

  it('refuses an update while it runs', async () => {
    const { pleg } = newLoop();
    pleg.start();
    expect(() => pleg.update({ periodMs: 1, thresholdMs: 2 })).toThrow(
      'Generic PLEG must be stopped before its relist duration is updated',
    );
    expect(pleg.relistDuration.periodMs).toBe(10);
    await pleg.stop();
    await settle();
  });
});

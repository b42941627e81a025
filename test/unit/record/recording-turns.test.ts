import { expect, it } from 'vitest';
import { RecordingTurns } from '../../../src/record/recording-turns.ts';
import { SimulatedTime } from '../../helpers/simulated-time.ts';

const broken = new Error('ENOSPC: no space left on device');

const newTurns = (write: (line: string) => void) => {
  const time = new SimulatedTime();
  const errors: Error[] = [];
  const turns = new RecordingTurns({
    time,
    startWallNs: time.wallNs(),
    write,
    onBroken: (error) => errors.push(error),
  });
  return { time, turns, errors };
};

it('inputs that come at once have turns of their own, each after the promises of the one before', async () => {
  const { turns } = newTurns(() => undefined);
  const seen: string[] = [];
  const enqueue = (name: string): void => {
    turns.enqueue(
      () => ({ kind: 'timer', nth: 1 }),
      () => {
        seen.push(name);
        void Promise.resolve()
          .then(() => undefined)
          .then(() => seen.push(`after ${name}`));
      },
    );
  };
  enqueue('first');
  enqueue('second');
  await new Promise((resolve) => setImmediate(resolve));
  expect(seen).toEqual(['first', 'after first', 'second', 'after second']);
});

it('the clocks stand still between two turns', async () => {
  const { time, turns } = newTurns(() => undefined);
  await time.advance(12.345_678);
  expect(turns.clock.nowMs).toBe(0);
  turns.take({ kind: 'timer', nth: 1 }, () => undefined);
  expect(turns.clock.nowMs).toBe(12.346);
  expect(turns.clock.wallNs).toBe(time.startWallNs + 12_346_000n);
});

it('a file that takes no more is reported once, and turns go on', () => {
  const written: string[] = [];
  const { turns, errors } = newTurns((line) => {
    if (written.length === 1) throw broken;
    written.push(line);
  });
  let delivered = 0;
  for (let nth = 1; nth <= 3; nth += 1) {
    turns.take({ kind: 'timer', nth }, () => {
      delivered += 1;
    });
  }
  expect({ written, errors, delivered }).toEqual({
    written: ['{"atMs":0,"kind":"timer","nth":1}'],
    errors: [broken],
    delivered: 3,
  });
});

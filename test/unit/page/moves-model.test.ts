import { describe, expect, it } from 'vitest';
import { lastSequence } from '../../../src/page/moves-model.ts';

const history = (...paths: string[]) =>
  paths.map((path, index) => ({ path, at: new Date(index * 1_000).toISOString() }));

const start = ['starting.startingEventedRelist.startingGeneric.acting', 'streaming.evented.fresh'];
const degradation = [
  'degrading.stoppingEvented.acting',
  'degrading.stoppingGeneric.acting',
  'degrading.updatingRelistDuration.acting',
  'degrading.startingGeneric.acting',
];

const shown = (...paths: string[]) => {
  const sequence = lastSequence(history(...paths));
  return sequence && { ...sequence, moves: sequence.moves.map(({ path }) => path) };
};

describe('the last sequence of the supervisor', () => {
  it('is a degradation, from what led to it to what it led to', () => {
    expect(shown(...start, ...degradation, 'generic.waiting', 'streaming.probing')).toEqual({
      kind: 'degradation',
      moves: ['streaming.evented.fresh', ...degradation, 'generic.waiting'],
      isDone: true,
    });
  });

  it('is under way until it leads somewhere', () => {
    expect(shown(...start, ...degradation.slice(0, 2))?.isDone).toBe(false);
  });

  it('is a climb where that came later', () => {
    const climb = ['streaming.climbing.stoppingGeneric.acting', 'streaming.climbing.startingGeneric.acting'];
    const paths = [
      ...degradation,
      'generic.waiting',
      'streaming.probing',
      ...climb,
      'streaming.evented.fresh',
    ];
    expect(shown(...paths)).toEqual({
      kind: 'climb',
      moves: ['streaming.probing', ...climb, 'streaming.evented.fresh'],
      isDone: true,
    });
  });

  it('is a degradation alone where it follows a climb that broke', () => {
    expect(shown('streaming.climbing.startingGeneric.acting', ...degradation)?.moves).toHaveLength(5);
  });

  it('is the start before there is another, and nothing before that', () => {
    expect(shown(...start)?.kind).toBe('start');
    expect(shown()).toBeUndefined();
  });
});

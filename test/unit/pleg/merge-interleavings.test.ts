import fc from 'fast-check';
import { describe, it } from 'vitest';
import { Interleaving, type Action, type Step } from './interleaving.ts';

// Life, delivery and calls come more often than what goes wrong.
const step: fc.Arbitrary<Step> = fc.tuple(
  fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom('live', 'advanceRelist', 'advanceInspection') },
    { weight: 1, arbitrary: fc.constantFrom('deliver', 'beginInspection') },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        'deliverTwice',
        'lose',
        'failInspection',
        'requestObservation',
        'requestReinspect',
        'stepClock',
        'wait',
      ),
    },
  ) satisfies fc.Arbitrary<Action>,
  fc.nat(2_000),
);

describe('any interleaving of lists, events and inspections', () => {
  it(
    'publishes each change once, in order and after the cache knows, and ends as the runtime is',
    { timeout: 60_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 250, size: 'max' }), async (steps) => {
          const run = new Interleaving();
          for (const next of steps) await run.take(next);
          await run.settle();
          run.deliverRest();
          await run.settle();
        }),
        { seed: 20_261_120, numRuns: 200 },
      );
    },
  );
});

import { expect } from 'vitest';
import { keepCounterexample } from './check/counterexample.ts';
import { summaryOf, type Run } from './check/run.ts';

/** Explores a world to its end, says how large it is, and fails with the counterexample if there is one. */
export const expectToHold = async (run: Run): Promise<void> => {
  const result = await run.start();
  if (result.counterexample) throw new Error(keepCounterexample(result.counterexample));
  expect(result.isExhausted).toBe(true);
  console.log(summaryOf(run, result));
};

/** A mutant is caught where the named property, and no other, finds a counterexample. */
export const expectToCatch = async (run: Run, property: string): Promise<void> => {
  const { counterexample } = await run.start();
  expect(counterexample, 'a counterexample').toBeDefined();
  expect(counterexample?.property).toBe(property);
  expect(counterexample?.steps.length).toBeGreaterThan(0);
};

/** Two slow cores need seconds for what takes a fast one a moment. */
export const timeoutMs = 300_000;

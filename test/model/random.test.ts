import { describe, expect, it } from 'vitest';
import { keepCounterexample } from './check/counterexample.ts';
import { timeoutMs } from './expect-run.ts';
import { nodeMutants } from './world/mutants.ts';
import { largeWorld, walkAtRandom } from './world/random-walk.ts';

const seed = 20_261_120;

describe('long random runs in a world too large to explore', () => {
  it('keep every property', { timeout: timeoutMs }, async () => {
    const { counterexample, runCount } = await walkAtRandom(largeWorld, 300, seed);
    console.log(`random: ${String(runCount)} runs, seed ${String(seed)}`);
    if (counterexample) throw new Error(keepCounterexample(counterexample));
  });

  it('find a fault and shrink it to a trace that one can read', { timeout: timeoutMs }, async () => {
    const { hands } = nodeMutants.find(({ fault }) => fault.startsWith('Died is said again'))!;
    const { counterexample } = await walkAtRandom({ ...largeWorld, hands }, 300, seed);
    expect(counterexample?.property).toBe('Order');
    expect(counterexample?.steps.length).toBeLessThan(30);
  });
});

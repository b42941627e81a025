import { describe, it } from 'vitest';
import { expectToCatch, timeoutMs } from './expect-run.ts';
import { nodeRun } from './runs.ts';
import { nodeMutants } from './world/mutants.ts';

describe('a faulty rule is caught', () => {
  it.each(nodeMutants)(
    '$fault: by $caughtBy',
    { timeout: timeoutMs },
    async ({ fault, world, hands, caughtBy }) => {
      await expectToCatch(nodeRun(`mutant: ${fault}`, fault, { ...world, hands }), caughtBy);
    },
  );
});

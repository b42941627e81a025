import { describe, it } from 'vitest';
import { expectToHold, timeoutMs } from './expect-run.ts';
import { worldRun } from './runs.ts';

describe('in every interleaving of', () => {
  it.each(['life', 'relists', 'beginning', 'end'] as const)(
    '%s, every property holds',
    { timeout: timeoutMs },
    async (name) => {
      await expectToHold(worldRun(name));
    },
  );
});

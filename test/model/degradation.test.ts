import { describe, it } from 'vitest';
import { expectToCatch, expectToHold, timeoutMs } from './expect-run.ts';
import { supervisionRun, supervisionSpec } from './runs.ts';
import { supervisionMutants } from './supervision/supervision-mutants.ts';

describe('a supervision whose stream and steps fail in any order', () => {
  it('degrades step by step, when it must, and is never at a dead end', { timeout: timeoutMs }, async () => {
    await expectToHold(supervisionRun(supervisionSpec));
  });
});

describe('a faulty supervision is caught by Degradation', () => {
  it.each(supervisionMutants)('$fault', { timeout: timeoutMs }, async ({ fault, spec }) => {
    await expectToCatch(supervisionRun({ ...supervisionSpec, ...spec }, `mutant: ${fault}`), 'Degradation');
  });
});

import { expect, it } from 'vitest';
import { createStampClock } from '../../../src/runtime/stamp-clock.ts';
import { SimulatedTime } from '../../helpers/simulated-time.ts';

it('stamps follow the wall clock, and each is later than the one before', async () => {
  const time = new SimulatedTime();
  const stamps = createStampClock(time);
  const startNs = time.startWallNs;

  expect([stamps(), stamps()]).toEqual([startNs, startNs + 1n]);
  await time.advance(1);
  expect(stamps()).toBe(startNs + 1_000_000n);
  time.wallStepNs = -3_600_000_000_000n;
  expect(stamps()).toBe(startNs + 1_000_001n);
});

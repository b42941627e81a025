import { expect, it } from 'vitest';
import { createRelistLiveness } from '../../../src/agent/relist-liveness.ts';
import { newTestPleg } from '../../helpers/node-pleg.ts';

const callTimeoutMs = 120_000;
const hourMs = 3_600_000;

it.each(['generic', 'evented'] as const)('relists go on in mode %s', async (mode) => {
  const { pleg, time } = newTestPleg({ mode });
  const isTurning = createRelistLiveness(pleg, time, callTimeoutMs);
  expect(isTurning()).toBe(true);
  pleg.start();
  for (let minute = 0; minute < 30; minute += 1) {
    await time.advance(60_000);
    expect(isTurning()).toBe(true);
  }
  await pleg.stop();
});

it('relists go on while they fail', async () => {
  const { pleg, time, runtime } = newTestPleg();
  const isTurning = createRelistLiveness(pleg, time, callTimeoutMs);
  runtime.behaviours.set('listPodSandboxes', new Error('gone'));
  pleg.start();
  await time.advance(hourMs);
  expect(isTurning()).toBe(true);
  await pleg.stop();
});

it('relists do not go on when none begins', async () => {
  const { pleg, time } = newTestPleg();
  const isTurning = createRelistLiveness(pleg, time, callTimeoutMs);
  pleg.start();
  await time.advance(10_000);
  await pleg.genericPleg.stop();
  await time.advance(120_000);
  expect(isTurning()).toBe(true);
  await time.advance(150_000);
  expect(isTurning()).toBe(false);
  await pleg.stop();
});

import type { Time } from '../../lib/time.ts';
import type { ClockFact } from '../facts.ts';
import { sleep } from '../waiting.ts';

/** Whether the wall clock was set while we looked: it should go as far as the monotonic one does. */
export const lookAtClock = async (time: Time, windowMs: number): Promise<ClockFact> => {
  const read = () => ({ wallMs: Number(time.wallNs() / 1_000_000n), monotonicMs: time.monotonicMs() });
  const before = read();
  await sleep(time, windowMs);
  const after = read();
  return { stepMs: after.wallMs - before.wallMs - (after.monotonicMs - before.monotonicMs) };
};

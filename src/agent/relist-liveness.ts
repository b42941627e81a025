import type { Time } from '../lib/time.ts';
import type { NodePleg } from './node-pleg.ts';

/** Relists pause while the supervisor goes from mode to mode; so long at most, milliseconds. */
const stepAllowanceMs = 120_000;

/**
 * Whether relists go on, for a watchdog. They do while the runtime is gone or hangs: then they fail, one after the
 * other, each after its deadline, and a restart would change nothing.
 *
 * @param callTimeoutMs deadline of each call of a relist
 */
export const createRelistLiveness = (
  { relister, genericPleg }: Pick<NodePleg, 'relister' | 'genericPleg'>,
  time: Time,
  callTimeoutMs: number,
): (() => boolean) => {
  const startedMs = time.monotonicMs();
  return () => {
    const ageMs = time.monotonicMs() - (relister.lastBeganMs ?? startedMs);
    return ageMs < genericPleg.relistDuration.periodMs + callTimeoutMs + stepAllowanceMs;
  };
};

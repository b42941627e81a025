import type { RuntimeService } from '../../cri/runtime-service.ts';
import type { Time } from '../../lib/time.ts';
import { tryCall } from '../cri-call.ts';
import type { StatusesFact, StatusFact } from '../facts.ts';
import { UnseenError } from '../seen.ts';
import { workThrough } from '../waiting.ts';
import type { Lists } from './lists.ts';

/** A runtime that is sick already is not to be flooded: reviewers feared as much of kubernetes#95750. */
const places = 16;
const slowMs = 1_000;
const slowestShown = 5;

export interface StatusesOptions {
  readonly service: Pick<RuntimeService, 'podSandboxStatus' | 'containerStatus'>;
  readonly time: Time;
  /** Of each call. */
  readonly deadlineMs: number;
  /** No call is begun later than this after the first. */
  readonly budgetMs: number;
}

/** Asks for the status of every sandbox and every container side by side, and sees which calls hang. */
export const lookAtStatuses = async (
  { sandboxes, containers, names }: Lists,
  { service, time, deadlineMs, budgetMs }: StatusesOptions,
): Promise<StatusesFact> => {
  if (sandboxes === undefined && containers === undefined) {
    throw new UnseenError('neither list came, so there is nobody to ask for');
  }
  const results: StatusFact[] = [];
  const pods = (sandboxes ?? []).map(({ id }) => async () => {
    const { call } = await tryCall(time, 'PodSandboxStatus', deadlineMs, (options) =>
      service.podSandboxStatus(id, options),
    );
    results.push({ pod: names.of(id), call });
  });
  const parts = (containers ?? []).map(({ id, name }) => async () => {
    const { call } = await tryCall(time, 'ContainerStatus', deadlineMs, (options) =>
      service.containerStatus(id, options),
    );
    results.push({ pod: names.of(id), container: { id, name }, call });
  });
  const unasked = await workThrough([...pods, ...parts], { time, places, slowMs, budgetMs }, (ask) => ask());

  const answered = results.filter(({ call }) => call.code === 'OK' || call.code === 'NOT_FOUND');
  const hanging = results.filter(({ call }) => call.code === 'DEADLINE_EXCEEDED');
  const totalMs = answered.reduce((sum, { call }) => sum + call.durationMs, 0);
  return {
    asked: results.length,
    answered: answered.length,
    unasked,
    deadlineMs,
    hanging,
    failed: results.filter((result) => !answered.includes(result) && !hanging.includes(result)),
    slowest: answered.sort((a, b) => b.call.durationMs - a.call.durationMs).slice(0, slowestShown),
    meanPodMs: pods.length === 0 ? 0 : totalMs / pods.length,
  };
};

import { CriError } from '../cri/cri-error.ts';
import { describeRuntimeProblem } from '../cri/runtime-problem.ts';
import type { CallOptions } from '../cri/runtime-service.ts';
import type { Time } from '../lib/time.ts';
import type { CallFact } from './facts.ts';
import { sleep } from './waiting.ts';

/** What the transport gets beyond our own deadline, so that ours is the one that tells. */
const transportGraceMs = 5_000;

/** Makes one CRI call and tells how it went; never rejects. `value` is missing when it failed. */
export const tryCall = async <T>(
  time: Time,
  method: string,
  deadlineMs: number,
  run: (options: CallOptions) => Promise<T>,
): Promise<{ readonly call: CallFact; readonly value?: T }> => {
  const startedMs = time.monotonicMs();
  const done = new AbortController();
  const late = new AbortController();
  const timeout = sleep(time, deadlineMs, done.signal).then(() => {
    throw new CriError(method, 'DEADLINE_EXCEEDED', `no answer within ${deadlineMs / 1000} s`);
  });
  try {
    const answer = run({ signal: late.signal, timeoutMs: deadlineMs + transportGraceMs });
    const value = await Promise.race([answer, timeout]);
    return {
      call: { method, durationMs: time.monotonicMs() - startedMs, code: 'OK', problem: '' },
      value,
    };
  } catch (thrown) {
    const error = CriError.from(thrown, method);
    const problem = describeRuntimeProblem(error);
    return { call: { method, durationMs: time.monotonicMs() - startedMs, code: error.code, problem } };
  } finally {
    timeout.catch(() => {});
    done.abort();
    late.abort();
  }
};

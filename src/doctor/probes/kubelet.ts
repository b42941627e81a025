import type { Time } from '../../lib/time.ts';
import type { KubeletHealthFact, KubeletPlegFact } from '../facts.ts';
import { describeHttpError, httpGet } from '../http-get.ts';
import { findSample, sumSamples } from '../prometheus-text.ts';
import { UnseenError } from '../seen.ts';
import { sleep } from '../waiting.ts';

const bodyShown = 200;

/**
 * The kubelet's own opinion of itself.
 *
 * @throws UnseenError where there is no kubelet; one that says nothing gets status 0
 */
export const lookAtKubeletHealth = async (
  url: string,
  time: Time,
  deadlineMs: number,
): Promise<KubeletHealthFact> => {
  const late = new AbortController();
  const done = new AbortController();
  void sleep(time, deadlineMs, done.signal).then(() => late.abort());
  try {
    const { status, body } = await httpGet(url, late.signal);
    return { url, status, body: body.trim().slice(0, bodyShown) };
  } catch (error) {
    if (done.signal.aborted || !late.signal.aborted) throw new UnseenError(describeHttpError(url, error));
    return { url, status: 0, body: `no answer within ${deadlineMs / 1000} s` };
  } finally {
    done.abort();
  }
};

const names = {
  relists: 'kubelet_pleg_relist_duration_seconds_count',
  relistSeconds: 'kubelet_pleg_relist_duration_seconds_sum',
  discarded: 'kubelet_pleg_discard_events',
  lastSeen: 'kubelet_pleg_last_seen_seconds',
  evented: 'kubelet_evented_pleg_connection_success_count',
} as const;

const operations = 'kubelet_runtime_operations_total';

/** The kubelet's PLEG metrics at both ends of the window, from the first address that shows them. */
export const lookAtKubeletPleg = async (
  urls: readonly string[],
  time: Time,
  windowMs: number,
  signal: AbortSignal,
): Promise<KubeletPlegFact> => {
  const { url, text: before } = await findMetrics(urls, signal);
  const beganMs = time.monotonicMs();
  await sleep(time, windowMs, signal);
  const { body: after } = await httpGet(url, signal);
  const first = sumSamples(before, Object.values(names));
  const last = sumSamples(after, Object.values(names));
  const grown = (name: string): number => (last.get(name) ?? 0) - (first.get(name) ?? 0);
  const execsIn = (text: string): number => findSample(text, operations, 'operation_type="exec_sync"') ?? 0;
  const relists = grown(names.relists);
  const lastSeen = last.get(names.lastSeen);
  return {
    url,
    betweenMs: time.monotonicMs() - beganMs,
    relists,
    meanRelistMs: relists > 0 ? (grown(names.relistSeconds) / relists) * 1_000 : undefined,
    discardedEvents: last.get(names.discarded) ?? 0,
    lastSeenAgeMs: lastSeen === undefined ? undefined : Number(time.wallNs() / 1_000_000n) - lastSeen * 1_000,
    isEvented: (last.get(names.evented) ?? 0) > 0,
    execs: execsIn(after) - execsIn(before),
  };
};

const findMetrics = async (
  urls: readonly string[],
  signal: AbortSignal,
): Promise<{ url: string; text: string }> => {
  const problems: string[] = [];
  for (const url of urls) {
    try {
      const { status, body } = await httpGet(url, signal);
      if (status === 200 && body.includes('kubelet_pleg_')) return { url, text: body };
      problems.push(
        status === 401 || status === 403
          ? `${url} wants credentials; use kubectl get --raw /api/v1/nodes/NODE/proxy/metrics`
          : `${url} answered ${status} without PLEG metrics`,
      );
    } catch (error) {
      problems.push(describeHttpError(url, error));
    }
  }
  throw new UnseenError(problems.join('; '));
};

import { z } from 'zod';
import type { AgentFact } from '../facts.ts';
import { describeHttpError, httpGet } from '../http-get.ts';
import { UnseenError } from '../seen.ts';

const stuckSchema = z.object({
  podNamespace: z.string(),
  podName: z.string(),
  since: z.string(),
  call: z.union([z.string(), z.object({ method: z.string() })]).optional(),
  containerName: z.string().optional(),
});

/** What the doctor reads of /v1/status; agents of other versions may tell more or less. */
const statusSchema = z.object({
  mode: z.string(),
  health: z.object({
    ok: z.boolean(),
    message: z.string(),
    checks: z.array(z.object({ name: z.string(), ok: z.boolean(), message: z.string() })).default([]),
  }),
  stream: z.object({ state: z.string() }),
  counts: z.object({ missedEvents: z.number() }),
  stuck: z.array(stuckSchema).catch([]),
});

/** Asks a running plegd agent how it does. */
export const lookAtAgent = async (url: string, signal: AbortSignal): Promise<AgentFact> => {
  const { status, body } = await httpGet(url, signal).catch((error: unknown) => {
    throw new UnseenError(describeHttpError(url, error));
  });
  if (status !== 200) throw new UnseenError(`${url} answered ${status}`);
  const { success, data } = statusSchema.safeParse(parseJson(body));
  if (!success) throw new UnseenError(`what answers at ${url} is no plegd agent`);
  const { health, mode, stream, counts, stuck } = data;
  return {
    url,
    ok: health.ok,
    message: health.message,
    degradations: health.checks.filter(({ ok }) => !ok).map(({ name, message }) => `${name}: ${message}`),
    mode,
    streamState: stream.state,
    missedEvents: counts.missedEvents,
    stuck: stuck.map(describeStuck),
  };
};

const describeStuck = ({
  podNamespace,
  podName,
  containerName,
  call,
  since,
}: z.infer<typeof stuckSchema>): string => {
  const method = typeof call === 'object' ? call.method : call;
  return [
    `${podNamespace}/${podName}`,
    ...(containerName === undefined ? [] : [`container ${containerName}`]),
    `${method ?? 'inspection'} since ${since}`,
  ].join(', ');
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

import { z } from 'zod';
import type { AgentFact } from '../facts.ts';
import { describeHttpError, httpGet } from '../http-get.ts';
import { UnseenError } from '../seen.ts';

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
});

/** Asks a running plegd agent how it does. */
export const lookAtAgent = async (url: string, signal: AbortSignal): Promise<AgentFact> => {
  const { status, body } = await httpGet(url, signal).catch((error: unknown) => {
    throw new UnseenError(describeHttpError(url, error));
  });
  if (status !== 200) throw new UnseenError(`${url} answered ${status}`);
  const { success, data } = statusSchema.safeParse(parseJson(body));
  if (!success) throw new UnseenError(`what answers at ${url} is no plegd agent`);
  const { health, mode, stream, counts } = data;
  return {
    url,
    ok: health.ok,
    message: health.message,
    degradations: health.checks.filter(({ ok }) => !ok).map(({ name, message }) => `${name}: ${message}`),
    mode,
    streamState: stream.state,
    missedEvents: counts.missedEvents,
    stuck: [],
  };
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

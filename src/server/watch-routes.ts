import type { FastifyInstance, FastifyReply } from 'fastify';
import { unexpected } from '../lib/unexpected.ts';
import type { LogEntry } from '../pleg/lifecycle-event.ts';
import type { AppOptions } from './app.ts';
import { WatchHub } from './watch-hub.ts';
import type { KeptEvents, WatchedContainer } from './watch-messages.ts';

/** More pages than this on one agent are a mistake. */
const maxViewers = 200;

/** Entries in one answer; the page shows no more. */
const maxEntries = 500;

/** What the page asks for. */
export function addWatchRoutes(
  app: FastifyInstance,
  { view, logger, time, followers, inspect }: AppOptions,
): void {
  const hub = new WatchHub({ view, logger, time, isInspectable: inspect !== undefined });

  // No HEAD: its answer would never end.
  app.get('/v1/watch', { exposeHeadRoute: false }, async (_request, reply: FastifyReply) => {
    if (hub.servedCount >= maxViewers) {
      return reply.code(503).send({ error: `${maxViewers} pages watch already, close one of them` });
    }
    const response = reply.hijack().raw;
    const follower = new AbortController();
    followers.add(follower);
    response.once('close', () => {
      followers.delete(follower);
      follower.abort();
    });
    await hub.serve(response, follower.signal);
  });

  app.get<{ Querystring: { since?: unknown } }>('/v1/watch/events', (request, reply): unknown => {
    const { since = '0' } = request.query;
    if (typeof since !== 'string' || !/^\d{1,15}$/.test(since)) {
      return reply.code(400).send({ error: unexpected('since', since, 'the number of an event, 0 or more') });
    }
    const entries: LogEntry[] = [];
    for (const entry of view.watch.keptEvents(Number(since))) {
      entries.push(entry);
      if (entries.length > maxEntries) entries.shift();
    }
    const answer: KeptEvents = { entries, ...view.status().log };
    return answer;
  });

  app.get<{ Params: { id: string } }>('/v1/watch/containers/:id', ({ params: { id } }, reply): unknown => {
    const container = view.watch.container(id);
    const history = [...view.watch.keptEvents(0)].filter(
      (entry) => 'containerId' in entry && entry.containerId === id,
    );
    if (!container && history.length === 0) {
      return reply
        .code(404)
        .send({ error: `no container ${JSON.stringify(id)} here, and the log does not know it` });
    }
    const answer: WatchedContainer = { ...(container ? { container } : {}), history };
    return answer;
  });
}

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { maxFollowers } from './access-bounds.ts';
import type { AppOptions, RouteOptions } from './app.ts';
import { eventEncodings } from './event-encoding.ts';
import { type EventQuery, EventQueryError, matchesQuery, readEventQuery } from './event-query.ts';
import { streamEvents } from './event-stream.ts';
import { renderHealthz } from './healthz.ts';
import { addInspectRoutes } from './inspect-routes.ts';
import { addPageRoutes } from './page-routes.ts';
import { addWatchRoutes } from './watch-routes.ts';

const overview = `plegd, the pod lifecycle events of this node

GET /              this node live, in a browser
GET /healthz       200 ok, or 500 and why not; ?verbose lists every check
GET /metrics       for Prometheus
GET /v1/status     mode, supervisor, relist, stream and runtime
GET /v1/pods       pods and their containers
GET /v1/events     server-sent events; ?format=ndjson for JSON lines,
                   ?since=SEQ to resume, ?pod=NAME and ?type=TYPE to choose
`;

export function addRoutes(app: FastifyInstance, options: RouteOptions): void {
  const { view } = options;
  addPageRoutes(app, overview);
  addWatchRoutes(app, options);
  addInspectRoutes(app, options);
  app.get<{ Querystring: { verbose?: string } }>('/healthz', (request, reply) => {
    const report = view.health();
    const verbose = request.query.verbose !== undefined;
    return reply
      .code(report.ok ? 200 : 500)
      .type('text/plain; charset=utf-8')
      .send(renderHealthz(report, verbose));
  });
  app.get('/metrics', async (_request, reply) => {
    const { contentType, text } = await view.metrics();
    return reply.type(contentType).send(text);
  });
  app.get('/v1/status', () => view.status());
  app.get('/v1/pods', () => ({ pods: view.pods() }));
  // No HEAD: its answer would never end.
  app.get('/v1/events', { exposeHeadRoute: false }, (request, reply) => sendEvents(request, reply, options));
}

async function sendEvents(
  request: FastifyRequest,
  reply: FastifyReply,
  { view, logger, time, followers }: AppOptions,
): Promise<void> {
  const query = readQuery(request);
  if (followers.size >= maxFollowers) {
    return reply.code(503).send({ error: `${maxFollowers} event streams are open, close one of them` });
  }
  const response = reply.hijack().raw;
  const follower = new AbortController();
  const { signal } = follower;
  followers.add(follower);
  response.once('close', () => {
    followers.delete(follower);
    follower.abort();
  });
  try {
    await streamEvents(response, {
      entries: view.subscribe({ signal, ...(query.since !== undefined && { since: query.since }) }),
      matches: (entry) => matchesQuery(entry, query),
      encoding: eventEncodings[query.format],
      time,
      signal,
    });
  } catch (err) {
    logger.error({ err }, 'event stream broke off');
    response.destroy();
  }
}

/** The question in the URL; a reconnecting browser repeats it and adds `Last-Event-ID`, which is newer. */
function readQuery(request: FastifyRequest): EventQuery {
  const lastEventId = request.headers['last-event-id'];
  const fields = request.query as Record<string, unknown>;
  try {
    if (lastEventId === undefined || lastEventId === '') return readEventQuery(fields);
    return readEventQuery({ ...fields, since: lastEventId }, (field) =>
      field === 'since' ? 'Last-Event-ID' : field,
    );
  } catch (error) {
    throw error instanceof EventQueryError ? Object.assign(error, { statusCode: 400 }) : error;
  }
}

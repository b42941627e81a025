import { type FastifyInstance, type FastifyReply, fastify } from 'fastify';
import type { Logger } from '../lib/log.ts';
import type { Time } from '../lib/time.ts';
import type { AgentView } from './agent-view.ts';
import { isAllowedHost } from './host-guard.ts';
import type { InspectView } from './inspect-feed.ts';
import { addRoutes } from './routes.ts';

export interface AppOptions {
  readonly view: AgentView;
  readonly logger: Logger;
  readonly time: Time;
  /** One for each event stream that is open; aborting it ends the stream. */
  readonly followers: Set<AbortController>;
  /** The machines, where they may be watched at /stately. */
  readonly inspect?: InspectView | undefined;
}

/** The HTTP API, not yet listening. Every answer that is no success is `{"error": "…"}`, one line. */
export function createApp(options: AppOptions): FastifyInstance {
  const { logger } = options;
  const app = fastify({
    // Nothing here takes a body, and nobody needs long to ask.
    bodyLimit: 1024,
    requestTimeout: 10_000,
    http: { maxHeaderSize: 8192, headersTimeout: 10_000 },
    // An idle connection must not hold up the end.
    forceCloseConnections: true,
    frameworkErrors: (error, _request, reply: FastifyReply) => {
      void reply.code(error.statusCode ?? 400).send({ error: error.message });
    },
  });

  app.addHook('onRequest', async (request, reply) => {
    const bound = app.server.address();
    const address = typeof bound === 'object' ? bound?.address : undefined;
    if (isAllowedHost(request.headers.host, address ?? '127.0.0.1')) return;
    const host = JSON.stringify(request.headers.host ?? '');
    return reply
      .code(403)
      .send({ error: `Host ${host} is not served here, expected localhost, 127.0.0.1 or [::1]` });
  });
  app.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
  });
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send({ error: `no ${request.method} ${request.url} here, GET / lists what there is` }),
  );
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status < 500) return reply.code(status).send({ error: error.message });
    logger.error({ err: error, method: request.method, url: request.url }, 'request failed');
    return reply
      .code(500)
      .send({ error: `${request.method} ${request.url} failed, the agent's log says why` });
  });

  addRoutes(app, options);
  return app;
}

import type { ServerOptions as HttpOptions } from 'node:http';
import { type FastifyInstance, type FastifyReply, fastify } from 'fastify';
import type { Logger } from '../lib/log.ts';
import type { Time } from '../lib/time.ts';
import type { Access } from './access.ts';
import { maxConnections, requestBounds } from './access-bounds.ts';
import { createGuard, type Guard } from './access-guard.ts';
import type { AgentView } from './agent-view.ts';
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
  /** @default everybody who reaches the address */
  readonly access?: Access | undefined;
}

/** What the routes work with. */
export interface RouteOptions extends AppOptions {
  readonly guard: Guard;
}

/** The HTTP API, not yet listening. Every answer that is no success is `{"error": "…"}`, one line. */
export function createApp(options: AppOptions): FastifyInstance {
  const { logger, time, access = {} } = options;
  const app = fastify({
    ...serverOptions(access),
    // Nothing here takes a body, and nobody needs long to ask.
    bodyLimit: requestBounds.bodyBytes,
    requestTimeout: requestBounds.timeoutMs,
    // An idle connection must not hold up the end.
    forceCloseConnections: true,
    frameworkErrors: (error, _request, reply: FastifyReply) => {
      void reply.code(error.statusCode ?? 400).send({ error: error.message });
    },
  });

  app.server.maxConnections = maxConnections;
  const guard = createGuard({
    access,
    time,
    address: () => {
      const bound = app.server.address();
      return (typeof bound === 'object' ? bound?.address : undefined) ?? '127.0.0.1';
    },
  });
  app.addHook('onRequest', async (request, reply) => {
    const refusal = guard(request.raw);
    if (refusal === undefined) return;
    const { statusCode, error, headers = {} } = refusal;
    return reply.code(statusCode).headers(headers).send({ error });
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

  addRoutes(app, { ...options, guard });
  return app;
}

/** HTTPS where there are certificates. Who has a token may come without a certificate; else none gets as far. */
function serverOptions({ certificates, token }: Access): { http: HttpOptions } {
  const limits = { maxHeaderSize: requestBounds.headerBytes, headersTimeout: requestBounds.timeoutMs };
  if (certificates === undefined) return { http: limits };
  const requestCert = certificates.ca !== undefined;
  const https = { ...limits, ...certificates, requestCert, rejectUnauthorized: requestCert && !token };
  // Fastify types what it makes by the name of the option; a server over TLS does all that one without does.
  return { https } as unknown as { http: HttpOptions };
}

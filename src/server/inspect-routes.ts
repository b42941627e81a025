import type { FastifyInstance } from 'fastify';
import type { RouteOptions } from './app.ts';
import { InspectSockets } from './inspect-sockets.ts';
import { PageFiles } from './page-files.ts';
import { pageHeaders } from './page-routes.ts';

/** The one place outside that a page of ours may show, and only in a frame. */
export const statelyOrigin = 'https://stately.ai';

/** `/stately`: the machines in the inspector that stately.ai hosts; not there unless it was asked for. */
export function addInspectRoutes(app: FastifyInstance, { inspect, time, guard }: RouteOptions): void {
  if (inspect === undefined) {
    app.get('/stately', (_request, reply) =>
      reply.code(404).send({ error: 'machines are not shown to Stately, start plegd with --inspect' }),
    );
    return;
  }
  const sockets = new InspectSockets(app.server, {
    inspect,
    time,
    isAllowed: (request) => guard(request) === undefined,
  });
  app.addHook('preClose', async () => sockets.close());

  const files = new PageFiles();
  app.get('/stately', (_request, reply) => {
    const file = files.get('page/stately.html');
    if (file === undefined) return reply.code(503).send({ error: 'the page is not built: npm run build' });
    return reply
      .headers(pageHeaders(`frame-src ${statelyOrigin}`))
      .type(file.contentType)
      .send(file.text);
  });
}

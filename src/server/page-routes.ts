import type { FastifyInstance, FastifyReply } from 'fastify';
import { PageFiles } from './page-files.ts';

/**
 * A page takes nothing from elsewhere, and no other page takes it in.
 *
 * @param exceptions directives that allow one page more
 */
export const pageHeaders = (...exceptions: readonly string[]) => ({
  'content-security-policy': [
    "default-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
    ...exceptions,
  ].join('; '),
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
});

/**
 * The page and its files, from the package.
 *
 * @param overview what those get who do not ask for HTML, such as curl
 */
export function addPageRoutes(app: FastifyInstance, overview: string): void {
  const files = new PageFiles();
  const send = (reply: FastifyReply, path: string): FastifyReply => {
    const file = files.get(path);
    if (file === undefined) {
      return reply.code(404).send({ error: `no ${path} here, GET / lists what there is` });
    }
    return reply.headers(pageHeaders()).type(file.contentType).send(file.text);
  };

  app.get('/', (request, reply) => {
    if (!request.headers.accept?.includes('text/html')) {
      return reply.type('text/plain; charset=utf-8').send(overview);
    }
    if (files.get('page/index.html') === undefined) {
      return reply
        .code(503)
        .type('text/plain; charset=utf-8')
        .send(`The page is not built: npm run build, then start plegd anew.\n\n${overview}`);
    }
    return send(reply, 'page/index.html');
  });
  app.get<{ Params: { file: string } }>('/page/:file', ({ params: { file } }, reply) =>
    send(reply, `page/${file}`),
  );
  app.get<{ Params: { file: string } }>('/machines/:file', ({ params: { file } }, reply) =>
    send(reply, `machines/${file}`),
  );
}

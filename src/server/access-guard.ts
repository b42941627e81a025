import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { RateBound } from '../lib/rate-bound.ts';
import type { Time } from '../lib/time.ts';
import type { Access } from './access.ts';
import { requestRate } from './access-bounds.ts';
import { isAllowedHost } from './host-guard.ts';

/** Why a request is not answered, and how that is said. */
export interface Refusal {
  readonly statusCode: 401 | 403 | 429;
  readonly error: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Looks at a request, be it for an answer, a stream or a socket; undefined lets it in. */
export type Guard = (request: IncomingMessage) => Refusal | undefined;

export interface GuardOptions {
  readonly access: Access;
  /** The address that the server's socket is bound to. */
  readonly address: () => string;
  readonly time: Time;
}

export function createGuard({ access: { certificates, token }, address, time }: GuardOptions): Guard {
  const requests = new RateBound({ time, ...requestRate });
  const isIdentified = (request: IncomingMessage): boolean => {
    if (token === undefined && certificates?.ca === undefined) return true;
    const { socket } = request;
    if (certificates?.ca !== undefined && socket instanceof TLSSocket && socket.authorized) return true;
    const given = givenToken(request.headers.authorization);
    return token !== undefined && given !== undefined && token.matches(given);
  };
  return (request) => {
    if (!requests.take(request.socket.remoteAddress ?? '')) {
      return {
        statusCode: 429,
        error: `more than ${requestRate.perSecond} requests a second; come later`,
        headers: { 'retry-after': '1' },
      };
    }
    const { host } = request.headers;
    if (!isAllowedHost(host, address())) {
      return {
        statusCode: 403,
        error: `Host ${JSON.stringify(host ?? '')} is not served here, expected localhost, 127.0.0.1 or [::1]`,
      };
    }
    const site = otherSite(request);
    if (site !== undefined) {
      return { statusCode: 403, error: `pages of ${site} may not read this, only pages from here` };
    }
    if (isIdentified(request)) return undefined;
    return {
      statusCode: 401,
      error: 'who are you? send the token of --token-file as "Authorization: Bearer TOKEN"',
      // Browsers only ask for a name and a password: any name, and the token.
      headers: { 'www-authenticate': 'Bearer, Basic realm="plegd", charset="UTF-8"' },
    };
  };
}

/** The token, or the password that a browser asked for. */
function givenToken(authorization: string | undefined): string | undefined {
  const [, scheme, value = ''] = /^(Bearer|Basic) +(\S+) *$/i.exec(authorization ?? '') ?? [];
  if (scheme?.toLowerCase() !== 'basic') return scheme && value;
  const [, password] = /^[^:]*:(.*)$/s.exec(Buffer.from(value, 'base64').toString()) ?? [];
  return password;
}

/**
 * The other site whose page makes a browser ask, judging by what browsers say. `Origin` comes with what scripts
 * ask across sites; `Sec-Fetch-Site` also where no `Origin` does, as with images. Following a link is not
 * reading.
 */
function otherSite({ headers }: IncomingMessage): string | undefined {
  const { origin } = headers;
  if (origin !== undefined && !(URL.canParse(origin) && new URL(origin).host === headers.host)) {
    return JSON.stringify(origin.slice(0, 100));
  }
  const site = headers['sec-fetch-site'] ?? 'none';
  if (site === 'none' || site === 'same-origin') return undefined;
  const isLink = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  return isLink ? undefined : 'other sites';
}

import { isIP } from 'node:net';
import { formatHostPort, type HostPort } from '../lib/host-port.ts';
import type { Logger } from '../lib/log.ts';
import type { Time } from '../lib/time.ts';
import { type Certificates, readCertificates } from './access-certificates.ts';
import { AccessError } from './access-error.ts';
import { AccessToken } from './access-token.ts';
import { isLoopback } from './host-guard.ts';

/** Paths of files; each may be missing. */
export interface AccessFiles {
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
  readonly clientCa: string | undefined;
  readonly tokenFile: string | undefined;
}

/** Who gets in. With neither token nor client certificates, everybody who reaches the address. */
export interface Access {
  /** For TLS; without them plain HTTP. */
  readonly certificates?: Certificates;
  readonly token?: AccessToken;
}

/**
 * Reads the files and holds them to the rule: an address that others reach is served over TLS, and only to those
 * who have the token or a certificate of the CA.
 *
 * @throws {AccessError}
 */
export function readAccess(
  listen: HostPort,
  { tlsCert, tlsKey, clientCa, tokenFile }: AccessFiles,
  { time, logger }: { readonly time: Time; readonly logger: Logger },
): Access {
  if (tlsCert !== undefined && tlsKey === undefined) throw new AccessError('--tls-cert needs --tls-key');
  if (tlsKey !== undefined && tlsCert === undefined) throw new AccessError('--tls-key needs --tls-cert');
  if (clientCa !== undefined && tlsCert === undefined) {
    throw new AccessError('--client-ca needs --tls-cert and --tls-key');
  }
  const access = {
    ...(tlsCert !== undefined && tlsKey !== undefined
      ? { certificates: readCertificates({ tlsCert, tlsKey, clientCa }) }
      : {}),
    ...(tokenFile === undefined ? {} : { token: new AccessToken({ path: tokenFile, time, logger }) }),
  };
  requireProtection(listen, access);
  return access;
}

/** @throws {AccessError} for an address that others reach and that everybody may use */
export function requireProtection(listen: HostPort, { certificates, token }: Access): void {
  const isProtected = certificates !== undefined && (certificates.ca ?? token) !== undefined;
  if (isProtected || isOnlyLocal(listen.host)) return;
  throw new AccessError(
    `--listen ${formatHostPort(listen)}: others reach this address, so it needs --tls-cert and --tls-key, and --token-file or --client-ca; or listen on 127.0.0.1`,
  );
}

/** Of all names only `localhost` is known to stay on the machine (RFC 6761). */
export const isOnlyLocal = (host: string): boolean =>
  host === 'localhost' || (isIP(host) !== 0 && isLoopback(host));

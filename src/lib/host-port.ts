import { isIP, isIPv6 } from 'node:net';

/** An address to listen on or to connect to. */
export interface HostPort {
  /** A name or an address, IPv6 without brackets. */
  readonly host: string;
  /** 0 to 65535. */
  readonly port: number;
}

const pattern = /^(?:\[([^\]]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/;

/**
 * Reads `127.0.0.1:10270`, `localhost:0` or `[::1]:10270`.
 *
 * The host must be there: an empty one would mean every interface, which is worth spelling out.
 *
 * @returns undefined when the text is anything else
 */
export function parseHostPort(text: string): HostPort | undefined {
  const [, bracketed, name, digits = ''] = pattern.exec(text) ?? [];
  const host = bracketed ?? name;
  const port = Number(digits);
  if (host === undefined || port > 65_535) return undefined;
  if (bracketed !== undefined && !isIPv6(bracketed)) return undefined;
  // Only digits and dots can be meant as nothing but an IPv4 address.
  if (/^[\d.]+$/.test(host) && isIP(host) === 0) return undefined;
  return { host, port };
}

export const formatHostPort = ({ host, port }: HostPort): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

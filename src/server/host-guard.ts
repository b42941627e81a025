import { isIPv6 } from 'node:net';

/** Whether an address of a listening socket is reached from this machine only. */
export const isLoopback = (address: string): boolean =>
  address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.');

/**
 * Whether a request may be for us, judging by its `Host` header.
 *
 * A web page can point its own name at 127.0.0.1 and so read what listens there (DNS rebinding), but the
 * browser then sends that name. On any other address names are the network's business.
 *
 * @param address what the server's socket is bound to
 */
export function isAllowedHost(host: string | undefined, address: string): boolean {
  if (!isLoopback(address)) return true;
  const name = host?.toLowerCase().replace(/:\d+$/, '');
  const own = isIPv6(address) ? `[${address}]` : address;
  return name !== undefined && ['localhost', '127.0.0.1', '[::1]', own].includes(name);
}

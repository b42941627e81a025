import { formatHostPort, type HostPort } from '../lib/host-port.ts';

const problems: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is in use; stop what uses it, or choose another with --listen',
  EACCES: 'no permission for this port; choose one above 1023 with --listen',
  EADDRNOTAVAIL: 'this machine has no such address; choose another with --listen',
  ENOTFOUND: 'no such host name; choose another with --listen',
  EAI_AGAIN: 'the host name cannot be resolved now; choose an address with --listen',
};

/** The HTTP API has no address to listen on; `cause` is the error of the socket. */
export class ListenError extends Error {
  override readonly name = 'ListenError';

  static from(cause: unknown, listen: HostPort): ListenError {
    const { code = '', message } = cause as NodeJS.ErrnoException;
    return new ListenError(`cannot listen on ${formatHostPort(listen)}: ${problems[code] ?? message}`, {
      cause,
    });
  }
}

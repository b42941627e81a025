import { type Command, InvalidArgumentError, Option } from 'commander';
import { optionTable } from '../agent/config-options.ts';
import { listenType } from '../agent/config-type.ts';
import { type HostPort, parseHostPort } from '../lib/host-port.ts';
import { readFile } from '../server/access-certificates.ts';
import { readToken } from '../server/access-token.ts';
import { isOnlyLocal } from '../server/access.ts';
import type { AgentAddress } from './agent-client.ts';
import { UsageError } from './exit.ts';

/** Where a running agent is, and what it wants to see. */
export interface AgentFlags {
  readonly server: HostPort & { readonly isTls: boolean };
  readonly tokenFile?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

const readServer = (text: string): AgentFlags['server'] => {
  const [, scheme, rest = ''] = /^(https?:\/\/)?([^/]*)\/?$/.exec(text) ?? [];
  const server = parseHostPort(rest);
  if (server !== undefined) return { ...server, isTls: scheme === 'https://' };
  throw new InvalidArgumentError(`Expected ${listenType.expected}, or https:// and this.`);
};

/** Gives a command the flags of who talks to a running agent. */
export function addAgentOptions(command: Command): Command {
  const usual = optionTable.listen.default ?? '';
  const server = new Option('--server <URL>', 'where the agent listens, HOST:PORT or https://HOST:PORT');
  return command
    .addOption(server.argParser(readServer).default(readServer(usual), usual))
    .option('--token-file <FILE>', 'token of the agent')
    .option('--ca <FILE>', "who signs the agent's certificate, PEM (default: whom Node trusts)")
    .option('--cert <FILE>', 'certificate to show to the agent, PEM')
    .option('--key <FILE>', 'key of that certificate, PEM');
}

/**
 * @throws UsageError for flags that make no sense together
 * @throws AccessError for a file that will not do
 */
export function readAgentAddress({ server, tokenFile, ca, cert, key }: AgentFlags): AgentAddress {
  const { isTls, ...address } = server;
  if ((cert === undefined) !== (key === undefined)) throw new UsageError('--cert and --key go together');
  if (!isTls && (ca ?? cert) !== undefined) throw new UsageError('--ca and --cert need --server https://…');
  if (!isTls && tokenFile !== undefined && !isOnlyLocal(server.host)) {
    throw new UsageError(
      '--token-file: the token would go over the network for all to read; use --server https://…',
    );
  }
  if (tokenFile !== undefined) readToken(tokenFile);
  const tls = {
    ...(ca === undefined ? {} : { ca: readFile('--ca', ca) }),
    ...(cert === undefined ? {} : { cert: readFile('--cert', cert) }),
    ...(key === undefined ? {} : { key: readFile('--key', key) }),
  };
  return {
    ...address,
    ...(isTls ? { tls } : {}),
    // Read for each request: it may change while events are followed.
    ...(tokenFile === undefined ? {} : { token: () => readToken(tokenFile) }),
  };
}

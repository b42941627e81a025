import { InvalidArgumentError, Option } from 'commander';
import { listenType } from '../agent/config-type.ts';
import { optionTable } from '../agent/config-options.ts';
import { type HostPort, parseHostPort } from '../lib/host-port.ts';

export const readHostPort = (text: string): HostPort => {
  const server = parseHostPort(text);
  if (server === undefined) throw new InvalidArgumentError(`Expected ${listenType.expected}.`);
  return server;
};

/** `--server`, where a running agent listens; a fresh one for each command. */
export const createServerOption = (): Option => {
  const usual = optionTable.listen.default ?? '';
  return new Option('--server <HOST:PORT>', 'where the agent listens')
    .argParser(readHostPort)
    .default(readHostPort(usual), usual);
};

import { type Command, Option } from 'commander';
import type { HostPort } from '../lib/host-port.ts';
import { AgentClient } from './agent-client.ts';
import { SilentExit } from './exit.ts';
import { type CliIo, print } from './io.ts';
import { createServerOption } from './server-option.ts';
import { renderStatus } from './status-text.ts';

interface StatusFlags {
  readonly server: HostPort;
  readonly output: 'text' | 'json';
}

export function addStatusCommand(program: Command, io: CliIo): void {
  program
    .command('status')
    .description('show how a running agent does; exit code 0 when healthy, 1 when not')
    .addOption(createServerOption())
    .addOption(new Option('-o, --output <FORMAT>', 'format').choices(['text', 'json']).default('text'))
    .action(async ({ server, output }: StatusFlags) => {
      const status = await new AgentClient(server).status();
      await print(io, output === 'json' ? JSON.stringify(status, null, 2) : renderStatus(status, Date.now()));
      if (!status.health.ok) throw new SilentExit(1);
    });
}

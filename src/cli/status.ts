import { type Command, Option } from 'commander';
import { AgentClient } from './agent-client.ts';
import { addAgentOptions, type AgentFlags, readAgentAddress } from './agent-options.ts';
import { SilentExit } from './exit.ts';
import { type CliIo, print } from './io.ts';
import { renderStatus } from './status-text.ts';

interface StatusFlags extends AgentFlags {
  readonly output: 'text' | 'json';
}

export function addStatusCommand(program: Command, io: CliIo): void {
  addAgentOptions(
    program
      .command('status')
      .description('show how a running agent does; exit code 0 when healthy, 1 when not'),
  )
    .addOption(new Option('-o, --output <FORMAT>', 'format').choices(['text', 'json']).default('text'))
    .action(async ({ output, ...agent }: StatusFlags) => {
      const status = await new AgentClient(readAgentAddress(agent)).status();
      await print(io, output === 'json' ? JSON.stringify(status, null, 2) : renderStatus(status, Date.now()));
      if (!status.health.ok) throw new SilentExit(1);
    });
}

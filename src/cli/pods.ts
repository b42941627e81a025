import { type Command, Option } from 'commander';
import type { HostPort } from '../lib/host-port.ts';
import { AgentClient } from './agent-client.ts';
import { type CliIo, notify, print } from './io.ts';
import { type PodsOutput, renderPods } from './pods-text.ts';
import { createServerOption } from './server-option.ts';

interface PodsFlags {
  readonly server: HostPort;
  readonly output: PodsOutput;
}

export function addPodsCommand(program: Command, io: CliIo): void {
  program
    .command('pods')
    .description('show pods and containers as a running agent knows them')
    .addOption(createServerOption())
    .addOption(
      new Option('-o, --output <FORMAT>', 'format').choices(['table', 'wide', 'json']).default('table'),
    )
    .action(async ({ server, output }: PodsFlags) => {
      const pods = await new AgentClient(server).pods();
      if (pods.length === 0 && output !== 'json') notify(io, 'no pods');
      else await print(io, renderPods(pods, output, Date.now()));
    });
}

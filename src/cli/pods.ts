import { type Command, Option } from 'commander';
import { AgentClient } from './agent-client.ts';
import { addAgentOptions, type AgentFlags, readAgentAddress } from './agent-options.ts';
import { type CliIo, notify, print } from './io.ts';
import { type PodsOutput, renderPods } from './pods-text.ts';

interface PodsFlags extends AgentFlags {
  readonly output: PodsOutput;
}

export function addPodsCommand(program: Command, io: CliIo): void {
  addAgentOptions(
    program.command('pods').description('show pods and containers as a running agent knows them'),
  )
    .addOption(
      new Option('-o, --output <FORMAT>', 'format').choices(['table', 'wide', 'json']).default('table'),
    )
    .action(async ({ output, ...agent }: PodsFlags) => {
      const pods = await new AgentClient(readAgentAddress(agent)).pods();
      if (pods.length === 0 && output !== 'json') notify(io, 'no pods');
      else await print(io, renderPods(pods, output, Date.now()));
    });
}

import { readFile } from 'node:fs/promises';
import { Argument, type Command, Option } from 'commander';
import { chartOf } from '../diagram/chart.ts';
import { machineJson } from '../diagram/machine-json.ts';
import { type MachineName, machineNames, machines } from '../diagram/machines.ts';
import { renderMermaid } from '../diagram/mermaid.ts';
import { packageFile } from '../lib/package-file.ts';
import { type CliIo, print } from './io.ts';

interface MachinesFlags {
  readonly output: 'json' | 'mermaid' | 'svg';
}

export function addMachinesCommand(program: Command, io: CliIo): void {
  program
    .command('machines')
    .description('print the state machines that decide, one or all')
    .addArgument(new Argument('[name]', 'which machine').choices(machineNames))
    .addOption(
      new Option('-o, --output <FORMAT>', "XState's JSON, Mermaid, or a picture")
        .choices(['json', 'mermaid', 'svg'])
        .default('json'),
    )
    .action(async (name: MachineName | undefined, { output }: MachinesFlags) => {
      for (const each of name === undefined ? machineNames : [name]) {
        await print(io, (await render(each, output)).trimEnd());
      }
    });
}

async function render(name: MachineName, output: MachinesFlags['output']): Promise<string> {
  if (output === 'json') return machineJson(machines[name]);
  if (output === 'mermaid') return renderMermaid(chartOf(machines[name]));
  // Laid out when plegd was built.
  return readFile(packageFile(`docs/machines/${name}.svg`), 'utf8');
}

import { type Command, Option } from 'commander';
import { type EventQuery, matchesQuery, readEventQuery } from '../server/event-query.ts';
import { AgentClient } from './agent-client.ts';
import { addAgentOptions, type AgentFlags, readAgentAddress } from './agent-options.ts';
import { followAgent } from './agent-follower.ts';
import { type EventOutput, renderEntry } from './event-text.ts';
import { type CliIo, notify, print } from './io.ts';
import { followRuntime } from './runtime-follower.ts';
import { serveUntilStopped } from './stop.ts';

interface EventsFlags extends AgentFlags {
  readonly runtimeEndpoint?: string;
  readonly output: EventOutput;
  readonly since?: string;
  readonly pod?: string[];
  readonly type?: string[];
}

const collect = (value: string, before: string[] = []): string[] => [...before, value];

export function addEventsCommand(program: Command, io: CliIo): void {
  addAgentOptions(
    program.command('events').description('follow the events of a running agent, or of a runtime directly'),
  )
    .addOption(
      new Option('--runtime-endpoint <URL>', 'follow this runtime without an agent').conflicts([
        'server',
        'since',
      ]),
    )
    .addOption(new Option('-o, --output <FORMAT>', 'format').choices(['text', 'json']).default('text'))
    .option('--since <SEQ>', 'begin after this event; 0 for all that are kept (default: only new ones)')
    .option('--pod <NAME>', 'only this pod, by name or namespace/name; may be repeated', collect)
    .option('--type <TYPE>', 'only this type of event, such as ContainerDied; may be repeated', collect)
    .action((flags: EventsFlags) => {
      const { since, pod = [], type = [] } = flags;
      const query = readEventQuery({ since, pod, type }, (field) => `--${field}`);
      return flags.runtimeEndpoint === undefined
        ? printAgent(flags, query, io)
        : printRuntime(flags.runtimeEndpoint, flags, query, io);
    });
}

async function printAgent({ output, ...agent }: EventsFlags, query: EventQuery, io: CliIo): Promise<void> {
  const entries = followAgent(new AgentClient(readAgentAddress(agent)), {
    query,
    notify: (text) => notify(io, text),
    time: io.time,
    signal: io.readerGone,
  });
  for await (const entry of entries) await print(io, renderEntry(entry, output));
}

const printRuntime = (
  endpoint: string,
  { output }: EventsFlags,
  query: EventQuery,
  io: CliIo,
): Promise<void> =>
  serveUntilStopped(io, async (stop) => {
    for await (const entry of followRuntime(endpoint, io, stop)) {
      if (matchesQuery(entry, query)) await print(io, renderEntry(entry, output));
    }
  });

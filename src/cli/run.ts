import { type Command, Option } from 'commander';
import { optionSpecs } from '../agent/config-options.ts';
import { resolveConfig } from '../agent/config.ts';
import { ServiceNotifier } from '../agent/service-notifier.ts';
import { createLogger } from '../lib/log.ts';
import type { AgentView } from '../server/agent-view.ts';
import { addConfigFlags } from './config-flags.ts';
import { type EventOutput, renderEntry } from './event-text.ts';
import { type CliIo, notify, print } from './io.ts';
import { serveUntilStopped, untilAborted } from './stop.ts';

const rootSocketPath = '/run/plegd/plegd.sock';

interface RunFlags {
  readonly events?: EventOutput | 'none';
  /** The agent's own options, as texts. */
  readonly [name: string]: string | undefined;
}

export function addRunCommand(program: Command, io: CliIo): void {
  const command = program.command('run').description('run the agent');
  addConfigFlags(command, optionSpecs);
  command
    .addOption(
      new Option(
        '--events <FORMAT>',
        'Print events on standard output (default: text on a terminal, else none)',
      ).choices(['text', 'json', 'none']),
    )
    .addHelpText(
      'after',
      '\nEach option can also be set by a PLEGD_… variable or in a YAML file, see the README.',
    )
    .action((flags: RunFlags) => run(flags, io));
}

async function run({ events, ...flags }: RunFlags, io: CliIo): Promise<void> {
  const config = resolveConfig({ flags, env: io.env, isTerminal: io.stderr.isTTY === true });
  const output = events ?? (io.stdout.isTTY === true ? 'text' : 'none');
  const logger = createLogger({ level: config.logLevel, format: config.logFormat });
  const { startAgent } = await import('../agent/agent.ts');
  await serveUntilStopped(io, async (stop) => {
    const defaultSocketPath = io.isRoot ? rootSocketPath : undefined;
    const agent = await startAgent(config, { logger, time: io.time, defaultSocketPath });
    logger.info(
      {
        mode: config.mode,
        runtimeEndpoint: agent.runtimeEndpoint,
        listen: agent.url,
        socket: agent.socketPath && `unix://${agent.socketPath}`,
      },
      'plegd runs',
    );
    if (config.inspect && agent.url !== undefined) notify(io, inspectNotice(agent.url));
    const notifier = new ServiceNotifier({
      env: io.env,
      time: io.time,
      logger,
      isTurning: () => agent.isTurning(),
    });
    void notifier.ready();
    const printed = output === 'none' ? undefined : printEvents(agent.view, output, io, stop);
    await untilAborted(stop);
    logger.info('plegd stops');
    await Promise.all([notifier.stopping(), agent.stop()]);
    await printed;
  });
}

/** What leaves the machine, and where to. */
const inspectNotice = (url: string): string =>
  `--inspect: a browser at ${url}/stately sends the states, events, container and pod ids and error texts of the machines chosen there to https://stately.ai`;

async function printEvents(
  view: AgentView,
  output: EventOutput,
  io: CliIo,
  signal: AbortSignal,
): Promise<void> {
  for await (const entry of view.subscribe({ since: 0, signal })) await print(io, renderEntry(entry, output));
}

import type { Command } from 'commander';
import { flagOf, optionTable, variablesOf } from '../agent/config-options.ts';
import { resolveConfig } from '../agent/config.ts';
import { parseEndpoint } from '../cri/endpoint.ts';
import { createLogger } from '../lib/log.ts';
import type { CliIo } from './io.ts';
import { serveUntilStopped, untilAborted } from './stop.ts';

/** Of the agent's options those that make sense here. */
const logSpecs = [optionTable.logLevel, optionTable.logFormat];

interface RuntimeFlags {
  readonly listen: string;
  readonly logLevel?: string;
  readonly logFormat?: string;
}

export function addRuntimeCommand(program: Command, io: CliIo): void {
  const command = program
    .command('runtime')
    .description('run the embedded CRI runtime alone; its containers are plain processes, without isolation')
    .requiredOption('--listen <URL>', 'socket to make, as in unix:///run/plegd/runtime.sock');
  for (const spec of logSpecs) {
    const usual = spec.default ?? spec.defaultNote;
    command.option(`--${flagOf(spec)} <${spec.type.placeholder}>`, `${spec.description} (default: ${usual})`);
  }
  command.action((flags: RuntimeFlags) => runRuntime(flags, io));
}

async function runRuntime({ listen, ...flags }: RuntimeFlags, io: CliIo): Promise<void> {
  const { path } = parseEndpoint(listen, '--listen');
  const env = Object.fromEntries(logSpecs.flatMap(variablesOf).map((name) => [name, io.env[name]]));
  const { logLevel, logFormat } = resolveConfig({ flags, env, isTerminal: io.stderr.isTTY === true });
  const logger = createLogger({ level: logLevel, format: logFormat });
  const { startEmbeddedRuntime } = await import('../runtime/server.ts');
  await serveUntilStopped(io, async (stop) => {
    const runtime = await startEmbeddedRuntime({ socketPath: path, logger, time: io.time });
    logger.info({ endpoint: runtime.endpoint }, 'embedded runtime runs');
    await untilAborted(stop);
    logger.info('embedded runtime stops');
    await runtime.stop();
  });
}

import { type Command, InvalidArgumentError } from 'commander';
import { optionSpecs, optionTable } from '../agent/config-options.ts';
import { type AgentConfig, resolveConfig } from '../agent/config.ts';
import { durationType } from '../agent/config-type.ts';
import { createLogger } from '../lib/log.ts';
import { systemTime } from '../lib/time.ts';
import { openRecordingFile, type RecordingFile } from '../record/recording-file.ts';
import { addConfigFlags } from './config-flags.ts';
import { type CliIo, notify } from './io.ts';
import { serveUntilStopped, untilAborted } from './stop.ts';
import { readVersion } from './version.ts';

interface RecordFlags {
  readonly out: string;
  /** Milliseconds. */
  readonly for?: number;
  /** The agent's own options, as texts. */
  readonly [name: string]: string | number | undefined;
}

/** All but those of the HTTP API, which a recorder has not. */
const recordSpecs = optionSpecs.filter((spec) => spec !== optionTable.listen && spec !== optionTable.inspect);

export function addRecordCommand(program: Command, io: CliIo): void {
  const command = program
    .command('record')
    .description('write down all that a runtime says, to be replayed')
    .requiredOption('--out <FILE>', 'where to; - is standard output')
    .option('--for <DURATION>', 'how long, such as 60s (default: until Ctrl-C)', readFor);
  addConfigFlags(command, recordSpecs);
  command.action(({ out, for: forMs, ...flags }: RecordFlags) => {
    const env = { ...io.env, PLEGD_LOG_LEVEL: io.env['PLEGD_LOG_LEVEL'] || 'warn' };
    const texts = flags as Record<string, string | undefined>;
    const config = resolveConfig({ flags: texts, env, isTerminal: io.stderr.isTTY === true });
    return record(out, forMs, config, io);
  });
}

async function record(out: string, forMs: number | undefined, config: AgentConfig, io: CliIo): Promise<void> {
  const logger = createLogger({ level: config.logLevel, format: config.logFormat });
  const { recordRuntime } = await import('../agent/record.ts');
  const file = out === '-' ? standardOutput(io) : openRecordingFile(out);
  const counts = { lines: 0, events: 0 };
  try {
    await serveUntilStopped(io, async (stop) => {
      let end = (): void => undefined;
      const ended = new Promise<void>((resolve) => (end = resolve));
      let broken: Error | undefined;
      const recording = await recordRuntime(config, {
        logger,
        time: systemTime,
        plegdVersion: readVersion(),
        write: (line) => {
          file.write(line);
          counts.lines += 1;
        },
        onBroken: (error) => {
          broken = error;
          end();
        },
        onPublished: () => {
          counts.events += 1;
        },
      });
      const timer = forMs === undefined ? undefined : systemTime.setTimeout(end, forMs);
      notify(io, `records ${recording.runtimeEndpoint}${forMs === undefined ? ', until Ctrl-C' : ''}`);
      await Promise.race([ended, untilAborted(stop)]);
      systemTime.clearTimeout(timer);
      await recording.stop();
      if (broken) throw broken;
    });
  } finally {
    file.close();
  }
  notify(
    io,
    `wrote ${counts.lines} lines to ${out === '-' ? 'standard output' : out}, with ${counts.events} lifecycle events`,
  );
}

const standardOutput = ({ stdout }: CliIo): RecordingFile => ({
  write: (line) => {
    stdout.write(`${line}\n`);
  },
  close: () => undefined,
});

const readFor = (text: string): number => {
  const { success, data } = durationType.schema.safeParse(text);
  if (!success) throw new InvalidArgumentError(`Expected ${durationType.expected}.`);
  return data;
};

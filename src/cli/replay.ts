import { type Command, InvalidArgumentError, Option } from 'commander';
import { formatHostPort, type HostPort } from '../lib/host-port.ts';
import { createLogger } from '../lib/log.ts';
import { systemTime } from '../lib/time.ts';
import { EventCheck } from '../record/event-check.ts';
import { createPace } from '../record/pace.ts';
import { readRecording } from '../record/recording.ts';
import { type EventOutput, renderEntry } from './event-text.ts';
import { type CliIo, notify, print } from './io.ts';
import { readHostPort } from './server-option.ts';
import { serveUntilStopped, untilAborted } from './stop.ts';

interface ReplayFlags {
  readonly speed?: number;
  readonly output: EventOutput;
  readonly check?: true;
  readonly listen?: HostPort;
}

export function addReplayCommand(program: Command, io: CliIo): void {
  program
    .command('replay')
    .description('let a recording happen again, under the agent as it really is')
    .argument('<FILE>', 'what plegd record has written')
    .option('--speed <N|max>', 'times as fast as it was (default: max, with --listen 1)', readSpeed)
    .addOption(new Option('-o, --output <FORMAT>', 'format').choices(['text', 'json']).default('text'))
    .option('--check', 'fail unless the events are those of the recording, byte for byte')
    .addOption(
      new Option('--listen <HOST:PORT>', 'serve the HTTP API on the replay, until Ctrl-C').argParser(
        readHostPort,
      ),
    )
    .action((path: string, flags: ReplayFlags) => replay(path, flags, io));
}

async function replay(path: string, flags: ReplayFlags, io: CliIo): Promise<void> {
  const { output, check: isChecked, listen, speed = listen ? 1 : Number.POSITIVE_INFINITY } = flags;
  const recording = await readRecording(path);
  if (recording.cut !== undefined) notify(io, `${path}: ${recording.cut}: replaying what there is`);
  // The pipeline's own log tells of another time, so it is for those who ask.
  const logger = createLogger({ level: io.env['PLEGD_LOG_LEVEL'] || 'silent', format: 'pretty' });
  const { createReplay } = await import('../agent/replay.ts');
  const { startServer } = await import('../server/server.ts');
  await serveUntilStopped(io, async (stop) => {
    const happening = createReplay(recording, { logger, pace: createPace(systemTime, speed) });
    const { view } = happening;
    const server = listen && (await startServer({ view, listen, logger, time: systemTime }));
    try {
      if (server) notify(io, `the replay is at http://${formatHostPort(server.address)}`);
      const check = isChecked && new EventCheck(recording);
      for await (const event of happening.events(stop)) {
        await print(io, renderEntry(event, output));
        if (check) check.see(event);
      }
      if (stop.aborted) return;
      if (check) notify(io, `the same ${check.end()} events as recorded`);
      if (!server) return;
      notify(io, 'the replay is at its end, and shown until Ctrl-C');
      await untilAborted(stop);
    } finally {
      await server?.close();
      await happening.stop();
    }
  });
}

const readSpeed = (text: string): number => {
  const speed = text === 'max' ? Number.POSITIVE_INFINITY : Number(text);
  if (text.trim() !== '' && speed > 0 && (text === 'max' || speed < Number.POSITIVE_INFINITY)) return speed;
  throw new InvalidArgumentError('Expected max or a number above 0, such as 10.');
};

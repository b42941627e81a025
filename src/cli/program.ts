import { Command } from 'commander';
import { addDoctorCommand } from './doctor.ts';
import { addEventsCommand } from './events.ts';
import { describeFailure, exitCodeOf } from './exit.ts';
import type { CliIo } from './io.ts';
import { addMachinesCommand } from './machines.ts';
import { addPodsCommand } from './pods.ts';
import { addRecordCommand } from './record.ts';
import { addReplayCommand } from './replay.ts';
import { addRunCommand } from './run.ts';
import { addRuntimeCommand } from './runtime.ts';
import { addStatusCommand } from './status.ts';
import { readVersion } from './version.ts';

const examples = `
Examples:
  plegd run                                      follow the runtime of this machine, or an embedded one
  plegd run --runtime-endpoint unix:///run/containerd/containerd.sock
  plegd events --pod web-0 --type ContainerDied  deaths in one pod, as they happen
  plegd events -o json --since 0                 all that the agent still knows, then what comes
  plegd pods -o wide                             pods and containers
  plegd status                                   mode, relist and stream health; exit code 1 when unhealthy
  plegd doctor                                   what is wrong with this node, and what to do
  plegd record --out incident.jsonl --for 60s    all that the runtime says, into a file
  plegd replay incident.jsonl                    the same events again, from that file
`;

/**
 * Runs one command line.
 *
 * @param args without node and script
 * @returns the exit code; whatever went wrong is on standard error, in one line
 */
export async function runCli(args: readonly string[], io: CliIo): Promise<number> {
  const program = new Command('plegd')
    .description("turns a node's container runtime into pod lifecycle events")
    .version(readVersion())
    .addHelpText('after', examples)
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      // Errors go the way of all others, below.
      outputError: () => undefined,
    });
  // The settings above pass on to commands that are added after them.
  addRunCommand(program, io);
  addEventsCommand(program, io);
  addPodsCommand(program, io);
  addStatusCommand(program, io);
  addDoctorCommand(program, io);
  addRuntimeCommand(program, io);
  addMachinesCommand(program, io);
  addRecordCommand(program, io);
  addReplayCommand(program, io);

  try {
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    const line = describeFailure(error);
    if (line !== undefined) io.stderr.write(`${line}\n`);
    return exitCodeOf(error);
  }
}

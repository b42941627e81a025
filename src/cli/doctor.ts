import { type Command, InvalidArgumentError, Option } from 'commander';
import { checkEndpoint, defaultEndpoints, discoverEndpoint, parseEndpoint } from '../cri/endpoint.ts';
import { parseDuration } from '../lib/duration.ts';
import { formatHostPort, type HostPort } from '../lib/host-port.ts';
import { SilentExit } from './exit.ts';
import { type CliIo, notify, print } from './io.ts';
import { createServerOption } from './server-option.ts';

interface DoctorFlags {
  readonly runtimeEndpoint?: string;
  readonly server: HostPort;
  readonly for: number;
  readonly openStream?: boolean;
  readonly output: 'text' | 'json';
}

const shortestMs = 1_000;
const longestMs = 600_000;

const readWindow = (text: string): number => {
  const expected = 'Expected a duration such as 20s or 2m, from 1s to 10m.';
  try {
    const ms = parseDuration(text);
    if (ms >= shortestMs && ms <= longestMs) return ms;
  } catch {
    // Said below, with the bounds.
  }
  throw new InvalidArgumentError(expected);
};

const exitCodes = `
Exit code 0: nothing needs action. 1: a finding is critical or a warning, or the socket may not be used.
2: bad input. It reads only; on containerd 1.7 it leaves the event stream alone unless --open-stream is given,
since there each reader takes events from the others.`;

export function addDoctorCommand(program: Command, io: CliIo): void {
  program
    .command('doctor')
    .description('examine this node’s container runtime, say what is wrong and what to do; changes nothing')
    .option('--runtime-endpoint <URL>', 'runtime to examine (default: the first that crictl would find)')
    .addOption(
      new Option('--for <DURATION>', 'how long to look').argParser(readWindow).default(20_000, '20s'),
    )
    .option(
      '--open-stream',
      'follow the event stream of containerd 1.7 too, though it takes events from others',
    )
    .addOption(createServerOption())
    .addOption(new Option('-o, --output <FORMAT>', 'format').choices(['text', 'json']).default('text'))
    .addHelpText('after', exitCodes)
    .action((flags: DoctorFlags) => runDoctor(flags, io));
}

async function runDoctor(flags: DoctorFlags, io: CliIo): Promise<void> {
  const { runtimeEndpoint, server, output, openStream = false } = flags;
  // Where no socket is, the runtime is down: that is for the doctor to say, among the other findings.
  const endpoint =
    runtimeEndpoint === undefined
      ? ((await discoverEndpoint()) ?? parseEndpoint(defaultEndpoints[0]))
      : parseEndpoint(runtimeEndpoint, '--runtime-endpoint');
  await checkEndpoint(endpoint, { field: '--runtime-endpoint' });
  const { diagnose } = await import('../doctor/doctor.ts');
  const { renderReport } = await import('../doctor/report-text.ts');
  if (io.stderr.isTTY === true) notify(io, `looking at ${endpoint.target} for ${flags.for / 1_000} s`);
  const report = await diagnose({
    endpoint,
    time: io.time,
    windowMs: flags.for,
    isStreamAsked: openStream,
    agentUrl: `http://${formatHostPort(server)}/v1/status`,
  });
  await print(io, output === 'json' ? JSON.stringify(report, null, 2) : renderReport(report));
  if (report.exitCode !== 0) throw new SilentExit(report.exitCode);
}

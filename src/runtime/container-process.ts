import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import type { Time } from '../lib/time.ts';
import type { ContainerLog } from './container-log.ts';
import { waitAtMost } from './delay.ts';

/** A running container: a child process that leads a process group (and session) of its own. */
export interface ContainerProcess {
  readonly pid: number;
  /**
   * Resolves with the exit code (128 + n for a process ended by signal n) when the process has ended, the rest
   * of its group is killed, and its log is complete. Never rejects.
   */
  readonly exited: Promise<number>;
  /** Sends a signal to the whole group; nothing happens once the process has ended. */
  signal(name: 'SIGTERM' | 'SIGKILL'): void;
}

export interface ProcessSpec {
  /** The program and its arguments; a program without a slash is looked up in the PATH of `env`. */
  readonly argv: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly workingDir: string;
  readonly log?: ContainerLog | undefined;
  /** Told when the log fails; the process goes on. */
  readonly onLogError: (error: unknown) => void;
  readonly time: Time;
}

/** How long an exit waits for its log, whose pipe a process that left the group may still hold open. */
const logDrainMs = 1_000;

const signalGroup = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(-pid, name);
  } catch {
    // ESRCH: the group is gone. EPERM: what is left runs as another user and is not ours to end.
  }
};

const exitCodeOf = (code: number | null, signal: NodeJS.Signals | null): number =>
  signal === null ? (code ?? 255) : 128 + constants.signals[signal];

/**
 * Starts a container's process. The log is then the process's to close.
 *
 * @throws the operating system's error when the program cannot be run.
 */
export const startProcess = async (spec: ProcessSpec): Promise<ContainerProcess> => {
  const { log, time } = spec;
  const [program, ...args] = spec.argv;
  const output = log === undefined ? 'ignore' : 'pipe';
  const child = spawn(program, args, {
    cwd: spec.workingDir,
    env: spec.env,
    detached: true,
    stdio: ['ignore', output, output],
  });
  await once(child, 'spawn');
  const pid = child.pid!;
  const logged = log?.follow(child.stdout!, child.stderr!).catch(spec.onLogError);

  let hasEnded = false;
  const exited = new Promise<number>((resolve) => {
    child.once('exit', (code, signal) => {
      // In a container the rest would die with the first process of its pid namespace.
      signalGroup(pid, 'SIGKILL');
      hasEnded = true;
      const drained = logged === undefined ? Promise.resolve() : waitAtMost(time, logDrainMs, logged);
      void drained.then(() => resolve(exitCodeOf(code, signal)));
    });
  });
  return {
    pid,
    exited,
    signal: (name) => {
      if (!hasEnded) signalGroup(pid, name);
    },
  };
};

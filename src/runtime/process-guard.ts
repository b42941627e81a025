import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';

/**
 * Keeps a list of process groups, told line by line, and kills what is left of it when its input ends: which
 * it does however the runtime's process dies.
 */
const guardScript = `
groups=
while read -r change group; do
  case $change in
    +) groups="$groups $group" ;;
    -) rest=; for each in $groups; do [ "$each" = "$group" ] || rest="$rest $each"; done; groups=$rest ;;
  esac
done
for each in $groups; do kill -KILL "-$each"; done
`;

/**
 * Ends container processes that their runtime did not live to end. One small shell, started with the first
 * container, in a session of its own so that a Ctrl-C meant for the runtime does not reach it.
 */
export class ProcessGuard {
  #shell: ChildProcess | undefined;

  /** From now on the group is killed if the runtime dies. */
  add(processGroup: number): void {
    this.#shell ??= startShell();
    this.#tell(`+ ${processGroup}`);
  }

  /** The group has ended; its number may come to mean something else. */
  remove(processGroup: number): void {
    this.#tell(`- ${processGroup}`);
  }

  /** Ends the guard, which kills the groups that are still on its list. */
  close(): void {
    this.#shell?.stdin?.end();
    this.#shell = undefined;
  }

  #tell(line: string): void {
    this.#shell?.stdin?.write(`${line}\n`);
  }
}

const startShell = (): ChildProcess => {
  const shell = spawn('/bin/sh', ['-c', guardScript], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without a guard (no /bin/sh, or somebody killed it) containers merely outlive a crash.
  shell.on('error', () => {});
  shell.stdin.on('error', () => {});
  shell.unref();
  (shell.stdin as Socket).unref();
  return shell;
};

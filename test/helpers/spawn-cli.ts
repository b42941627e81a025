import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** The command from its source, as a shell would run it. */
export const cliCommand = [process.execPath, '--import', 'tsx', `${root}src/cli/main.ts`];

/** What a process writes to one of its streams, by line. */
class Lines {
  readonly all: string[] = [];
  readonly #waiters = new Set<() => void>();
  #isEnded = false;

  constructor(stream: Readable) {
    const lines = createInterface({ input: stream });
    lines.on('line', (line) => {
      this.all.push(line);
      this.#wake();
    });
    lines.once('close', () => {
      this.#isEnded = true;
      this.#wake();
    });
  }

  /** The first line that holds the text. */
  async until(text: string): Promise<string> {
    for (;;) {
      const found = this.all.find((line) => line.includes(text));
      if (found !== undefined) return found;
      if (this.#isEnded) throw new Error(`no "${text}" in:\n${this.all.join('\n')}`);
      await new Promise<void>((resolve) => this.#waiters.add(resolve));
    }
  }

  #wake(): void {
    for (const wake of this.#waiters) wake();
    this.#waiters.clear();
  }
}

/** Starts the command in a process of its own, away from the environment of whoever runs the tests. */
export function spawnCli(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const [command = '', ...rest] = [...cliCommand, ...args];
  const child = spawn(command, rest, {
    cwd: root,
    // Run by root, each would serve the same socket.
    env: { PATH: process.env['PATH'], PLEGD_SOCKET: 'none', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return {
    stdout: new Lines(child.stdout),
    stderr: new Lines(child.stderr),
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    ended: new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
      child.once('close', (code, signal) => resolve({ code, signal }));
    }),
  };
}

import { EventEmitter } from 'node:events';
import { Writable } from 'node:stream';
import type { CliIo } from '../../src/cli/io.ts';
import { runCli } from '../../src/cli/program.ts';
import { SimulatedTime } from './simulated-time.ts';

/** A stream that remembers. */
class Memory extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    this.emit('text');
    done();
  }

  /** Waits until the text so far satisfies the test. */
  async until(isEnough: (text: string) => boolean): Promise<void> {
    while (!isEnough(this.text)) await new Promise<void>((resolve) => this.once('text', resolve));
  }
}

/** A process of its own around a command: what it writes, and the end of its reader. */
export class FakeIo implements CliIo {
  readonly stdout = new Memory();
  readonly stderr = new Memory();
  readonly isRoot = false;
  readonly env: Readonly<Record<string, string>>;
  readonly signals = new EventEmitter();
  readonly time = new SimulatedTime();
  readonly exitCodes: number[] = [];
  readonly #reader = new AbortController();

  constructor(env: Readonly<Record<string, string>> = {}) {
    this.env = env;
  }

  get readerGone(): AbortSignal {
    return this.#reader.signal;
  }

  exit(code: number): void {
    this.exitCodes.push(code);
  }

  /** As after `| head`. */
  closeReader(): void {
    this.#reader.abort();
  }
}

/** Runs a command to its end. */
export async function runToEnd(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const io = new FakeIo(env);
  const code = await runCli(args, io);
  return { code, stdout: io.stdout.text, stderr: io.stderr.text };
}

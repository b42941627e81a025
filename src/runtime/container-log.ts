import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Transform, type Readable, type TransformCallback } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { StampClock } from './stamp-clock.ts';

/** The longest line written in one piece; containerd's `max_container_log_line_size` default. */
const maxLineBytes = 16 * 1024;

const newline = 0x0a;

/** A stamp as Go's RFC3339Nano writes it, always with nine digits, in UTC. */
export const rfc3339Nano = (ns: bigint): string => {
  const seconds = new Date(Number(ns / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
  return `${seconds}.${String(ns % 1_000_000_000n).padStart(9, '0')}Z`;
};

/**
 * Turns a container's output into the kubelet's CRI log lines: `<stamp> stdout F <line>`, or `P` for all but
 * the last piece of a line that is too long. Works on bytes: a container may write anything.
 */
class CriLogLines extends Transform {
  readonly #streamName: 'stdout' | 'stderr';
  readonly #stamps: StampClock;
  #rest = Buffer.alloc(0);

  constructor(streamName: 'stdout' | 'stderr', stamps: StampClock) {
    super();
    this.#streamName = streamName;
    this.#stamps = stamps;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    let rest = Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const end = rest.indexOf(newline);
      if (end !== -1 && end <= maxLineBytes) {
        this.#pushLine('F', rest.subarray(0, end));
        rest = rest.subarray(end + 1);
      } else if (rest.length > maxLineBytes) {
        this.#pushLine('P', rest.subarray(0, maxLineBytes));
        rest = rest.subarray(maxLineBytes);
      } else {
        break;
      }
    }
    this.#rest = rest;
    done();
  }

  override _flush(done: TransformCallback): void {
    if (this.#rest.length > 0) this.#pushLine('F', this.#rest);
    done();
  }

  #pushLine(tag: 'F' | 'P', line: Buffer): void {
    const head = `${rfc3339Nano(this.#stamps())} ${this.#streamName} ${tag} `;
    this.push(Buffer.concat([Buffer.from(head), line, Buffer.of(newline)]));
  }
}

/** One container's log file, in the format that the kubelet and crictl read. */
export class ContainerLog {
  readonly #file: WriteStream;
  readonly #stamps: StampClock;

  private constructor(file: WriteStream, stamps: StampClock) {
    this.#file = file;
    this.#stamps = stamps;
  }

  /**
   * Opens the file to append to, and makes its folder.
   *
   * @throws the file system's error when either cannot be made.
   */
  static async open(path: string, stamps: StampClock): Promise<ContainerLog> {
    await mkdir(dirname(path), { recursive: true, mode: 0o750 });
    const file = createWriteStream(path, { flags: 'a', mode: 0o640 });
    await once(file, 'open');
    return new ContainerLog(file, stamps);
  }

  /**
   * Writes all that a process says, until it (and everything it lent its output to) has closed both streams;
   * then closes the file.
   *
   * @throws the file system's error, for example of a full disk; the output is then read and thrown away, so
   *   that the process is not held up.
   */
  async follow(stdout: Readable, stderr: Readable): Promise<void> {
    const lines = [
      stdout.pipe(new CriLogLines('stdout', this.#stamps)),
      stderr.pipe(new CriLogLines('stderr', this.#stamps)),
    ];
    for (const each of lines) each.pipe(this.#file, { end: false });
    try {
      await Promise.race([Promise.all(lines.map((each) => finished(each))), finished(this.#file)]);
      this.#file.end();
      await finished(this.#file);
    } finally {
      for (const each of lines) each.unpipe(this.#file).resume();
    }
  }

  close(): void {
    this.#file.end();
  }
}

import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openUnblockedSink } from '../../../src/lib/unblocked-sink.ts';

describe('a sink that nobody waits for', () => {
  let directory: string;
  const open: number[] = [];
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'plegd-sink-'));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
    for (const fd of open.splice(0)) closeSync(fd);
    rmSync(directory, { recursive: true });
  });

  const newPipe = (): { reader: number; writer: number } => {
    const path = join(directory, 'pipe');
    execFileSync('mkfifo', [path]);
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const writer = openSync(path, constants.O_WRONLY);
    open.push(reader, writer);
    return { reader, writer };
  };

  /** All that lies in the pipe now. */
  const drain = (reader: number): string => {
    const bytes = Buffer.alloc(1 << 20);
    try {
      return bytes.toString('utf8', 0, readSync(reader, bytes));
    } catch {
      // Empty: the pipe is read without waiting.
      return '';
    }
  };

  it('writes a line before the call returns', () => {
    const { reader, writer } = newPipe();
    openUnblockedSink(writer).write('one\n');
    expect(drain(reader)).toBe('one\n');
  });

  it('returns though nobody reads, keeps the order, and tells how much it dropped', () => {
    const { reader, writer } = newPipe();
    const sink = openUnblockedSink(writer);
    const lines = Array.from({ length: 5_000 }, (_, index) => `${String(index)} ${'x'.repeat(100)}\n`);
    for (const line of lines) sink.write(line);
    let read = '';
    for (let round = 0; round < 10; round += 1) {
      read += drain(reader);
      vi.advanceTimersByTime(200);
    }
    const got = read.trimEnd().split('\n');
    const said = got.pop() ?? '';
    expect(got).toEqual(lines.slice(0, got.length).map((line) => line.trimEnd()));
    expect(got.length).toBeGreaterThan(1_000);
    expect(said).toContain(`"${String(5_000 - got.length)} log lines were dropped`);
  });

  it('adds to a file behind what others wrote through the same descriptor', () => {
    const path = join(directory, 'file');
    const fd = openSync(path, 'w');
    open.push(fd);
    writeFileSync(fd, 'before\n');
    openUnblockedSink(fd).write('after\n');
    expect(readFileSync(path, 'utf8')).toBe('before\nafter\n');
  });
});

import { constants, fstatSync, openSync, writeSync } from 'node:fs';
import { isatty } from 'node:tty';

/** Lines that wait for a reader at most; what comes beyond is dropped and counted. */
const queueLimit = 1_000;

/** How often a reader that does not read is looked at, milliseconds. */
const retryMs = 200;

export interface UnblockedSink {
  write(line: string): void;
}

/**
 * Writes lines to a terminal, pipe or file and never waits for who reads them: a terminal on which somebody
 * has pressed Ctrl-S would else stop the whole process, and with it the drain of the event stream.
 *
 * A line is written before the call returns, as long as there is room. Where there is none, lines wait and
 * are dropped when too many do; the reader is told how many, once it reads again.
 */
export const openUnblockedSink = (fd: number): UnblockedSink => {
  const target = openUnblocked(fd) ?? fd;
  const queue: Buffer[] = [];
  let droppedCount = 0;
  let timer: NodeJS.Timeout | undefined;

  /** Writes what there is room for. */
  const flush = (): void => {
    timer = undefined;
    for (let line = queue[0]; line; line = queue[0]) {
      const writtenBytes = writeSome(target, line);
      if (writtenBytes < line.length) {
        queue[0] = line.subarray(writtenBytes);
        timer = setTimeout(flush, retryMs).unref();
        return;
      }
      queue.shift();
      if (queue.length > 0 || droppedCount === 0) continue;
      queue.push(
        Buffer.from(`{"level":"warn","msg":"${droppedCount} log lines were dropped: nobody read them"}\n`),
      );
      droppedCount = 0;
    }
  };
  process.once('exit', flush);

  return {
    write: (line) => {
      if (queue.length >= queueLimit) {
        droppedCount += 1;
        return;
      }
      queue.push(Buffer.from(line));
      if (timer === undefined) flush();
    },
  };
};

/**
 * A description of the same terminal or pipe that does not block: the one that was handed to the process is
 * shared with others, who count on it to block. Files do not block, and sockets cannot be opened again.
 */
const openUnblocked = (fd: number): number | undefined => {
  try {
    if (!isatty(fd) && !fstatSync(fd).isFIFO()) return undefined;
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return undefined;
  }
};

/** How many bytes were taken; 0 where there is no room, all where there is no reader any more. */
const writeSome = (fd: number, bytes: Buffer): number => {
  try {
    return writeSync(fd, bytes);
  } catch (error) {
    return (error as { code?: unknown }).code === 'EAGAIN' ? 0 : bytes.length;
  }
};

import { appendFileSync, closeSync, openSync } from 'node:fs';
import { RecordingError } from './recording-error.ts';

/** A recording that is being written. */
export interface RecordingFile {
  /**
   * Appends a line. It is in the file when this returns, whatever happens to the process then.
   *
   * @throws Error that names the file, as when the disk is full
   */
  write(line: string): void;
  close(): void;
}

/**
 * Opens a file for a recording and empties it. Only its owner may read it: it tells of every pod.
 *
 * @throws {RecordingError} when it cannot be written
 */
export function openRecordingFile(path: string): RecordingFile {
  let file: number;
  try {
    file = openSync(path, 'w', 0o600);
  } catch (error) {
    throw new RecordingError(`${path}: cannot be written: ${(error as Error).message}`, { cause: error });
  }
  return {
    write: (line) => {
      try {
        appendFileSync(file, `${line}\n`);
      } catch (cause) {
        throw new Error(`${path}: cannot be written any further: ${(cause as Error).message}`, { cause });
      }
    },
    close: () => {
      closeSync(file);
    },
  };
}

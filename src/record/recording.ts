import { createReadStream } from 'node:fs';
import type { z } from 'zod';
import { unexpected } from '../lib/unexpected.ts';
import { RecordingError } from './recording-error.ts';
import {
  formatVersion,
  headerSchema,
  lineSchema,
  type RecordedLine,
  type RecordingHeader,
} from './recording-format.ts';

/** A recording that has been read and makes sense. */
export interface Recording {
  readonly path: string;
  readonly header: RecordingHeader;
  /** The second line of the file first. */
  readonly lines: readonly RecordedLine[];
  /** Why something may be missing at the end; undefined for a recording that was ended in good order. */
  readonly cut: string | undefined;
}

interface TextLine {
  readonly text: string;
  /** Whether a newline ended it. */
  readonly isWhole: boolean;
}

/** A header is far shorter, and what has no newline by then is no recording. */
const maxHeaderLength = 65_536;
const readBytes = 1_048_576;

/**
 * Reads a recording. One whose recorder was killed is read as far as its last whole line.
 *
 * @throws {RecordingError} for a file that is missing, foreign, damaged or from a newer version
 */
export async function readRecording(path: string): Promise<Recording> {
  const texts = readLines(path);
  const first = await texts.next();
  if (first.done)
    throw new RecordingError(`${path}: the file is empty, expected a recording of plegd record`);
  const header = readHeader(path, first.value);
  const lines: RecordedLine[] = [];
  for await (const { text, isWhole } of texts) {
    const number = lines.length + 2;
    const json = parseJson(text);
    if (json === undefined && !isWhole) return { path, header, lines, cut: `line ${number} is cut off` };
    if (json === undefined)
      throw new RecordingError(`${path}: line ${number} is no JSON: the file is damaged`);
    lines.push(readLine(`${path}: line ${number}`, json));
  }
  const cut = lines.at(-1)?.kind === 'end' ? undefined : 'the recording has no end, its recorder was killed';
  return { path, header, lines, cut };
}

function readHeader(path: string, { text }: TextLine): RecordingHeader {
  const json = parseJson(text);
  const { plegdRecording: format, plegdVersion } = (json ?? {}) as Partial<Record<string, unknown>>;
  if (typeof format !== 'number') {
    throw new RecordingError(`${path}: no recording of plegd record, its first line is no header of one`);
  }
  if (format > formatVersion) {
    throw new RecordingError(
      `${path}: recorded in format ${format} by plegd ${String(plegdVersion)}, ` +
        `and this plegd reads formats up to ${formatVersion}: replay it with the plegd that recorded it, or a newer one`,
    );
  }
  return readAs(headerSchema, `${path}: line 1`, json);
}

const readLine = (where: string, json: unknown): RecordedLine => readAs(lineSchema, where, json);

function readAs<T>(schema: z.ZodType<T>, where: string, json: unknown): T {
  const { success, data, error } = schema.safeParse(json);
  if (success) return data;
  const [issue] = error.issues;
  const path = issue?.path ?? [];
  const value = path.reduce<unknown>((node, key) => (node as Record<PropertyKey, unknown>)[key], json);
  const place = [where, path.join('.')].filter((part) => part !== '').join(': ');
  throw new RecordingError(unexpected(place, value, expectedBy(issue)));
}

/** zod's `Invalid input: expected string, received undefined` without what stands in the sentence already. */
const expectedBy = (issue: z.core.$ZodIssue | undefined): string =>
  (issue?.message ?? '')
    .replace(/^Invalid .*?(: expected| expected|: must match) /i, '')
    .replace(/, received .*$/, '');

/** undefined for what is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

async function* readLines(path: string): AsyncGenerator<TextLine, void> {
  let rest = '';
  let isFirst = true;
  try {
    for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: readBytes })) {
      const parts = (rest + (chunk as string)).split('\n');
      rest = parts.pop() ?? '';
      for (const text of parts) {
        isFirst = false;
        yield { text, isWhole: true };
      }
      if (isFirst && rest.length > maxHeaderLength) break;
    }
  } catch (error) {
    throw new RecordingError(`${path}: ${describeReadError(error as NodeJS.ErrnoException)}`, {
      cause: error,
    });
  }
  if (rest !== '') yield { text: rest, isWhole: false };
}

const describeReadError = ({ code, message }: NodeJS.ErrnoException): string => {
  if (code === 'ENOENT') return 'no such file';
  return code === 'EISDIR' ? 'a folder, expected a recording of plegd record' : message;
};

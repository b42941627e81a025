import { readFileSync } from 'node:fs';
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { nearest } from '../lib/nearest.ts';
import { ConfigError } from './config-error.ts';
import { type OptionSpec, optionSpecs } from './config-options.ts';

/** A value of the file as it stands there, and where that is. */
export interface FileValue {
  /** File, line, column and key, such as `plegd.yaml:3:15: relistPeriod`. */
  readonly where: string;
  /** File, line and column of the key. */
  readonly keyAt: string;
  readonly value: unknown;
}

const fileSpecs = optionSpecs.filter(({ inFile }) => inFile !== false);
const keys = fileSpecs.map(({ name }) => name);
const fileSchema = z.strictObject(
  Object.fromEntries(fileSpecs.map(({ name, type }) => [name, type.schema.optional()])),
);

/**
 * Reads a YAML file of options and checks all of it, also what flags will override.
 *
 * @throws {ConfigError} when it cannot be read, is no YAML, or has an unknown key or a bad value; the first only
 */
export function readConfigFile(path: string): ReadonlyMap<string, FileValue> {
  const text = readText(path);
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const place = (offset: number): string => {
    const { line, col } = lineCounter.linePos(offset);
    return `${path}:${line}:${col}`;
  };

  const [fault] = [...document.errors, ...document.warnings];
  if (fault !== undefined) {
    throw new ConfigError(`${place(fault.pos[0])}: expected one valid YAML document: ${fault.message}`);
  }
  const values = plain(document, path);
  if (values === null) return new Map();
  const at = (node: unknown): string => place((isNode(node) && node.range?.[0]) || 0);
  if (!isMap(document.contents)) {
    throw ConfigError.unexpected(at(document.contents), values, 'key: value');
  }

  const found = new Map(
    document.contents.items.map(({ key, value }): [string, FileValue] => {
      const name = String(isScalar(key) ? key.value : key);
      const where = `${at(value ?? key)}: ${name}`;
      return [name, { keyAt: at(key), where, value: (values as Record<string, unknown>)[name] }];
    }),
  );
  checkValues(found);
  return found;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ConfigError(`--config ${path}: cannot read the file: ${(cause as Error).message}`, { cause });
  }
}

/** The document as plain values; too many aliases make this throw. */
function plain(document: Document, path: string): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    throw new ConfigError(`${path}: expected plain values: ${(cause as Error).message}`, { cause });
  }
}

function checkValues(found: ReadonlyMap<string, FileValue>): void {
  const values = Object.fromEntries([...found].map(([key, { value }]) => [key, value]));
  const [issue] = fileSchema.safeParse(values).error?.issues ?? [];
  if (issue === undefined) return;
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    const meant = nearest(key, keys);
    const hint = meant === undefined ? `expected one of ${keys.join(', ')}` : `did you mean ${meant}?`;
    throw new ConfigError(`${found.get(key)?.keyAt}: unknown key ${JSON.stringify(key)}, ${hint}`);
  }
  const key = String(issue.path[0]);
  const spec = fileSpecs.find(({ name }) => name === key) as OptionSpec<unknown>;
  throw ConfigError.unexpected(found.get(key)?.where ?? key, values[key], spec.type.expected);
}

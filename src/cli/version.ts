import { existsSync, readFileSync } from 'node:fs';

/** The version in package.json, which lies two folders up from the source and three from what is built of it. */
export function readVersion(): string {
  const places = ['../../package.json', '../../../package.json'].map(
    (path) => new URL(path, import.meta.url),
  );
  const found = places.find((place) => existsSync(place));
  if (found === undefined) throw new Error('package.json is missing beside plegd: install it anew');
  return (JSON.parse(readFileSync(found, 'utf8')) as { version: string }).version;
}

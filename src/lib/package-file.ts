import { existsSync } from 'node:fs';

/** Two folders up from the source, three up from what is built of it. */
const root = ['../../package.json', '../../../package.json']
  .map((path) => new URL(path, import.meta.url))
  .find((url) => existsSync(url));

/**
 * A file that comes with plegd, such as `docs/machines/container.svg`.
 *
 * @param path from the root of the package
 * @throws {Error} where the package is not whole
 */
export function packageFile(path: string): URL {
  if (root === undefined) throw new Error('package.json is missing beside plegd: install it anew');
  return new URL(path, root);
}

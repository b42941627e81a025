import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';

/** Newest change of a file in the folder, milliseconds; 0 where there is none. */
const newestMs = (folder: string): number => {
  try {
    return Math.max(0, ...readdirSync(folder).map((file) => statSync(`${folder}/${file}`).mtimeMs));
  } catch {
    return 0;
  }
};

/** The page is built from what is there now: agents take it from `dist/`. */
export const buildPage = (): void => {
  if (newestMs('dist/src/page') > newestMs('src/page')) return;
  execFileSync('npm', ['run', '--silent', 'build:page'], { stdio: ['ignore', 'inherit', 'inherit'] });
};

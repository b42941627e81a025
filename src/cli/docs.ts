import { readFileSync, writeFileSync } from 'node:fs';
import { renderReadme } from '../agent/config-readme.ts';

/** `npm run docs`: writes the generated parts of the README, from the root of the repository. */
writeFileSync('README.md', renderReadme(readFileSync('README.md', 'utf8')));

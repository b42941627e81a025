import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { renderReadme } from '../agent/config-readme.ts';
import { renderDiagrams } from '../diagram/diagrams.ts';

/** `npm run docs`: writes what is generated of README and `docs/`, from the root of the repository. */
writeFileSync('README.md', renderReadme(readFileSync('README.md', 'utf8')));
mkdirSync('docs/machines', { recursive: true });
for (const [name, text] of await renderDiagrams(readFileSync('src/page/chart.css', 'utf8'))) {
  writeFileSync(`docs/machines/${name}`, text);
}

import { isDeepStrictEqual } from 'node:util';
import { chartOf } from './chart.ts';
import { fold } from './fold.ts';
import { machines } from './machines.ts';
import { renderMermaid } from './mermaid.ts';
import { renderSvg } from './svg.ts';

/**
 * The generated files of `docs/machines` by name: for each machine Mermaid and SVG, and a folded SVG where
 * folding leaves something out. Run by `npm run docs` only; the agent and the page take the files.
 *
 * @param style rules for the pictures, `src/page/chart.css`
 */
export async function renderDiagrams(style: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const [name, machine] of Object.entries(machines)) {
    const chart = chartOf(machine);
    const folded = fold(chart);
    files.set(`${name}.mmd`, renderMermaid(chart));
    files.set(`${name}.svg`, await renderSvg(chart, style));
    if (!isDeepStrictEqual(folded, chart)) files.set(`${name}-folded.svg`, await renderSvg(folded, style));
  }
  return files;
}

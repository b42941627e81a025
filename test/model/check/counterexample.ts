import { mkdirSync, writeFileSync } from 'node:fs';
import { svgOf } from './trace-svg.ts';
import { textOf, type Trace } from './trace.ts';

const folder = 'test-results/model';

/** Keeps a counterexample as text and as a picture; returns the text with the place of the picture. */
export const keepCounterexample = (trace: Trace): string => {
  const name = trace.title.replaceAll(/[^\p{L}\p{N}]+/gu, '-');
  const text = textOf(trace);
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/${name}.txt`, `${text}\n`);
  writeFileSync(`${folder}/${name}.svg`, svgOf(trace));
  return `${text}\n      as a picture: ${folder}/${name}.svg`;
};

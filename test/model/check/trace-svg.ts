import type { Trace, TraceStep } from './trace.ts';

const laneWidth = 210;
const lineHeight = 15;
const padding = 8;
const numberWidth = 34;
/** How much of a sentence fits into a lane. */
const lineLength = 32;

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const wrap = (text: string): string[] => {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > lineLength) {
      lines.push(line);
      line = '';
    }
    line += line === '' ? word : ` ${word}`;
  }
  return [...lines, line];
};

const texts = (lines: readonly string[], x: number, y: number, style: string): string =>
  lines
    .map(
      (line, index) =>
        `<text x="${String(x)}" y="${String(y + index * lineHeight)}" ${style}>${escape(line)}</text>`,
    )
    .join('');

const box = (lines: readonly string[], x: number, y: number, fill: string): string => {
  const height = lines.length * lineHeight + padding;
  const rect = `<rect x="${String(x)}" y="${String(y)}" width="${String(laneWidth - 14)}" height="${String(height)}" rx="4" fill="${fill}" stroke="#57606a"/>`;
  return rect + texts(lines, x + padding, y + lineHeight, 'fill="#1f2328"');
};

/** The path as a picture: one row a step, one lane for each who acts, what follows from it on the right. */
export const svgOf = ({ title, property, message, steps }: Trace): string => {
  const lanes = [...new Set(steps.map(({ lane }) => lane))];
  const xOf = (lane: number): number => numberWidth + lane * laneWidth;
  const width = Math.max(xOf(lanes.length + 1), 640);
  const headline = wrap(`${property}: ${message}`.padEnd(1)).join(' ');
  const headings = [...lanes, 'what follows']
    .map((lane, index) => texts([lane], xOf(index), 62, 'font-weight="bold" fill="#57606a"'))
    .join('');
  let y = 76;
  const rows = steps.map((step, index) => {
    const row = rowOf(step, index, lanes.indexOf(step.lane), lanes.length, y, index === steps.length - 1);
    y += row.height;
    return row.svg;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${String(width)}" height="${String(y + padding)}" font-family="sans-serif" font-size="12">`,
    '<rect width="100%" height="100%" fill="#ffffff"/>',
    texts([title], padding, 20, 'fill="#57606a"'),
    texts([headline], padding, 40, 'font-size="14" font-weight="bold" fill="#cf222e"'),
    headings,
    ...rows,
    '</svg>',
  ].join('\n');
};

const rowOf = (
  { text, news }: TraceStep,
  index: number,
  lane: number,
  laneCount: number,
  y: number,
  isLast: boolean,
): { readonly svg: string; readonly height: number } => {
  const lines = wrap(text);
  const newsLines = news.flatMap(wrap);
  const height = Math.max(lines.length, newsLines.length) * lineHeight + padding + 10;
  const svg =
    texts([`${String(index + 1)}.`], padding, y + lineHeight, 'fill="#57606a"') +
    box(lines, numberWidth + lane * laneWidth, y, isLast ? '#ffebe9' : '#ddf4ff') +
    texts(newsLines, numberWidth + laneCount * laneWidth, y + lineHeight, 'fill="#1a7f37"');
  return { svg, height };
};

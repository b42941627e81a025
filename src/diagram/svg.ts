import type { Chart } from './chart.ts';
import { box, detailsOf, layOut, type, type PlacedMove, type PlacedState } from './layout.ts';

/**
 * Draws a chart as an SVG that stands alone: no script, font or file from elsewhere.
 *
 * Each state is a group with `data-state`, its path, and each move one with `data-source` and `data-target`,
 * so that a page can light them.
 *
 * @param style rules for its classes, put into the picture
 */
export async function renderSvg(chart: Chart, style: string): Promise<string> {
  const layout = await layOut(chart);
  const { width, height } = layout;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" aria-label="State chart of the ${escape(chart.id)} machine" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<style>\n${style.trim()}\n</style>`,
    `<defs><marker id="${chart.id}-head" class="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path d="M0 0.8 8 4 0 7.2z"/></marker></defs>`,
    `<rect class="ground" width="${width}" height="${height}"/>`,
    ...layout.states.map(drawBox),
    ...layout.starts.map(
      ({ x, y, width: size }) =>
        `<circle class="start" cx="${round(x + size / 2)}" cy="${round(y + size / 2)}" r="${size / 2}"/>`,
    ),
    ...layout.moves.map((move) => drawMove(move, chart.id)),
    // Words over everything else, so that no line crosses them.
    ...layout.states.map(drawWords),
    ...layout.moves.map(drawLabel),
    '</svg>',
    '',
  ]
    .filter((line, index, lines) => line !== '' || index === lines.length - 1)
    .join('\n');
}

const stateGroup = ({ state, depth }: PlacedState, kind: string, parts: readonly string[]): string => {
  const form = state.children.length > 0 ? 'group' : 'leaf';
  return `<g class="${kind} ${form}${depth % 2 === 1 ? ' odd' : ''}" data-state="${escape(state.path)}">${parts.join('')}</g>`;
};

function drawBox(placed: PlacedState): string {
  const rect = (inset: number, radius: number): string =>
    `<rect x="${round(placed.x + inset)}" y="${round(placed.y + inset)}" width="${round(placed.width - 2 * inset)}" height="${round(placed.height - 2 * inset)}" rx="${radius}"/>`;
  return stateGroup(placed, 'state', placed.state.isFinal ? [rect(0, 8), rect(3, 6)] : [rect(0, 8)]);
}

function drawWords(placed: PlacedState): string {
  const left = round(placed.x + box.padX);
  const titleY = placed.y + box.padTop + type.title.size;
  const details = detailsOf(placed.state).map(
    (line, index) =>
      `<text class="detail" x="${left}" y="${round(titleY + 3 + (index + 1) * type.detail.line)}">${escape(line)}</text>`,
  );
  return stateGroup(placed, 'words', [
    `<text class="title" x="${left}" y="${round(titleY)}">${escape(placed.state.key)}</text>`,
    ...details,
  ]);
}

const drawMove = ({ source, target, points }: PlacedMove, id: string): string =>
  `<g class="move" data-source="${escape(source)}" data-target="${escape(target)}"><path d="${roundedPath(points)}" marker-end="url(#${id}-head)"/></g>`;

function drawLabel({ source, target, label }: PlacedMove): string {
  if (!label) return '';
  const { x, y, width, height, lines } = label;
  const texts = lines.map(
    ({ text, isAction }, index) =>
      `<text${isAction ? ' class="action"' : ''} x="${round(x + 4)}" y="${round(y + type.label.size + index * type.label.line + 1)}">${escape(text)}</text>`,
  );
  return `<g class="label" data-source="${escape(source)}" data-target="${escape(target)}"><rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="3"/>${texts.join('')}</g>`;
}

type Point = { readonly x: number; readonly y: number };

const cornerPx = 6;

/** Straight lines whose corners are round. */
function roundedPath(points: readonly Point[]): string {
  return points
    .map((point, index) => {
      const before = points[index - 1];
      const after = points[index + 1];
      if (!before) return `M${at(point)}`;
      if (!after) return `L${at(point)}`;
      return `L${at(towards(point, before))}Q${at(point)} ${at(towards(point, after))}`;
    })
    .join('');
}

function towards(from: Point, to: Point): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const share = length === 0 ? 0 : Math.min(cornerPx, length / 2) / length;
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}

const round = (value: number): number => Math.round(value * 10) / 10;
const at = ({ x, y }: Point): string => `${round(x)} ${round(y)}`;

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escape = (text: string): string => text.replace(/[&<>"]/g, (char) => entities[char] ?? char);

import type { ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api.js';
import ElkConstructor from 'elkjs/lib/elk.bundled.js';
import type { Chart, ChartMove, ChartState } from './chart.ts';
import { textWidth } from './text-size.ts';

/** Font sizes and heights of lines, pixels. */
export const type = {
  title: { size: 13, line: 18 },
  detail: { size: 10.5, line: 14 },
  label: { size: 11, line: 14 },
} as const;

/** How much wider bold letters run. */
const boldness = 1.14;

export const box = { padX: 12, padTop: 7, padBottom: 9 } as const;

export interface Placed {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface PlacedState extends Placed {
  readonly state: ChartState;
  readonly depth: number;
}

export interface PlacedMove {
  readonly source: string;
  readonly target: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
  readonly label: (Placed & { readonly lines: readonly LabelLine[] }) | undefined;
}

export interface LabelLine {
  readonly text: string;
  readonly isAction: boolean;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  /** Outer states before those within. */
  readonly states: readonly PlacedState[];
  readonly starts: readonly Placed[];
  readonly moves: readonly PlacedMove[];
}

const options = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.json.shapeCoords': 'ROOT',
  'elk.json.edgeCoords': 'ROOT',
  'elk.padding': '[top=16,left=16,bottom=16,right=16]',
  'elk.spacing.nodeNode': '28',
  'elk.spacing.edgeNode': '16',
  'elk.spacing.edgeEdge': '12',
  'elk.spacing.edgeLabel': '4',
  'elk.layered.spacing.nodeNodeBetweenLayers': '16',
  'elk.layered.spacing.edgeNodeBetweenLayers': '10',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '10',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.cycleBreaking.strategy': 'DEPTH_FIRST',
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
};

/** Gives every state and move its place, pixels from the top left. The same chart gives the same layout. */
export async function layOut(chart: Chart): Promise<Layout> {
  const states = new Map<string, { state: ChartState; depth: number }>();
  const edges: ElkExtendedEdge[] = chart.moves.map((move, index) => moveEdge(move, index));
  const start = (scope: string, target: string | undefined): ElkNode[] => {
    if (target === undefined) return [];
    const id = `${scope}#start`;
    edges.push({ id: `${id}-edge`, sources: [id], targets: [target] });
    return [{ id, width: 10, height: 10 }];
  };
  const node = (state: ChartState, depth: number): ElkNode => {
    states.set(state.path, { state, depth });
    const head = headSize(state);
    if (state.children.length === 0) return { id: state.path, ...head };
    return {
      id: state.path,
      layoutOptions: {
        'elk.padding': `[top=${head.height + 10},left=14,bottom=14,right=14]`,
      },
      children: [
        ...start(state.path, state.initial),
        ...state.children.map((child) => node(child, depth + 1)),
      ],
    };
  };
  const graph: ElkNode = {
    id: '#root',
    layoutOptions: options,
    children: [...start('', chart.initial), ...chart.states.map((state) => node(state, 0))],
    edges,
  };
  const placed = await new ElkConstructor.default().layout(graph);
  return readLayout(placed, states, chart);
}

/** Room for the name of a state and what it does. */
function headSize(state: ChartState): { width: number; height: number } {
  const details = detailsOf(state);
  const widths = [
    textWidth(state.key, type.title.size) * boldness,
    ...details.map((line) => textWidth(line, type.detail.size)),
  ];
  const height = box.padTop + type.title.line + details.length * type.detail.line + box.padBottom;
  return { width: Math.ceil(Math.max(...widths, 40) + 2 * box.padX), height };
}

/** Narrow in a state with others inside: it gets its width from them, whatever it says itself. */
export const detailsOf = ({ activities, reactions, children }: ChartState): string[] =>
  [...activities, ...reactions].flatMap((line) => wrap(line, children.length > 0 ? 22 : 40));

export const labelOf = ({ triggers, actions }: ChartMove): LabelLine[] => [
  ...triggers.map((text) => ({ text, isAction: false })),
  ...(actions.length > 0 ? wrap(`/ ${actions.join(', ')}`, 24) : []).map((text) => ({
    text,
    isAction: true,
  })),
];

/** Lines of at most so many characters where blanks allow it. */
function wrap(text: string, maxChars: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > maxChars) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

function moveEdge(move: ChartMove, index: number): ElkExtendedEdge {
  const lines = labelOf(move);
  const width = Math.ceil(Math.max(...lines.map(({ text }) => textWidth(text, type.label.size))) + 8);
  const labels =
    lines.length === 0 ? [] : [{ text: 'label', width, height: lines.length * type.label.line + 4 }];
  return { id: `move${index}`, sources: [move.source], targets: [move.target], labels };
}

function readLayout(
  root: ElkNode,
  known: ReadonlyMap<string, { state: ChartState; depth: number }>,
  { moves }: Chart,
): Layout {
  const states: PlacedState[] = [];
  const starts: Placed[] = [];
  const visit = (node: ElkNode): void => {
    const entry = known.get(node.id);
    if (entry) states.push({ ...entry, ...placeOf(node) });
    else if (node !== root) starts.push(placeOf(node));
    for (const child of node.children ?? []) visit(child);
  };
  visit(root);
  return {
    width: Math.ceil(root.width ?? 0),
    height: Math.ceil(root.height ?? 0),
    states,
    starts,
    moves: (root.edges ?? []).map((edge) => {
      const [section] = edge.sections ?? [];
      const move = moves[Number(edge.id.slice('move'.length))];
      const [label] = edge.labels ?? [];
      return {
        source: move?.source ?? '',
        target: edge.targets[0] ?? '',
        points: section ? [section.startPoint, ...(section.bendPoints ?? []), section.endPoint] : [],
        label: label && move ? { ...placeOf(label), lines: labelOf(move) } : undefined,
      };
    }),
  };
}

const placeOf = ({ x = 0, y = 0, width = 0, height = 0 }: Partial<Placed>): Placed => ({
  x,
  y,
  width,
  height,
});

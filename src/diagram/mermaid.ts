import type { Chart, ChartState } from './chart.ts';

/** The chart in Mermaid's language, `stateDiagram-v2`, as GitHub and many editors draw it. */
export function renderMermaid(chart: Chart): string {
  return [
    'stateDiagram-v2',
    ...startOf(chart.initial).map(indent),
    ...chart.states.flatMap(renderState).map(indent),
    ...chart.moves.map(({ source, target, triggers, actions }) => {
      const label = [...triggers, ...(actions.length > 0 ? [`/ ${actions.join(', ')}`] : [])].join('<br/>');
      return indent(`${idOf(source)} --> ${idOf(target)}${label === '' ? '' : ` : ${label}`}`);
    }),
    '',
  ].join('\n');
}

const startOf = (initial: string | undefined): string[] =>
  initial === undefined ? [] : [`[*] --> ${idOf(initial)}`];

function renderState(state: ChartState): string[] {
  const id = idOf(state.path);
  const notes = [...state.activities, ...state.reactions];
  const name = `state "${state.key}" as ${id}`;
  if (state.children.length > 0) {
    return [
      `${name} {`,
      ...startOf(state.initial).map(indent),
      ...state.children.flatMap(renderState).map(indent),
      '}',
      // What a state with others inside does has no place in its box.
      ...(notes.length === 0 ? [] : [`note right of ${id}`, ...notes.map(indent), 'end note']),
    ];
  }
  // Every further line of a description goes below the name.
  return [name, ...notes.map((line) => `${id} : ${line}`), ...(state.isFinal ? [`${id} --> [*]`] : [])];
}

const indent = (line: string): string => `  ${line}`;

/** Mermaid's names are words. */
const idOf = (path: string): string => path.replaceAll('.', '_');

import type { Chart, ChartMove, ChartState } from './chart.ts';

/**
 * The chart at a glance: a state into which no move from outside reaches is drawn without its insides. What
 * its first state does is then said of itself, and moves that leave its insides leave it.
 */
export function fold(chart: Chart): Chart {
  const folded = new Set<string>();
  const foldState = (state: ChartState): ChartState => {
    const children = state.children.map(foldState);
    const hasOnlyLeaves = children.length > 0 && state.children.every((child) => child.children.length === 0);
    const isEntered = chart.moves.some(
      ({ source, target }) => isInside(target, state.path) && !isInside(source, state.path),
    );
    if (!hasOnlyLeaves || isEntered) return { ...state, children };
    folded.add(state.path);
    const first = state.children.find(({ path }) => path === state.initial);
    const activities = [...state.activities, ...(first?.activities ?? [])];
    return { ...state, activities, children: [], initial: undefined };
  };
  const states = chart.states.map(foldState);
  const surface = (path: string): string => [...folded].find((outer) => isInside(path, outer)) ?? path;
  const moves: ChartMove[] = chart.moves
    .map((move) => ({ ...move, source: surface(move.source), target: surface(move.target) }))
    .filter(({ source, target }, index) => {
      const before = chart.moves[index];
      return source !== target || before?.source === before?.target;
    });
  return { ...chart, states, moves };
}

/** Below the outer state, not the outer state itself. */
const isInside = (path: string, outer: string): boolean => path.startsWith(`${outer}.`);

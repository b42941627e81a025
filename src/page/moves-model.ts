import type { SupervisorMove } from '../server/watch-view.ts';

export type SequenceKind = 'degradation' | 'climb' | 'start';

/** Moves of the supervisor that belong together. */
export interface Sequence {
  readonly kind: SequenceKind;
  /** From the move before the first step to the state it led to. */
  readonly moves: readonly SupervisorMove[];
  /** Whether it has led somewhere. */
  readonly isDone: boolean;
}

const kindOf = ({ path }: SupervisorMove): SequenceKind | undefined => {
  if (path.startsWith('degrading')) return 'degradation';
  if (path.startsWith('streaming.climbing')) return 'climb';
  return path.startsWith('starting') ? 'start' : undefined;
};

/** The last degradation or climb, else how the supervisor started; undefined when it has done nothing. */
export function lastSequence(history: readonly SupervisorMove[]): Sequence | undefined {
  return lastOf(history, ['degradation', 'climb']) ?? lastOf(history, ['start']);
}

function lastOf(history: readonly SupervisorMove[], kinds: readonly SequenceKind[]): Sequence | undefined {
  const end = history.findLastIndex((move) => kinds.some((kind) => kind === kindOf(move)));
  const last = history[end];
  const kind = last && kindOf(last);
  if (kind === undefined) return undefined;
  let begin = end;
  while (begin > 0 && kindOf(history[begin - 1] as SupervisorMove) === kind) begin -= 1;
  // What led to it tells why, and what it led to is the point.
  return {
    kind,
    moves: history.slice(Math.max(0, begin - 1), end + 2),
    isDone: end + 1 < history.length,
  };
}

import type {
  AnyStateMachine,
  AnyStateNode,
  AnyTransitionDefinition,
  EventObject,
  InspectionEvent,
  Snapshot,
} from 'xstate';
import { adjacencyMapToArray, type AdjacencyMap, type StatePath } from 'xstate/graph';

/** A transition in a line; no two of one machine read the same. */
const nameOf = ({ source, eventType, guard, target }: AnyTransitionDefinition): string => {
  const condition = typeof guard === 'string' ? ` [${guard}]` : '';
  return `${source.id}: ${eventType || 'always'}${condition} -> ${target?.map(({ id }) => id).join(', ') ?? 'stays'}`;
};

const nodesBelow = (node: AnyStateNode): AnyStateNode[] => [
  node,
  ...Object.values(node.states).flatMap(nodesBelow),
];

/** Every transition that a machine defines, guarded alternatives each for itself. */
export const transitionsOf = (machine: AnyStateMachine): string[] => {
  const names = nodesBelow(machine.root)
    .flatMap((node) => [...node.transitions.values(), node.always ?? []].flat())
    .map(nameOf);
  if (new Set(names).size < names.length) throw new Error('two transitions read the same');
  return names;
};

/** Collects the transitions that an actor takes; `inspect` goes to `createActor`. */
export class TakenTransitions {
  readonly #taken = new Set<string>();

  readonly inspect = (event: InspectionEvent): void => {
    if (event.type !== '@xstate.microstep') return;
    const { _transitions: transitions } = event;
    for (const transition of transitions) this.#taken.add(nameOf(transition));
  };

  /** Those of the machine's transitions that no actor has taken. */
  leftOutOf(machine: AnyStateMachine): string[] {
    return transitionsOf(machine).filter((name) => !this.#taken.has(name));
  }
}

type KeyOf<TSnapshot, TEvent> = (before: TSnapshot, event: TEvent) => string;

/** State × event edges that the traversal found; `keyOf` says which of them are the same. */
export const edgesOf = <TSnapshot extends Snapshot<unknown>, TEvent extends EventObject>(
  adjacency: AdjacencyMap<TSnapshot, TEvent>,
  keyOf: KeyOf<TSnapshot, TEvent>,
): Set<string> => new Set(adjacencyMapToArray(adjacency).map(({ state, event }) => keyOf(state, event)));

/** State × event edges on the paths. */
export const edgesOn = <TSnapshot extends Snapshot<unknown>, TEvent extends EventObject>(
  paths: readonly StatePath<TSnapshot, TEvent>[],
  keyOf: KeyOf<TSnapshot, TEvent>,
): Set<string> =>
  new Set(
    paths.flatMap(({ steps }) =>
      steps.flatMap(({ event }, index) => {
        const before = steps[index - 1]?.state;
        return before ? [keyOf(before, event)] : [];
      }),
    ),
  );

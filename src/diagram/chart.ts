import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';

/** A machine as something to draw: a tree of states and the moves between them. */
export interface Chart {
  readonly id: string;
  readonly states: readonly ChartState[];
  readonly moves: readonly ChartMove[];
  /** Path of the state in which the machine starts. */
  readonly initial: string | undefined;
}

export interface ChartState {
  /** Keys from the root, joined by dots, such as `degrading.stoppingGeneric.acting`. */
  readonly path: string;
  readonly key: string;
  readonly isFinal: boolean;
  readonly tags: readonly string[];
  /** What it does by itself: `entry / count`, `invoke watchEvents`. */
  readonly activities: readonly string[];
  /** Events that it takes without leaving, one line for each group of actions. */
  readonly reactions: readonly string[];
  /** Path of the child in which it starts. */
  readonly initial: string | undefined;
  readonly children: readonly ChartState[];
}

/** All transitions of one state to another, since one line with several labels reads better than many lines. */
export interface ChartMove {
  readonly source: string;
  readonly target: string;
  /** Such as `stream.failed [areRetriesExhausted]` or `after stepTimeout`; at least one. */
  readonly triggers: readonly string[];
  /** Names of the actions, in order; of all triggers, else they are several moves. */
  readonly actions: readonly string[];
}

/** Reads a machine; nothing is drawn by hand. */
export function chartOf(machine: AnyStateMachine): Chart {
  const { root } = machine;
  return {
    id: machine.id,
    states: childrenOf(root).map(readState),
    moves: everyState(root).flatMap(readMoves),
    initial: initialOf(root),
  };
}

const childrenOf = (node: AnyStateNode): AnyStateNode[] => Object.values(node.states);

const everyState = (node: AnyStateNode): AnyStateNode[] => [node, ...childrenOf(node).flatMap(everyState)];

const pathOf = (node: AnyStateNode): string => node.path.join('.');

function initialOf(node: AnyStateNode): string | undefined {
  const [target] = node.type === 'compound' ? (node.initial.target ?? []) : [];
  return target && pathOf(target);
}

function readState(node: AnyStateNode): ChartState {
  const entry = namesOf(node.entry);
  const exit = namesOf(node.exit);
  return {
    path: pathOf(node),
    key: node.key,
    isFinal: node.type === 'final',
    tags: node.tags,
    activities: [
      ...(entry.length > 0 ? [`entry / ${entry.join(', ')}`] : []),
      ...(exit.length > 0 ? [`exit / ${exit.join(', ')}`] : []),
      ...node.invoke.map(({ src }) => `invoke ${typeof src === 'string' ? src : 'an actor'}`),
    ],
    reactions: readReactions(node),
    initial: initialOf(node),
    children: childrenOf(node).map(readState),
  };
}

interface Transition {
  readonly trigger: string;
  readonly target: string | undefined;
  readonly actions: readonly string[];
}

/** In the order in which the machine tries them; `[else]` where one with a guard came before. */
function transitionsOf(node: AnyStateNode): Transition[] {
  const groups: [string, readonly AnyTransitionDefinition[]][] = [...node.transitions];
  if (node.always) groups.push(['', node.always]);
  return groups.flatMap(([event, definitions]) =>
    definitions.map((definition, index) => {
      const guard = nameOf(definition.guard) ?? (index > 0 ? 'else' : undefined);
      const parts = [triggerOf(event), guard && `[${guard}]`];
      const [target] = definition.target ?? [];
      return {
        trigger: parts.filter(Boolean).join(' '),
        target: target && pathOf(target),
        actions: namesOf(definition.actions),
      };
    }),
  );
}

/** XState's own event types in a person's words. */
function triggerOf(event: string): string {
  const [, kind, name] = /^xstate\.(after|done\.actor|error\.actor|done\.state)\.(.*)$/.exec(event) ?? [];
  if (kind === 'after') return `after ${name?.split('.')[0]}`;
  if (kind === 'done.actor' || kind === 'done.state') return 'done';
  return kind === 'error.actor' ? 'error' : event;
}

function readMoves(node: AnyStateNode): ChartMove[] {
  const moves = new Map<string, ChartMove & { triggers: string[] }>();
  for (const { trigger, target, actions } of transitionsOf(node)) {
    if (target === undefined) continue;
    const key = JSON.stringify([target, actions]);
    const move = moves.get(key) ?? { source: pathOf(node), target, triggers: [], actions };
    move.triggers.push(trigger);
    moves.set(key, move);
  }
  return [...moves.values()].map((move) => ({ ...move, triggers: move.triggers.filter(Boolean) }));
}

function readReactions(node: AnyStateNode): string[] {
  const triggers = new Map<string, string[]>();
  for (const { trigger, target, actions } of transitionsOf(node)) {
    if (target !== undefined) continue;
    const key = actions.join(', ');
    triggers.set(key, [...(triggers.get(key) ?? []), trigger]);
  }
  return [...triggers].map(([actions, names]) => `${shorten(names)} / ${actions}`);
}

/** `list.a [else], list.b [else]` → `list.a, b [else]`: what they share is said once. */
function shorten(triggers: readonly string[]): string {
  const groups = new Map<string, string[]>();
  for (const trigger of triggers) {
    const [, subject = '', verb = trigger, guard = ''] = /^([^. ]+\.)?([^ ]+)( \[.*)?$/.exec(trigger) ?? [];
    const key = `${subject}|${guard}`;
    groups.set(key, [...(groups.get(key) ?? []), verb]);
  }
  return [...groups]
    .map(([key, verbs]) => {
      const [subject = '', guard = ''] = key.split('|');
      return `${subject}${verbs.join(', ')}${guard}`;
    })
    .join(', ');
}

/** Everything in the machines has a name; what had none would show up as such. */
function nameOf(item: unknown): string | undefined {
  if (item === undefined || item === null) return undefined;
  if (typeof item === 'string') return item;
  if (typeof item === 'function') return item.name;
  const { type } = item as { type?: unknown };
  return typeof type === 'string' ? type : 'unnamed';
}

/** Names without XState's own actions, which start timers and actors. */
const namesOf = (actions: readonly unknown[]): string[] =>
  actions
    .filter((action) => typeof action !== 'function' || !('resolve' in action))
    .map((action) => nameOf(action) ?? 'unnamed');

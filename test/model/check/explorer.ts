import type { Finding, Probe, Property, World } from './world.ts';

export interface ExploreOptions<TAction, TWorld extends World<TAction>> {
  readonly create: () => TWorld;
  readonly properties: readonly Property<TWorld>[];
  readonly probes: readonly Probe<TWorld>[];
  /** Stops after so many states, having walked every path of `depth` steps; none by default. */
  readonly maxStates?: number;
  /** Told of each state when it is found, and of each transition. */
  readonly onState?: (state: number, world: TWorld) => void;
  readonly onTransition?: (from: number, to: number) => void;
}

export interface Violation<TAction> extends Finding {
  readonly path: readonly TAction[];
}

export interface Exploration<TAction> {
  readonly stateCount: number;
  readonly transitionCount: number;
  /** Every path of this many steps was walked; where all is exhausted, the distance of the farthest state. */
  readonly depth: number;
  /** The world was explored to its end: no state has a successor that was not visited. */
  readonly isExhausted: boolean;
  /** The first, which is a shortest, counterexample. */
  readonly violation: Violation<TAction> | undefined;
  readonly durationMs: number;
  /** A shortest path to a state. */
  readonly pathTo: (state: number) => readonly TAction[];
}

interface Node<TAction> {
  readonly parent: number;
  readonly action: TAction | undefined;
  readonly depth: number;
  readonly actions: readonly TAction[];
}

/**
 * Explores every interleaving, breadth first, so that a counterexample is a shortest one. Production code
 * cannot be copied in the middle of its life: for each transition a new world walks the path again.
 */
export const explore = async <TAction, TWorld extends World<TAction>>({
  create,
  properties,
  probes,
  maxStates = Number.POSITIVE_INFINITY,
  onState,
  onTransition,
}: ExploreOptions<TAction, TWorld>): Promise<Exploration<TAction>> => {
  const startMs = performance.now();
  const nodes: Node<TAction>[] = [];
  const known = new Map<string, number>();
  let transitionCount = 0;
  let violation: Violation<TAction> | undefined;

  const pathTo = (index: number): TAction[] => {
    const path: TAction[] = [];
    for (let node = nodes[index]!; node.action !== undefined; node = nodes[node.parent]!) {
      path.push(node.action);
    }
    return path.reverse();
  };

  const judge = (world: TWorld): Finding | undefined => {
    for (const { name, check } of properties) {
      const message = check(world);
      if (message !== undefined) return { property: name, message };
    }
    return undefined;
  };

  /** Each probe gets a world of its own; the first may have the one at hand. */
  const probe = async (world: TWorld, path: readonly TAction[]): Promise<Finding | undefined> => {
    const applicable = probes.filter(({ applies }) => applies?.(world) ?? true);
    for (const [index, { run }] of applicable.entries()) {
      const finding = await run(index === 0 ? world : await replay(create, path));
      if (finding) return finding;
    }
    return undefined;
  };

  /** Judges a state, and where it is a new one takes it in. Uses the world up. */
  const visit = async (world: TWorld, parent: number, action: TAction | undefined): Promise<void> => {
    const path = (): TAction[] => (action === undefined ? [] : [...pathTo(parent), action]);
    const finding = judge(world);
    if (finding) violation = { ...finding, path: path() };
    const fingerprint = world.fingerprint();
    const existing = known.get(fingerprint);
    const index = existing ?? nodes.length;
    if (parent >= 0) onTransition?.(parent, index);
    if (existing !== undefined || violation) return;
    known.set(fingerprint, index);
    nodes.push({ parent, action, depth: (nodes[parent]?.depth ?? -1) + 1, actions: world.actions() });
    onState?.(index, world);
    const probed = await probe(world, path());
    if (probed) violation = { ...probed, path: path() };
  };

  await visit(create(), -1, undefined);
  let next = 0;
  for (; next < nodes.length && nodes.length < maxStates && !violation; next += 1) {
    const { actions } = nodes[next]!;
    const path = pathTo(next);
    for (const action of actions) {
      const world = await replay(create, path);
      const done = world.perform(action);
      if (done) await done;
      transitionCount += 1;
      await visit(world, next, action);
      if (violation) break;
    }
  }
  return {
    stateCount: nodes.length,
    transitionCount,
    depth: (nodes[next] ?? nodes.at(-1)!).depth,
    isExhausted: next === nodes.length,
    violation,
    durationMs: performance.now() - startMs,
    pathTo,
  };
};

/** A new world after the given path. */
export const replay = async <TAction, TWorld extends World<TAction>>(
  create: () => TWorld,
  path: readonly TAction[],
): Promise<TWorld> => {
  const world = create();
  for (const action of path) {
    const done = world.perform(action);
    if (done) await done;
  }
  return world;
};

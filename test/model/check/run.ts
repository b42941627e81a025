import { explore, type Exploration } from './explorer.ts';
import { traceOf, type Trace } from './trace.ts';
import { WayOut } from './way-out.ts';
import type { Probe, Property, World } from './world.ts';

/** An exploration of one world, and what a person should know of it. */
export interface Run {
  readonly name: string;
  readonly covers: string;
  /** Properties that are judged in it. */
  readonly properties: readonly string[];
  readonly start: () => Promise<RunResult>;
}

export interface RunResult extends Omit<Exploration<unknown>, 'violation' | 'pathTo'> {
  readonly counterexample: Trace | undefined;
}

export interface RunOptions<TAction, TWorld extends World<TAction>> {
  readonly name: string;
  readonly covers: string;
  readonly create: () => TWorld;
  readonly properties: readonly Property<TWorld>[];
  readonly probes?: readonly Probe<TWorld>[];
  /** A state that must be in reach from every other one; property *Degradation*. */
  readonly isGood?: (world: TWorld) => boolean;
  readonly maxStates?: number;
}

export const runOf = <TAction, TWorld extends World<TAction>>(options: RunOptions<TAction, TWorld>): Run => {
  const { name, covers, create, properties, probes = [], isGood, maxStates } = options;
  const names = [...properties.map((property) => property.name), ...probes.flatMap((probe) => probe.names)];
  const start = async (): Promise<RunResult> => {
    const wayOut = isGood ? new WayOut() : undefined;
    const { violation, pathTo, ...exploration } = await explore({
      create,
      properties,
      probes,
      ...(maxStates === undefined ? {} : { maxStates }),
      onState: (state, world) => wayOut?.addState(state, isGood!(world)),
      onTransition: (from, to) => wayOut?.addTransition(from, to),
    });
    const deadEnd = exploration.isExhausted ? wayOut?.firstDeadEnd() : undefined;
    const found =
      violation ??
      (deadEnd === undefined
        ? undefined
        : { property: 'Degradation', message: 'from here no way leads on', path: pathTo(deadEnd) });
    const counterexample = found && (await traceOf(name, create, found));
    return { ...exploration, counterexample };
  };
  return { name, covers, properties: [...new Set(names)], start };
};

/** One line for people. */
export const summaryOf = ({ name }: Run, result: RunResult): string => {
  const { stateCount, transitionCount, depth, isExhausted, durationMs } = result;
  const extent = isExhausted
    ? `every state there is, the farthest ${String(depth)} steps away`
    : `every path of ${String(depth)} steps`;
  const seconds = (durationMs / 1_000).toFixed(1);
  return `${name}: ${String(stateCount)} states, ${String(transitionCount)} transitions, ${extent}, ${seconds} s`;
};

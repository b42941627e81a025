import fc from 'fast-check';
import type { Action } from './action.ts';
import { NodeWorld, type NodeWorldSpec } from './node-world.ts';
import { containerOf, sandboxOf } from './part.ts';
import { hanging, nodeProperties, quiet } from './properties.ts';
import type { Violation } from '../check/explorer.ts';
import { replay } from '../check/explorer.ts';
import { traceOf, type Trace } from '../check/trace.ts';

/** Too large to be explored: two pods, restarts as new ids, and nothing but faults. */
export const largeWorld: NodeWorldSpec = {
  parts: [
    sandboxOf('p', 's', ['running', 'exited', 'removing', 'gone']),
    containerOf('p', 's', 'c1', [{ to: 'created', after: ['s', 'running'] }, 'running', 'exited', 'gone']),
    containerOf('p', 's', 'c2', [{ to: 'created', after: ['c1', 'exited'] }, 'running', 'exited', 'gone']),
    sandboxOf('p', 's2', [{ to: 'running', after: ['s', 'exited'] }]),
    sandboxOf('q', 't', ['running', 'exited', { to: 'removing', after: ['d', 'gone'] }, 'gone']),
    containerOf('q', 't', 'd', [{ to: 'created', after: ['t', 'running'] }, 'running', 'exited', 'gone']),
  ],
  faults: ['drop', 'double', 'overtake', 'deliverNil', 'failInspection', 'break', 'replay', 'resume'],
  maxFaults: 40,
  maxLag: 8,
  logSize: 4,
};

/** Which of the things that can happen happens, step by step. */
export type Choices = readonly number[];

export const choices = fc.array(fc.nat(5_039), { minLength: 1, maxLength: 160, size: 'max' });

/** Walks a world by choices and then lets it fall quiet; returns the first violation. */
export const walk = async (spec: NodeWorldSpec, steps: Choices): Promise<Violation<Action> | undefined> => {
  const create = () => new NodeWorld(spec);
  const world = create();
  const path: Action[] = [];
  for (const choice of steps) {
    const actions = world.actions();
    const action = actions[choice % actions.length];
    if (!action) break;
    path.push(action);
    await world.perform(action);
    for (const { name, check } of nodeProperties) {
      const message = check(world);
      if (message !== undefined) return { property: name, message, path };
    }
  }
  const probes = [quiet, hanging].filter(({ applies }) => applies?.(world) ?? true);
  for (const { run } of probes) {
    const finding = await run(await replay(create, path));
    if (finding) return { ...finding, path };
  }
  return undefined;
};

export interface RandomRuns {
  /** Repeats the runs: fast-check's own seed. */
  readonly seed: number;
  readonly runCount: number;
  /** The shortest counterexample that was found. */
  readonly counterexample: Trace | undefined;
}

/** Many random walks; a counterexample is shrunk before it is told. */
export const walkAtRandom = async (
  spec: NodeWorldSpec,
  runCount: number,
  seed: number,
): Promise<RandomRuns> => {
  const details = await fc.check(
    fc.asyncProperty(choices, async (steps) => {
      const violation = await walk(spec, steps);
      if (violation) throw new Error(violation.message);
    }),
    { numRuns: runCount, seed },
  );
  const [shrunk] = details.counterexample ?? [];
  const violation = shrunk && (await walk(spec, shrunk));
  const title = `random walk, seed ${String(seed)}`;
  const counterexample = violation && (await traceOf(title, () => new NodeWorld(spec), violation));
  return { seed, runCount: details.numRuns, counterexample };
};

import type { Violation } from './explorer.ts';
import type { Finding, World } from './world.ts';

export interface TraceStep {
  readonly lane: string;
  readonly text: string;
  /** What is new in the state after it. */
  readonly news: readonly string[];
}

/** A counterexample as it is told to people. */
export interface Trace extends Finding {
  readonly title: string;
  readonly steps: readonly TraceStep[];
}

/** Walks the path of a violation once more and writes down what happens. */
export const traceOf = async <TAction>(
  title: string,
  create: () => World<TAction>,
  { property, message, path }: Violation<TAction>,
): Promise<Trace> => {
  const world = create();
  const steps: TraceStep[] = [];
  let before = new Set(world.facts());
  for (const action of path) {
    const sentence = world.describe(action);
    await world.perform(action);
    const facts = world.facts();
    steps.push({ ...sentence, news: facts.filter((fact) => !before.has(fact)) });
    before = new Set(facts);
  }
  return { title, property, message, steps };
};

export const textOf = ({ title, property, message, steps }: Trace): string =>
  [
    `${property} is violated (${title}): ${message}`,
    ...steps.flatMap(({ lane, text, news }, index) => [
      `${String(index + 1).padStart(4)}. ${lane.padEnd(10)} ${text}`,
      ...news.map((fact) => `${' '.repeat(17)}→ ${fact}`),
    ]),
  ].join('\n');

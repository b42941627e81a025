import { cachedStateOf } from './freshness.ts';
import type { NodeWorld } from './node-world.ts';

/** What plegd believes, caches and has published. */
export const factsOf = (world: NodeWorld): string[] => {
  const facts: string[] = [];
  for (const part of world.runtime.parts) {
    const { id } = part.spec;
    facts.push(`plegd believes ${id} ${world.beliefOf(id)}`);
    facts.push(`the cache says ${id} ${cachedStateOf(world, part)}`);
  }
  for (const [index, text] of world.chronicle.published.entries()) {
    facts.push(`published as number ${String(index + 1)}: ${text}`);
  }
  if (world.consumer) facts.push(`the consumer has read up to number ${String(world.consumer.seq)}`);
  return facts;
};

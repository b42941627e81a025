import type { Finding, Probe, Property } from '../check/world.ts';
import { judgeVouchingOf } from './freshness.ts';
import type { NodeWorld } from './node-world.ts';
import { deliverAll, disagreementOf, finishRemovals, inspectAll, relistOnce } from './quiet.ts';

type NodeProperty = Property<NodeWorld>;
type NodeProbe = Probe<NodeWorld>;

const accusedOf = ({ chronicle }: NodeWorld, property: string): string | undefined =>
  chronicle.violation?.property === property ? chronicle.violation.message : undefined;

const words: Record<string, string> = { S: 'started', D: 'died', R: 'removed' };

/**
 * For one container the log reads Started? Died? Removed?, each at most once and in this order. Where the
 * runtime itself went back, as its lists showed, kubelet's table allows Started and Died again.
 */
export const order: NodeProperty = {
  name: 'Order',
  check: ({ chronicle, runtime }) => {
    for (const [id, line] of chronicle.lines) {
      const read = line.replaceAll('!', '');
      const hasGoneBack = runtime.part(id).history.some(({ state }) => state === 'unknown');
      if (!(hasGoneBack ? /^(S?D?){0,2}R?$/ : /^S?D?R?$/).test(read)) {
        return `the log of ${id} reads ${read
          .split('')
          .map((letter) => words[letter])
          .join(', ')}`;
      }
    }
    return undefined;
  },
};

/** An event that can be read has a cache behind it that is as new, and so has whoever waited for news. */
export const freshness: NodeProperty = {
  name: 'Freshness',
  check: (world) => accusedOf(world, 'Freshness') ?? judgeVouchingOf(world),
};

/** Evidence of an earlier moment never undoes what evidence of a later one has shown. */
export const noGoingBack: NodeProperty = {
  name: 'No going back',
  check: (world) => accusedOf(world, 'No going back'),
};

/** A reader of the log misses nothing, or is told of the gap and gets a PodSync of each live pod. */
export const noLoss: NodeProperty = {
  name: 'No loss',
  check: (world) => accusedOf(world, 'No loss'),
};

export const nodeProperties: readonly NodeProperty[] = [order, freshness, noGoingBack, noLoss];

/**
 * The world falls quiet, a relist ends, inspections end: then machines, cache and runtime must agree, the
 * log must tell the truth, and the last late event must change nothing.
 */
export const quiet: NodeProbe = {
  names: ['Convergence', 'No loss'],
  run: async (world) => {
    finishRemovals(world);
    relistOnce(world);
    inspectAll(world);
    const { violation } = world.chronicle;
    if (violation) return violation;
    const disagreement = disagreementOf(world);
    if (disagreement !== undefined) return convergence(`after one relist in a quiet world, ${disagreement}`);
    const loss = lossOf(world) ?? (await lossToConsumerOf(world));
    if (loss !== undefined) return { property: 'No loss', message: loss };
    deliverAll(world);
    inspectAll(world);
    if (world.chronicle.violation) return world.chronicle.violation;
    const late = disagreementOf(world);
    return late === undefined ? undefined : convergence(`once the last late event has come, ${late}`);
  },
};

const convergence = (message: string): Finding => ({ property: 'Convergence', message });

/** What two successive relists showed has its event; and whoever folds the log gets the truth. */
const lossOf = ({ chronicle, runtime }: NodeWorld): string | undefined => {
  for (const shown of chronicle.shownTwice) {
    const [id, state] = shown.split(' ') as [string, string];
    const letter = state === 'running' ? 'S' : 'D';
    if (!chronicle.lines.get(id)?.includes(letter)) {
      return `two successive relists showed ${id} ${state}, and the log never says that it ${words[letter]!}`;
    }
  }
  for (const { spec, state } of runtime.parts) {
    const last = chronicle.lines.get(spec.id)?.replaceAll('!', '').at(-1);
    const expected = { running: 'S', exited: 'D', gone: last && 'R' }[state as string] ?? last;
    if (last !== expected) {
      return `${spec.id} is ${state}, and the log ends with ${words[last ?? ''] ?? 'nothing'}`;
    }
  }
  return undefined;
};

const lossToConsumerOf = async (world: NodeWorld): Promise<string | undefined> => {
  const { consumer, log } = world;
  if (!consumer) return undefined;
  while (consumer.isBehind) await consumer.read();
  if (consumer.awaited) return `a gap, and no PodSync of ${[...consumer.awaited].join()} after it`;
  if (consumer.coveredSeq !== log.lastSeq) return 'the consumer never hears of the last events';
  return accusedOf(world, 'No loss');
};

/** While the inspection of one pod hangs, every other pod's events come. */
export const hanging: NodeProbe = {
  names: ['Isolation'],
  applies: ({ inspections, runtime }) => inspections.size > 0 && runtime.podUids.length > 1,
  run: (world) => {
    const [hung] = world.inspections.keys();
    inspectAll(world, hung);
    for (const { podUid, pending } of world.merge.pods()) {
      if (podUid === hung || pending.length === 0) continue;
      const { type, container } = pending[0]!;
      return {
        property: 'Isolation',
        message: `${type} ${container.id} waits for pod ${hung!}, whose inspection hangs`,
      };
    }
    return undefined;
  },
};

import { tombstoneMs } from '../../../src/pleg/container-registry.ts';
import { cachedStateOf } from './freshness.ts';
import { idsOf } from './calls.ts';
import type { NodeWorld } from './node-world.ts';
import { isListed, isPresent, type PartState } from './part.ts';

/** Ends every inspection that is under way or wanted, well and with the present truth, until none is left. */
export const inspectAll = (world: NodeWorld, except?: string): void => {
  const { inspections, merge, runtime } = world;
  for (;;) {
    const found = [...inspections].find(([podUid]) => podUid !== except);
    if (found) {
      const [podUid, inspection] = found;
      const versions = idsOf(inspection).map(() => runtime.version);
      world.act({ kind: 'endInspection', podUid, versions });
    } else if (inspections.size < world.concurrency && world.beginInspection()) {
      continue;
    } else if (except === undefined && merge.queue.nextDueMs() !== undefined) {
      world.act({ kind: 'wait' });
    } else {
      return;
    }
  }
};

/** One relist from beginning to end; one that is under way ends first. */
export const relistOnce = (world: NodeWorld): void => {
  if (world.relist) endRelist(world);
  world.act({ kind: 'beginRelist' });
  endRelist(world);
};

const endRelist = (world: NodeWorld): void => {
  const { version } = world.runtime;
  world.act({ kind: 'endRelist', sandboxesVersion: version, containersVersion: version });
};

/** Removals that were announced are done: no runtime stays half way. */
export const finishRemovals = (world: NodeWorld): void => {
  for (const { spec, state } of world.runtime.parts) {
    if (state === 'removing') world.act({ kind: 'advance', id: spec.id });
  }
};

export const deliverAll = (world: NodeWorld): void => {
  while (world.stream.queue.length > 0) world.act({ kind: 'deliver', index: 0 });
};

/** plegd starts when parts of the runtime have already come so far: its first relist finds them. */
export const findAlready = (world: NodeWorld, states: Readonly<Record<string, PartState>>): void => {
  for (const [id, state] of Object.entries(states)) {
    while (world.runtime.part(id).state !== state) world.act({ kind: 'advance', id });
  }
  world.stream.queue = [];
  relistOnce(world);
  inspectAll(world);
};

/** Parts come to the end of their lives, are found gone, and are forgotten when their tombstones expire. */
export const finishLives = (world: NodeWorld, ...ids: string[]): void => {
  for (const id of ids) {
    const part = world.runtime.part(id);
    while (world.runtime.nextStep(part)) world.act({ kind: 'advance', id });
  }
  world.stream.queue = [];
  relistOnce(world);
  inspectAll(world);
  world.time.nowMs += tombstoneMs;
  relistOnce(world);
};

const beliefOfTruth: Record<PartState, string> = {
  absent: 'nonexistent',
  created: 'unknown',
  unknown: 'unknown',
  running: 'running',
  exited: 'exited',
  removing: 'nonexistent',
  gone: 'nonexistent',
};

/** Where machines, cache and pods disagree with a runtime in which nothing happens any more. */
export const disagreementOf = (world: NodeWorld): string | undefined => {
  const { runtime, merge, cache } = world;
  for (const part of runtime.parts) {
    const { id } = part.spec;
    const believed = merge.registry.get(id)?.state ?? 'nonexistent';
    if (believed !== beliefOfTruth[part.state]) return `${id} is ${part.state} and believed ${believed}`;
    const cached = cachedStateOf(world, part);
    if (cached !== (isListed(part.state) ? part.state : 'none')) {
      return `${id} is ${part.state} and the cache says ${cached}`;
    }
  }
  const pods = new Map([...merge.pods()].map((pod) => [pod.podUid, pod]));
  for (const podUid of runtime.podUids) {
    const isThere = runtime.parts.some(({ spec, state }) => spec.podUid === podUid && isPresent(state));
    const pod = pods.get(podUid);
    if (isThere !== (pod !== undefined)) return `pod ${podUid} is ${isThere ? 'missing' : 'left over'}`;
    const pending = pod?.pending[0];
    if (pending) return `${pending.type} ${pending.container.id} is never published`;
    if (cache.get(podUid).error) return `the cache still shows the error of a failed inspection of ${podUid}`;
    if (cache.isHeld(podUid)) return `whoever waits for news of pod ${podUid} waits for ever`;
  }
  return undefined;
};

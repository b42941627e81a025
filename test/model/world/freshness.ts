import type { PodLifecycleEvent } from '../../../src/pleg/lifecycle-event.ts';
import { statesSince, type Part } from './model-runtime.ts';
import type { NodeWorld } from './node-world.ts';
import type { PartState } from './part.ts';

/** What the cache says of a part: the runtime's word for its state, or that it does not exist. */
export type CachedState = 'none' | 'created' | 'running' | 'exited' | 'unknown';

export const cachedStateOf = ({ cache }: NodeWorld, { spec }: Part): CachedState => {
  const { status } = cache.get(spec.podUid);
  if (!spec.isSandbox) return status.containers.find(({ id }) => id === spec.id)?.state ?? 'none';
  const state = status.sandboxes.find(({ id }) => id === spec.id)?.state;
  return state === undefined ? 'none' : state === 'ready' ? 'running' : 'exited';
};

/** Whether the cache may say so of a part that truly is in this state. */
export const isTrueOf = (cached: CachedState, state: PartState): boolean => {
  if (state === 'absent' || state === 'gone') return cached === 'none';
  if (state === 'removing') return cached === 'none' || cached === 'exited';
  return cached === state;
};

const reachedBy: Record<string, (state: PartState) => boolean> = {
  ContainerStarted: (state) => state === 'running',
  ContainerDied: (state) => state === 'exited' || state === 'removing' || state === 'gone',
  ContainerRemoved: (state) => state === 'removing' || state === 'gone',
};

/**
 * Whether the cache is as new as an event that somebody reads now: what it says of the event's container
 * must have been true at some moment since the change, unless the event admits that nobody could look.
 */
export const judgeFreshnessOf = (
  world: NodeWorld,
  { type, containerId, inspection }: PodLifecycleEvent,
): string | undefined => {
  if (containerId === undefined || inspection === 'failed') return undefined;
  const part = world.runtime.part(containerId);
  const reached = part.history.find(({ state }) => reachedBy[type]!(state));
  if (!reached) return `${type} ${containerId} is published and never happened`;
  const cached = cachedStateOf(world, part);
  if (statesSince(part, reached.sinceMs).some((state) => isTrueOf(cached, state))) {
    return undefined;
  }
  return `${type} ${containerId} can be read while the cache still says ${cached}`;
};

/**
 * Until when the cache vouches for a pod: whoever waits for a status newer than an earlier moment gets the
 * present one. Monotonic ms; 0 where it vouches for nothing.
 */
const vouchedMsOf = ({ cache, chronicle }: NodeWorld, podUid: string): number => {
  const { observedMs = 0 } = cache.getEntry(podUid);
  const moments = [observedMs, ...chronicle.relistsMs].toSorted((a, b) => b - a);
  return moments.find((ms) => cache.getIfNewerThan(podUid, ms - 0.5)) ?? 0;
};

/**
 * Whether what `getNewerThan` hands out is as new as it says: every part of the pod is in it as the runtime
 * had it at that moment or later.
 */
export const judgeVouchingOf = (world: NodeWorld): string | undefined => {
  const { cache, runtime } = world;
  for (const podUid of runtime.podUids) {
    const vouchedMs = vouchedMsOf(world, podUid);
    if (vouchedMs === 0 || cache.get(podUid).error) continue;
    for (const part of runtime.parts) {
      if (part.spec.podUid !== podUid) continue;
      const cached = cachedStateOf(world, part);
      const states = statesSince(part, vouchedMs);
      if (states.some((state) => isTrueOf(cached, state))) continue;
      return `the cache hands out ${cached} for ${part.spec.id} as newer than a moment when it was ${states[0]!}`;
    }
  }
  return undefined;
};

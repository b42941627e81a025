import type { Property } from '../check/world.ts';
import type { SupervisionWorld } from './supervision-world.ts';

/** Relists that one Generic PLEG has under way or before it. */
const relistLoopsOf = ({ relists, clock }: SupervisionWorld): number =>
  relists.length + clock.timers.filter(({ name }) => name.startsWith('relist')).length;

/** A Generic PLEG runs, a relist is under way or will be, and no step is left to do. */
export const isSettled = (world: SupervisionWorld): boolean =>
  world.genericPleg.isStarted &&
  relistLoopsOf(world) > 0 &&
  !/^starting|^degrading|climbing/.test(world.supervision.path);

/**
 * The four steps occur in order and once per degradation, a degradation occurs when and only when the
 * stream has failed so often, and never do two generic PLEGs or two streams live side by side.
 */
export const degradation: Property<SupervisionWorld> = {
  name: 'Degradation',
  check: (world) => {
    if (relistLoopsOf(world) > 1) return 'two generic PLEGs relist side by side';
    if (world.openStreamCount > 1) return 'two event streams are open';
    return world.record.judge();
  },
};

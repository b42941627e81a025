import type { Action } from './action.ts';
import { inspectionMoments, relistMoments } from './calls.ts';
import { stateAt } from './model-runtime.ts';
import type { NodeWorld } from './node-world.ts';

/** Everything that can happen next in a world. */
export const enabledActions = (world: NodeWorld): Action[] => [
  ...runtimeActions(world),
  ...streamActions(world),
  ...relistActions(world),
  ...inspectionActions(world),
  ...consumerActions(world),
];

const runtimeActions = (world: NodeWorld): Action[] => {
  const { runtime, stream, spec } = world;
  const isFull = stream.queue.length >= (spec.maxLag ?? 3);
  if (isFull) return [];
  return runtime.parts
    .filter((part) => runtime.nextStep(part) !== undefined)
    .map(({ spec: { id } }): Action => ({ kind: 'advance', id }));
};

const streamActions = (world: NodeWorld): Action[] => {
  const { stream } = world;
  if (!stream.isOpen) {
    const actions: Action[] = [{ kind: 'reconnect', isReplaying: false }];
    if (world.spec.faults.includes('replay')) actions.push({ kind: 'reconnect', isReplaying: true });
    return actions;
  }
  const actions: Action[] = [];
  if (world.can('break')) actions.push({ kind: 'break' });
  if (stream.queue.length === 0) return actions;
  actions.push({ kind: 'deliver', index: 0 });
  if (world.can('drop')) actions.push({ kind: 'drop' });
  if (world.can('double')) actions.push({ kind: 'double' });
  if (world.can('deliverNil')) actions.push({ kind: 'deliverNil' });
  if (world.can('overtake')) {
    for (let index = 1; index < stream.queue.length; index += 1) actions.push({ kind: 'deliver', index });
  }
  return actions;
};

const relistActions = (world: NodeWorld): Action[] => {
  const { relist, runtime, relistsLeft } = world;
  if (!relist) return relistsLeft > 0 ? [{ kind: 'beginRelist' }] : [];
  return relistMoments(runtime, relist)
    .filter(([sandboxesVersion]) => !showsRemainsAgain(world, sandboxesVersion))
    .map(([sandboxesVersion, containersVersion]) => ({
      kind: 'endRelist',
      sandboxesVersion,
      containersVersion,
    }));
};

/** No runtime announces a removal and is still at it when a second list that began later is taken. */
const showsRemainsAgain = ({ runtime, chronicle }: NodeWorld, version: number): boolean =>
  [...chronicle.remainsShown].some((id) => stateAt(runtime.part(id), version) === 'removing');

const inspectionActions = (world: NodeWorld): Action[] => {
  const { inspections, merge, concurrency, time, runtime } = world;
  const actions: Action[] = [];
  const dueMs = merge.queue.nextDueMs();
  if (inspections.size < concurrency && dueMs !== undefined) {
    actions.push(dueMs <= time.nowMs ? { kind: 'beginInspection' } : { kind: 'wait' });
  }
  for (const [podUid, inspection] of inspections) {
    for (const versions of inspectionMoments(runtime, inspection)) {
      actions.push({ kind: 'endInspection', podUid, versions });
    }
    if (world.can('failInspection')) actions.push({ kind: 'failInspection', podUid });
  }
  return actions;
};

const consumerActions = (world: NodeWorld): Action[] => {
  if (!world.consumer) return [];
  const actions: Action[] = [];
  if (world.consumer.isBehind) actions.push({ kind: 'read' });
  if (world.can('resume')) actions.push({ kind: 'resume' });
  return actions;
};

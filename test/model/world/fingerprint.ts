import { idsOf } from './calls.ts';
import { ageAt, type Part } from './model-runtime.ts';
import type { NodeWorld } from './node-world.ts';

/**
 * A text that is equal for two states of a world only if they behave alike from here on and have the same
 * past as far as properties care.
 *
 * Places in the order of evidence and moments of time only ever grow and never recur; what is told apart is
 * how they compare with the calls that are under way, for with nothing else will they be compared. Of the
 * past is told apart what can still make a difference, and no more, or the same state would be explored
 * once for every way to it.
 */
export const fingerprintOf = (world: NodeWorld): string =>
  [
    `${String(world.faultsLeft)},${String(world.relistsLeft)}`,
    agesOf(world, world.runtime.version),
    streamOf(world),
    world.relist ? agesOf(world, world.relist.version) : '',
    inspectionsOf(world),
    world.runtime.parts.map((part) => machineOf(world, part)).join(';'),
    podsOf(world),
    queueOf(world),
    world.runtime.parts.map((part) => pastOf(world, part)).join(';'),
    world.consumer ? consumerOf(world) : '',
  ].join('|');

/** How far each life had come by a version: what a call that began then may still show. */
const agesOf = ({ runtime }: NodeWorld, version: number): string =>
  runtime.parts.map((part) => ageAt(part, version)).join('');

const streamOf = ({ stream, chronicle, relist, merge }: NodeWorld): string => {
  const { registry } = merge;
  const relistNs = relist?.beginning.beganWallNs;
  const events = stream.queue.map(({ event: { containerId, createdAtNs }, age }) => {
    const text = `${containerId}${String(age)}`;
    // Whether an event is news is only asked where its container is not known.
    const entry = registry.get(containerId);
    if (entry ? !registry.isUnseen(entry) : registry.isTombstone(containerId)) return text;
    const isNews = createdAtNs >= chronicle.newsSinceNs;
    const willBeNews = relistNs !== undefined && createdAtNs >= relistNs;
    return `${text}${isNews ? 'n' : ''}${willBeNews ? 'N' : ''}`;
  });
  return `${stream.isOpen ? 'o' : 'x'}${events.join()}`;
};

/** How far each life had come by a moment for which the cache may come to vouch. */
const agesAtMs = ({ runtime }: NodeWorld, ms: number): string =>
  runtime.parts.map(({ history }) => history.findLastIndex(({ sinceMs }) => sinceMs <= ms)).join('');

const inspectionsOf = (world: NodeWorld): string => {
  let text = '';
  for (const [podUid, inspection] of world.inspections) {
    const { reasons, request, version, knownMs } = inspection;
    text += `${podUid}${idsOf(inspection).join()};${reasons.includes('reinspect') ? 'r' : ''}`;
    text += `${agesOf(world, version)},${agesAtMs(world, knownMs)}`;
    const [relistMs = 0] = world.chronicle.relistsMs;
    if (relistMs > request.beganMs) text += `,${agesAtMs(world, relistMs)}`;
  }
  return text;
};

const machineOf = ({ merge, relist, inspections, chronicle }: NodeWorld, { spec }: Part): string => {
  const { id, podUid } = spec;
  const { registry } = merge;
  let text = `${chronicle.beliefs.get(id) ?? ''}${String(chronicle.basisAges.get(id) ?? '')}`;
  const entry = registry.get(id);
  const relistBegan = relist?.beginning.began;
  const inspection = inspections.get(podUid);
  if (entry) {
    const { value, context } = entry.actor.getSnapshot();
    text += typeof value === 'string' ? value : JSON.stringify(value);
    if (relistBegan !== undefined && relistBegan > context.newestEvidenceAt) text += '<';
    if (inspection && inspection.request.began > context.newestEvidenceAt) text += '(';
  } else if (registry.isTombstone(id)) {
    text += relistBegan !== undefined && registry.isGoneSince(id, relistBegan) ? '+' : '-';
  }
  return text;
};

const podsOf = (world: NodeWorld): string => {
  const { merge, runtime, inspections, cache } = world;
  const pods = new Map([...merge.pods()].map((pod) => [pod.podUid, pod]));
  let text = '';
  for (const podUid of runtime.podUids) {
    const pod = pods.get(podUid);
    const began = inspections.get(podUid)?.request.began ?? -1;
    if (pod) {
      const pending = pod.pending.map(
        ({ type, container, seenAt }) => `${type.charAt(9)}${container.id}${seenAt <= began ? '<' : ''}`,
      );
      text += `P${[...pod.containerIds].toSorted().join()};${pending.join()};`;
    }
    const { status, error } = cache.get(podUid);
    const states = [...status.sandboxes, ...status.containers].map(({ id, state }) => `${id}${state}`);
    text += `C${states.join()}${error ? '!' : ''};`;
    if (cache.isHeld(podUid)) text += 'h';
  }
  return text;
};

const queueOf = ({ merge, time }: NodeWorld): string => {
  let text = '';
  for (const [podUid, { reasons, dueMs, isInFlight }] of merge.queue.marks()) {
    text += `${podUid}${[...reasons].toSorted().join()}${dueMs > time.nowMs ? 'w' : ''}${isInFlight ? 'i' : ''};`;
  }
  return text;
};

const pastOf = ({ chronicle, relist }: NodeWorld, { spec, state }: Part): string => {
  const { id } = spec;
  const line = chronicle.lines.get(id) ?? '';
  let text = line;
  // What lists showed matters as long as the log has not said it.
  const shown = chronicle.shown.get(id) ?? '';
  if (!line.includes(shown === 'running' ? 'S' : 'D')) text += shown;
  if (!line.includes('S') && chronicle.shownTwice.has(`${id} running`)) text += '2s';
  if (!line.includes('D') && chronicle.shownTwice.has(`${id} exited`)) text += '2d';
  const deletedMs = chronicle.deletedArrivedMs.get(id);
  if (deletedMs !== undefined && spec.isSandbox && (state === 'removing' || relist)) {
    text += relist && relist.beginning.beganMs > deletedMs ? '>' : '<';
    if (chronicle.remainsShown.has(id)) text += '=';
  }
  return text;
};

const consumerOf = ({ consumer, log, chronicle }: NodeWorld): string => {
  const { seq, coveredSeq, awaited } = consumer!;
  const unread = chronicle.published.slice(seq).join();
  return `${String(log.lastSeq - coveredSeq)},${unread},${awaited ? [...awaited].join() : ''}`;
};

import type { LogEntry, PodLifecycleEvent } from '../pleg/lifecycle-event.ts';
import { invalidArgument } from './call-error.ts';
import { eventTypes } from './event-message.ts';
import { EventTypeSchema, type Filter, type PodSelector } from './gen/plegd/v1/api_pb.ts';

/** Each event of each watch is compared with each of them. */
const maxSelectors = 100;

/**
 * What a watch wants to see; a Gap concerns everybody.
 *
 * @throws {CallError} INVALID_ARGUMENT for the first thing that makes no sense
 */
export function createFilter(filter: Filter | undefined): (entry: LogEntry) => boolean {
  const { pods = [], types = [] } = filter ?? {};
  if (pods.length > maxSelectors) {
    throw invalidArgument(`filter.pods: got ${pods.length} selectors, expected at most ${maxSelectors}`);
  }
  for (const [index, { uid, namespace, name }] of pods.entries()) {
    if (uid + namespace + name !== '') continue;
    throw invalidArgument(`filter.pods[${index}]: got an empty selector, expected uid, namespace or name`);
  }
  const known = Object.values(eventTypes);
  for (const [index, type] of types.entries()) {
    if (known.includes(type)) continue;
    const expected = known.map((each) => EventTypeSchema.value[each]?.name).join(', ');
    throw invalidArgument(`filter.types[${index}]: got ${type}, expected one of ${expected}`);
  }
  const wanted = new Set(types);
  return (entry) =>
    entry.type === 'Gap' ||
    ((wanted.size === 0 || wanted.has(eventTypes[entry.type])) &&
      (pods.length === 0 || pods.some((selector) => isSelected(entry, selector))));
}

const isSelected = (
  { podUid, podNamespace, podName }: PodLifecycleEvent,
  { uid, namespace, name }: PodSelector,
): boolean =>
  (uid === '' || uid === podUid) &&
  (namespace === '' || namespace === podNamespace) &&
  (name === '' || name === podName);

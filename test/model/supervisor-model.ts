import type { SnapshotFrom } from 'xstate';
import { adjacencyMapToArray, TestModel, type AdjacencyMap } from 'xstate/graph';
import {
  supervisorMachine,
  type PlegMode,
  type SupervisorEvent,
  type SupervisorInput,
} from '../../machines/index.ts';
import { defaultInput, pathOf } from './supervisor-stage.ts';

export type Snapshot = SnapshotFrom<typeof supervisorMachine>;

/** Small enough that every count of failures that makes a difference is reached soon. */
export const inputOf = (configuredMode: PlegMode): SupervisorInput => ({
  ...defaultInput,
  configuredMode,
  maxStreamRetries: 2,
  probeMaxMs: 4_000,
});

/** From here on one more failed probe makes no difference: the pause is at its longest. */
const probeFailuresCap = 2;

/** What may come at any moment, in season or out of it. */
export const outsideEvents: readonly SupervisorEvent[] = [
  { type: 'stream.failed', code: 'UNAVAILABLE', message: 'connection dropped' },
  { type: 'stream.failed', code: 'UNIMPLEMENTED', message: 'unknown method GetContainerEvents' },
  { type: 'stream.spoke' },
  { type: 'runtime.returned' },
];

/** The ends of steps and of pauses, as the machine itself names them. */
export const insideEventTypes: readonly string[] = supervisorMachine.events.filter((type) =>
  type.startsWith('xstate.'),
);

const insideEvents = insideEventTypes.map((type) => {
  const actorId = type.split('.').at(-1);
  if (type.startsWith('xstate.done.')) return { type, actorId, output: undefined };
  if (type.startsWith('xstate.error.')) return { type, actorId, error: new Error('step failed') };
  return { type };
});

/** All that tells two states apart; texts for people do not. */
export const stateKey = ({ value, context }: Snapshot): string =>
  [
    pathOf(value),
    context.streamFailures,
    Math.min(context.probeFailures, probeFailuresCap),
    context.isStreamLost ? 'lost' : '',
  ].join(' ');

export const edgeKey = (before: Snapshot, event: SupervisorEvent): string =>
  `${stateKey(before)} ${event.type}${'code' in event ? ` ${event.code}` : ''}`;

export const modelOf = (configuredMode: PlegMode): TestModel<Snapshot, SupervisorEvent, SupervisorInput> =>
  new TestModel<Snapshot, SupervisorEvent, SupervisorInput>(supervisorMachine, {
    input: inputOf(configuredMode),
    // The types of a machine leave out the events that it sends itself.
    events: [...outsideEvents, ...(insideEvents as unknown as SupervisorEvent[])],
    filterEvents: (snapshot, event) => outsideEvents.includes(event) || snapshot.can(event),
    // The way in makes every transition a vertex of its own, so shortest paths walk each one.
    serializeState: (snapshot, event, before) =>
      stateKey(snapshot) + (before && event ? ` by ${edgeKey(before, event)}` : ''),
    stateMatcher: (_, key) => key === '*',
    // Some twenty times what it takes: a count that no longer ends is an error, not a test that hangs.
    limit: 100_000,
  });

/** A generic PLEG runs, at one pace or the other, and no step is under way that could change that. */
export const isSettled = (snapshot: Snapshot): boolean =>
  snapshot.matches('generic') ||
  snapshot.matches('reconnecting') ||
  snapshot.matches({ streaming: 'evented' }) ||
  snapshot.matches({ streaming: 'probing' });

/** How many moves the longest way out takes if from now on each step is done and nothing else happens. */
export const longestWayOut = (adjacency: AdjacencyMap<Snapshot, SupervisorEvent>): number => {
  const moves = adjacencyMapToArray(adjacency);
  const settled = new Set(moves.filter(({ state }) => isSettled(state)).map(({ state }) => stateKey(state)));
  const good = new Map(
    moves
      .filter(({ event: { type } }) => /^xstate\.(done\.actor|after\.stepRetry)\./.test(type))
      .map(({ state, nextState }) => [stateKey(state), stateKey(nextState)]),
  );
  const wayOutOf = (start: string): number => {
    let length = 0;
    for (let at: string | undefined = start; at !== undefined && length <= good.size; at = good.get(at)) {
      if (settled.has(at)) return length;
      length += 1;
    }
    throw new Error(`no generic PLEG runs ever again after ${start}`);
  };
  return Math.max(...moves.map(({ nextState }) => wayOutOf(stateKey(nextState))));
};

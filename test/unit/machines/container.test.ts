import { describe, expect, it } from 'vitest';
import type { ContainerEvidence, PlegContainerState } from '../../../machines/index.ts';
import { ContainerActor, eventTypes, plegStates } from '../../model/container-actor.ts';

const list = (state: PlegContainerState, began: number, arrived = began): ContainerEvidence => ({
  type: `list.${state}`,
  began,
  arrived,
});
const event = (type: (typeof eventTypes)[number], at: number): ContainerEvidence => ({ type, at });

const typesOf = (emitted: readonly { readonly type: string }[]): string[] => emitted.map(({ type }) => type);

/** How a container comes to each state; the last of it arrived at place 10. */
const waysInto = {
  'nonexistent.unseen': [],
  'nonexistent.deleted': [list('running', 5), event('event.deleted', 10)],
  'nonexistent.gone': [list('running', 5), list('nonexistent', 8, 10)],
  'unknown.created': [list('unknown', 8, 10)],
  'unknown.lost': [list('running', 5), list('unknown', 8, 10)],
  running: [list('running', 8, 10)],
  exited: [list('exited', 8, 10)],
} satisfies Record<string, readonly ContainerEvidence[]>;

type StatePath = keyof typeof waysInto;
const statePaths = Object.keys(waysInto) as StatePath[];

const containerIn = (path: StatePath): ContainerActor => {
  const container = new ContainerActor();
  for (const evidence of waysInto[path]) container.take(evidence);
  expect(container.path).toBe(path);
  return container;
};

/** Puts all evidence to a new container; the types of all that it emitted. */
const live = (...evidence: readonly ContainerEvidence[]): { emitted: string[]; path: string } => {
  const container = new ContainerActor();
  const emitted = evidence.flatMap((piece) => typesOf(container.take(piece)));
  return { emitted, path: container.path };
};

/** kubelet's `generateEvents(old, new)` (pkg/kubelet/pleg/generic.go), pair by pair. */
const generateEvents: Record<PlegContainerState, Record<PlegContainerState, readonly string[]>> = {
  running: {
    running: [],
    exited: ['ContainerDied'],
    unknown: ['ContainerChanged'],
    nonexistent: ['ContainerDied', 'ContainerRemoved'],
  },
  exited: {
    running: ['ContainerStarted'],
    exited: [],
    unknown: ['ContainerChanged'],
    nonexistent: ['ContainerRemoved'],
  },
  unknown: {
    running: ['ContainerStarted'],
    exited: ['ContainerDied'],
    unknown: [],
    nonexistent: ['ContainerDied', 'ContainerRemoved'],
  },
  nonexistent: {
    running: ['ContainerStarted'],
    exited: ['ContainerDied'],
    unknown: ['ContainerChanged'],
    nonexistent: [],
  },
};

describe("kubelet's table, by newer lists", () => {
  // `deleted` differs in one cell and has its own tests below.
  const olds = statePaths.filter((path) => path !== 'nonexistent.deleted');
  const pairs = olds.flatMap((old) => plegStates.map((next) => [old, next] as const));

  it.each(pairs)('%s to %s', (old, next) => {
    const container = containerIn(old);
    const oldState = container.plegState;
    expect(typesOf(container.take(list(next, 11)))).toEqual(generateEvents[oldState][next]);
    expect(container.plegState).toBe(next);
    expect(container.isPresent).toBe(next !== 'nonexistent');
  });
});

describe('an event', () => {
  const ignored = ['EventIgnored'];
  /** State by event: what it emits and where it leads. */
  const table: Record<
    StatePath,
    Record<(typeof eventTypes)[number], readonly [readonly string[], string]>
  > = {
    'nonexistent.unseen': {
      'event.created': [['ContainerChanged'], 'unknown.created'],
      'event.started': [['ContainerStarted'], 'running'],
      'event.stopped': [['ContainerDied'], 'exited'],
      'event.deleted': [ignored, 'nonexistent.unseen'],
    },
    'unknown.created': {
      'event.created': [ignored, 'unknown.created'],
      'event.started': [['ContainerStarted'], 'running'],
      'event.stopped': [['ContainerDied'], 'exited'],
      'event.deleted': [['ContainerDied', 'ContainerRemoved'], 'nonexistent.deleted'],
    },
    'unknown.lost': {
      'event.created': [ignored, 'unknown.lost'],
      'event.started': [ignored, 'unknown.lost'],
      'event.stopped': [['ContainerDied'], 'exited'],
      'event.deleted': [['ContainerDied', 'ContainerRemoved'], 'nonexistent.deleted'],
    },
    running: {
      'event.created': [ignored, 'running'],
      'event.started': [ignored, 'running'],
      'event.stopped': [['ContainerDied'], 'exited'],
      'event.deleted': [['ContainerDied', 'ContainerRemoved'], 'nonexistent.deleted'],
    },
    exited: {
      'event.created': [ignored, 'exited'],
      'event.started': [ignored, 'exited'],
      'event.stopped': [ignored, 'exited'],
      'event.deleted': [['ContainerRemoved'], 'nonexistent.deleted'],
    },
    'nonexistent.deleted': {
      'event.created': [ignored, 'nonexistent.deleted'],
      'event.started': [ignored, 'nonexistent.deleted'],
      'event.stopped': [ignored, 'nonexistent.deleted'],
      'event.deleted': [ignored, 'nonexistent.deleted'],
    },
    'nonexistent.gone': {
      'event.created': [ignored, 'nonexistent.gone'],
      'event.started': [ignored, 'nonexistent.gone'],
      'event.stopped': [ignored, 'nonexistent.gone'],
      'event.deleted': [ignored, 'nonexistent.gone'],
    },
  };
  const pairs = statePaths.flatMap((path) => eventTypes.map((type) => [path, type] as const));

  it.each(pairs)('in %s: %s only moves a container forward', (path, type) => {
    const container = containerIn(path);
    const newestBefore = container.newestEvidenceAt;
    const [emitted, next] = table[path][type];
    expect(typesOf(container.take(event(type, 11)))).toEqual(emitted);
    expect(container.path).toBe(next);
    expect(container.newestEvidenceAt).toBe(next === path ? newestBefore : 11);
  });

  it('that says nothing new is handed on as ignored', () => {
    const late = event('event.started', 11);
    expect(containerIn('exited').take(late)).toEqual([{ type: 'EventIgnored', evidence: late }]);
  });
});

describe('a list that began before the newest evidence had arrived', () => {
  const seen = statePaths.filter((path) => path !== 'nonexistent.unseen');
  const cases = seen
    .flatMap((path) => plegStates.flatMap((state) => [9, 10].map((began) => [path, state, began] as const)))
    .filter(([path, state]) => !(path === 'unknown.created' && state === 'running'));

  it.each(cases)('in %s: %s from place %i moves nothing', (path, state, began) => {
    const container = containerIn(path);
    const stale = list(state, began);
    const agrees = container.plegState === state;
    expect(container.take(stale)).toEqual(agrees ? [] : [{ type: 'ListWithheld', evidence: stale }]);
    expect(container.path).toBe(path);
    expect(container.newestEvidenceAt).toBe(10);
  });

  it.each([9, 10])('starts a created container from place %i: it ran, whenever that was', (began) => {
    const container = containerIn('unknown.created');
    expect(typesOf(container.take(list('running', began, 11)))).toEqual(['ContainerStarted']);
    expect(container.path).toBe('running');
    expect(container.newestEvidenceAt).toBe(11);
  });
});

describe('a container that an event removed', () => {
  it('forgives one newer list that still shows its remains', () => {
    const container = containerIn('nonexistent.deleted');
    expect(container.take(list('exited', 11))).toEqual([]);
    expect(container.path).toBe('nonexistent.gone');
    expect(container.newestEvidenceAt).toBe(11);
  });

  it('does not forgive a second one', () => {
    const container = containerIn('nonexistent.deleted');
    container.take(list('exited', 11));
    expect(typesOf(container.take(list('exited', 12)))).toEqual(['ContainerDied']);
    expect(container.path).toBe('exited');
  });

  it('does not forgive the remains of an older list either, and keeps its pardon for a newer one', () => {
    const container = containerIn('nonexistent.deleted');
    expect(typesOf(container.take(list('exited', 9)))).toEqual(['ListWithheld']);
    expect(container.take(list('exited', 11))).toEqual([]);
    expect(container.path).toBe('nonexistent.gone');
  });

  it('is gone when a newer list no longer has it', () => {
    const container = containerIn('nonexistent.deleted');
    expect(container.take(list('nonexistent', 11))).toEqual([]);
    expect(container.path).toBe('nonexistent.gone');
  });

  it('runs again when a newer list says so', () => {
    const container = containerIn('nonexistent.deleted');
    expect(typesOf(container.take(list('running', 11)))).toEqual(['ContainerStarted']);
    expect(container.path).toBe('running');
  });

  it('is lost when a newer list no longer knows its state', () => {
    const container = containerIn('nonexistent.deleted');
    expect(typesOf(container.take(list('unknown', 11)))).toEqual(['ContainerChanged']);
    expect(container.path).toBe('unknown.lost');
  });
});

describe('a sequence', () => {
  it('of all events in order is a whole life', () => {
    expect(live(...eventTypes.map((type, index) => event(type, index + 1)))).toEqual({
      emitted: ['ContainerChanged', 'ContainerStarted', 'ContainerDied', 'ContainerRemoved'],
      path: 'nonexistent.deleted',
    });
  });

  it('of doubled events is the same life once', () => {
    const doubled = eventTypes.flatMap((type, index) => [
      event(type, 2 * index + 1),
      event(type, 2 * index + 2),
    ]);
    const { emitted } = live(...doubled);
    expect(emitted.filter((type) => type !== 'EventIgnored')).toEqual([
      'ContainerChanged',
      'ContainerStarted',
      'ContainerDied',
      'ContainerRemoved',
    ]);
    expect(emitted.filter((type) => type === 'EventIgnored')).toHaveLength(4);
  });

  it('with a started event after the stopped one leaves the container dead', () => {
    expect(live(event('event.created', 1), event('event.stopped', 2), event('event.started', 3))).toEqual({
      emitted: ['ContainerChanged', 'ContainerDied', 'EventIgnored'],
      path: 'exited',
    });
  });

  it('with the events replayed minutes late, after a list, changes nothing', () => {
    const replay = eventTypes.map((type, index) => event(type, index + 3));
    expect(live(list('running', 1), list('nonexistent', 2), ...replay)).toEqual({
      emitted: ['ContainerStarted', 'ContainerDied', 'ContainerRemoved', ...replay.map(() => 'EventIgnored')],
      path: 'nonexistent.gone',
    });
  });

  it('that begins with the removal leaves the rest to tell of', () => {
    expect(live(event('event.deleted', 1), event('event.stopped', 2))).toEqual({
      emitted: ['EventIgnored', 'ContainerDied'],
      path: 'exited',
    });
  });

  it('of two lists between which a container lived and died is a death without a start', () => {
    expect(live(list('nonexistent', 1), list('exited', 2)).emitted).toEqual(['ContainerDied']);
  });

  it('with a relist that began before an event does not undo the event; the next relist may', () => {
    expect(
      live(list('running', 1), event('event.stopped', 3), list('running', 2), list('running', 4)),
    ).toEqual({
      emitted: ['ContainerStarted', 'ContainerDied', 'ListWithheld', 'ContainerStarted'],
      path: 'running',
    });
  });

  it('of two lists under way at once believes the one that arrives first', () => {
    expect(live(list('running', 2, 3), list('exited', 1, 4), list('exited', 5, 6))).toEqual({
      emitted: ['ContainerStarted', 'ListWithheld', 'ContainerDied'],
      path: 'exited',
    });
    expect(live(list('running', 1, 3), list('exited', 2, 4), list('exited', 5, 6))).toEqual({
      emitted: ['ContainerStarted', 'ListWithheld', 'ContainerDied'],
      path: 'exited',
    });
  });

  it('in which a list says nothing of its arrival counts from its beginning', () => {
    const container = new ContainerActor();
    container.take({ type: 'list.running', began: 7 });
    expect(container.newestEvidenceAt).toBe(7);
  });

  it('in which the runtime loses sight of a container and an old started event comes keeps it lost', () => {
    expect(
      live(list('running', 1), list('unknown', 2), event('event.started', 3), list('running', 4)),
    ).toEqual({
      emitted: ['ContainerStarted', 'ContainerChanged', 'EventIgnored', 'ContainerStarted'],
      path: 'running',
    });
  });
});

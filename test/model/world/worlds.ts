import type { NodeWorldSpec } from './node-world.ts';
import { containerOf, sandboxOf } from './part.ts';
import { finishLives, findAlready } from './quiet.ts';

/** A small world, how far it is explored, and what that covers. */
export interface NamedWorld {
  readonly name: string;
  readonly covers: string;
  readonly spec: NodeWorldSpec;
}

const faults = ['drop', 'double', 'overtake', 'deliverNil', 'failInspection'] as const;

const life: NamedWorld = {
  name: 'life',
  covers: 'one container from its creation to its removal, in a pod that stays',
  spec: {
    parts: [
      sandboxOf('p', 's', ['running']),
      containerOf('p', 's', 'c', ['created', 'running', 'exited', 'gone']),
    ],
    faults,
    maxFaults: 1,
    maxLag: 2,
    maxRelists: 1,
    prelude: (world) => {
      findAlready(world, { s: 'running' });
    },
  },
};

const relists: NamedWorld = {
  name: 'relists',
  covers: 'a container that lives and dies under one relist after the other, without faults',
  spec: {
    ...life.spec,
    parts: [sandboxOf('p', 's', ['running']), containerOf('p', 's', 'c', ['created', 'running', 'exited'])],
    maxFaults: 0,
    maxRelists: Number.POSITIVE_INFINITY,
  },
};

const beginning: NamedWorld = {
  name: 'beginning',
  covers: 'a pod that nobody has seen: its sandbox and first container come up',
  spec: {
    parts: [
      sandboxOf('p', 's', ['running']),
      containerOf('p', 's', 'c', [{ to: 'created', after: ['s', 'running'] }, 'running']),
    ],
    faults,
    maxFaults: 1,
    maxLag: 2,
    maxRelists: 2,
  },
};

const end: NamedWorld = {
  name: 'end',
  covers: 'the end of a pod: its sandbox dies and is removed with the last container',
  spec: {
    parts: [
      sandboxOf('p', 's', ['running', 'exited', { to: 'removing', after: ['c', 'gone'] }, 'gone']),
      containerOf('p', 's', 'c', ['exited', 'gone']),
    ],
    faults: ['drop', 'overtake', 'failInspection'],
    maxFaults: 1,
    maxLag: 2,
    maxRelists: 1,
    prelude: (world) => {
      findAlready(world, { s: 'running', c: 'exited' });
    },
  },
};

const pods: NamedWorld = {
  name: 'pods',
  covers: 'two pods: a restart as a new id in one, a death in the other, inspections that hang',
  spec: {
    parts: [
      sandboxOf('p', 's', ['running']),
      containerOf('p', 's', 'c1', ['running', 'exited']),
      containerOf('p', 's', 'c2', [{ to: 'running', after: ['c1', 'exited'] }]),
      sandboxOf('q', 't', ['running']),
      containerOf('q', 't', 'd', ['running', 'exited']),
    ],
    faults,
    maxFaults: 1,
    maxLag: 1,
    maxRelists: 1,
    prelude: (world) => {
      findAlready(world, { s: 'running', c1: 'running', t: 'running', d: 'running' });
    },
  },
};

const breaks: NamedWorld = {
  name: 'breaks',
  covers: 'a stream that breaks and comes back, with all of the past replayed or nothing',
  spec: {
    parts: [sandboxOf('p', 's', ['running']), containerOf('p', 's', 'c', ['running', 'exited', 'gone'])],
    faults: ['break', 'replay', 'overtake'],
    maxFaults: 2,
    maxLag: 2,
    maxRelists: 1,
    prelude: (world) => {
      findAlready(world, { s: 'running' });
    },
  },
};

const replay: NamedWorld = {
  name: 'replay',
  covers: 'a replay of a container that is gone and forgotten, beside one that lives',
  spec: {
    parts: [
      sandboxOf('p', 's', ['running']),
      containerOf('p', 's', 'c1', ['running', 'exited', 'gone']),
      containerOf('p', 's', 'c2', ['running', 'exited']),
    ],
    faults: ['break', 'replay'],
    maxFaults: 1,
    maxLag: 2,
    maxRelists: 1,
    prelude: (world) => {
      findAlready(world, { s: 'running', c1: 'running' });
      finishLives(world, 'c1');
    },
  },
};

const lost: NamedWorld = {
  name: 'lost',
  covers: 'a container that the runtime loses sight of and finds again',
  spec: {
    parts: [
      sandboxOf('p', 's', ['running']),
      containerOf('p', 's', 'c', ['running', 'unknown', 'running', 'exited', 'gone']),
    ],
    faults: ['double'],
    maxFaults: 1,
    maxLag: 2,
    maxRelists: 2,
    prelude: (world) => {
      findAlready(world, { s: 'running', c: 'running' });
    },
  },
};

const consumer: NamedWorld = {
  name: 'consumer',
  covers: 'a consumer slower than a log of two events, that goes away and comes back',
  spec: {
    parts: [
      sandboxOf('p', 's', ['running']),
      containerOf('p', 's', 'c', ['running', 'exited', 'gone']),
      sandboxOf('q', 't', ['running', 'exited']),
    ],
    faults: ['resume'],
    maxFaults: 1,
    maxLag: 1,
    maxRelists: 0,
    logSize: 2,
    prelude: (world) => {
      findAlready(world, { s: 'running', t: 'running' });
    },
  },
};

export const worlds = { life, relists, beginning, end, pods, breaks, replay, lost, consumer } as const;

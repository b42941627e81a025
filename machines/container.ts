import { assign, emit, setup } from 'xstate';
import type { ContainerLifecycleType } from './types.ts';

/**
 * What the runtime's event stream says of a container. `at` is the place of its arrival in the order of
 * all evidence, not a time: stamps of the runtime do not order states.
 */
export interface ContainerEventEvidence {
  readonly type: 'event.created' | 'event.started' | 'event.stopped' | 'event.deleted';
  readonly at: number;
}

/**
 * What a list, or a status that plegd asked for, says. `began` is the place at which the call began,
 * `arrived` that at which its answer came; somewhere in between the runtime looked.
 */
export interface ContainerListEvidence {
  readonly type: 'list.running' | 'list.exited' | 'list.unknown' | 'list.nonexistent';
  readonly began: number;
  /** @default `began` */
  readonly arrived?: number;
}

export type ContainerEvidence = ContainerEventEvidence | ContainerListEvidence;

export interface ContainerInput {
  readonly containerId: string;
  readonly podUid: string;
}

export interface ContainerContext extends ContainerInput {
  /** Place at which the newest evidence that moved this container arrived. */
  readonly newestEvidenceAt: number;
}

export type ContainerEmitted =
  | { readonly type: ContainerLifecycleType }
  /** An event that says nothing new: late, doubled or out of order. */
  | { readonly type: 'EventIgnored'; readonly evidence: ContainerEvidence }
  /** A list that disagrees and began before the newest evidence: only a newer look can tell. */
  | { readonly type: 'ListWithheld'; readonly evidence: ContainerEvidence };

const withheld = { actions: 'emitListWithheld' } as const;
const ignored = { actions: 'emitEventIgnored' } as const;

/**
 * One container, or pod sandbox, as PLEG sees it.
 *
 * Each move emits what kubelet's `generateEvents(old, new)` gives for it (pkg/kubelet/pleg/generic.go).
 * Two kinds of evidence move it: an event only ever moves it forward (created, running, exited, gone); a
 * list that began after the newest evidence had arrived is the truth and moves it anywhere; a list that began
 * earlier moves nothing, for nobody knows which of the two looked last.
 */
export const containerMachine = setup({
  types: {} as {
    context: ContainerContext;
    input: ContainerInput;
    events: ContainerEvidence;
    emitted: ContainerEmitted;
    tags: 'present';
  },
  actions: {
    noteEvidence: assign({
      newestEvidenceAt: ({ event }) => ('at' in event ? event.at : (event.arrived ?? event.began)),
    }),
    emitStarted: emit({ type: 'ContainerStarted' }),
    emitDied: emit({ type: 'ContainerDied' }),
    emitRemoved: emit({ type: 'ContainerRemoved' }),
    emitChanged: emit({ type: 'ContainerChanged' }),
    emitEventIgnored: emit(({ event }) => ({ type: 'EventIgnored', evidence: event })),
    emitListWithheld: emit(({ event }) => ({ type: 'ListWithheld', evidence: event })),
  },
  guards: {
    isNewest: ({ context, event }) => 'began' in event && event.began > context.newestEvidenceAt,
  },
}).createMachine({
  id: 'container',
  context: ({ input }) => ({ ...input, newestEvidenceAt: 0 }),
  initial: 'nonexistent',
  states: {
    nonexistent: {
      initial: 'unseen',
      on: {
        'event.*': ignored,
        'list.running': [
          { guard: 'isNewest', target: 'running', actions: ['noteEvidence', 'emitStarted'] },
          withheld,
        ],
        'list.exited': [
          { guard: 'isNewest', target: 'exited', actions: ['noteEvidence', 'emitDied'] },
          withheld,
        ],
      },
      states: {
        /** Never seen: the first word about it is believed. */
        unseen: {
          on: {
            'event.created': {
              target: '#container.unknown.created',
              actions: ['noteEvidence', 'emitChanged'],
            },
            'event.started': { target: '#container.running', actions: ['noteEvidence', 'emitStarted'] },
            'event.stopped': { target: '#container.exited', actions: ['noteEvidence', 'emitDied'] },
            'list.unknown': [
              {
                guard: 'isNewest',
                target: '#container.unknown.created',
                actions: ['noteEvidence', 'emitChanged'],
              },
              withheld,
            ],
          },
        },
        /**
         * Removed, says an event. containerd sends it for a sandbox before the store forgets it, so one list
         * that still shows the remains is forgiven.
         */
        deleted: {
          on: {
            'list.exited': [{ guard: 'isNewest', target: 'gone', actions: 'noteEvidence' }, withheld],
            'list.nonexistent': { guard: 'isNewest', target: 'gone', actions: 'noteEvidence' },
            'list.unknown': [
              {
                guard: 'isNewest',
                target: '#container.unknown.lost',
                actions: ['noteEvidence', 'emitChanged'],
              },
              withheld,
            ],
          },
        },
        /** Removed, says a list. Ids are not used twice, so whatever an event says now is old. */
        gone: {
          on: {
            'list.unknown': [
              {
                guard: 'isNewest',
                target: '#container.unknown.lost',
                actions: ['noteEvidence', 'emitChanged'],
              },
              withheld,
            ],
          },
        },
      },
    },
    unknown: {
      tags: 'present',
      initial: 'created',
      on: {
        'event.created': ignored,
        'event.started': ignored,
        'event.stopped': { target: 'exited', actions: ['noteEvidence', 'emitDied'] },
        'event.deleted': {
          target: 'nonexistent.deleted',
          actions: ['noteEvidence', 'emitDied', 'emitRemoved'],
        },
        'list.running': [
          { guard: 'isNewest', target: 'running', actions: ['noteEvidence', 'emitStarted'] },
          withheld,
        ],
        'list.exited': [
          { guard: 'isNewest', target: 'exited', actions: ['noteEvidence', 'emitDied'] },
          withheld,
        ],
        'list.nonexistent': [
          {
            guard: 'isNewest',
            target: 'nonexistent.gone',
            actions: ['noteEvidence', 'emitDied', 'emitRemoved'],
          },
          withheld,
        ],
      },
      states: {
        /** Not started yet, as far as anyone knows. */
        created: {
          on: { 'event.started': { target: '#container.running', actions: ['noteEvidence', 'emitStarted'] } },
        },
        /** It ran before; the runtime lost sight of it. A started event now is an old one. */
        lost: {},
      },
    },
    running: {
      tags: 'present',
      on: {
        'event.created': ignored,
        'event.started': ignored,
        'event.stopped': { target: 'exited', actions: ['noteEvidence', 'emitDied'] },
        'event.deleted': {
          target: 'nonexistent.deleted',
          actions: ['noteEvidence', 'emitDied', 'emitRemoved'],
        },
        'list.exited': [
          { guard: 'isNewest', target: 'exited', actions: ['noteEvidence', 'emitDied'] },
          withheld,
        ],
        'list.unknown': [
          { guard: 'isNewest', target: 'unknown.lost', actions: ['noteEvidence', 'emitChanged'] },
          withheld,
        ],
        'list.nonexistent': [
          {
            guard: 'isNewest',
            target: 'nonexistent.gone',
            actions: ['noteEvidence', 'emitDied', 'emitRemoved'],
          },
          withheld,
        ],
      },
    },
    exited: {
      tags: 'present',
      on: {
        'event.created': ignored,
        'event.started': ignored,
        'event.stopped': ignored,
        'event.deleted': { target: 'nonexistent.deleted', actions: ['noteEvidence', 'emitRemoved'] },
        'list.running': [
          { guard: 'isNewest', target: 'running', actions: ['noteEvidence', 'emitStarted'] },
          withheld,
        ],
        'list.unknown': [
          { guard: 'isNewest', target: 'unknown.lost', actions: ['noteEvidence', 'emitChanged'] },
          withheld,
        ],
        'list.nonexistent': [
          { guard: 'isNewest', target: 'nonexistent.gone', actions: ['noteEvidence', 'emitRemoved'] },
          withheld,
        ],
      },
    },
  },
});

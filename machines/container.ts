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

type Emit = 'emitStarted' | 'emitDied' | 'emitRemoved' | 'emitChanged';

const withheld = { actions: 'emitListWithheld' } as const;
const ignored = { actions: 'emitEventIgnored' } as const;

/** What evidence does that can only be news. */
const announced = <T extends string>(target: T, ...emits: Emit[]) =>
  ({ target, actions: ['noteEvidence', ...emits] }) as const;

/** What a list does that shows another state. */
const listed = <T extends string>(target: T, ...emits: Emit[]) =>
  [{ guard: 'isNewest', target, actions: ['noteEvidence', ...emits] }, withheld] as const;

/**
 * One container, or pod sandbox, as PLEG sees it.
 *
 * Each move emits what kubelet's `generateEvents(old, new)` gives for it (pkg/kubelet/pleg/generic.go).
 * Two kinds of evidence move it: an event only ever moves it forward (created, running, exited, gone); a
 * list that began after the newest evidence had arrived is the truth and moves it anywhere; a list that began
 * earlier moves nothing, for nobody knows which of the two looked last, but for one that shows running what
 * was known as created.
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
        'list.running': listed('running', 'emitStarted'),
        'list.exited': listed('exited', 'emitDied'),
      },
      states: {
        /** Never seen: the first word about it is believed. */
        unseen: {
          on: {
            'event.created': announced('#container.unknown.created', 'emitChanged'),
            'event.started': announced('#container.running', 'emitStarted'),
            'event.stopped': announced('#container.exited', 'emitDied'),
            'list.unknown': listed('#container.unknown.created', 'emitChanged'),
          },
        },
        /**
         * Removed, says an event. containerd sends it for a sandbox before the store forgets it, so one list
         * that still shows the remains is forgiven.
         */
        deleted: {
          on: {
            'list.exited': listed('gone'),
            'list.nonexistent': listed('gone')[0],
            'list.unknown': listed('#container.unknown.lost', 'emitChanged'),
          },
        },
        /** Removed, says a list. Ids are not used twice, so whatever an event says now is old. */
        gone: {
          on: { 'list.unknown': listed('#container.unknown.lost', 'emitChanged') },
        },
      },
    },
    unknown: {
      tags: 'present',
      initial: 'created',
      on: {
        'event.created': ignored,
        'event.started': ignored,
        'event.stopped': announced('exited', 'emitDied'),
        'event.deleted': announced('nonexistent.deleted', 'emitDied', 'emitRemoved'),
        'list.running': listed('running', 'emitStarted'),
        'list.exited': listed('exited', 'emitDied'),
        'list.nonexistent': listed('nonexistent.gone', 'emitDied', 'emitRemoved'),
      },
      states: {
        /** Not started yet, as far as anyone knows. */
        created: {
          on: {
            'event.started': announced('#container.running', 'emitStarted'),
            // However old the list: what was seen running has started. Withheld, the start could be lost.
            'list.running': announced('#container.running', 'emitStarted'),
          },
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
        'event.stopped': announced('exited', 'emitDied'),
        'event.deleted': announced('nonexistent.deleted', 'emitDied', 'emitRemoved'),
        'list.exited': listed('exited', 'emitDied'),
        'list.unknown': listed('unknown.lost', 'emitChanged'),
        'list.nonexistent': listed('nonexistent.gone', 'emitDied', 'emitRemoved'),
      },
    },
    exited: {
      tags: 'present',
      on: {
        'event.created': ignored,
        'event.started': ignored,
        'event.stopped': ignored,
        'event.deleted': announced('nonexistent.deleted', 'emitRemoved'),
        'list.running': listed('running', 'emitStarted'),
        'list.unknown': listed('unknown.lost', 'emitChanged'),
        'list.nonexistent': listed('nonexistent.gone', 'emitRemoved'),
      },
    },
  },
});

import { assign, fromCallback, fromPromise, setup, type EventObject } from 'xstate';
import type { PlegMode, RelistDuration } from './types.ts';

export interface SupervisorInput {
  readonly configuredMode: PlegMode;
  readonly generic: RelistDuration;
  readonly evented: RelistDuration;
  /** Stream failures in a row that end the evented mode; kubelet's `eventedPlegMaxStreamRetries`. */
  readonly maxStreamRetries: number;
  /** Bound of one step of a degradation or climb, milliseconds. */
  readonly stepTimeoutMs: number;
  /** Pause before a step that failed is tried again, milliseconds. */
  readonly stepRetryMs: number;
  /** First and longest pause before a broken stream is opened again, milliseconds. */
  readonly reconnectMinMs: number;
  readonly reconnectMaxMs: number;
  /** First and longest pause before the stream is probed from generic, milliseconds. */
  readonly probeMinMs: number;
  readonly probeMaxMs: number;
  /** A probe that stayed open this long, or spoke, is a working stream, milliseconds. */
  readonly probeOpenMs: number;
  /** After this long on a healthy stream failures count anew, milliseconds. */
  readonly steadyAfterMs: number;
}

export interface SupervisorContext extends SupervisorInput {
  readonly streamFailures: number;
  readonly probeFailures: number;
  /** The stream broke while steps were under way that must not be interrupted. */
  readonly isStreamLost: boolean;
  /** What the stream said last when it failed; empty before. */
  readonly lastStreamError: string;
  /** Why the last degradation happened; empty before. */
  readonly degradationReason: string;
}

export interface StreamFailed {
  readonly type: 'stream.failed';
  /** gRPC's name of the status; `OK` where the runtime ended the stream without an error. */
  readonly code: string;
  readonly message: string;
}

export type SupervisorEvent =
  | StreamFailed
  /** The stream delivered its first event. */
  | { readonly type: 'stream.spoke' }
  /** A relist succeeded after one had failed: the runtime is back, perhaps a newer one. */
  | { readonly type: 'runtime.returned' };

/** Doubling from `minMs` to `maxMs`; `failures` counts from 1. */
export const backoffMs = (minMs: number, maxMs: number, failures: number): number =>
  Math.min(maxMs, minMs * 2 ** Math.min(failures - 1, 30));

/** Stands in for work that the composition root provides; rejecting keeps a forgotten `provide` loud. */
const unprovided = (name: string) =>
  fromPromise<void, RelistDuration>(() =>
    Promise.reject(new Error(`supervisor actor "${name}" was not provided`)),
  );

type Step = 'stopEvented' | 'stopGeneric' | 'updateRelistDuration' | 'startGeneric';
type DurationOf = ({ context }: { context: SupervisorContext }) => RelistDuration;

/**
 * One uninterruptible step: done, or tried again after a pause; never skipped, never left for good.
 * Each gets the relist duration that the steps lead to.
 */
const step = <TStep extends Step>(source: TStep, duration: DurationOf, next: string) =>
  ({
    initial: 'acting',
    states: {
      acting: {
        invoke: { id: source, src: source, input: duration, onDone: next, onError: 'pausing' },
        after: { stepTimeout: 'pausing' },
      },
      pausing: { after: { stepRetry: 'acting' } },
    },
  }) as const;

const genericDuration: DurationOf = ({ context }) => context.generic;
const eventedDuration: DurationOf = ({ context }) => context.evented;

/**
 * Owns the two generators. It keeps Evented PLEG on its one stream, degrades to Generic PLEG when the
 * stream fails too often, and climbs back when a probe of the stream holds.
 *
 * The degradation is kubelet's four calls in kubelet's order (pkg/kubelet/pleg/evented.go,
 * watchEventsChannel): stop evented, stop generic, update the relist duration, start generic. Kubelet
 * neither pauses between failures nor forgets them nor climbs back; this machine does all three.
 */
export const supervisorMachine = setup({
  types: {} as {
    context: SupervisorContext;
    input: SupervisorInput;
    events: SupervisorEvent;
    tags: PlegMode | 'degrading' | 'climbing' | 'watching';
  },
  actors: {
    watchEvents: fromCallback<EventObject>(({ sendBack }) => {
      const failed: StreamFailed = {
        type: 'stream.failed',
        code: 'INTERNAL',
        message: 'watchEvents was not provided',
      };
      sendBack(failed);
    }),
    stopEvented: unprovided('stopEvented'),
    stopGeneric: unprovided('stopGeneric'),
    updateRelistDuration: unprovided('updateRelistDuration'),
    startGeneric: unprovided('startGeneric'),
  },
  actions: {
    countStreamFailure: assign({
      streamFailures: ({ context }) => context.streamFailures + 1,
      lastStreamError: ({ context, event }) => ('message' in event ? event.message : context.lastStreamError),
    }),
    countProbeFailure: assign({
      probeFailures: ({ context }) => context.probeFailures + 1,
      lastStreamError: ({ context, event }) => ('message' in event ? event.message : context.lastStreamError),
    }),
    /** A climb counts as failed until the stream has been steady, so that flapping slows down. */
    countClimb: assign({ probeFailures: ({ context }) => context.probeFailures + 1 }),
    noteStreamLost: assign({
      isStreamLost: true,
      lastStreamError: ({ context, event }) => ('message' in event ? event.message : context.lastStreamError),
    }),
    forgetStreamLost: assign({ isStreamLost: false }),
    forgetStreamFailures: assign({ streamFailures: 0 }),
    forgetProbeFailures: assign({ probeFailures: 0 }),
    giveReason: assign({
      degradationReason: ({ context: { lastStreamError, streamFailures } }) =>
        streamFailures > 1 ? `${lastStreamError} (${String(streamFailures)} in a row)` : lastStreamError,
    }),
  },
  guards: {
    isEventedConfigured: ({ context }) => context.configuredMode === 'evented',
    isUnimplemented: ({ event }) => event.type === 'stream.failed' && event.code === 'UNIMPLEMENTED',
    areRetriesExhausted: ({ context }) => context.streamFailures + 1 >= context.maxStreamRetries,
    isStreamLost: ({ context }) => context.isStreamLost,
  },
  delays: {
    stepTimeout: ({ context }) => context.stepTimeoutMs,
    stepRetry: ({ context }) => context.stepRetryMs,
    reconnect: ({ context }) =>
      backoffMs(context.reconnectMinMs, context.reconnectMaxMs, context.streamFailures),
    probe: ({ context }) => backoffMs(context.probeMinMs, context.probeMaxMs, context.probeFailures + 1),
    probeOpen: ({ context }) => context.probeOpenMs,
    steadyAfter: ({ context }) => context.steadyAfterMs,
  },
}).createMachine({
  id: 'supervisor',
  context: ({ input }) => ({
    ...input,
    streamFailures: 0,
    probeFailures: 0,
    isStreamLost: false,
    lastStreamError: '',
    degradationReason: '',
  }),
  initial: 'starting',
  states: {
    starting: {
      initial: 'choosing',
      states: {
        choosing: {
          always: [
            { guard: 'isEventedConfigured', target: 'startingEventedRelist' },
            { target: 'startingGenericRelist' },
          ],
        },
        startingEventedRelist: {
          tags: 'evented',
          initial: 'updatingRelistDuration',
          states: {
            updatingRelistDuration: step(
              'updateRelistDuration',
              eventedDuration,
              '#startingEventedRelist.startingGeneric',
            ),
            startingGeneric: step('startGeneric', eventedDuration, '#streaming.evented'),
          },
          id: 'startingEventedRelist',
        },
        startingGenericRelist: {
          tags: 'generic',
          id: 'startingGenericRelist',
          initial: 'updatingRelistDuration',
          states: {
            updatingRelistDuration: step(
              'updateRelistDuration',
              genericDuration,
              '#startingGenericRelist.startingGeneric',
            ),
            startingGeneric: step('startGeneric', genericDuration, '#generic.chosen'),
          },
        },
      },
    },
    /** The one stream is open, or being opened. Leaving this state closes it. */
    streaming: {
      id: 'streaming',
      tags: 'watching',
      invoke: { id: 'watchEvents', src: 'watchEvents' },
      initial: 'evented',
      states: {
        evented: {
          tags: 'evented',
          initial: 'fresh',
          on: {
            'stream.failed': [
              {
                guard: 'isUnimplemented',
                target: '#degrading',
                actions: ['countStreamFailure', 'giveReason'],
              },
              {
                guard: 'areRetriesExhausted',
                target: '#degrading',
                actions: ['countStreamFailure', 'giveReason'],
              },
              { target: '#reconnecting', actions: 'countStreamFailure' },
            ],
          },
          states: {
            fresh: { after: { steadyAfter: 'steady' } },
            steady: { entry: ['forgetStreamFailures', 'forgetProbeFailures'] },
          },
        },
        /** Generic PLEG still runs at its own pace; the events are taken as they come. */
        probing: {
          tags: 'generic',
          after: { probeOpen: 'climbing' },
          on: {
            'stream.spoke': 'climbing',
            'stream.failed': { target: '#generic.waiting', actions: 'countProbeFailure' },
          },
        },
        climbing: {
          id: 'climbing',
          tags: ['generic', 'climbing'],
          entry: ['forgetStreamLost', 'forgetStreamFailures', 'countClimb'],
          on: { 'stream.failed': { actions: 'noteStreamLost' } },
          initial: 'stoppingGeneric',
          states: {
            stoppingGeneric: step('stopGeneric', eventedDuration, '#climbing.updatingRelistDuration'),
            updatingRelistDuration: step(
              'updateRelistDuration',
              eventedDuration,
              '#climbing.startingGeneric',
            ),
            startingGeneric: step('startGeneric', eventedDuration, '#climbing.climbed'),
            climbed: {
              always: [
                {
                  guard: 'isStreamLost',
                  target: '#degrading',
                  actions: ['countStreamFailure', 'giveReason'],
                },
                { target: '#streaming.evented' },
              ],
            },
          },
        },
      },
    },
    reconnecting: {
      id: 'reconnecting',
      tags: 'evented',
      after: { reconnect: '#streaming.evented' },
    },
    degrading: {
      id: 'degrading',
      tags: ['evented', 'degrading'],
      initial: 'stoppingEvented',
      states: {
        stoppingEvented: step('stopEvented', genericDuration, '#degrading.stoppingGeneric'),
        stoppingGeneric: step('stopGeneric', genericDuration, '#degrading.updatingRelistDuration'),
        updatingRelistDuration: step('updateRelistDuration', genericDuration, '#degrading.startingGeneric'),
        startingGeneric: step('startGeneric', genericDuration, '#generic.waiting'),
      },
    },
    generic: {
      id: 'generic',
      tags: 'generic',
      initial: 'waiting',
      states: {
        /** Generic was asked for: the stream is never opened. */
        chosen: {},
        waiting: {
          after: { probe: '#streaming.probing' },
          on: { 'runtime.returned': { target: '#streaming.probing', actions: 'forgetProbeFailures' } },
        },
      },
    },
  },
});

import { assign } from 'xstate';
import { containerMachine } from '../../../machines/index.ts';
import { ContainerRegistry } from '../../../src/pleg/container-registry.ts';
import { LifecycleLog } from '../../../src/pleg/lifecycle-log.ts';
import { editedMachine } from '../check/edited-machine.ts';
import {
  believeReplays,
  CarelessQueue,
  ForgetfulRegistry,
  FreeCache,
  HardCache,
  LateCache,
  ProudLog,
  RashCache,
  ResignedQueue,
  SerialQueue,
  SilentLog,
  trustSiblings,
  TrustfulRegistry,
} from './faulty-parts.ts';
import type { Hands } from './hands.ts';
import type { NodeWorldSpec } from './node-world.ts';
import { worlds } from './worlds.ts';

/** A fault put into production's rules on purpose, and the property that must see it. */
export interface Mutant {
  readonly fault: string;
  readonly caughtBy: string;
  /** The world in which it shows, no larger than need be. */
  readonly world: NodeWorldSpec;
  readonly hands: Partial<Hands>;
}

const withMachine = (machine: typeof containerMachine): Partial<Hands> => ({
  createRegistry: () => new ContainerRegistry(machine),
});

const withRules = (edit: Parameters<typeof editedMachine>[1]): Partial<Hands> =>
  withMachine(editedMachine(containerMachine, edit));

const moves = (target: string, ...emits: string[]) => ({ target, actions: ['noteEvidence', ...emits] });

const { life, beginning, end, pods, replay, consumer } = worlds;
const faultless = { ...life.spec, maxFaults: 0 };
const overlapping = { ...faultless, maxRelists: 2 };

export const nodeMutants: readonly Mutant[] = [
  {
    fault: 'an event moves a container backwards',
    caughtBy: 'No going back',
    world: { ...life.spec, faults: ['overtake'] },
    hands: withRules((states) => {
      states['exited']!.on['event.started'] = moves('running', 'emitStarted');
    }),
  },
  {
    fault: 'a list undoes an event that came after it had begun',
    caughtBy: 'No going back',
    world: faultless,
    hands: withMachine(containerMachine.provide({ guards: { isNewest: () => true } })),
  },
  {
    fault: 'a list counts from its beginning, not from when it came',
    caughtBy: 'No going back',
    world: faultless,
    hands: withMachine(
      containerMachine.provide({
        actions: {
          noteEvidence: assign({
            newestEvidenceAt: ({ event }) => ('at' in event ? event.at : event.began),
          }),
        },
      }),
    ),
  },
  {
    fault: 'a list that began before the created event may not start the container',
    caughtBy: 'No loss',
    world: overlapping,
    hands: withRules((states) => {
      delete states['unknown']!.states['created']!.on['list.running'];
    }),
  },
  {
    fault: 'Died is said again on DELETED',
    caughtBy: 'Order',
    world: faultless,
    hands: withRules((states) => {
      states['exited']!.on['event.deleted'] = moves('nonexistent.deleted', 'emitDied', 'emitRemoved');
    }),
  },
  {
    fault: 'the remains of a removed sandbox are not forgiven',
    caughtBy: 'Order',
    world: { ...end.spec, maxFaults: 0 },
    hands: withRules((states) => {
      delete states['nonexistent']!.states['deleted']!.on['list.exited'];
    }),
  },
  {
    fault: 'tombstones are forgotten',
    caughtBy: 'No going back',
    world: life.spec,
    hands: { createRegistry: () => new ForgetfulRegistry() },
  },
  {
    fault: 'an old list brings back what has gone',
    caughtBy: 'No going back',
    world: faultless,
    hands: { createRegistry: () => new TrustfulRegistry() },
  },
  {
    fault: 'the dirty mark that comes during an inspection is lost',
    caughtBy: 'Convergence',
    world: faultless,
    hands: { createQueue: () => new CarelessQueue() },
  },
  {
    fault: 'pods are inspected one after the other',
    caughtBy: 'Isolation',
    world: { ...pods.spec, maxFaults: 0 },
    hands: { createQueue: () => new SerialQueue() },
  },
  {
    fault: 'a failed inspection is not tried again',
    caughtBy: 'Convergence',
    world: { ...life.spec, faults: ['failInspection'] },
    hands: { createQueue: () => new ResignedQueue() },
  },
  {
    fault: 'events are published before the cache is written',
    caughtBy: 'Freshness',
    world: { ...beginning.spec, maxFaults: 0 },
    hands: { createCache: (time, request) => new LateCache(time, request) },
  },
  {
    fault: 'the global time speaks for pods that are held',
    caughtBy: 'Freshness',
    world: faultless,
    hands: { createCache: (time, request) => new FreeCache(time, request) },
  },
  {
    fault: 'an inspection vouches for containers that it cannot know of',
    caughtBy: 'Freshness',
    world: { ...pods.spec, maxFaults: 0 },
    hands: { createCache: (time, request) => new RashCache(time, request) },
  },
  {
    fault: 'a pod is held for ever',
    caughtBy: 'Convergence',
    world: { ...beginning.spec, maxFaults: 0 },
    hands: { createCache: (time, request) => new HardCache(time, request) },
  },
  {
    fault: 'events do not say that their inspection failed',
    caughtBy: 'Freshness',
    world: { ...life.spec, faults: ['failInspection'] },
    hands: { createLog: (options) => new ProudLog(options) },
  },
  {
    fault: 'the statuses in an event become the status of its pod',
    caughtBy: 'Convergence',
    world: { ...pods.spec, maxFaults: 0 },
    hands: { observe: trustSiblings },
  },
  {
    fault: 'replays are believed',
    caughtBy: 'No going back',
    world: replay.spec,
    hands: { observe: believeReplays },
  },
  {
    fault: 'a gap is not declared',
    caughtBy: 'No loss',
    world: consumer.spec,
    hands: { createLog: (options) => new SilentLog(options) },
  },
  {
    fault: 'no snapshot follows a gap',
    caughtBy: 'No loss',
    world: consumer.spec,
    hands: { createLog: (options) => new LifecycleLog({ ...options, snapshot: () => [] }) },
  },
];

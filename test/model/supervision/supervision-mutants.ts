import { supervisorMachine } from '../../../machines/index.ts';
import { GenericPleg, type GenericPlegOptions } from '../../../src/pleg/generic-pleg.ts';
import { editedMachine, type States } from '../check/edited-machine.ts';
import type { SupervisionSpec } from './supervision-world.ts';
import { UnreliablePleg } from './unreliable-pleg.ts';

/** A fault put into the supervision on purpose; the property *Degradation* must see it. */
export interface SupervisionMutant {
  readonly fault: string;
  readonly spec: Partial<SupervisionSpec>;
}

class TwinPleg extends UnreliablePleg {
  readonly #twin: GenericPleg;

  constructor(options: GenericPlegOptions) {
    super(options);
    this.#twin = new GenericPleg(options);
  }

  override start(): void {
    super.start();
    this.#twin.start();
  }
}

class HastyPleg extends UnreliablePleg {
  /** Does not wait for the relist under way. */
  override async stop(): Promise<void> {
    super.stop().catch(() => undefined);
  }
}

const withSteps = (edit: (degrading: States) => void): Partial<SupervisionSpec> => ({
  machine: editedMachine(supervisorMachine, (states) => {
    edit(states['degrading']!.states);
  }),
});

const leadTo = (degrading: States, step: string, next: string): void => {
  (degrading[step]!.states['acting'] as unknown as { invoke: { onDone: string } }).invoke.onDone =
    `#degrading.${next}`;
};

export const supervisionMutants: readonly SupervisionMutant[] = [
  {
    fault: 'stopping generic is skipped',
    spec: withSteps((degrading) => leadTo(degrading, 'stoppingEvented', 'updatingRelistDuration')),
  },
  {
    fault: 'updating the relist duration is skipped',
    spec: withSteps((degrading) => leadTo(degrading, 'stoppingGeneric', 'startingGeneric')),
  },
  {
    fault: 'a step that fails is not tried again',
    spec: {
      ...withSteps((degrading) => {
        for (const step of Object.values(degrading)) step.states['pausing'] = {} as never;
      }),
      sabotages: [{ call: 'start', moment: 'before' }],
      failureCodes: ['UNIMPLEMENTED'],
    },
  },
  {
    fault: 'a step that timed out is taken for done',
    spec: withSteps((degrading) => {
      (degrading['stoppingGeneric']!.states['acting'] as unknown as { after: unknown }).after = {
        stepTimeout: '#degrading.updatingRelistDuration',
      };
    }),
  },
  {
    fault: 'one failure too many is allowed',
    spec: {
      machine: supervisorMachine.provide({
        guards: {
          areRetriesExhausted: ({ context }) => context.streamFailures >= context.maxStreamRetries,
        },
      }),
    },
  },
  {
    fault: 'failures are never forgotten',
    spec: { machine: supervisorMachine.provide({ actions: { forgetStreamFailures: () => undefined } }) },
  },
  {
    fault: 'UNIMPLEMENTED counts like any other failure',
    spec: { machine: supervisorMachine.provide({ guards: { isUnimplemented: () => false } }) },
  },
  {
    fault: 'a stream that breaks during a climb is overlooked',
    spec: { machine: supervisorMachine.provide({ guards: { isStreamLost: () => false } }) },
  },
  { fault: 'two generic PLEGs run', spec: { createPleg: (options) => new TwinPleg(options) } },
  {
    fault: 'generic is called stopped while its relist goes on',
    spec: { createPleg: (options) => new HastyPleg(options) },
  },
];

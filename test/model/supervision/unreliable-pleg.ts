import type { RelistDuration } from '../../../machines/index.ts';
import { GenericPleg } from '../../../src/pleg/generic-pleg.ts';

const calls = ['stop', 'update', 'start'] as const;

/** A call that will fail, before or after it has done its work. */
export interface Sabotage {
  readonly call: (typeof calls)[number];
  readonly moment: 'before' | 'after';
}

export const sabotages: readonly Sabotage[] = calls.flatMap((call) => [
  { call, moment: 'before' },
  { call, moment: 'after' },
]);

/** The real Generic PLEG, of which one call can be made to fail. */
export class UnreliablePleg extends GenericPleg {
  sabotage: Sabotage | undefined;

  override start(): void {
    const failAt = this.#take('start');
    failAt('before');
    super.start();
    failAt('after');
  }

  override async stop(): Promise<void> {
    const failAt = this.#take('stop');
    failAt('before');
    await super.stop();
    failAt('after');
  }

  override update(relistDuration: RelistDuration): void {
    const failAt = this.#take('update');
    failAt('before');
    super.update(relistDuration);
    failAt('after');
  }

  #take(call: Sabotage['call']): (moment: Sabotage['moment']) => void {
    const { sabotage } = this;
    if (sabotage?.call !== call) return () => undefined;
    this.sabotage = undefined;
    return (moment) => {
      if (sabotage.moment === moment) throw new Error(`${call} failed`);
    };
  }
}

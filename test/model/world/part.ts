import type { CriEventKind } from '../../../src/cri/runtime-service.ts';

/**
 * What a container or sandbox truly is. A sandbox that is ready counts as running, one that is not as
 * exited. `removing`: its removal has been announced and the runtime's lists still have it.
 */
export type PartState = 'absent' | 'created' | 'running' | 'unknown' | 'exited' | 'removing' | 'gone';

export interface LifeStep {
  readonly to: PartState;
  /** Not before this other part has come so far. */
  readonly after?: readonly [partId: string, state: PartState];
}

/** One container or sandbox of the small runtime, and all that it will live through. */
export interface PartSpec {
  readonly id: string;
  readonly podUid: string;
  readonly isSandbox: boolean;
  readonly sandboxId: string;
  readonly life: readonly LifeStep[];
}

type Life = readonly (PartState | LifeStep)[];

const stepsOf = (life: Life): LifeStep[] =>
  life.map((step) => (typeof step === 'string' ? { to: step } : step));

export const sandboxOf = (podUid: string, id: string, life: Life): PartSpec => ({
  id,
  podUid,
  isSandbox: true,
  sandboxId: id,
  life: stepsOf(life),
});

export const containerOf = (podUid: string, sandboxId: string, id: string, life: Life): PartSpec => ({
  id,
  podUid,
  isSandbox: false,
  sandboxId,
  life: stepsOf(life),
});

/** The event that a runtime makes when a part comes to a state; none for what runtimes keep to themselves. */
export const announcementOf = (from: PartState, to: PartState): CriEventKind | undefined => {
  if (to === 'created') return 'created';
  // A container that the runtime had lost sight of and found again did not start.
  if (to === 'running') return from === 'unknown' ? undefined : 'started';
  if (to === 'exited') return 'stopped';
  if (to === 'removing') return 'deleted';
  return to === 'gone' && from !== 'removing' ? 'deleted' : undefined;
};

/** Whether lists and statuses show it. */
export const isListed = (state: PartState): boolean => state !== 'absent' && state !== 'gone';

/** Whether it is there as far as anyone should know: an announced removal counts. */
export const isPresent = (state: PartState): boolean => isListed(state) && state !== 'removing';

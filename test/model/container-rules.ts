import type { ContainerEvidence, PlegContainerState } from '../../machines/index.ts';

/** kubelet's `generateEvents` (pkg/kubelet/pleg/generic.go), written as a function. */
export const generateEvents = (old: PlegContainerState, next: PlegContainerState): string[] => {
  if (old === next) return [];
  if (next === 'running') return ['ContainerStarted'];
  if (next === 'exited') return ['ContainerDied'];
  if (next === 'unknown') return ['ContainerChanged'];
  return old === 'exited' ? ['ContainerRemoved'] : ['ContainerDied', 'ContainerRemoved'];
};

const eventMeanings = {
  'event.created': { progress: 1, state: 'unknown' },
  'event.started': { progress: 2, state: 'running' },
  'event.stopped': { progress: 3, state: 'exited' },
  'event.deleted': { progress: 4, state: 'nonexistent' },
} as const;

/**
 * The rules of the container machine a second time, without states: how far the container's life is, and
 * what may still be said about it. So that the machine does not grade itself.
 */
export class ContainerRules {
  state: PlegContainerState = 'nonexistent';
  newestEvidenceAt = 0;
  /** 0 never seen, 1 created, 2 has run, 3 exited, 4 removed. */
  #progress = 0;
  /** The next list may still show the remains of a container that an event removed. */
  #isForgiving = false;

  /** Types of all that is emitted, in order. */
  take(evidence: ContainerEvidence): string[] {
    if ('at' in evidence) {
      const { progress, state } = eventMeanings[evidence.type];
      const isNews = progress > this.#progress && !(this.#progress === 0 && state === 'nonexistent');
      if (!isNews) return ['EventIgnored'];
      this.#isForgiving = state === 'nonexistent';
      return this.#move(state, progress, evidence.at);
    }
    const state = evidence.type.slice('list.'.length) as PlegContainerState;
    const { began, arrived = began } = evidence;
    const isNewest = began > this.newestEvidenceAt;
    if (isNewest && this.#isForgiving) {
      this.#isForgiving = false;
      if (state === 'exited') return this.#move('nonexistent', 4, arrived);
      if (state === 'nonexistent') return this.#move(state, 4, arrived);
    }
    if (state === this.state) return [];
    const hasStarted = this.#progress === 1 && state === 'running';
    if (!isNewest && !hasStarted) return ['ListWithheld'];
    return this.#move(state, this.#progressOf(state), arrived);
  }

  #progressOf(state: PlegContainerState): number {
    if (state === 'unknown') return this.#progress === 0 ? 1 : 2;
    return { running: 2, exited: 3, nonexistent: 4 }[state];
  }

  #move(state: PlegContainerState, progress: number, place: number): string[] {
    const events = generateEvents(this.state, state);
    this.state = state;
    this.#progress = progress;
    this.newestEvidenceAt = place;
    return events;
  }
}

import { createActor, type ActorOptions } from 'xstate';
import {
  containerMachine,
  type ContainerEmitted,
  type ContainerEvidence,
  type PlegContainerState,
} from '../../machines/index.ts';

/** What a list says in each of the four words that PLEG has for a container. */
export const plegStates = ['running', 'exited', 'unknown', 'nonexistent'] as const;

/** In the order in which a container lives through them. */
export const eventTypes = ['event.created', 'event.started', 'event.stopped', 'event.deleted'] as const;

/** A started container machine, and what it emits for each piece of evidence. */
export class ContainerActor {
  readonly #actor;
  #emitted: ContainerEmitted[] = [];

  constructor(options: Pick<ActorOptions<typeof containerMachine>, 'inspect'> = {}) {
    this.#actor = createActor(containerMachine, {
      ...options,
      input: { containerId: 'container-1', podUid: 'pod-1' },
    });
    this.#actor.on('*', (event) => this.#emitted.push(event));
    this.#actor.start();
  }

  get value() {
    return this.#actor.getSnapshot().value;
  }

  /** Path of the state, such as `nonexistent.gone`. */
  get path(): string {
    return pathOf(this.value);
  }

  get plegState(): PlegContainerState {
    return plegStateOf(this.value);
  }

  get isPresent(): boolean {
    return this.#actor.getSnapshot().hasTag('present');
  }

  get newestEvidenceAt(): number {
    return this.#actor.getSnapshot().context.newestEvidenceAt;
  }

  /** All that it emits for this evidence, in order. */
  take(evidence: ContainerEvidence): readonly ContainerEmitted[] {
    this.#emitted = [];
    this.#actor.send(evidence);
    return this.#emitted;
  }
}

type ContainerValue = string | Record<string, string | undefined>;

export const pathOf = (value: ContainerValue): string =>
  typeof value === 'string' ? value : Object.entries(value).flat().join('.');

export const plegStateOf = (value: ContainerValue): PlegContainerState =>
  pathOf(value).split('.')[0] as PlegContainerState;

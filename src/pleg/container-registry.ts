import type { ContainerStatus } from '../cri/runtime-service.ts';
import { createActor, type Actor } from 'xstate';
import {
  containerMachine,
  type ContainerEmitted,
  type ContainerEvidence,
  type PlegContainerState,
} from '../../machines/index.ts';

/** How and why a container ended, as far as the runtime has said. */
export interface ContainerExit {
  readonly exitCode: number | undefined;
  readonly reason: string;
}

/** The end that a status tells of; `undefined` for a container that has not ended. */
export const exitOf = (status: ContainerStatus | undefined): ContainerExit | undefined =>
  status?.state === 'exited' ? { exitCode: status.exitCode, reason: status.reason } : undefined;

export interface ContainerEntry {
  readonly id: string;
  readonly podUid: string;
  readonly isSandbox: boolean;
  name: string;
  /** The state of the actor, kept beside it so that an unchanged list costs no send. */
  state: PlegContainerState;
  /** What PLEG's `unknown` stands for: created and not started, rather than lost sight of. */
  isCreated: boolean;
  /** The relist that showed it last. */
  seenInRelist: number;
  exit: ContainerExit | undefined;
  readonly actor: Actor<typeof containerMachine>;
}

export interface RunningCounts {
  readonly pods: number;
  readonly containers: Readonly<Record<'created' | 'running' | 'exited' | 'unknown', number>>;
}

interface Tombstone {
  /** Place of the evidence that showed it gone: an older list that still has it says nothing. */
  readonly goneAt: number;
  readonly expiresMs: number;
}

/** Longest replay of old events that a runtime is known to make, containerd's five minutes, and some room. */
export const tombstoneMs = 6 * 60_000;

/**
 * One root actor per container and sandbox: it creates, feeds and drops them.
 *
 * Roots, not children: children of one parent cost O(N²). An id that is gone leaves a tombstone for a
 * while, so that a late event does not bring it back.
 */
export class ContainerRegistry {
  readonly #entries = new Map<string, ContainerEntry>();
  /** In order of expiry. */
  readonly #tombstones = new Map<string, Tombstone>();
  readonly #machine: typeof containerMachine;

  /** @param machine tests hand in mutants of it */
  constructor(machine = containerMachine) {
    this.#machine = machine;
  }

  get size(): number {
    return this.#entries.size;
  }

  get tombstoneCount(): number {
    return this.#tombstones.size;
  }

  entries(): IterableIterator<ContainerEntry> {
    return this.#entries.values();
  }

  /** kubelet's `kubelet_running_pods` and `kubelet_running_containers`: pods with a ready sandbox, containers by state. */
  count(): RunningCounts {
    const pods = new Set<string>();
    const containers = { created: 0, running: 0, exited: 0, unknown: 0 };
    for (const { isSandbox, state, isCreated, podUid } of this.#entries.values()) {
      if (state === 'nonexistent') continue;
      if (!isSandbox) containers[state === 'unknown' && isCreated ? 'created' : state] += 1;
      else if (state === 'running') pods.add(podUid);
    }
    return { pods: pods.size, containers };
  }

  get(id: string): ContainerEntry | undefined {
    return this.#entries.get(id);
  }

  isTombstone(id: string): boolean {
    return this.#tombstones.has(id);
  }

  /** Whether a list that began at `began` is too old to say that this container exists. */
  isGoneSince(id: string, began: number): boolean {
    const tombstone = this.#tombstones.get(id);
    return tombstone !== undefined && tombstone.goneAt >= began;
  }

  /** Adds a container that has not been seen; its actor starts in `nonexistent`. */
  add(entry: Pick<ContainerEntry, 'id' | 'podUid' | 'isSandbox' | 'name'>): ContainerEntry {
    const { id, podUid } = entry;
    const actor = createActor(this.#machine, { id, input: { containerId: id, podUid } });
    const added: ContainerEntry = {
      ...entry,
      state: 'nonexistent',
      isCreated: false,
      seenInRelist: 0,
      exit: undefined,
      actor,
    };
    actor.start();
    this.#tombstones.delete(id);
    this.#entries.set(id, added);
    return added;
  }

  /** Gives one piece of evidence to a container's machine; returns what the machine made of it, in order. */
  feed(entry: ContainerEntry, evidence: ContainerEvidence): ContainerEmitted[] {
    const emitted: ContainerEmitted[] = [];
    const subscription = entry.actor.on('*', (event) => emitted.push(event));
    entry.actor.send(evidence);
    subscription.unsubscribe();
    const { value } = entry.actor.getSnapshot();
    entry.state = (typeof value === 'string' ? value : Object.keys(value)[0]) as PlegContainerState;
    return emitted;
  }

  /** Whether nothing has moved it yet. */
  isUnseen(entry: ContainerEntry): boolean {
    return entry.actor.getSnapshot().matches({ nonexistent: 'unseen' });
  }

  /** Whether an event removed it and no list has confirmed that yet. */
  isAwaitingConfirmation(entry: ContainerEntry): boolean {
    return entry.actor.getSnapshot().matches({ nonexistent: 'deleted' });
  }

  /** Forgets a container that is gone; for a while, late events for it are known as such. */
  drop(id: string, nowMs: number): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    const goneAt = entry.actor.getSnapshot().context.newestEvidenceAt;
    entry.actor.stop();
    this.#entries.delete(id);
    this.#tombstones.delete(id);
    this.#tombstones.set(id, { goneAt, expiresMs: nowMs + tombstoneMs });
  }

  sweepTombstones(nowMs: number): void {
    for (const [id, { expiresMs }] of this.#tombstones) {
      if (expiresMs > nowMs) return;
      this.#tombstones.delete(id);
    }
  }
}

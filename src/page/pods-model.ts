import type { PodRow } from '../server/watch-view.ts';
import { type Look, lookOf } from './words.ts';

export interface PodFilter {
  /** Part of `namespace/pod` or of a container's name; any case. */
  readonly text: string;
  /** Empty for all. */
  readonly namespace: string;
  /** Pods with a container that looks so; empty for all. */
  readonly looks: ReadonlySet<Look>;
}

/** What the page knows of the pods. Nothing here touches the document. */
export class PodsModel {
  readonly #pods = new Map<string, PodRow>();

  get size(): number {
    return this.#pods.size;
  }

  clear(): void {
    this.#pods.clear();
  }

  apply(upsert: readonly PodRow[], removed: readonly string[]): void {
    for (const row of upsert) this.#pods.set(row.uid, row);
    for (const uid of removed) this.#pods.delete(uid);
  }

  get(uid: string): PodRow | undefined {
    return this.#pods.get(uid);
  }

  /** The pod that holds the container. */
  podOf(containerId: string): PodRow | undefined {
    for (const pod of this.#pods.values()) {
      if (pod.containers.some(({ id }) => id === containerId)) return pod;
    }
    return undefined;
  }

  namespaces(): string[] {
    return [...new Set([...this.#pods.values()].map(({ namespace }) => namespace))].sort();
  }

  /** Containers, sandboxes left out, by how they look. */
  counts(): Record<Look, number> {
    const counts = { running: 0, created: 0, exited: 0, failed: 0, unknown: 0 };
    for (const { containers } of this.#pods.values()) {
      for (const chip of containers) if (!chip.isSandbox) counts[lookOf(chip)] += 1;
    }
    return counts;
  }

  /** Pods that pass, the one that changed last first. */
  select(filter: PodFilter): PodRow[] {
    const text = filter.text.trim().toLowerCase();
    return [...this.#pods.values()]
      .filter((pod) => passes(pod, filter, text))
      .sort((a, b) => b.changedMs - a.changedMs || (a.uid < b.uid ? -1 : 1));
  }
}

function passes(pod: PodRow, { namespace, looks }: PodFilter, text: string): boolean {
  if (namespace !== '' && pod.namespace !== namespace) return false;
  if (looks.size > 0 && !pod.containers.some((chip) => !chip.isSandbox && looks.has(lookOf(chip)))) {
    return false;
  }
  if (text === '' || `${pod.namespace}/${pod.name}`.toLowerCase().includes(text)) return true;
  return pod.containers.some(({ name }) => name.toLowerCase().includes(text));
}

/** The order of before with what is new at the end: for a list that must not move under a hand. */
export function holdOrder(selected: readonly PodRow[], before: readonly string[]): PodRow[] {
  const places = new Map(before.map((uid, place) => [uid, place]));
  const placeOf = ({ uid }: PodRow): number => places.get(uid) ?? before.length;
  return [...selected].sort((a, b) => placeOf(a) - placeOf(b));
}

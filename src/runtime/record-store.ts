import { randomBytes } from 'node:crypto';

/** An id as runtimes make them: 64 hex characters. */
export const newId = (): string => randomBytes(32).toString('hex');

/**
 * Sandboxes or containers by id, with the names that are taken. A name keeps a second thing with the same
 * identity (same pod, same attempt) from being made, as in containerd.
 */
export class RecordStore<T extends { readonly id: string; readonly name: string }> {
  readonly #records = new Map<string, T>();
  readonly #idsByName = new Map<string, string>();

  /** The id that holds `name`, if one does. */
  holderOf(name: string): string | undefined {
    return this.#idsByName.get(name);
  }

  add(record: T): void {
    this.#records.set(record.id, record);
    this.#idsByName.set(record.name, record.id);
  }

  delete(record: T): void {
    this.#records.delete(record.id);
    this.#idsByName.delete(record.name);
  }

  /** By the whole id, or by its beginning where only one id begins so: people and crictl shorten ids. */
  get(idOrPrefix: string): T | undefined {
    const exact = this.#records.get(idOrPrefix);
    if (exact !== undefined || idOrPrefix === '') return exact;
    const matches = this.values().filter(({ id }) => id.startsWith(idOrPrefix));
    return matches.length === 1 ? matches[0] : undefined;
  }

  /** All records, oldest first. */
  values(): T[] {
    return [...this.#records.values()];
  }
}

import { Observable, type Subscriber } from 'rxjs';
import { CriError } from '../cri/cri-error.ts';
import type {
  Container,
  ContainerStatus,
  CriContainerEvent,
  PodSandbox,
  PodSandboxStatus,
  RuntimeService,
  RuntimeStatus,
  RuntimeVersion,
} from '../cri/runtime-service.ts';
import { callKey, type CallName, type LineOf } from './recording-format.ts';

interface Asked {
  readonly name: CallName;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: CriError) => void;
}

/**
 * A runtime service that says nothing by itself: calls wait until the replay gives them their recorded
 * answers. It heeds no deadline and no abort, since how a call ended is in the recording too.
 */
export class ReplayService implements RuntimeService {
  readonly #onAsked: (key: string) => void;
  /** Calls made so far, by name and id. */
  readonly #counts = new Map<string, number>();
  readonly #asked = new Map<string, Asked>();
  readonly #streams = new Map<number, Subscriber<CriContainerEvent>>();
  #streamCount = 0;

  /** @param onAsked gets the `callKey` of each call that is made. */
  constructor(onAsked: (key: string) => void) {
    this.#onAsked = onAsked;
  }

  /** Settles a call; false if nobody has made it. */
  answer(key: string, answer: unknown): boolean {
    return this.#settle(key, ({ resolve }) => resolve(answer));
  }

  /** Fails a call; false if nobody has made it. */
  fail(key: string, { method, code, details }: LineOf<'failed'>['error']): boolean {
    return this.#settle(key, ({ reject }) => reject(new CriError(method, code, details)));
  }

  /** The nth stream that was opened, if it still is. */
  stream(nth: number): Subscriber<CriContainerEvent> | undefined {
    return this.#streams.get(nth);
  }

  /** How often the stream has been opened. */
  get streamCount(): number {
    return this.#streamCount;
  }

  /** Fails every call that still waits, so that the pipeline can be stopped. */
  close(): void {
    for (const { name, reject } of this.#asked.values()) {
      reject(new CriError(name, 'CANCELLED', 'the replay is over'));
    }
    this.#asked.clear();
  }

  version(): Promise<RuntimeVersion> {
    return this.#ask('version');
  }

  status(): Promise<RuntimeStatus> {
    return this.#ask('status');
  }

  listPodSandboxes(): Promise<PodSandbox[]> {
    return this.#ask('listPodSandboxes');
  }

  listContainers(): Promise<Container[]> {
    return this.#ask('listContainers');
  }

  podSandboxStatus(id: string): Promise<PodSandboxStatus> {
    return this.#ask('podSandboxStatus', id);
  }

  containerStatus(id: string): Promise<ContainerStatus> {
    return this.#ask('containerStatus', id);
  }

  containerEvents(): Observable<CriContainerEvent> {
    return new Observable((subscriber) => {
      const nth = (this.#streamCount += 1);
      this.#streams.set(nth, subscriber);
      return () => this.#streams.delete(nth);
    });
  }

  /** The recording's lines hold, for each name, answers of just the type that `RuntimeService` promises. */
  #ask<T>(name: CallName, id = ''): Promise<T> {
    const countKey = `${name} ${id}`;
    const nth = (this.#counts.get(countKey) ?? 0) + 1;
    this.#counts.set(countKey, nth);
    const key = callKey(name, id, nth);
    return new Promise<T>((resolve, reject) => {
      this.#asked.set(key, { name, resolve: resolve as (answer: unknown) => void, reject });
      this.#onAsked(key);
    });
  }

  #settle(key: string, act: (asked: Asked) => void): boolean {
    const asked = this.#asked.get(key);
    this.#asked.delete(key);
    if (asked) act(asked);
    return asked !== undefined;
  }
}

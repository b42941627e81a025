import { Observable } from 'rxjs';
import { CriError } from '../cri/cri-error.ts';
import type {
  CallOptions,
  Container,
  ContainerStatus,
  CriContainerEvent,
  PodSandbox,
  PodSandboxStatus,
  RuntimeService,
  RuntimeStatus,
  RuntimeVersion,
} from '../cri/runtime-service.ts';
import {
  writeContainer,
  writeContainerEvent,
  writeContainerStatus,
  writeCriError,
  writePodSandbox,
  writePodSandboxStatus,
  writeRuntimeStatus,
  writeRuntimeVersion,
} from './recorded-answer.ts';
import { callKey, type CallName, type WrittenLine } from './recording-format.ts';
import type { RecordingTurns } from './recording-turns.ts';

/** What identifies a call in its line. */
interface AskedCall {
  readonly id?: string;
  readonly nth: number;
  readonly beganMs: number;
}

/** A runtime service that passes everything on to a real one and writes down all that comes back. */
export class RecordingService implements RuntimeService {
  readonly #service: RuntimeService;
  readonly #turns: RecordingTurns;
  /** Calls made so far, by name and id. */
  readonly #counts = new Map<string, number>();
  readonly #underWay = new Map<string, { readonly name: CallName; readonly call: AskedCall }>();
  #streamCount = 0;

  constructor(service: RuntimeService, turns: RecordingTurns) {
    this.#service = service;
    this.#turns = turns;
  }

  /** A line for each call that has not been answered yet. */
  unanswered(): WrittenLine[] {
    return [...this.#underWay.values()].map(({ name, call }) => ({
      kind: 'unanswered',
      call: name,
      ...call,
    }));
  }

  version(options?: CallOptions): Promise<RuntimeVersion> {
    return this.#ask('version', '', this.#service.version(options), (call, answer) => ({
      kind: 'version',
      ...call,
      answer: writeRuntimeVersion(answer),
    }));
  }

  status(options?: CallOptions): Promise<RuntimeStatus> {
    return this.#ask('status', '', this.#service.status(options), (call, answer) => ({
      kind: 'status',
      ...call,
      answer: writeRuntimeStatus(answer),
    }));
  }

  listPodSandboxes(options?: CallOptions): Promise<PodSandbox[]> {
    return this.#ask('listPodSandboxes', '', this.#service.listPodSandboxes(options), (call, answer) => ({
      kind: 'listPodSandboxes',
      ...call,
      answer: answer.map(writePodSandbox),
    }));
  }

  listContainers(options?: CallOptions): Promise<Container[]> {
    return this.#ask('listContainers', '', this.#service.listContainers(options), (call, answer) => ({
      kind: 'listContainers',
      ...call,
      answer: answer.map(writeContainer),
    }));
  }

  podSandboxStatus(id: string, options?: CallOptions): Promise<PodSandboxStatus> {
    return this.#ask('podSandboxStatus', id, this.#service.podSandboxStatus(id, options), (call, answer) => ({
      kind: 'podSandboxStatus',
      ...call,
      answer: writePodSandboxStatus(answer),
    }));
  }

  containerStatus(id: string, options?: CallOptions): Promise<ContainerStatus> {
    return this.#ask('containerStatus', id, this.#service.containerStatus(id, options), (call, answer) => ({
      kind: 'containerStatus',
      ...call,
      answer: writeContainerStatus(answer),
    }));
  }

  containerEvents(): Observable<CriContainerEvent> {
    return new Observable((subscriber) => {
      const turns = this.#turns;
      const stream = (this.#streamCount += 1);
      turns.write({ kind: 'streamOpened', nth: stream });
      /** What comes after the pipeline has closed the stream is no input of its. */
      const pass = (line: WrittenLine, deliver: () => void): void => {
        turns.enqueue(() => (subscriber.closed ? undefined : line), deliver);
      };
      return this.#service.containerEvents().subscribe({
        next: (event) => {
          pass({ kind: 'event', stream, event: writeContainerEvent(event) }, () => {
            subscriber.next(event);
          });
        },
        error: (cause: unknown) => {
          const error = CriError.from(cause, 'GetContainerEvents');
          pass({ kind: 'streamEnded', stream, error: writeCriError(error) }, () => {
            subscriber.error(error);
          });
        },
        complete: () => {
          pass({ kind: 'streamEnded', stream, error: null }, () => {
            subscriber.complete();
          });
        },
      });
    });
  }

  #ask<T>(
    name: CallName,
    id: string,
    asked: Promise<T>,
    lineOf: (call: AskedCall, answer: T) => WrittenLine,
  ): Promise<T> {
    const turns = this.#turns;
    const countKey = `${name} ${id}`;
    const nth = (this.#counts.get(countKey) ?? 0) + 1;
    this.#counts.set(countKey, nth);
    const call = { ...(id === '' ? {} : { id }), nth, beganMs: turns.clock.nowMs };
    const key = callKey(name, id, nth);
    this.#underWay.set(key, { name, call });
    return new Promise((resolve, reject) => {
      const settle = (line: () => WrittenLine, deliver: () => void): void => {
        turns.enqueue(line, () => {
          this.#underWay.delete(key);
          deliver();
        });
      };
      asked.then(
        (answer) => {
          settle(
            () => lineOf(call, answer),
            () => {
              resolve(answer);
            },
          );
        },
        (cause: unknown) => {
          const error = CriError.from(cause, name);
          settle(
            () => ({ kind: 'failed', call: name, ...call, error: writeCriError(error) }),
            () => {
              reject(error);
            },
          );
        },
      );
    });
  }
}

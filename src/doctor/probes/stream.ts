import { CriError } from '../../cri/cri-error.ts';
import type { Container, CriContainerEvent, RuntimeService } from '../../cri/runtime-service.ts';
import { describeRuntimeProblem } from '../../cri/runtime-problem.ts';
import type { Time } from '../../lib/time.ts';
import { tryCall } from '../cri-call.ts';
import type { CallFact, ChurnFact, RuntimeFact, StreamFact, Unannounced } from '../facts.ts';
import { PodNames } from '../pod-names.ts';
import { isShared } from '../shared-stream.ts';
import { sleep } from '../waiting.ts';
import { compareLists } from './compare-lists.ts';
import type { ListService } from './lists.ts';

export interface StreamOptions {
  readonly service: ListService & Pick<RuntimeService, 'containerEvents'>;
  readonly time: Time;
  readonly windowMs: number;
  /** Of each list. */
  readonly deadlineMs: number;
  /** Opens the stream of a containerd 1.7 too. */
  readonly isOpenAsked: boolean;
}

/** Why the stream is better left alone; `undefined` when it may be opened. */
const reasonNotToOpen = (runtime: RuntimeFact, isOpenAsked: boolean): string | undefined => {
  if (isOpenAsked) return undefined;
  if (runtime.version.code !== 'OK') return 'the runtime did not tell its version';
  return isShared(runtime)
    ? `on containerd ${runtime.release} opening it takes events from other readers; ask for it with --open-stream`
    : undefined;
};

/** Follows the event stream over the window, and compares what it said with what two lists show. */
export const lookAtStream = async (
  runtime: RuntimeFact,
  { service, time, windowMs, deadlineMs, isOpenAsked }: StreamOptions,
): Promise<{ readonly stream: StreamFact; readonly churn: ChurnFact | undefined }> => {
  const leftAlone = reasonNotToOpen(runtime, isOpenAsked);
  const recorder = new StreamRecorder(time);
  const subscription = leftAlone === undefined ? recorder.follow(service) : undefined;
  try {
    const settleMs = Math.min(1_000, windowMs / 10);
    const graceMs = Math.min(2_000, windowMs / 5);
    await sleep(time, settleMs);
    const before = await list(service, time, deadlineMs);
    await sleep(time, windowMs - settleMs - graceMs - before.call.durationMs);
    const after = before.containers && (await list(service, time, deadlineMs));
    // Events follow what they announce, by up to half a second under load.
    await sleep(time, graceMs);

    const isComparable = before.containers !== undefined && after?.containers !== undefined;
    const changes = isComparable ? compareLists(before.containers, after.containers) : [];
    const names = new PodNames([], [...(before.containers ?? []), ...(after?.containers ?? [])]);
    const unannounced = changes
      .filter(({ container }) => !recorder.hasSeen(container.id))
      .filter(({ change }) => !(runtime.name === 'cri-o' && change === 'vanished'))
      .map(({ container, change }): Unannounced => ({
        containerId: container.id,
        containerName: container.name,
        pod: names.of(container.id),
        change,
      }));
    return {
      stream: {
        ...(leftAlone !== undefined && { leftAlone }),
        ...recorder.fact(),
        listCalls: [before.call, ...(after ? [after.call] : [])],
        changes: isComparable ? changes.length : undefined,
        unannounced: leftAlone === undefined ? unannounced : [],
      },
      churn: isComparable
        ? {
            betweenMs: after.atMs - before.atMs,
            changedContainers: changes.length,
            changedPods: new Set(changes.map(({ container }) => container.podSandboxId)).size,
          }
        : undefined,
    };
  } finally {
    subscription?.unsubscribe();
  }
};

interface TimedList {
  readonly atMs: number;
  readonly call: CallFact;
  /** `undefined` where the list did not come. */
  readonly containers: readonly Container[] | undefined;
}

const list = async (service: ListService, time: Time, deadlineMs: number): Promise<TimedList> => {
  const atMs = time.monotonicMs();
  const { call, value } = await tryCall(time, 'ListContainers', deadlineMs, (options) =>
    service.listContainers(options),
  );
  return { atMs, call, containers: value };
};

/** Takes note of events, and never holds the stream up: a slow reader stops a containerd 2. */
class StreamRecorder {
  readonly #time: Time;
  readonly #seen = new Set<string>();
  #events = 0;
  #replayed = 0;
  #longestLagMs = 0;
  #end: StreamFact['end'];

  constructor(time: Time) {
    this.#time = time;
  }

  follow(service: Pick<RuntimeService, 'containerEvents'>) {
    const openedMs = this.#time.monotonicMs();
    const openedNs = this.#time.wallNs();
    const end = (code: CriError['code'], problem: string): void => {
      this.#end = { code, problem, afterMs: this.#time.monotonicMs() - openedMs };
    };
    return service.containerEvents().subscribe({
      next: (event) => this.#record(event, openedNs),
      error: (thrown: unknown) => {
        const error = CriError.from(thrown, 'GetContainerEvents');
        end(error.code, describeRuntimeProblem(error));
      },
      complete: () => end('OK', 'the runtime ended the stream without an error'),
    });
  }

  hasSeen(containerId: string): boolean {
    return this.#seen.has(containerId);
  }

  fact(): Pick<StreamFact, 'end' | 'events' | 'replayed' | 'longestLagMs'> {
    return {
      ...(this.#end && { end: this.#end }),
      events: this.#events,
      replayed: this.#replayed,
      longestLagMs: this.#longestLagMs,
    };
  }

  #record({ containerId, createdAtNs }: CriContainerEvent, openedNs: bigint): void {
    this.#events += 1;
    this.#seen.add(containerId);
    if (createdAtNs < openedNs) {
      this.#replayed += 1;
      return;
    }
    const lagMs = Number((this.#time.wallNs() - createdAtNs) / 1_000_000n);
    this.#longestLagMs = Math.max(this.#longestLagMs, lagMs);
  }
}

import type { CriContainerEvent } from '../../../src/cri/runtime-service.ts';
import type { LifecycleLog } from '../../../src/pleg/lifecycle-log.ts';
import { Merge } from '../../../src/pleg/merge.ts';
import type { Observation } from '../../../src/pleg/observation.ts';
import type { PodStatusCache } from '../../../src/pleg/pod-status-cache.ts';
import type { Sentence, World } from '../check/world.ts';
import type { Action, ConsumerAction, Fault } from './action.ts';
import { idsOf, outcomeOf, relistResultOf, type InspectionInFlight, type RelistInFlight } from './calls.ts';
import { Chronicle, type Belief } from './chronicle.ts';
import { Consumer } from './consumer.ts';
import { enabledActions } from './enabled-actions.ts';
import { factsOf } from './facts.ts';
import { fingerprintOf } from './fingerprint.ts';
import { judgeFreshnessOf } from './freshness.ts';
import { production, type Hands } from './hands.ts';
import { ageAt, ModelRuntime, stateAt, type MadeEvent } from './model-runtime.ts';
import { ModelStream } from './model-stream.ts';
import { ModelTime } from './model-time.ts';
import type { PartSpec } from './part.ts';
import { sentenceOf } from './sentences.ts';

export interface NodeWorldSpec {
  readonly parts: readonly PartSpec[];
  /** What may go wrong, and how many faults one path may have in all. */
  readonly faults: readonly Fault[];
  readonly maxFaults: number;
  /** @default as many as there is reason to tell apart */
  readonly maxRelists?: number;
  /** Longest queue of the stream: the runtime waits. @default 3 */
  readonly maxLag?: number;
  /** Inspections side by side. @default 2 */
  readonly concurrency?: number;
  /** With a consumer: how many events the log keeps for it. */
  readonly logSize?: number;
  /** What has happened before the exploration begins. */
  readonly prelude?: (world: NodeWorld) => void;
  readonly hands?: Partial<Hands>;
}

const ignore = (): void => undefined;

/**
 * A node in small: a runtime, the stream and the calls between it and plegd, and the real writer with its
 * real machines, queue, cache and log in the middle. Nothing happens but by `perform`.
 */
export class NodeWorld implements World<Action> {
  readonly spec: NodeWorldSpec;
  readonly concurrency: number;
  readonly time = new ModelTime();
  readonly runtime: ModelRuntime;
  readonly stream = new ModelStream();
  readonly cache: PodStatusCache;
  readonly log: LifecycleLog;
  readonly merge: Merge;
  readonly chronicle: Chronicle;
  readonly consumer: Consumer | undefined;
  relist: RelistInFlight | undefined;
  readonly inspections = new Map<string, InspectionInFlight>();
  faultsLeft = 0;
  relistsLeft = 0;
  readonly #hands: Hands;

  constructor(spec: NodeWorldSpec) {
    this.spec = spec;
    this.concurrency = spec.concurrency ?? 2;
    this.#hands = { ...production, ...spec.hands };
    this.runtime = new ModelRuntime(this.time, spec.parts);
    this.chronicle = new Chronicle(this.time.wallNs());
    this.cache = this.#hands.createCache(this.time, (podUid) => {
      this.merge.requestObservation(podUid);
    });
    this.log = this.#hands.createLog({
      capacity: spec.logSize ?? 1_000,
      snapshot: () => this.merge.snapshot(),
    });
    this.merge = new Merge({
      time: this.time,
      cache: this.cache,
      log: this.log,
      observer: {
        criEvent: ignore,
        eventIgnored: ignore,
        recordSkipped: ignore,
        inspectionFailed: ignore,
        published: (event) => {
          this.chronicle.notePublished(event);
          const staleness = judgeFreshnessOf(this, event);
          if (staleness !== undefined) this.chronicle.accuse('Freshness', staleness);
        },
      },
      registry: this.#hands.createRegistry(),
      queue: this.#hands.createQueue(),
    });
    spec.prelude?.(this);
    this.consumer = spec.logSize === undefined ? undefined : new Consumer(this);
    this.faultsLeft = spec.maxFaults;
    this.relistsLeft = spec.maxRelists ?? Number.POSITIVE_INFINITY;
  }

  actions(): Action[] {
    return enabledActions(this);
  }

  describe(action: Action): Sentence {
    return sentenceOf(this, action);
  }

  fingerprint(): string {
    return fingerprintOf(this);
  }

  facts(): readonly string[] {
    return factsOf(this);
  }

  can(fault: Fault): boolean {
    return this.faultsLeft > 0 && this.spec.faults.includes(fault);
  }

  perform(action: Action): void | Promise<void> {
    if (action.kind !== 'read' && action.kind !== 'resume') {
      this.act(action);
      return undefined;
    }
    this.time.nowMs += 1;
    if (action.kind === 'read') return this.consumer!.read();
    this.faultsLeft -= 1;
    return this.consumer!.resume();
  }

  act(action: Exclude<Action, ConsumerAction>): void {
    const { stream, time, merge, runtime } = this;
    time.nowMs += 1;
    switch (action.kind) {
      case 'advance':
        stream.push(runtime.advance(runtime.part(action.id)));
        break;
      case 'deliver':
        if (action.index > 0) this.faultsLeft -= 1;
        this.#deliver(stream.take(action.index));
        break;
      case 'double':
        this.faultsLeft -= 1;
        this.#deliver(stream.queue[0]!);
        break;
      case 'deliverNil':
        this.faultsLeft -= 1;
        this.#deliver(stream.take(0), { podSandbox: undefined });
        break;
      case 'drop':
        this.faultsLeft -= 1;
        stream.take(0);
        break;
      case 'break':
        this.faultsLeft -= 1;
        stream.break();
        break;
      case 'reconnect':
        stream.open(runtime, action.isReplaying);
        break;
      case 'beginRelist':
        this.relistsLeft -= 1;
        this.relist = { beginning: merge.begin(), version: runtime.version };
        break;
      case 'endRelist':
        this.#endRelist(action.sandboxesVersion, action.containersVersion);
        break;
      case 'beginInspection':
        this.beginInspection();
        break;
      case 'endInspection':
        this.#endInspection(action.podUid, action.versions);
        break;
      case 'failInspection':
        this.faultsLeft -= 1;
        this.#failInspection(action.podUid);
        break;
      case 'wait':
        time.nowMs = Math.max(time.nowMs, merge.queue.nextDueMs() ?? 0);
        break;
    }
  }

  /** Begins the inspection that production wants next; false where it wants none. */
  beginInspection(): boolean {
    const reasons = new Map<string, InspectionInFlight['reasons']>();
    for (const [podUid, mark] of this.merge.queue.marks()) reasons.set(podUid, [...mark.reasons]);
    const request = this.merge.takeInspection();
    if (!request) return false;
    const { podUid } = request;
    this.inspections.set(podUid, {
      request,
      version: this.runtime.version,
      knownMs: this.chronicle.relistsMs[0] ?? 0,
      reasons: reasons.get(podUid) ?? [],
    });
    return true;
  }

  #deliver({ event, age }: MadeEvent, overrides: Partial<CriContainerEvent> = {}): void {
    const { containerId, kind } = event;
    const { deletedArrivedMs } = this.chronicle;
    if (kind === 'deleted' && !deletedArrivedMs.has(containerId)) {
      deletedArrivedMs.set(containerId, this.time.nowMs);
    }
    this.#observe({ kind: 'event', event: { ...event, ...overrides } }, (id) =>
      id === containerId ? age : undefined,
    );
  }

  #endRelist(sandboxesVersion: number, containersVersion: number): void {
    const { chronicle, runtime } = this;
    const relist = relistResultOf(runtime, this.relist!, sandboxesVersion, containersVersion);
    this.relist = undefined;
    chronicle.noteRelist(relist);
    for (const part of runtime.parts) {
      const arrivedMs = chronicle.deletedArrivedMs.get(part.spec.id);
      if (
        stateAt(part, sandboxesVersion) !== 'removing' ||
        arrivedMs === undefined ||
        relist.beganMs <= arrivedMs
      )
        continue;
      chronicle.remainsShown.add(part.spec.id);
    }
    this.#observe({ kind: 'relist', relist }, (id) => {
      const part = runtime.part(id);
      return ageAt(part, part.spec.isSandbox ? sandboxesVersion : containersVersion);
    });
  }

  #endInspection(podUid: string, versions: readonly number[]): void {
    const inspection = this.inspections.get(podUid)!;
    this.inspections.delete(podUid);
    const { runtime } = this;
    const ids = idsOf(inspection);
    this.#observe(
      {
        kind: 'inspection',
        request: inspection.request,
        outcome: outcomeOf(runtime, inspection, versions),
      },
      (id) => (ids.includes(id) ? ageAt(runtime.part(id), versions[ids.indexOf(id)]!) : undefined),
    );
  }

  #failInspection(podUid: string): void {
    const { request } = this.inspections.get(podUid)!;
    this.inspections.delete(podUid);
    const outcome = { ok: false, error: new Error('the status call failed') } as const;
    this.#observe({ kind: 'inspection', request, outcome }, () => undefined);
  }

  /** The only way into production; `ageOf` says how far each part's life had come in the evidence. */
  #observe(observation: Observation, ageOf: (id: string) => number | undefined): void {
    const { chronicle, time, merge, runtime } = this;
    this.#hands.observe(merge, observation, this.cache, time);
    for (const { spec } of runtime.parts) {
      const { id } = spec;
      chronicle.noteBelief(id, this.beliefOf(id), ageOf(id));
    }
  }

  beliefOf(id: string): Belief {
    const value = this.merge.registry.get(id)?.actor.getSnapshot().value;
    if (value === 'running' || value === 'exited') return value;
    if (typeof value === 'object' && 'unknown' in value) return value.unknown;
    if (typeof value === 'object' && value.nonexistent !== 'unseen') return 'gone';
    return (this.chronicle.beliefs.get(id) ?? 'unseen') === 'unseen' ? 'unseen' : 'gone';
  }
}

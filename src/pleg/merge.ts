import type { PlegContainerState } from '../../machines/index.ts';
import type { CriContainerEvent, CriEventKind, PodIdentity } from '../cri/runtime-service.ts';
import { ContainerRegistry, exitOf, type ContainerEntry } from './container-registry.ts';
import { EvidenceIntake, plegStates } from './evidence-intake.ts';
import { EvidenceOrder } from './evidence-order.ts';
import { InspectionQueue } from './inspection-queue.ts';
import type { ListedChange } from './listed-change.ts';
import type { UnnumberedEvent } from './lifecycle-log.ts';
import type { IgnoredReason } from './merge-observer.ts';
import type { MergeOptions } from './merge-options.ts';
import type {
  Beginning,
  InspectionOutcome,
  InspectionRequest,
  Observation,
  RelistResult,
} from './observation.ts';
import type { BegunInspection, PodRecord } from './pod-record.ts';
import { PodRecords } from './pod-records.ts';
import { emptyPodStatus } from './pod-status.ts';
import { podStatusOf } from './publication.ts';

/**
 * The one writer: everything that is learned of the runtime comes through `observe`, and nothing else
 * changes container machines, the cache or the log. Synchronous from end to end, so that the event stream
 * is drained as fast as it comes and one observation is done before the next.
 *
 * A change moves its container's machine at once and marks the pod for inspection; its lifecycle event
 * waits in the pod's record until an inspection that began later has written the cache, or has failed.
 */
export class Merge {
  readonly registry: ContainerRegistry;
  readonly queue: InspectionQueue;
  readonly #order = new EvidenceOrder();
  readonly #pods: PodRecords;
  readonly #intake: EvidenceIntake;
  readonly #options: MergeOptions;
  /** The last relist that was merged. */
  #lastRelist: Beginning | undefined;
  /**
   * What the runtime made before this, wall clock, is old: a list has shown its outcome, or will as the
   * first one.
   */
  #newsSinceNs: bigint;
  /** The inspections under way, by pod. */
  readonly #inFlight = new Map<string, BegunInspection>();

  constructor(options: MergeOptions) {
    const { time, cache, log, observer, registry, queue } = options;
    this.#options = options;
    this.registry = registry ?? new ContainerRegistry();
    this.queue = queue ?? new InspectionQueue();
    this.#pods = new PodRecords(time, cache, log, observer);
    this.#intake = new EvidenceIntake(time, this.#pods, cache, this.registry, this.queue);
    this.#newsSinceNs = time.wallNs();
  }

  get podCount(): number {
    return this.#pods.size;
  }

  pod(podUid: string): Readonly<PodRecord> | undefined {
    return this.#pods.get(podUid);
  }

  pods(): IterableIterator<Readonly<PodRecord>> {
    return this.#pods.values();
  }

  /** To be taken when a list or an inspection begins. */
  begin(): Beginning {
    const { time } = this.#options;
    return { began: this.#order.next(), beganMs: time.monotonicMs(), beganWallNs: time.wallNs() };
  }

  observe(observation: Observation): void {
    if (observation.kind === 'event') this.#observeEvent(observation.event);
    else if (observation.kind === 'relist') this.#observeRelist(observation.relist);
    else this.#observeInspection(observation.request, observation.outcome);
  }

  /** kubelet's `RequestReinspect`: a PodSync will follow. Nothing for a pod that is not there. */
  requestReinspect(podUid: string): void {
    this.#intake.mark(podUid, 'reinspect');
  }

  /**
   * kubelet's `RequestRelist`: somebody wants to know whether the pod has news. Its inspection asks for what
   * is known of it; only a list shows what is new to it.
   */
  requestObservation(podUid: string): void {
    this.#intake.mark(podUid, 'observe');
    this.#options.requestRelist?.();
  }

  /** One PodSync per live pod, for a subscriber that has missed events. */
  snapshot(): UnnumberedEvent[] {
    const isLive = ({ containerIds }: PodRecord): boolean =>
      [...containerIds].some((id) => this.registry.get(id)?.state !== 'nonexistent');
    return [...this.#pods.values()].filter(isLive).map((pod) => this.#pods.podSync(pod));
  }

  /** The next pod to inspect and what to ask of it. Must be answered by an inspection observation. */
  takeInspection(): InspectionRequest | undefined {
    for (;;) {
      const work = this.queue.take(this.#options.time.monotonicMs());
      if (!work) return undefined;
      const pod = this.#pods.get(work.podUid);
      if (!pod) {
        this.queue.finish(work.podUid, true, 0);
        continue;
      }
      const completeMs = this.#lastRelist?.beganMs ?? Number.NEGATIVE_INFINITY;
      this.#inFlight.set(work.podUid, { pod, reasons: work.reasons, completeMs });
      const entries = [...pod.containerIds].flatMap((id) => this.registry.get(id) ?? []);
      return {
        ...this.begin(),
        podUid: pod.podUid,
        podName: pod.podName,
        podNamespace: pod.podNamespace,
        podSandboxIds: entries.filter(({ isSandbox }) => isSandbox).map(({ id }) => id),
        containerIds: entries.filter(({ isSandbox }) => !isSandbox).map(({ id }) => id),
      };
    }
  }

  #observeEvent(event: CriContainerEvent): void {
    const { observer } = this.#options;
    observer.criEvent(event);
    const at = this.#order.next();
    const { kind, createdAtNs } = event;
    const entry = kind ? this.#entryOfEvent(event, kind) : 'unrecognized';
    if (typeof entry === 'string') {
      observer.eventIgnored(entry, event);
      return;
    }
    if (kind === 'stopped') entry.exit = exitOf(event.containerStatus) ?? entry.exit;
    if (kind === 'created') entry.isCreated = true;
    const provenance = { from: 'event', seenAt: at, runtimeTimeNs: createdAtNs } as const;
    const isNews = this.#intake.feed(entry, { type: `event.${kind as CriEventKind}`, at }, provenance);
    if (!isNews) observer.eventIgnored('stale', event);
    this.#intake.closePods([entry.podUid]);
  }

  /** The container an event speaks of, or why nothing can be made of it. */
  #entryOfEvent(event: CriContainerEvent, kind: CriEventKind): ContainerEntry | IgnoredReason {
    const { containerId, podSandbox } = event;
    const known = this.registry.get(containerId);
    if (known && !this.registry.isUnseen(known)) return known;
    if (containerId === '') return 'unrecognized';
    if (this.registry.isTombstone(containerId)) return 'stale';
    if (kind === 'deleted') return 'unknown_container';
    if (!podSandbox || podSandbox.podUid === '') {
      this.#options.requestRelist?.();
      return 'no_sandbox';
    }
    const isSandbox = containerId === podSandbox.id;
    const name = isSandbox ? '' : (event.containerStatus?.name ?? '');
    const entry = known ?? this.#intake.admit(containerId, isSandbox, name, podSandbox);
    if (!isSandbox && !this.registry.get(podSandbox.id) && !this.registry.isTombstone(podSandbox.id)) {
      this.#intake.admit(podSandbox.id, true, '', podSandbox);
    }
    if (this.#isNews(event.createdAtNs)) return entry;
    // A replay, most likely: not to be believed, but to be looked into.
    this.#intake.mark(podSandbox.podUid, 'changed');
    return 'unknown_container';
  }

  /** Since the clock was set back no stamp can be judged until the next list; better an old event than none. */
  #isNews(stampNs: bigint): boolean {
    return stampNs >= this.#newsSinceNs || this.#options.time.wallNs() < this.#newsSinceNs;
  }

  #observeRelist(relist: RelistResult): void {
    const { time, cache, observer } = this.#options;
    const changes: ListedChange[] = [];
    const touched = new Set<string>();
    const seenAt = this.#order.next();
    const see = (entry: ContainerEntry, state: PlegContainerState): void => {
      const from = entry.state;
      if (from === state && state !== 'nonexistent') return;
      const evidence = { type: `list.${state}`, began: relist.began, arrived: seenAt } as const;
      this.#intake.feed(entry, evidence, { from: 'relist', seenAt });
      if (entry.state === from) return;
      touched.add(entry.podUid);
      changes.push({ containerId: entry.id, podUid: entry.podUid, from, to: entry.state, isPodGone: false });
    };
    const list = (
      id: string,
      isSandbox: boolean,
      name: string,
      pod: PodIdentity,
      state: PlegContainerState,
    ): ContainerEntry | undefined => {
      if (this.registry.isGoneSince(id, relist.began)) return undefined;
      const entry = this.registry.get(id) ?? this.#intake.admit(id, isSandbox, name, pod);
      // Of records that contradict each other the first counts, or they would be changes at each relist.
      if (entry.seenInRelist === relist.began) return entry;
      if (entry.name === '') entry.name = name;
      entry.seenInRelist = relist.began;
      // A pod that was closed may be back; it is closed again where the list makes nothing of it.
      if (entry.state !== state) touched.add(this.#pods.ensure(pod).podUid);
      see(entry, state);
      return entry;
    };
    for (const sandbox of relist.podSandboxes) {
      list(sandbox.id, true, '', sandbox, sandbox.state === 'ready' ? 'running' : 'exited');
    }
    for (const container of relist.containers) {
      const pod = this.#intake.podOf(container);
      const entry = pod && list(container.id, false, container.name, pod, plegStates[container.state]);
      if (entry) entry.isCreated = container.state === 'created';
      if (!pod) observer.recordSkipped(container);
    }
    for (const entry of this.registry.entries()) {
      if (entry.seenInRelist !== relist.began && !this.registry.isUnseen(entry)) see(entry, 'nonexistent');
    }
    const closed = this.#intake.closePods(touched);
    for (const change of changes) change.isPodGone = closed.has(change.podUid);
    const previous = this.#lastRelist;
    this.#lastRelist = relist;
    this.#newsSinceNs = relist.beganWallNs;
    this.registry.sweepTombstones(time.monotonicMs());
    cache.updateTime(relist.beganMs);
    this.#options.onListedChanges?.(changes, previous);
  }

  #observeInspection(request: InspectionRequest, outcome: InspectionOutcome): void {
    const { podUid } = request;
    const { time, cache, observer } = this.#options;
    const inFlight = this.#inFlight.get(podUid);
    this.#inFlight.delete(podUid);
    const pod = this.#pods.get(podUid);
    if (!pod || pod !== inFlight?.pod) {
      this.queue.finish(podUid, true, time.monotonicMs());
      return;
    }
    if (!outcome.ok) {
      this.queue.finish(podUid, false, time.monotonicMs());
      const { podName, podNamespace } = pod;
      const { ips } = cache.get(podUid).status;
      const status = { ...emptyPodStatus(podUid), podName, podNamespace, ips };
      cache.set(podUid, { status, error: outcome.error }, request.beganMs);
      observer.inspectionFailed(podUid, outcome.error);
      this.#pods.publish(pod, request.began, 'failed');
      return;
    }
    this.queue.finish(podUid, true, time.monotonicMs());
    this.#seeAnswers(request, outcome);
    if (this.#intake.closePods([podUid]).size > 0) return;
    const hasFailed = cache.get(podUid).error !== undefined;
    cache.set(
      podUid,
      { status: podStatusOf(pod, outcome.answers, cache.get(podUid).status), error: undefined },
      request.beganMs,
      inFlight.completeMs,
    );
    if (!this.queue.isMarked(podUid)) cache.unhold(podUid);
    const publishedCount = this.#pods.publish(pod, request.began);
    if (hasFailed || (publishedCount === 0 && inFlight.reasons.has('reinspect')))
      this.#pods.publishPodSync(pod);
  }

  /** Each status that was asked for is evidence too, as good as a list that began when the inspection did. */
  #seeAnswers(
    { began, podSandboxIds, containerIds }: InspectionRequest,
    outcome: InspectionOutcome & { ok: true },
  ) {
    const { podSandboxes, containers } = outcome.answers;
    const arrived = this.#order.next();
    const see = (id: string, state: PlegContainerState): void => {
      const entry = this.registry.get(id);
      if (!entry) return;
      if (entry.state !== state) {
        const evidence = { type: `list.${state}`, began, arrived } as const;
        this.#intake.feed(entry, evidence, { from: 'inspection', seenAt: began });
      } else if (state === 'nonexistent' && this.registry.isUnseen(entry)) {
        this.#intake.drop(entry);
      }
    };
    const sandboxStates = new Map(podSandboxes.map(({ id, state }) => [id, state]));
    for (const id of podSandboxIds) {
      const state = sandboxStates.get(id);
      see(id, state === undefined ? 'nonexistent' : state === 'ready' ? 'running' : 'exited');
    }
    const statuses = new Map(containers.map((status) => [status.id, status]));
    for (const id of containerIds) {
      const status = statuses.get(id);
      const entry = this.registry.get(id);
      if (entry) entry.exit = exitOf(status) ?? entry.exit;
      if (entry) entry.isCreated = status?.state === 'created';
      if (entry?.name === '' && status) entry.name = status.name;
      see(id, status ? plegStates[status.state] : 'nonexistent');
    }
  }
}

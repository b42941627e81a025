import { setMaxListeners } from 'node:events';
import type { Logger } from 'pino';
import type { Subscription } from 'rxjs';
import type { PlegMode, RelistDuration } from '../../machines/index.ts';
import { describeRuntimeProblem } from '../cri/runtime-problem.ts';
import type { RuntimeService } from '../cri/runtime-service.ts';
import type { Time } from '../lib/time.ts';
import { watchContainerEvents } from '../pleg/evented-pleg.ts';
import { GenericPleg } from '../pleg/generic-pleg.ts';
import { inspect } from '../pleg/inspect.ts';
import { Inspector } from '../pleg/inspector.ts';
import type { PodLifecycleEvent } from '../pleg/lifecycle-event.ts';
import { LifecycleLog } from '../pleg/lifecycle-log.ts';
import { Merge } from '../pleg/merge.ts';
import { PlegMetrics } from '../pleg/metrics.ts';
import { MissedEvents } from '../pleg/missed-events.ts';
import { Observations } from '../pleg/observations.ts';
import { PodStatusCache } from '../pleg/pod-status-cache.ts';
import { Relister } from '../pleg/relister.ts';
import { RuntimeProbe } from '../pleg/runtime-probe.ts';
import { isAnnounced, StreamState } from '../pleg/stream-state.ts';
import { StuckPods } from '../pleg/stuck-pods.ts';
import { Vitals } from '../pleg/vitals.ts';
import { plegObserver } from './pleg-observer.ts';
import { Supervision } from './supervision.ts';

export interface NodePlegOptions {
  readonly time: Time;
  readonly logger: Logger;
  readonly service: RuntimeService;
  readonly mode: PlegMode;
  readonly generic: RelistDuration;
  readonly evented: RelistDuration;
  readonly maxStreamRetries: number;
  readonly inspectConcurrency: number;
  /** Deadline of each call of an inspection, milliseconds. */
  readonly inspectTimeoutMs: number;
  readonly lifecycleLogSize: number;
  /** 0 to 1. @default Math.random */
  readonly random?: () => number;
  /** Gets each event while it is published; must not throw and must not call back. */
  readonly onPublished?: (event: PodLifecycleEvent) => void;
}

/** One step of a degradation or climb gets this long; a relist that is aborted ends well before. */
const stepTimeoutMs = 10_000;
const stepRetryMs = 1_000;

/**
 * A whole PLEG on one runtime, without sockets of its own: the wiring of generators, writer, cache, log
 * and supervisor. Everything in it runs on the injected time and the given runtime service.
 */
export class NodePleg {
  readonly cache: PodStatusCache;
  readonly log: LifecycleLog;
  readonly merge: Merge;
  readonly metrics: PlegMetrics;
  readonly genericPleg: GenericPleg;
  readonly supervision: Supervision;
  readonly probe: RuntimeProbe;
  readonly relister: Relister;
  readonly stream: StreamState;
  readonly vitals: Vitals;
  readonly stuckPods: StuckPods;
  readonly ignoredCounts: Record<string, number> = {};
  missedCount = 0;
  readonly #options: NodePlegOptions;
  readonly #observations = new Observations();
  readonly #missed: MissedEvents;
  readonly #inspector: Inspector;
  readonly #abort = new AbortController();
  #writer: Subscription | undefined;

  constructor(options: NodePlegOptions) {
    const { time, service, logger } = options;
    this.#options = options;
    // Every inspection under way listens to it, and as many as hang are no leak.
    setMaxListeners(0, this.#abort.signal);
    this.stream = new StreamState(time);
    this.vitals = new Vitals(time);
    this.metrics = new PlegMetrics({
      relistInFlightMs: () => this.relister.inFlightMs ?? 0,
      mode: () => this.supervision.mode,
      runningCounts: () => this.merge.registry.count(),
      stuckPodCount: () => this.stuckPods.list().length,
      oldestInspectionMs: () => this.stuckPods.oldestMs(),
    });
    this.cache = new PodStatusCache(time, (podUid) => {
      this.merge.requestObservation(podUid);
      this.#inspector.wake();
    });
    this.log = new LifecycleLog({
      capacity: options.lifecycleLogSize,
      snapshot: () => this.merge.snapshot(),
      onGap: (count) => {
        this.metrics.discardEvents.inc(count);
      },
    });
    this.#missed = new MissedEvents(time, (containerId) => {
      this.missedCount += 1;
      this.metrics.missedEvents.inc();
      this.vitals.missed();
      logger.warn(
        { containerID: containerId },
        'Evented PLEG: relist found a change that no event announced',
      );
    });
    const observer = plegObserver(
      time,
      logger,
      this.metrics,
      this.stream,
      this.vitals,
      this.ignoredCounts,
      this.#missed,
    );
    this.merge = new Merge({
      time,
      cache: this.cache,
      log: this.log,
      observer: {
        ...observer,
        published: (event) => {
          observer.published(event);
          options.onPublished?.(event);
        },
      },
      requestRelist: () => {
        this.genericPleg.requestRelist();
      },
      onListedChanges: (changes, previous) => {
        if (!this.stream.hasBeenSettledSince(previous)) return;
        for (const change of changes) {
          if (isAnnounced(change, this.probe.version?.runtimeName)) this.#missed.suspect(change.containerId);
        }
      },
    });
    this.#inspector = new Inspector({
      time,
      queue: this.merge.queue,
      concurrency: options.inspectConcurrency,
      take: () => this.merge.takeInspection(),
      inspect: async (request, onCall) => {
        const beganMs = time.monotonicMs();
        const calls = { signal: this.#abort.signal, timeoutMs: options.inspectTimeoutMs };
        const outcome = await inspect(service, request, calls, onCall);
        this.metrics.podRelistDuration.observe((time.monotonicMs() - beganMs) / 1000);
        return outcome;
      },
      onOutcome: (request, outcome) => {
        if (outcome.ok) this.stuckPods.recovered(request.podUid);
        else this.stuckPods.failed(request, outcome.call, outcome.error);
        this.#observations.inspection$.next({ request, outcome });
      },
    });
    this.stuckPods = new StuckPods({
      time,
      inFlight: () => this.#inspector.inFlight(),
      exists: (podUid) => this.merge.pod(podUid) !== undefined,
      onStuck: ({ podUid, podNamespace, podName, call, error }) => {
        logger.warn(
          {
            podID: podUid,
            pod: `${podNamespace}/${podName}`,
            call: call?.method,
            id: call?.id,
            reason: error?.message,
          },
          'PLEG: pod is stuck: its status cannot be had',
        );
      },
      onWell: ({ podUid, podNamespace, podName, sinceMs }) => {
        const stuckMs = Math.round(time.monotonicMs() - sinceMs);
        logger.info(
          { podID: podUid, pod: `${podNamespace}/${podName}`, stuckMs },
          'PLEG: pod is no longer stuck',
        );
      },
    });
    this.relister = this.#createRelister();
    this.genericPleg = new GenericPleg({
      time,
      relistDuration: options.generic,
      relist: (signal) => this.relister.relist(signal),
    });
    this.probe = new RuntimeProbe({
      time,
      service,
      onUp: ({ runtimeName, runtimeVersion }) => {
        logger.info({ runtimeName, runtimeVersion }, 'Container runtime is up');
      },
      onDown: (error) => {
        logger.error({ reason: describeRuntimeProblem(error) }, 'Container runtime sanity check failed');
      },
      describe: describeRuntimeProblem,
    });
    this.supervision = this.#createSupervision();
  }

  /** Starts the generators; the first relist begins at once. */
  start(): void {
    this.#writer = this.#observations.observation$.subscribe((observation) => {
      if (observation.kind === 'event') this.#missed.announce(observation.event.containerId);
      this.merge.observe(observation);
      this.stuckPods.prune();
      this.#inspector.wake();
    });
    void this.probe.start();
    this.supervision.start();
  }

  /** Ends streams, relists, inspections and subscriptions, in this order. */
  async stop(): Promise<void> {
    this.probe.stop();
    this.#abort.abort();
    await Promise.all([this.supervision.stop(), this.#inspector.stop()]);
    this.#missed.clear();
    this.#writer?.unsubscribe();
    this.log.close();
  }

  /** kubelet's `RequestReinspect`. */
  requestReinspect(podUid: string): void {
    this.merge.requestReinspect(podUid);
    this.#inspector.wake();
  }

  #createRelister(): Relister {
    const { time, service, logger } = this.#options;
    return new Relister({
      time,
      service,
      begin: () => this.merge.begin(),
      onBegin: (intervalMs) => {
        if (intervalMs === undefined) return;
        this.metrics.relistInterval.observe(intervalMs / 1000);
        this.vitals.relistBegan(intervalMs);
      },
      onResult: (relist) => {
        this.#observations.relist$.next(relist);
        this.metrics.lastSeen.set(Number(relist.beganWallNs / 1_000_000n) / 1000);
        this.probe.suspectUp();
      },
      onRecovered: () => {
        logger.info('GenericPLEG: relist succeeded again');
        this.supervision.actor.send({ type: 'runtime.returned' });
      },
      onFailed: (error, isFirst) => {
        const reason = describeRuntimeProblem(error);
        if (isFirst) logger.error({ reason }, 'GenericPLEG: Unable to retrieve pods');
        this.probe.suspectDown();
      },
      onEnd: (durationMs) => {
        this.metrics.relistDuration.observe(durationMs / 1000);
        this.vitals.relistEnded(durationMs);
        logger.debug({ durationMs }, 'GenericPLEG: Relisting');
      },
    });
  }

  #createSupervision(): Supervision {
    const { time, logger, service, mode, generic, evented, maxStreamRetries, random } = this.#options;
    const requestRelist = (): void => {
      this.genericPleg.requestRelist();
    };
    return new Supervision({
      time,
      logger,
      random: random ?? Math.random,
      genericPleg: this.genericPleg,
      input: {
        configuredMode: mode,
        generic,
        evented,
        maxStreamRetries,
        stepTimeoutMs,
        stepRetryMs,
        reconnectMinMs: 100,
        reconnectMaxMs: 3_000,
        probeMinMs: 1_000,
        probeMaxMs: 60_000,
        probeOpenMs: 5_000,
        steadyAfterMs: 60_000,
      },
      criEvent$: watchContainerEvents({
        time,
        service,
        requestRelist,
        onOpened: () => {
          if (this.stream.openCount > 0) {
            this.metrics.streamReconnects.inc();
            this.vitals.reconnected();
          }
          this.metrics.connectionSuccesses.inc();
          this.stream.opened();
        },
        onSettled: () => {
          this.stream.settled(this.merge.begin());
        },
        onClosed: () => {
          this.stream.closed();
        },
      }),
      onEvent: (event) => {
        this.#observations.criEvent$.next(event);
      },
      onStreamFailed: (failed) => {
        this.metrics.connectionErrors.inc();
        this.stream.failed(failed.message);
        this.probe.suspectDown();
        const isNews = this.supervision.mode === 'evented' && this.supervision.streamFailures === 0;
        logger[isNews ? 'info' : 'debug'](
          { code: failed.code, reason: failed.message },
          'Evented PLEG: event stream ended',
        );
      },
    });
  }
}

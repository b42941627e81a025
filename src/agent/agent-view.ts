import type { ContainerStatus, PodSandboxStatus } from '../cri/runtime-service.ts';
import { describeRuntimeProblem } from '../cri/runtime-problem.ts';
import { isoFromNs, type Time } from '../lib/time.ts';
import { plegProblem, runtimeProblem } from '../pleg/health.ts';
import type { PodRecord } from '../pleg/pod-record.ts';
import type {
  AgentStatus,
  AgentView,
  ContainerView,
  Degradation,
  HealthCheck,
  HealthReport,
  PlegMode,
  PodView,
  SandboxView,
  StuckPodView,
} from '../server/agent-view.ts';
import type { StuckPod } from '../pleg/stuck-pods.ts';
import type { NodePleg } from './node-pleg.ts';
import { createWatchView } from './watch-view.ts';

export interface AgentViewOptions {
  readonly time: Time;
  readonly pleg: NodePleg;
  readonly configuredMode: PlegMode;
  readonly runtimeEndpoint: string;
}

/** What the server shows of a running PLEG; reads, never changes. */
export const createAgentView = ({
  time,
  pleg,
  configuredMode,
  runtimeEndpoint,
}: AgentViewOptions): AgentView => {
  const startedAt = isoFromNs(time.wallNs());
  /** A monotonic stamp on the wall clock of now, for people. */
  const isoFromMonotonic = (ms: number): string =>
    isoFromNs(time.wallNs() - BigInt(Math.round((time.monotonicMs() - ms) * 1e6)));

  const health = (): HealthReport => {
    const nowMs = time.monotonicMs();
    const checks = [
      check(
        'PLEG',
        plegProblem({
          nowMs,
          relistMs: pleg.relister.lastSuccess?.beganMs,
          thresholdMs: pleg.genericPleg.relistDuration.thresholdMs,
          sinceMs: pleg.genericPleg.startedMs,
        }),
        (problem) => `PLEG is not healthy: ${problem}`,
      ),
      check('container-runtime', runtimeProblem(nowMs, pleg.probe.lastSyncMs)),
    ];
    const failed = checks.find(({ ok }) => !ok);
    return {
      ok: failed === undefined,
      message: failed?.message ?? '',
      checks,
      degradations: degradationsOf(pleg, configuredMode),
    };
  };

  const status = (): AgentStatus => {
    const { relister, supervision, stream, probe, genericPleg, log } = pleg;
    const { lastSuccess, lastDurationMs, inFlightMs, lastError } = relister;
    const { lastDegradation } = supervision;
    const containers = { running: 0, exited: 0, unknown: 0 };
    for (const { isSandbox, state } of pleg.merge.registry.entries()) {
      if (!isSandbox && state !== 'nonexistent') containers[state] += 1;
    }
    return {
      health: health(),
      mode: supervision.mode,
      configuredMode,
      startedAt,
      supervisor: {
        state: supervision.path,
        since: supervision.since,
        ...(lastDegradation ? { lastDegradation } : {}),
        streamFailuresInARow: supervision.streamFailures,
      },
      relist: {
        ...genericPleg.relistDuration,
        ...(lastSuccess
          ? {
              lastSuccessAt: isoFromNs(lastSuccess.beganWallNs),
              lastSuccessAgeMs: roundedMs(time.monotonicMs() - lastSuccess.beganMs),
            }
          : {}),
        ...(lastDurationMs === undefined ? {} : { lastDurationMs: roundedMs(lastDurationMs) }),
        ...(inFlightMs === undefined ? {} : { inFlightMs: roundedMs(inFlightMs) }),
        ...(lastError ? { lastError: describeRuntimeProblem(lastError) } : {}),
      },
      stream: {
        state: stream.state,
        since: stream.since,
        reconnects: Math.max(0, stream.openCount - 1),
        events: stream.eventCount,
        ...(stream.lastEventAt === undefined ? {} : { lastEventAt: stream.lastEventAt }),
        ...(stream.lastError === undefined ? {} : { lastError: stream.lastError }),
      },
      runtime: {
        endpoint: runtimeEndpoint,
        state: probe.state,
        ...(probe.version
          ? {
              name: probe.version.runtimeName,
              version: probe.version.runtimeVersion,
              apiVersion: probe.version.runtimeApiVersion,
            }
          : {}),
        ...(probe.problem === undefined ? {} : { lastError: probe.problem }),
      },
      stuck: pleg.stuckPods.list().map((pod) => stuckPodView(pod, pleg, time)),
      counts: {
        pods: pleg.merge.podCount,
        containers,
        missedEvents: pleg.missedCount,
        ignoredEvents: { ...pleg.ignoredCounts },
      },
      log: { firstSeq: log.firstSeq, lastSeq: log.lastSeq },
    };
  };

  const podView = ({ podUid, podNamespace, podName }: Readonly<PodRecord>): PodView => {
    const { status: podStatus, error, observedMs } = pleg.cache.getEntry(podUid);
    return {
      uid: podUid,
      namespace: podNamespace,
      name: podName,
      ips: podStatus.ips,
      ...(observedMs === undefined || error ? {} : { inspectedAt: isoFromMonotonic(observedMs) }),
      ...(error ? { error: error.message } : {}),
      sandboxes: podStatus.sandboxes.map(sandboxView),
      containers: podStatus.containers.map(containerView),
    };
  };

  const pods = (): PodView[] =>
    [...pleg.merge.pods()]
      .map(podView)
      .sort((a, b) => compare(a.namespace, b.namespace) || compare(a.name, b.name) || compare(a.uid, b.uid));

  const pod = (uid: string): PodView | undefined => {
    const record = pleg.merge.pod(uid);
    return record && podView(record);
  };

  const podNewerThan: AgentView['podNewerThan'] = async (uid, { newerThanNs, signal }) => {
    const agoMs = Number(time.wallNs() - newerThanNs) / 1e6;
    // A caller's clock is finer than ours: what it calls now may lie ahead, and no look begins in the future.
    const newerThanMs = time.monotonicMs() - Math.max(0, agoMs);
    await pleg.cache.getNewerThan(uid, newerThanMs, { signal });
    return pod(uid);
  };

  return {
    status,
    health,
    pods,
    pod,
    podNewerThan,
    metrics: async () => ({
      contentType: pleg.metrics.registry.contentType,
      text: await pleg.metrics.registry.metrics(),
    }),
    subscribe: (options) => pleg.log.subscribe(options),
    watch: createWatchView({ pleg, containerView, sandboxView, isoFromMonotonic }),
  };
};

const check = (
  name: string,
  problem: string | undefined,
  word: (problem: string) => string = (text) => text,
): HealthCheck => ({ name, ok: problem === undefined, message: problem === undefined ? '' : word(problem) });

/** What is worse than it should be; the same words as long as it is the same trouble. */
const degradationsOf = (
  { stuckPods, stream, supervision, probe }: NodePleg,
  configured: PlegMode,
): Degradation[] => {
  const stuck = stuckPods.list();
  const first = stuck[0];
  const degradations: (Degradation | false | undefined)[] = [
    first && {
      name: 'stuck-pods',
      message: `the status of ${stuck.length} ${stuck.length === 1 ? 'pod' : 'pods'} cannot be had, the longest that of ${first.podNamespace}/${first.podName}${first.call ? ` (${first.call.method})` : ''}`,
    },
    configured === 'evented' &&
      (stream.state === 'down' || supervision.mode === 'generic') && {
        name: 'event-stream',
        message: `changes come by relist, not by event: ${stream.lastError ?? 'the event stream is not open'}`,
      },
    probe.state === 'down' && {
      name: 'container-runtime',
      message: probe.problem ?? 'the runtime does not answer',
    },
  ];
  return degradations.filter((degradation) => typeof degradation === 'object');
};

const stuckPodView = (
  { podUid, podNamespace, podName, since, sinceMs, call, failures, error }: StuckPod,
  pleg: NodePleg,
  time: Time,
): StuckPodView => {
  const containerName = call && pleg.merge.registry.get(call.id)?.name;
  return {
    podUid,
    podNamespace,
    podName,
    since,
    ageMs: roundedMs(time.monotonicMs() - sinceMs),
    ...(call ? { call } : {}),
    ...(containerName ? { containerName } : {}),
    failures,
    ...(error ? { error: error.message } : {}),
  };
};

/** To the microsecond: the rest is noise of the clock. */
const roundedMs = (ms: number): number => Math.round(ms * 1000) / 1000;

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const sandboxView = ({ id, state, createdAtNs }: PodSandboxStatus): SandboxView => ({
  id,
  state,
  createdAt: isoFromNs(createdAtNs),
});

const containerView = (status: ContainerStatus): ContainerView => ({
  id: status.id,
  name: status.name,
  state: status.state,
  createdAt: isoFromNs(status.createdAtNs),
  ...(status.startedAtNs > 0n ? { startedAt: isoFromNs(status.startedAtNs) } : {}),
  ...(status.finishedAtNs > 0n ? { finishedAt: isoFromNs(status.finishedAtNs) } : {}),
  ...(status.exitCode === undefined ? {} : { exitCode: status.exitCode }),
  ...(status.reason === '' ? {} : { reason: status.reason }),
  ...(status.message === '' ? {} : { message: status.message }),
  restartCount: status.restartCount,
  image: status.image,
});

import type { Logger } from 'pino';
import type { CriContainerEvent } from '../cri/runtime-service.ts';
import type { Time } from '../lib/time.ts';
import type { MergeObserver } from '../pleg/merge-observer.ts';
import type { PlegMetrics } from '../pleg/metrics.ts';
import type { MissedEvents } from '../pleg/missed-events.ts';
import type { StreamState } from '../pleg/stream-state.ts';
import type { Vitals } from '../pleg/vitals.ts';

/** A clock step can put the runtime's stamp into the future; a latency is never negative. */
const secondsSince = (time: Time, ns: bigint): number => Math.max(0, Number(time.wallNs() - ns) / 1e9);

/** Counts and logs what the writer does; the log lines are kubelet's where kubelet has them. */
export const plegObserver = (
  time: Time,
  logger: Logger,
  metrics: PlegMetrics,
  stream: StreamState,
  vitals: Vitals,
  ignoredCounts: Record<string, number>,
  missed: MissedEvents,
): MergeObserver => ({
  criEvent(event: CriContainerEvent) {
    stream.received();
    if (event.createdAtNs > 0n) metrics.connectionLatency.observe(secondsSince(time, event.createdAtNs));
  },
  eventIgnored(reason, { containerId, kind }) {
    ignoredCounts[reason] = (ignoredCounts[reason] ?? 0) + 1;
    metrics.ignoredEvents.inc({ reason });
    if (reason === 'no_sandbox') missed.excuse(containerId);
    logger.debug({ reason, containerID: containerId, kind }, 'Evented PLEG: event ignored');
  },
  recordSkipped({ id }) {
    metrics.skippedRecords.inc({ operation_type: 'list_containers' });
    logger.debug({ containerID: id }, 'PLEG: container without a pod left out');
  },
  published({ type, source, podUid, containerId, exitCode, runtimeTime }) {
    metrics.events.inc({ type, source });
    const latency =
      source === 'event' && runtimeTime !== undefined ? secondsSince(time, BigInt(runtimeTime)) : undefined;
    if (latency !== undefined) metrics.eventLatency.observe(latency);
    vitals.published(latency === undefined ? undefined : latency * 1000);
    if (type === 'ContainerDied') {
      const message =
        source === 'event' ? 'Evented PLEG: container finished' : 'Generic (PLEG): container finished';
      logger.debug({ podID: podUid, containerID: containerId, exitCode }, message);
    }
  },
  inspectionFailed(podUid, err) {
    metrics.inspectionFailures.inc();
    logger.debug({ podID: podUid, err }, 'PLEG: inspection of pod failed');
  },
});

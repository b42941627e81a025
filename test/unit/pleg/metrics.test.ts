import { describe, expect, it } from 'vitest';
import type { PlegMode } from '../../../machines/index.ts';
import { ContainerRegistry } from '../../../src/pleg/container-registry.ts';
import { PlegMetrics } from '../../../src/pleg/metrics.ts';

const newMetrics = () => {
  const sources = {
    relistInFlightMs: 0,
    mode: 'evented' as PlegMode,
    stuckPodCount: 0,
    oldestInspectionMs: 0,
  };
  const metrics = new PlegMetrics({
    relistInFlightMs: () => sources.relistInFlightMs,
    mode: () => sources.mode,
    runningCounts: () => new ContainerRegistry().count(),
    stuckPodCount: () => sources.stuckPodCount,
    oldestInspectionMs: () => sources.oldestInspectionMs,
  });
  return { metrics, sources, text: (name: string) => metrics.registry.getSingleMetricAsString(name) };
};

/** Name, type and help of every metric that is plegd's own, as in the exposition text. */
const documented = [
  ['kubelet_pleg_relist_duration_seconds', 'histogram', 'Duration in seconds for relisting pods in PLEG.'],
  ['kubelet_pleg_relist_interval_seconds', 'histogram', 'Interval in seconds between relisting in PLEG.'],
  [
    'kubelet_pleg_pod_relist_duration_seconds',
    'histogram',
    'Duration in seconds for relisting a single pod in PLEG.',
  ],
  ['kubelet_pleg_discard_events', 'counter', 'The number of discard events in PLEG.'],
  ['kubelet_pleg_last_seen_seconds', 'gauge', 'Timestamp in seconds when PLEG was last seen active.'],
  [
    'kubelet_evented_pleg_connection_error_count',
    'counter',
    'The number of errors encountered during the establishment of streaming connection with the CRI runtime.',
  ],
  [
    'kubelet_evented_pleg_connection_success_count',
    'counter',
    'The number of times a streaming client was obtained to receive CRI Events.',
  ],
  [
    'kubelet_evented_pleg_connection_latency_seconds',
    'histogram',
    'The latency of streaming connection with the CRI runtime, measured in seconds.',
  ],
  ['kubelet_running_pods', 'gauge', 'Number of pods that have a running pod sandbox'],
  ['kubelet_running_containers', 'gauge', 'Number of containers currently running'],
  [
    'kubelet_runtime_operations_total',
    'counter',
    'Cumulative number of runtime operations by operation type.',
  ],
  [
    'kubelet_runtime_operations_errors_total',
    'counter',
    'Cumulative number of runtime operation errors by operation type.',
  ],
  [
    'kubelet_runtime_operations_duration_seconds',
    'histogram',
    'Duration in seconds of runtime operations. Broken down by operation type.',
  ],
  ['plegd_stuck_pods', 'gauge', 'Pods whose status cannot be had.'],
  [
    'plegd_oldest_inspection_seconds',
    'gauge',
    'Age of the oldest inspection of a pod that has not worked, under way or failed; 0 without.',
  ],
  [
    'plegd_missed_events_total',
    'counter',
    'Changes that a relist found and no event announced, although one was due.',
  ],
  [
    'plegd_events_total',
    'counter',
    'Lifecycle events published, by type and by what brought the change to light.',
  ],
  ['plegd_ignored_events_total', 'counter', 'Runtime events that changed nothing, by reason.'],
  [
    'plegd_skipped_records_total',
    'counter',
    'Records of the runtime that name no pod or have no metadata, by call.',
  ],
  ['plegd_stream_reconnects_total', 'counter', 'Times the event stream was opened again.'],
  ['plegd_inspection_failures_total', 'counter', 'Inspections of a pod that failed.'],
  [
    'plegd_event_latency_seconds',
    'histogram',
    'From the stamp of a runtime event to its lifecycle event in the log.',
  ],
  ['plegd_relist_in_flight_seconds', 'gauge', 'Age of the relist under way; 0 when none is.'],
  ['plegd_supervisor_mode', 'gauge', '1 for the mode that serves events now.'],
] as const;

const bucketsOf = (text: string): string[] =>
  [...text.matchAll(/le="([^"]+)"/g)].map((match) => match[1] ?? '');

describe('the metrics', () => {
  it.each(documented)('%s is a %s: %s', async (name, type, help) => {
    const { text } = newMetrics();
    const lines = (await text(name)).split('\n');
    expect(lines.slice(0, 2)).toEqual([`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`]);
  });

  it('are these, and those of the process', async () => {
    const { metrics } = newMetrics();
    const text = await metrics.registry.metrics();
    const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map((match) => match[1] ?? '');
    const own = names.filter((name) => /^(kubelet|plegd)_/.test(name));
    expect(own.toSorted()).toEqual(documented.map(([name]) => name).toSorted());
    expect(names).toContain('process_resident_memory_bytes');
  });

  it.each([
    'kubelet_pleg_relist_duration_seconds',
    'kubelet_pleg_relist_interval_seconds',
    'kubelet_pleg_pod_relist_duration_seconds',
    'kubelet_evented_pleg_connection_latency_seconds',
    'plegd_event_latency_seconds',
  ])('%s has the buckets of a Prometheus client', async (name) => {
    const { text } = newMetrics();
    expect(bucketsOf(await text(name))).toEqual([
      '0.005',
      '0.01',
      '0.025',
      '0.05',
      '0.1',
      '0.25',
      '0.5',
      '1',
      '2.5',
      '5',
      '10',
      '+Inf',
    ]);
  });

  it("has kubelet's buckets for runtime operations: 0.005 times 2.5, fourteen of them", async () => {
    const { metrics, text } = newMetrics();
    metrics.runtimeDuration.observe({ operation_type: 'list_containers' }, 0.001);
    const buckets = bucketsOf(await text('kubelet_runtime_operations_duration_seconds'));
    expect(buckets).toHaveLength(15);
    for (const [power, bucket] of buckets.slice(0, -1).entries()) {
      expect(Number(bucket)).toBeCloseTo(0.005 * 2.5 ** power, 9);
    }
  });

  it('tell the age of the relist under way when they are asked', async () => {
    const { sources, text } = newMetrics();
    const value = async () => (await text('plegd_relist_in_flight_seconds')).split('\n').at(-1);
    expect(await value()).toBe('plegd_relist_in_flight_seconds 0');
    sources.relistInFlightMs = 12_500;
    expect(await value()).toBe('plegd_relist_in_flight_seconds 12.5');
  });

  it('tell the mode that serves events when they are asked', async () => {
    const { sources, text } = newMetrics();
    const values = async () => (await text('plegd_supervisor_mode')).split('\n').slice(2);
    expect(await values()).toEqual([
      'plegd_supervisor_mode{mode="evented"} 1',
      'plegd_supervisor_mode{mode="generic"} 0',
    ]);
    sources.mode = 'generic';
    expect(await values()).toEqual([
      'plegd_supervisor_mode{mode="evented"} 0',
      'plegd_supervisor_mode{mode="generic"} 1',
    ]);
  });

  it('have every state of containers from the start', async () => {
    const { text } = newMetrics();
    expect((await text('kubelet_running_containers')).split('\n').slice(2)).toEqual([
      'kubelet_running_containers{container_state="created"} 0',
      'kubelet_running_containers{container_state="running"} 0',
      'kubelet_running_containers{container_state="exited"} 0',
      'kubelet_running_containers{container_state="unknown"} 0',
    ]);
  });

  it('of one agent are not those of another in the same process', async () => {
    const first = newMetrics();
    const second = newMetrics();
    first.metrics.missedEvents.inc();
    expect((await second.text('plegd_missed_events_total')).split('\n').at(-1)).toBe(
      'plegd_missed_events_total 0',
    );
  });
});

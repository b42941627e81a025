import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { PlegMode } from '../../machines/index.ts';
import type { RunningCounts } from './container-registry.ts';

export interface MetricSources {
  /** Age of the relist under way, milliseconds; 0 when none is. */
  readonly relistInFlightMs: () => number;
  readonly mode: () => PlegMode;
  readonly runningCounts: () => RunningCounts;
  readonly stuckPodCount: () => number;
  /** Age of the oldest inspection that has not worked, under way or failed, milliseconds; 0 without. */
  readonly oldestInspectionMs: () => number;
}

/**
 * kubelet's PLEG metrics, names, types, buckets and help as in pkg/kubelet/metrics/metrics.go, and beside
 * them, as `plegd_…`, what kubelet lacks.
 */
export class PlegMetrics {
  readonly registry = new Registry();

  readonly relistDuration = this.#histogram(
    'kubelet_pleg_relist_duration_seconds',
    'Duration in seconds for relisting pods in PLEG.',
  );
  readonly relistInterval = this.#histogram(
    'kubelet_pleg_relist_interval_seconds',
    'Interval in seconds between relisting in PLEG.',
  );
  readonly podRelistDuration = this.#histogram(
    'kubelet_pleg_pod_relist_duration_seconds',
    'Duration in seconds for relisting a single pod in PLEG.',
  );
  readonly discardEvents = this.#counter(
    'kubelet_pleg_discard_events',
    'The number of discard events in PLEG.',
  );
  readonly lastSeen = this.#gauge(
    'kubelet_pleg_last_seen_seconds',
    'Timestamp in seconds when PLEG was last seen active.',
  );
  readonly connectionErrors = this.#counter(
    'kubelet_evented_pleg_connection_error_count',
    'The number of errors encountered during the establishment of streaming connection with the CRI runtime.',
  );
  readonly connectionSuccesses = this.#counter(
    'kubelet_evented_pleg_connection_success_count',
    'The number of times a streaming client was obtained to receive CRI Events.',
  );
  readonly connectionLatency = this.#histogram(
    'kubelet_evented_pleg_connection_latency_seconds',
    'The latency of streaming connection with the CRI runtime, measured in seconds.',
  );
  readonly runtimeOperations = this.#counter(
    'kubelet_runtime_operations_total',
    'Cumulative number of runtime operations by operation type.',
    'operation_type',
  );
  readonly runtimeErrors = this.#counter(
    'kubelet_runtime_operations_errors_total',
    'Cumulative number of runtime operation errors by operation type.',
    'operation_type',
  );
  readonly runtimeDuration = this.#histogram(
    'kubelet_runtime_operations_duration_seconds',
    'Duration in seconds of runtime operations. Broken down by operation type.',
    'operation_type',
    // kubelet: ExponentialBuckets(.005, 2.5, 14)
    Array.from({ length: 14 }, (_, power) => 0.005 * 2.5 ** power),
  );

  readonly missedEvents = this.#counter(
    'plegd_missed_events_total',
    'Changes that a relist found and no event announced, although one was due.',
  );
  readonly events = this.#counter(
    'plegd_events_total',
    'Lifecycle events published, by type and by what brought the change to light.',
    'type',
    'source',
  );
  readonly ignoredEvents = this.#counter(
    'plegd_ignored_events_total',
    'Runtime events that changed nothing, by reason.',
    'reason',
  );
  readonly skippedRecords = this.#counter(
    'plegd_skipped_records_total',
    'Records of the runtime that name no pod or have no metadata, by call.',
    'operation_type',
  );
  readonly streamReconnects = this.#counter(
    'plegd_stream_reconnects_total',
    'Times the event stream was opened again.',
  );
  readonly inspectionFailures = this.#counter(
    'plegd_inspection_failures_total',
    'Inspections of a pod that failed.',
  );
  readonly eventLatency = this.#histogram(
    'plegd_event_latency_seconds',
    'From the stamp of a runtime event to its lifecycle event in the log.',
  );

  constructor({ relistInFlightMs, mode, runningCounts, stuckPodCount, oldestInspectionMs }: MetricSources) {
    collectDefaultMetrics({ register: this.registry });
    this.#computed(
      'plegd_relist_in_flight_seconds',
      'Age of the relist under way; 0 when none is.',
      () => relistInFlightMs() / 1000,
    );
    this.#computed('plegd_stuck_pods', 'Pods whose status cannot be had.', stuckPodCount);
    this.#computed(
      'plegd_oldest_inspection_seconds',
      'Age of the oldest inspection of a pod that has not worked, under way or failed; 0 without.',
      () => oldestInspectionMs() / 1000,
    );
    new Gauge({
      name: 'plegd_supervisor_mode',
      help: '1 for the mode that serves events now.',
      labelNames: ['mode'],
      registers: [this.registry],
      collect() {
        for (const known of ['evented', 'generic'] as const) {
          this.set({ mode: known }, mode() === known ? 1 : 0);
        }
      },
    });
    // kubelet counts in evented mode too, and never resets a state that has vanished; here each is always there.
    this.#computed(
      'kubelet_running_pods',
      'Number of pods that have a running pod sandbox',
      () => runningCounts().pods,
    );
    new Gauge({
      name: 'kubelet_running_containers',
      help: 'Number of containers currently running',
      labelNames: ['container_state'],
      registers: [this.registry],
      collect() {
        for (const [state, count] of Object.entries(runningCounts().containers)) {
          this.set({ container_state: state }, count);
        }
      },
    });
  }

  /** A gauge that is read when somebody asks. */
  #computed(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.set(read());
      },
    });
  }

  #counter<T extends string>(name: string, help: string, ...labelNames: T[]): Counter<T> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  #gauge<T extends string>(name: string, help: string, ...labelNames: T[]): Gauge<T> {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }

  #histogram(
    name: string,
    help: string,
    label?: 'operation_type',
    buckets?: number[],
  ): Histogram<'operation_type'> {
    return new Histogram({
      name,
      help,
      labelNames: label ? [label] : [],
      registers: [this.registry],
      ...(buckets ? { buckets } : {}),
    });
  }
}

import type { CriCall } from '../cri/client.ts';
import type { PlegMetrics } from '../pleg/metrics.ts';

/** kubelet's `operation_type` of each CRI call (pkg/kubelet/kuberuntime/instrumented_services.go). */
const operationTypes: Record<string, string> = {
  Version: 'version',
  Status: 'status',
  ListPodSandbox: 'list_podsandbox',
  PodSandboxStatus: 'podsandbox_status',
  ListContainers: 'list_containers',
  ContainerStatus: 'container_status',
  GetContainerEvents: 'get_container_events',
};

export const operationType = (method: string): string => operationTypes[method] ?? method;

/** Counts a CRI call as kubelet's instrumented services do. */
export const countRuntimeOperation = (metrics: PlegMetrics, { method, durationMs, code }: CriCall): void => {
  const labels = { operation_type: operationType(method) };
  metrics.runtimeOperations.inc(labels);
  metrics.runtimeDuration.observe(labels, durationMs / 1000);
  if (code !== 'OK') metrics.runtimeErrors.inc(labels);
};

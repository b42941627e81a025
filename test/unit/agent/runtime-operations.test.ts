import { describe, expect, it } from 'vitest';
import { countRuntimeOperation, operationType } from '../../../src/agent/runtime-operations.ts';
import { statePath } from '../../../src/agent/state-path.ts';
import { ContainerRegistry } from '../../../src/pleg/container-registry.ts';
import { PlegMetrics } from '../../../src/pleg/metrics.ts';

describe("kubelet's operation_type", () => {
  it.each([
    ['Version', 'version'],
    ['Status', 'status'],
    ['ListPodSandbox', 'list_podsandbox'],
    ['PodSandboxStatus', 'podsandbox_status'],
    ['ListContainers', 'list_containers'],
    ['ContainerStatus', 'container_status'],
    ['GetContainerEvents', 'get_container_events'],
    ['SomethingNew', 'SomethingNew'],
  ])('of %s is %s', (method, expected) => {
    expect(operationType(method)).toBe(expected);
  });
});

describe('the count of runtime operations', () => {
  it('has every call with its duration, and those that failed once more', async () => {
    const metrics = new PlegMetrics({
      relistInFlightMs: () => 0,
      mode: () => 'generic',
      runningCounts: () => new ContainerRegistry().count(),
      stuckPodCount: () => 0,
      oldestInspectionMs: () => 0,
    });
    countRuntimeOperation(metrics, { method: 'ListContainers', durationMs: 12, code: 'OK' });
    countRuntimeOperation(metrics, { method: 'ListContainers', durationMs: 500, code: 'DEADLINE_EXCEEDED' });
    const text = await metrics.registry.metrics();
    for (const line of [
      'kubelet_runtime_operations_total{operation_type="list_containers"} 2',
      'kubelet_runtime_operations_errors_total{operation_type="list_containers"} 1',
      'kubelet_runtime_operations_duration_seconds_count{operation_type="list_containers"} 2',
      'kubelet_runtime_operations_duration_seconds_sum{operation_type="list_containers"} 0.512',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
  });
});

describe('the path of a state', () => {
  it.each([
    ['evented', 'evented'],
    [{ streaming: { evented: 'fresh' } }, 'streaming.evented.fresh'],
    [{ degrading: { stoppingGeneric: 'acting' } }, 'degrading.stoppingGeneric.acting'],
    [{ a: 'x', b: { c: 'y' } }, 'a.x,b.c.y'],
  ])('of %j is %s', (value, expected) => {
    expect(statePath(value)).toBe(expected);
  });
});

import { isNotFound } from '../cri/cri-error.ts';
import type { CallOptions, RuntimeService } from '../cri/runtime-service.ts';
import type { InspectionOutcome, InspectionRequest } from './observation.ts';

type StatusService = Pick<RuntimeService, 'podSandboxStatus' | 'containerStatus'>;

/**
 * kubelet's `GetPodStatus`: asks for the status of each sandbox and each container of one pod, one after
 * the other, so that a pod never has more than one call at the runtime. What is not found is gone, any
 * other failure ends the inspection. Never rejects.
 */
export const inspect = async (
  service: StatusService,
  { podSandboxIds, containerIds }: InspectionRequest,
  options: CallOptions,
): Promise<InspectionOutcome> => {
  try {
    const podSandboxes = await existing(podSandboxIds, (id) => service.podSandboxStatus(id, options));
    const containers = await existing(containerIds, (id) => service.containerStatus(id, options));
    return { ok: true, answers: { podSandboxes, containers } };
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error : new Error(String(error)) };
  }
};

const existing = async <T>(ids: readonly string[], ask: (id: string) => Promise<T>): Promise<T[]> => {
  const found: T[] = [];
  for (const id of ids) {
    try {
      found.push(await ask(id));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
  return found;
};

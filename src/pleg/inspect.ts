import { CriError, isNotFound } from '../cri/cri-error.ts';
import type { CallOptions, RuntimeService } from '../cri/runtime-service.ts';
import type { InspectionOutcome, InspectionRequest } from './observation.ts';

type StatusService = Pick<RuntimeService, 'podSandboxStatus' | 'containerStatus'>;

/** One status call of an inspection. */
export interface InspectionCall {
  readonly method: 'PodSandboxStatus' | 'ContainerStatus';
  /** Of the sandbox or container asked for. */
  readonly id: string;
}

/**
 * kubelet's `GetPodStatus`: asks for the status of each sandbox and each container of one pod, one after
 * the other, so that a pod never has more than one call at the runtime. What is not found is gone, any
 * other failure ends the inspection. Never rejects.
 *
 * @param onCall is told of each call as it begins
 */
export const inspect = async (
  service: StatusService,
  { podSandboxIds, containerIds }: InspectionRequest,
  options: CallOptions,
  onCall: (call: InspectionCall) => void = () => undefined,
): Promise<InspectionOutcome> => {
  let call: InspectionCall | undefined;
  const ask = async <T extends { readonly id: string }>(
    method: InspectionCall['method'],
    ids: readonly string[],
    read: (id: string) => Promise<T>,
  ): Promise<T[]> => {
    const found: T[] = [];
    for (const id of ids) {
      onCall((call = { method, id }));
      try {
        const status = await read(id);
        if (status.id !== id)
          throw new CriError(method, 'INTERNAL', `asked for ${id}, answered for "${status.id}"`);
        found.push(status);
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
    return found;
  };
  try {
    const podSandboxes = await ask('PodSandboxStatus', podSandboxIds, (id) =>
      service.podSandboxStatus(id, options),
    );
    const containers = await ask('ContainerStatus', containerIds, (id) =>
      service.containerStatus(id, options),
    );
    return { ok: true, answers: { podSandboxes, containers } };
  } catch (cause) {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    return { ok: false, error, ...(call ? { call } : {}) };
  }
};

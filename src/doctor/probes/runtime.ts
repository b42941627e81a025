import type { RuntimeService } from '../../cri/runtime-service.ts';
import type { Time } from '../../lib/time.ts';
import { tryCall } from '../cri-call.ts';
import type { RuntimeFact } from '../facts.ts';

/** Asks the runtime who it is and how it does. */
export const lookAtRuntime = async (
  service: Pick<RuntimeService, 'version' | 'status'>,
  time: Time,
  deadlineMs: number,
): Promise<RuntimeFact> => {
  const [version, status] = await Promise.all([
    tryCall(time, 'Version', deadlineMs, (options) => service.version(options)),
    tryCall(time, 'Status', deadlineMs, (options) => service.status(options)),
  ]);
  return {
    version: version.call,
    name: version.value?.runtimeName ?? '',
    release: version.value?.runtimeVersion ?? '',
    status: status.call,
    conditions: status.value?.conditions ?? [],
  };
};

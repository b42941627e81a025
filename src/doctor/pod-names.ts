import type { Container, PodIdentity, PodSandbox } from '../cri/runtime-service.ts';
import type { PodName } from './facts.ts';

/** Letters and digits that Kubernetes uses where it makes a name up (`rand.SafeEncodeString`). */
const madeUp = '[bcdfghjklmnpqrstvwxz2456789]';
const podSuffix = new RegExp(`-${madeUp}{5}$`);
/** A Deployment's hash of the template, or a CronJob's minutes since 1970. */
const controllerSuffix = new RegExp(`-(?:\\d{7,10}|${madeUp}{6,10})$`);

/** `backup-28374650-x7k2p` → `backup-*`: what the pods of one controller have in common. */
export const ownerPattern = (podName: string): string => {
  const withoutPod = podName.replace(podSuffix, '');
  return withoutPod === podName ? podName : `${withoutPod.replace(controllerSuffix, '')}-*`;
};

/** Whose id it is: pods by the ids of their sandboxes and containers. */
export class PodNames {
  readonly #pods = new Map<string, PodName>();

  constructor(sandboxes: readonly PodSandbox[] = [], containers: readonly Container[] = []) {
    for (const sandbox of sandboxes) this.#pods.set(sandbox.id, toPodName(sandbox, sandbox.id));
    for (const container of containers) {
      const own = toPodName(container, container.podSandboxId);
      // A container without kubelet's labels belongs to the pod of its sandbox.
      this.#pods.set(container.id, own.name === '' ? (this.#pods.get(container.podSandboxId) ?? own) : own);
    }
  }

  /** The pod of a sandbox or container; one without a name for an id that no list holds. */
  of(id: string): PodName {
    return this.#pods.get(id) ?? { namespace: '', name: '', uid: '', podSandboxId: id };
  }

  find(id: string): PodName | undefined {
    return this.#pods.get(id);
  }
}

const toPodName = ({ podNamespace, podName, podUid }: PodIdentity, podSandboxId: string): PodName => ({
  namespace: podNamespace,
  name: podName,
  uid: podUid,
  podSandboxId,
});

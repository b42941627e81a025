import type { PodName, ProcessFact, StatusFact } from './facts.ts';

/** `default/web-0`, or the sandbox's id where the runtime does not tell the pod. */
export const podText = ({ namespace, name, podSandboxId }: PodName): string =>
  name === '' ? `sandbox ${podSandboxId.slice(0, 13)}` : `${namespace}/${name}`;

/** Milliseconds for people: `4 ms`, `1.2 s`, `3 min`, `5 h`. */
export const spanText = (ms: number): string => {
  const abs = Math.abs(ms);
  if (Math.round(abs) < 1_000) return `${Math.round(ms)} ms`;
  if (abs < 120_000) return `${Math.round(ms / 100) / 10} s`;
  if (abs < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  return `${Math.round(ms / 3_600_000)} h`;
};

/** `3.4 MiB`. */
export const bytesText = (bytes: number): string => {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${units[power] ?? ''}`;
};

export const percentText = (share: number): string => `${Math.round(share * 100)} %`;

export const countText = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;

/** `default/web-0, container app (3f2…)`. */
export const subjectText = ({ pod, container }: StatusFact): string =>
  container === undefined
    ? podText(pod)
    : `${podText(pod)}, container ${container.name} (${container.id.slice(0, 13)})`;

/** `containerd-shim 4711 (default/web-0), state D in nfs_wait, for 3 min`. */
export const processText = ({ name, pid, pod, state, wchan, ageMs }: ProcessFact): string => {
  const whose = pod === undefined ? '' : ` of ${podText(pod)}`;
  const where = wchan === '' ? '' : ` in ${wchan}`;
  return `${name} ${pid}${whose}: state ${state}${where}, ${spanText(ageMs)} old`;
};

import type { ContainerStatus, PodSandboxStatus } from '../../../src/cri/runtime-service.ts';
import type { InspectionReason } from '../../../src/pleg/inspection-queue.ts';
import type {
  Beginning,
  InspectionOutcome,
  InspectionRequest,
  RelistResult,
} from '../../../src/pleg/observation.ts';
import type { ModelRuntime, Part } from './model-runtime.ts';

/** A relist under way. */
export interface RelistInFlight {
  readonly beginning: Beginning;
  /** Of the runtime, when it began: older than this the lists cannot be. */
  readonly version: number;
}

/** An inspection under way. */
export interface InspectionInFlight {
  readonly request: InspectionRequest;
  readonly version: number;
  /** Beginning of the last relist that had ended by then: what existed before it is asked for. */
  readonly knownMs: number;
  /** Why it was begun; production keeps this to itself. */
  readonly reasons: readonly InspectionReason[];
}

/** The versions from `since` until now at which the given parts changed; `since` itself first. */
const versionsOf = (parts: readonly Part[], since: number): number[] => {
  const versions = [since];
  for (const { history } of parts) {
    for (const { version } of history) if (version > since) versions.push(version);
  }
  return versions.toSorted((a, b) => a - b);
};

/** Every pair of moments at which the two lists of a relist can have been taken. */
export const relistMoments = (
  runtime: ModelRuntime,
  { version }: RelistInFlight,
): (readonly [number, number])[] => {
  const sandboxes = runtime.parts.filter(({ spec }) => spec.isSandbox);
  const containers = runtime.parts.filter(({ spec }) => !spec.isSandbox);
  return versionsOf(sandboxes, version).flatMap((sandboxesVersion) =>
    versionsOf(containers, version).map(
      (containersVersion) => [sandboxesVersion, containersVersion] as const,
    ),
  );
};

export const idsOf = ({ request }: InspectionInFlight): string[] => [
  ...request.podSandboxIds,
  ...request.containerIds,
];

/** Every sequence of moments at which the questions of an inspection can have been answered. */
export const inspectionMoments = (runtime: ModelRuntime, inspection: InspectionInFlight): number[][] => {
  let sequences: number[][] = [[]];
  for (const id of idsOf(inspection)) {
    const part = runtime.part(id);
    sequences = sequences.flatMap((sequence) =>
      versionsOf([part], sequence.at(-1) ?? inspection.version).map((version) => [...sequence, version]),
    );
  }
  return sequences;
};

export const relistResultOf = (
  runtime: ModelRuntime,
  { beginning }: RelistInFlight,
  sandboxesVersion: number,
  containersVersion: number,
): RelistResult => ({
  ...beginning,
  podSandboxes: runtime.listPodSandboxes(sandboxesVersion),
  containers: runtime.listContainers(containersVersion),
});

export const outcomeOf = (
  runtime: ModelRuntime,
  inspection: InspectionInFlight,
  versions: readonly number[],
): InspectionOutcome => {
  const podSandboxes: PodSandboxStatus[] = [];
  const containers: ContainerStatus[] = [];
  for (const [index, id] of idsOf(inspection).entries()) {
    const part = runtime.part(id);
    const status = part.spec.isSandbox
      ? runtime.podSandboxStatus(part, versions[index])
      : runtime.containerStatus(part, versions[index]);
    if (status && 'ips' in status) podSandboxes.push(status);
    else if (status) containers.push(status);
  }
  return { ok: true, answers: { podSandboxes, containers } };
};

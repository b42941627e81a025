import { join } from 'node:path';
import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  ContainerState,
  type ContainerConfig,
  type ContainerMetadata,
  type ContainerSchema,
  type ContainerStatusSchema,
  type ImageSpec,
} from '../cri/gen/runtime/v1/api_pb.ts';
import type { ContainerProcess } from './container-process.ts';
import type { Sandbox } from './sandbox.ts';

/** Where a container is in its life. It only goes down this list. */
export type ContainerPhase =
  | { readonly state: typeof ContainerState.CONTAINER_CREATED }
  | {
      readonly state: typeof ContainerState.CONTAINER_RUNNING;
      readonly startedAtNs: bigint;
      readonly process: ContainerProcess;
    }
  | {
      readonly state: typeof ContainerState.CONTAINER_EXITED;
      /** 0n for a container that could not be started. */
      readonly startedAtNs: bigint;
      readonly finishedAtNs: bigint;
      readonly exitCode: number;
      /** containerd's words: Completed, Error, StartError, Unknown. */
      readonly reason: string;
      readonly message: string;
    };

export interface Container {
  readonly id: string;
  /** Unique among living containers: container name, its pod's identity, and attempt. */
  readonly name: string;
  readonly metadata: ContainerMetadata;
  readonly config: ContainerConfig;
  readonly sandbox: Sandbox;
  readonly image: ImageSpec;
  /** Digest of the image. */
  readonly imageRef: string;
  readonly createdAtNs: bigint;
  phase: ContainerPhase;
  /** Set while StartContainer is at work. */
  starting?: Promise<void>;
  /** Resolves once a started container is seen to have ended and has been announced. */
  ended?: Promise<void>;
  /** Set from the first RemoveContainer on; later ones wait for the same removal. */
  removing?: Promise<void>;
}

export const containerName = (container: ContainerMetadata, { metadata: pod }: Sandbox): string =>
  [container.name, pod.name, pod.namespace, pod.uid, container.attempt].join('_');

/** Where the log goes; undefined when the kubelet (or whoever calls) asked for none. */
export const logPathOf = ({ config, sandbox }: Pick<Container, 'config' | 'sandbox'>): string | undefined =>
  config.logPath === '' || sandbox.config.logDirectory === ''
    ? undefined
    : join(sandbox.config.logDirectory, config.logPath);

/** The fields that ListContainers and ContainerStatus share. */
const commonFields = ({ id, metadata, config, image, imageRef, phase, createdAtNs }: Container) => ({
  id,
  metadata,
  state: phase.state,
  createdAt: createdAtNs,
  image,
  imageRef,
  imageId: imageRef,
  labels: config.labels,
  annotations: config.annotations,
});

/** The record of ListContainers. */
export const containerItem = (container: Container): MessageInitShape<typeof ContainerSchema> => ({
  ...commonFields(container),
  podSandboxId: container.sandbox.id,
});

export const containerStatus = (container: Container): MessageInitShape<typeof ContainerStatusSchema> => {
  const { phase } = container;
  return {
    ...commonFields(container),
    mounts: container.config.mounts,
    logPath: logPathOf(container) ?? '',
    ...(phase.state === ContainerState.CONTAINER_RUNNING && { startedAt: phase.startedAtNs }),
    ...(phase.state === ContainerState.CONTAINER_EXITED && {
      startedAt: phase.startedAtNs,
      finishedAt: phase.finishedAtNs,
      exitCode: phase.exitCode,
      reason: phase.reason,
      message: phase.message,
    }),
  };
};

import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  NamespaceMode,
  PodSandboxState,
  type PodSandboxConfig,
  type PodSandboxMetadata,
  type PodSandboxSchema,
  type PodSandboxStatusSchema,
} from '../cri/gen/runtime/v1/api_pb.ts';

/** One pod sandbox. It has no process: it only groups containers and gives them an address. */
export interface Sandbox {
  readonly id: string;
  /** Unique among living sandboxes: pod name, namespace, uid and attempt. */
  readonly name: string;
  readonly metadata: PodSandboxMetadata;
  readonly config: PodSandboxConfig;
  readonly createdAtNs: bigint;
  /** Empty on the host network. */
  readonly ip: string;
  isReady: boolean;
  /** Set from the first StopPodSandbox on; later ones wait for the same stop. */
  stopping?: Promise<void>;
  /** Set from the first RemovePodSandbox on. */
  removing?: Promise<void>;
}

export const sandboxName = ({ name, namespace, uid, attempt }: PodSandboxMetadata): string =>
  [name, namespace, uid, attempt].join('_');

export const isOnHostNetwork = (config: PodSandboxConfig): boolean =>
  config.linux?.securityContext?.namespaceOptions?.network === NamespaceMode.NODE;

export const sandboxState = ({ isReady }: Sandbox): PodSandboxState =>
  isReady ? PodSandboxState.SANDBOX_READY : PodSandboxState.SANDBOX_NOTREADY;

/** Whether containers may still be started in it. */
export const isOpen = (sandbox: Sandbox): boolean => sandbox.isReady && sandbox.stopping === undefined;

/** The fields that ListPodSandbox and PodSandboxStatus share. */
const commonFields = (sandbox: Sandbox) => ({
  id: sandbox.id,
  metadata: sandbox.metadata,
  state: sandboxState(sandbox),
  createdAt: sandbox.createdAtNs,
  labels: sandbox.config.labels,
  annotations: sandbox.config.annotations,
});

/** The record of ListPodSandbox. */
export const sandboxItem = (sandbox: Sandbox): MessageInitShape<typeof PodSandboxSchema> =>
  commonFields(sandbox);

/** A stopped sandbox has lost its address, as on containerd, whose network namespace is closed by then. */
export const sandboxStatus = (sandbox: Sandbox): MessageInitShape<typeof PodSandboxStatusSchema> => {
  const options = sandbox.config.linux?.securityContext?.namespaceOptions;
  return {
    ...commonFields(sandbox),
    network: { ip: sandbox.isReady ? sandbox.ip : '' },
    linux: { namespaces: options === undefined ? {} : { options } },
  };
};

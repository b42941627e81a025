/**
 * The labels and annotations that kubelet puts on what it makes, and that tell which pod a container is of
 * (kubelet `pkg/kubelet/types/labels.go`, `kuberuntime/labels.go`).
 */
export const kubeletLabels = {
  podUid: 'io.kubernetes.pod.uid',
  podName: 'io.kubernetes.pod.name',
  podNamespace: 'io.kubernetes.pod.namespace',
  containerName: 'io.kubernetes.container.name',
} as const;

export const kubeletAnnotations = {
  /** A uint64 in hexadecimal, without a prefix. */
  hash: 'io.kubernetes.container.hash',
  restartCount: 'io.kubernetes.container.restartCount',
} as const;

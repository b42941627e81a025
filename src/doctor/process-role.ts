import type { ProcessRole } from './facts.ts';

/** Names as the kernel keeps them, cut to 15 bytes. */
const runtimes = new Set(['containerd', 'crio', 'dockerd', 'cri-dockerd']);
const oci = new Set(['runc', 'crun', 'youki', 'kata-runtime', 'runsc']);
/** Of the reference plugins and the networks that most clusters use. */
const cni = new Set([
  'bridge',
  'host-local',
  'dhcp',
  'loopback',
  'portmap',
  'bandwidth',
  'firewall',
  'macvlan',
  'ipvlan',
  'ptp',
  'flannel',
  'calico',
  'calico-ipam',
  'cilium-cni',
  'multus',
  'multus-shim',
  'aws-cni',
  'egress-v4-cni',
  'azure-vnet',
  'azure-vnet-ipam',
  'weave-net',
  'weave-ipam',
  'antrea',
  'kube-ovn',
  'ovn-k8s-cni-ove',
  'istio-cni',
  'linkerd-cni',
]);

export const roleOf = (name: string): ProcessRole => {
  if (runtimes.has(name)) return 'runtime';
  if (name.startsWith('containerd-shim') || name === 'conmon') return 'shim';
  // runc renames its helper `runc:[2:INIT]`.
  if (oci.has(name) || name.startsWith('runc:')) return 'oci';
  if (cni.has(name)) return 'cni';
  return name === 'kubelet' ? 'kubelet' : 'other';
};

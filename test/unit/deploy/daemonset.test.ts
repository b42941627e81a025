import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { resolveConfig } from '../../../src/agent/config.ts';

const document = parseDocument(
  readFileSync(new URL('../../../docs/deploy/daemonset.yaml', import.meta.url), 'utf8'),
  { strict: true, uniqueKeys: true },
);

interface Container {
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly securityContext: unknown;
  readonly resources: { readonly limits: object };
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  readonly livenessProbe: { readonly httpGet: { host: string; port: number; path: string } };
}

interface Manifest {
  readonly spec: {
    readonly selector: { readonly matchLabels: unknown };
    readonly template: {
      readonly metadata: { readonly labels: unknown };
      readonly spec: {
        readonly automountServiceAccountToken: unknown;
        readonly hostNetwork: unknown;
        readonly securityContext: { readonly seccompProfile: unknown };
        readonly volumes: unknown;
        readonly containers: readonly [Container];
      };
    };
  };
}

const manifest = document.toJS() as Manifest;
const pod = manifest.spec.template.spec;
const [container] = pod.containers;

it('is one YAML document without a fault', () => {
  expect([...document.errors, ...document.warnings]).toEqual([]);
  expect(manifest).toMatchObject({ apiVersion: 'apps/v1', kind: 'DaemonSet' });
});

it('selects its own pods, and no others', () => {
  expect(manifest.spec.template.metadata.labels).toEqual(manifest.spec.selector.matchLabels);
});

it('has no access to the API', () => {
  expect(pod.automountServiceAccountToken).toBe(false);
  expect(pod).not.toHaveProperty('serviceAccountName');
});

it('has the one socket mounted, and nothing else', () => {
  const path = '/run/containerd/containerd.sock';
  expect(pod.volumes).toEqual([{ name: 'runtime-socket', hostPath: { path, type: 'Socket' } }]);
  expect(container.volumeMounts).toEqual([{ name: 'runtime-socket', mountPath: path }]);
});

it('may do next to nothing', () => {
  expect(pod.containers).toHaveLength(1);
  expect(container.securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  });
  expect(pod.securityContext.seccompProfile).toEqual({ type: 'RuntimeDefault' });
  expect(container.resources.limits).toHaveProperty('memory');
  for (const door of ['hostPID', 'hostIPC']) expect(pod).not.toHaveProperty(door);
});

it('gives the agent options that it takes, and probes where it listens', () => {
  const env = Object.fromEntries(container.env.map(({ name, value }) => [name, value]));
  const { runtimeEndpoint, socket, listen } = resolveConfig({ env });
  expect({ runtimeEndpoint, socket }).toEqual({
    runtimeEndpoint: `unix://${container.volumeMounts[0]?.mountPath}`,
    socket: 'none',
  });
  const { host, port, path } = container.livenessProbe.httpGet;
  expect({ host, port, path }).toEqual({ ...listen, path: '/healthz' });
  expect(pod.hostNetwork).toBe(true);
});

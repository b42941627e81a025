import { describe, expect, it } from 'vitest';
import type { Container, PodSandbox } from '../../../src/cri/runtime-service.ts';
import { compareLists } from '../../../src/doctor/probes/compare-lists.ts';
import { lookAtLists } from '../../../src/doctor/probes/lists.ts';
import { SimulatedTime } from '../../helpers/simulated-time.ts';

const sandbox = (id: string, podName: string, fields: Partial<PodSandbox> = {}): PodSandbox => ({
  id,
  podUid: `uid-${podName}`,
  podName,
  podNamespace: 'batch',
  state: 'ready',
  createdAtNs: 1n,
  ...fields,
});

const container = (id: string, podName: string, fields: Partial<Container> = {}): Container => ({
  id,
  podSandboxId: `sandbox-${podName}`,
  name: 'main',
  podUid: `uid-${podName}`,
  podName,
  podNamespace: 'batch',
  state: 'running',
  createdAtNs: 1n,
  ...fields,
});

describe('lookAtLists', () => {
  it('counts what is dead by owner, most first, and tells stamps from the future', async () => {
    const time = new SimulatedTime();
    const inAnHour = time.startWallNs + 3_600_000_000_000n;
    const { fact, names } = await lookAtLists(
      {
        listPodSandboxes: () =>
          Promise.resolve([
            sandbox('s1', 'backup-28374650-x7k2p', { state: 'notready' }),
            sandbox('s2', 'backup-28374651-b4c9d', { state: 'notready' }),
            sandbox('s3', 'web-0', { createdAtNs: inAnHour }),
          ]),
        listContainers: () =>
          Promise.resolve([
            container('c1', 'backup-28374650-x7k2p', { state: 'exited' }),
            container('c2', 'web-0', { state: 'exited' }),
            container('c3', '', { podSandboxId: 's3', podUid: '', podNamespace: '' }),
          ]),
      },
      (method) => (method === 'ListContainers' ? 1_500 : undefined),
      time,
      10_000,
    );
    expect(fact).toMatchObject({
      sandboxes: { total: 3, dead: 2, bytes: undefined },
      containers: { total: 3, dead: 2, bytes: 1_500 },
      deadOwners: [
        { namespace: 'batch', pods: 'backup-*', containers: 1, sandboxes: 2 },
        { namespace: 'batch', pods: 'web-0', containers: 1, sandboxes: 0 },
      ],
      fromTheFuture: [{ id: 's3', aheadMs: 3_600_000 }],
    });
    // Without kubelet's labels a container is of its sandbox's pod.
    expect(names.find('c3')?.name).toBe('web-0');
  });
});

describe('compareLists', () => {
  it('tells what became of containers', () => {
    const changes = compareLists(
      [
        container('same', 'a'),
        container('dies', 'a'),
        container('starts', 'a', { state: 'created' }),
        container('vanishes', 'a'),
        container('fails to start', 'a', { state: 'created' }),
      ],
      [
        container('same', 'a'),
        container('dies', 'a', { state: 'exited' }),
        container('starts', 'a'),
        container('appears', 'a'),
        container('fails to start', 'a', { state: 'exited' }),
      ],
    );
    expect(Object.fromEntries(changes.map(({ container: { id }, change }) => [id, change]))).toEqual({
      dies: 'died',
      starts: 'started',
      appears: 'appeared',
      vanishes: 'vanished',
    });
  });
});

import { expect, it } from 'vitest';
import { renderPods } from '../../../src/cli/pods-text.ts';
import type { ContainerView, PodView } from '../../../src/server/agent-view.ts';
import { webPod } from '../../helpers/fake-agent-view.ts';

const nowMs = Date.parse('2026-11-20T22:05:00.000Z');
const app = webPod.containers[0] as ContainerView;
const pods: PodView[] = [
  {
    ...webPod,
    containers: [
      app,
      {
        ...app,
        id: 'container-2-with-a-long-id',
        name: 'sidecar',
        state: 'exited',
        exitCode: 137,
        reason: 'OOMKilled',
      },
    ],
  },
  {
    uid: 'u2',
    namespace: 'kube-system',
    name: 'dns',
    ips: [],
    error: 'PodSandboxStatus: DEADLINE_EXCEEDED:\n after 10s',
    sandboxes: [{ id: 'sandbox-2', state: 'notready', createdAt: '2026-11-20T19:00:00.000Z' }],
    containers: [],
  },
];

it('a table has a row for each container, one for a pod without any, and the doubts', () => {
  expect(renderPods(pods, 'table', nowMs)).toBe(
    `
NAMESPACE     POD     CONTAINER   STATE                  RESTARTS   AGE
default       web-0   app         running                0          4m59s
default       web-0   sidecar     exited 137 OOMKilled   0          4m59s
kube-system   dns     -           -                      -          3h5m
! kube-system/dns may be out of date: PodSandboxStatus: DEADLINE_EXCEEDED: after 10s
`.trim(),
  );
});

it('a wide table also has addresses, ids and images', () => {
  const [header, first, , last] = renderPods(pods, 'wide', nowMs).split('\n');
  const cells = (line = '') => line.split(/ {3,}/);
  expect(cells(header).slice(6)).toEqual([
    'POD IP',
    'CONTAINER ID',
    'IMAGE',
    'SANDBOX ID',
    'SANDBOX',
    'POD UID',
  ]);
  expect(cells(first).slice(6)).toEqual([
    '10.0.0.7',
    'container-1',
    'registry.example/web:1',
    'sandbox-1',
    'ready',
    webPod.uid,
  ]);
  expect(cells(last).slice(6)).toEqual(['-', '-', '-', 'sandbox-2', 'notready', 'u2']);
});

it('JSON is all that the agent said', () => {
  expect(JSON.parse(renderPods(pods, 'json', nowMs))).toEqual(pods);
});

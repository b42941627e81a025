import { expect, it } from 'vitest';
import { renderStatus } from '../../../src/cli/status-text.ts';
import { healthyStatus } from '../../helpers/fake-agent-view.ts';

const nowMs = Date.parse('2026-11-20T22:51:00.000Z');

it('a healthy agent in mode evented', () => {
  expect(renderStatus(healthyStatus, nowMs)).toBe(
    `
health      ok
mode        evented
supervisor  evented for 51m
relist      last 60s ago, took 4.3ms, every 5m0s, threshold 10m0s
stream      open for 51m, 120 events, last 30s ago, 0 reconnects
runtime     up, containerd v1.7.24, CRI v1, unix:///run/containerd/containerd.sock
pods        2, 3 containers running, 1 exited, 0 changes missed by events
log         events 1 to 17
agent       up 51m
`.trim(),
  );
});

it('an agent that never relisted', () => {
  const message = 'PLEG is not healthy: pleg has yet to be successful';
  const checks = [
    { name: 'ping', ok: true, message: '' },
    { name: 'PLEG', ok: false, message },
    { name: 'container-runtime', ok: false, message: 'container runtime is down' },
  ];
  const text = renderStatus(
    {
      ...healthyStatus,
      health: { ok: false, message, checks, degradations: [] },
      mode: 'generic',
      supervisor: {
        state: 'generic.probing',
        since: '2026-11-20T22:50:00.000Z',
        lastDegradation: { at: '2026-11-20T22:50:00.000Z', reason: 'GetContainerEvents: UNIMPLEMENTED' },
        streamFailuresInARow: 5,
      },
      relist: { periodMs: 1000, thresholdMs: 180_000, inFlightMs: 12_345.6, lastError: 'no socket' },
      stream: {
        state: 'off',
        since: '2026-11-20T22:50:00.000Z',
        reconnects: 4,
        events: 0,
        lastError: 'gone',
      },
      runtime: { endpoint: 'unix:///run/x.sock', state: 'down', lastError: 'connection refused' },
      counts: {
        pods: 0,
        containers: { running: 0, exited: 0, unknown: 2 },
        missedEvents: 3,
        ignoredEvents: { late: 1, doubled: 2 },
      },
    },
    nowMs,
  );
  expect(text).toBe(
    `
health      PLEG is not healthy: pleg has yet to be successful, container runtime is down
mode        generic, configured is evented
supervisor  generic.probing for 60s, last degraded 60s ago: GetContainerEvents: UNIMPLEMENTED
relist      none yet, every 1s, threshold 3m0s, one under way for 12.346s, failed: no socket
stream      off for 60s, 0 events, 4 reconnects, failed: gone
runtime     down, unix:///run/x.sock, failed: connection refused
pods        0, 0 containers running, 0 exited, 2 unknown, 3 changes missed by events, 3 events told nothing new
log         events 1 to 17
agent       up 51m
`.trim(),
  );
});

it('an agent with a stuck pod', () => {
  const message = 'the status of 1 pod cannot be had, the longest that of default/web-0 (ContainerStatus)';
  const text = renderStatus(
    {
      ...healthyStatus,
      health: { ...healthyStatus.health, degradations: [{ name: 'stuck-pods', message }] },
      stuck: [
        {
          podUid: 'u',
          podNamespace: 'default',
          podName: 'web-0',
          since: '2026-11-20T22:49:00.000Z',
          ageMs: 120_000,
          call: { method: 'ContainerStatus', id: 'c1' },
          containerName: 'app',
          failures: 3,
          error: 'ContainerStatus: DEADLINE_EXCEEDED: Deadline exceeded',
        },
      ],
    },
    nowMs,
  );
  expect(text.split('\n').slice(0, 2)).toEqual([
    `health      ok, degraded: ${message}`,
    'stuck       default/web-0 for 2m, in ContainerStatus of app, ContainerStatus: DEADLINE_EXCEEDED: Deadline exceeded',
  ]);
});

import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemTime } from '../../../src/lib/time.ts';
import { lookAtAgent } from '../../../src/doctor/probes/agent.ts';
import { lookAtKubeletHealth, lookAtKubeletPleg } from '../../../src/doctor/probes/kubelet.ts';
import { startFakeAgent } from '../../helpers/fake-agent.ts';
import { healthyStatus } from '../../helpers/fake-agent-view.ts';
import { SimulatedTime } from '../../helpers/simulated-time.ts';

/** tcpmux: nobody has listened there for decades. */
const deadUrl = 'http://127.0.0.1:1/healthz';

const serve = async (listener: RequestListener): Promise<string> => {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
};

const signal = new AbortController().signal;

describe('the kubelet’s health', () => {
  it('is what it says', async () => {
    const url = await serve((_request, response) => response.writeHead(500).end('syncloop failed\n'));
    expect(await lookAtKubeletHealth(url, systemTime, 5_000)).toEqual({
      url,
      status: 500,
      body: 'syncloop failed',
    });
  });

  it('is nobody’s where there is no kubelet', async () => {
    await expect(lookAtKubeletHealth(deadUrl, systemTime, 5_000)).rejects.toThrow(
      `nobody listens at ${deadUrl}`,
    );
  });

  it('is 0 for one that accepts and says nothing', async () => {
    const time = new SimulatedTime();
    let onAsked: () => void;
    const asked = new Promise<void>((resolve) => {
      onAsked = resolve;
    });
    const url = await serve(() => onAsked());
    const fact = lookAtKubeletHealth(url, time, 5_000);
    await asked;
    await time.advance(5_000);
    expect(await fact).toEqual({ url, status: 0, body: 'no answer within 5 s' });
  });
});

describe('the kubelet’s PLEG', () => {
  const metrics = (relists: number, seconds: number, lastSeen: number, execs: number) =>
    `# TYPE kubelet_pleg_relist_duration_seconds histogram
kubelet_pleg_relist_duration_seconds_bucket{le="0.005"} 1
kubelet_pleg_relist_duration_seconds_sum ${seconds}
kubelet_pleg_relist_duration_seconds_count ${relists}
kubelet_pleg_discard_events 2
kubelet_pleg_last_seen_seconds ${lastSeen}
kubelet_runtime_operations_total{operation_type="exec_sync"} ${execs}
kubelet_runtime_operations_total{operation_type="list_containers"} 900
`;

  it('is measured over the window, from the first address that tells', async () => {
    const time = new SimulatedTime();
    const lastSeen = Number(time.startWallNs / 1_000_000_000n) + 19;
    let asked = 0;
    const refusing = await serve((_request, response) => response.writeHead(401).end());
    const url = await serve((_request, response) => {
      asked += 1;
      response.end(asked === 1 ? metrics(100, 5, lastSeen - 20, 7) : metrics(110, 7, lastSeen, 27));
    });
    const fact = lookAtKubeletPleg([refusing, url], time, 20_000, signal);
    while (time.timerCount === 0) await new Promise((resolve) => setImmediate(resolve));
    await time.advance(20_000);
    expect(await fact).toEqual({
      url,
      betweenMs: 20_000,
      relists: 10,
      meanRelistMs: 200,
      discardedEvents: 2,
      lastSeenAgeMs: expect.closeTo(1_359, -1),
      isEvented: false,
      execs: 20,
    });
  });

  it('says of each address why it tells nothing', async () => {
    const refusing = await serve((_request, response) => response.writeHead(403).end());
    const fact = lookAtKubeletPleg([deadUrl, refusing], systemTime, 20_000, signal);
    await expect(fact).rejects.toThrow(
      `nobody listens at ${deadUrl}; ${refusing} wants credentials; use kubectl get --raw`,
    );
  });
});

describe('the agent', () => {
  it('tells how it does', async () => {
    const agent = await startFakeAgent();
    onTestFinished(() => agent.close());
    const message = 'PLEG is not healthy: pleg has yet to be successful';
    agent.view.currentStatus = {
      ...healthyStatus,
      health: { ...healthyStatus.health, ok: false, message, checks: [{ name: 'pleg', ok: false, message }] },
    };
    const url = `http://${agent.server}/v1/status`;
    expect(await lookAtAgent(url, signal)).toMatchObject({
      url,
      ok: false,
      message,
      degradations: [`pleg: ${message}`],
      mode: 'evented',
      streamState: 'open',
      missedEvents: 0,
    });
  });

  it.each([
    [
      [
        {
          podNamespace: 'default',
          podName: 'web-0',
          since: 'T',
          call: { method: 'PodSandboxStatus', id: 'x' },
        },
      ],
    ],
    [[{ podNamespace: 'default', podName: 'web-0', since: 'T', call: 'PodSandboxStatus' }]],
  ])('names the pods that are stuck: %j', async (stuck) => {
    const url = await serve((_request, response) =>
      response.end(JSON.stringify({ ...healthyStatus, stuck })),
    );
    expect((await lookAtAgent(url, signal)).stuck).toEqual(['default/web-0, PodSandboxStatus since T']);
  });

  it('may be of a version that tells of stuck pods otherwise, or not at all', async () => {
    for (const stuck of [undefined, 3, [{ pod: 'web-0' }]]) {
      const url = await serve((_request, response) =>
        response.end(JSON.stringify({ ...healthyStatus, stuck })),
      );
      expect(await lookAtAgent(url, signal)).toMatchObject({ ok: true, stuck: [] });
    }
  });

  it.each(['<html>', '[]', '{"health": "fine"}'])('is not what answers %s', async (body) => {
    const url = await serve((_request, response) => response.end(body));
    await expect(lookAtAgent(url, signal)).rejects.toThrow(`what answers at ${url} is no plegd agent`);
  });

  it('is not there where nobody listens', async () => {
    await expect(lookAtAgent(deadUrl, signal)).rejects.toThrow(`nobody listens at ${deadUrl}`);
  });
});

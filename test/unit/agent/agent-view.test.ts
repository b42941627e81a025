import { describe, expect, it } from 'vitest';
import { createAgentView } from '../../../src/agent/agent-view.ts';
import type { NodePlegOptions } from '../../../src/agent/node-pleg.ts';
import { CriError } from '../../../src/cri/cri-error.ts';
import { newTestPleg } from '../../helpers/node-pleg.ts';

const newView = (options: Partial<NodePlegOptions> = {}) => {
  const test = newTestPleg({ mode: 'evented', ...options });
  const view = createAgentView({
    time: test.time,
    pleg: test.pleg,
    configuredMode: 'evented',
    runtimeEndpoint: 'unix:///run/containerd/containerd.sock',
  });
  return { ...test, view };
};

/** As a reader of the answer has it. */
const throughJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

describe('the status of an agent', () => {
  it('is complete before anything has happened', () => {
    const { view } = newView();
    expect(throughJson(view.status())).toEqual({
      health: {
        ok: false,
        message: 'PLEG is not healthy: pleg has yet to be successful',
        checks: [
          { name: 'PLEG', ok: false, message: 'PLEG is not healthy: pleg has yet to be successful' },
          {
            name: 'container-runtime',
            ok: false,
            message: 'container runtime status check may not have completed yet',
          },
        ],
        degradations: [],
      },
      mode: 'evented',
      configuredMode: 'evented',
      startedAt: '2026-11-20T22:50:59.359Z',
      supervisor: {
        state: expect.any(String),
        since: '2026-11-20T22:50:59.359Z',
        streamFailuresInARow: 0,
      },
      relist: { periodMs: 1_000, thresholdMs: 180_000 },
      stream: { state: 'off', since: '2026-11-20T22:50:59.359Z', reconnects: 0, events: 0 },
      runtime: { endpoint: 'unix:///run/containerd/containerd.sock', state: 'unknown' },
      stuck: [],
      counts: {
        pods: 0,
        containers: { running: 0, exited: 0, unknown: 0 },
        missedEvents: 0,
        ignoredEvents: {},
      },
      log: { firstSeq: 1, lastSeq: 0 },
    });
  });

  it('is JSON through and through while the agent runs', async () => {
    const { view, pleg, runtime, time } = newView();
    runtime.addSandbox('p');
    runtime.addContainer('p', 'c1');
    runtime.addContainer('p', 'c2', 'exited');
    runtime.addContainer('p', 'c3', 'created');
    pleg.start();
    await time.advance(1_500);
    runtime.emit('started', 'c1');
    await time.advance(500);
    expect(throughJson(view.status())).toEqual({
      health: {
        ok: true,
        message: '',
        checks: [
          { name: 'PLEG', ok: true, message: '' },
          { name: 'container-runtime', ok: true, message: '' },
        ],
        degradations: [],
      },
      mode: 'evented',
      configuredMode: 'evented',
      startedAt: '2026-11-20T22:50:59.359Z',
      supervisor: {
        state: 'streaming.evented.fresh',
        since: '2026-11-20T22:50:59.359Z',
        streamFailuresInARow: 0,
      },
      relist: {
        periodMs: 300_000,
        thresholdMs: 600_000,
        lastSuccessAt: '2026-11-20T22:51:00.359Z',
        lastSuccessAgeMs: 1_000,
        lastDurationMs: 0,
      },
      stream: {
        state: 'open',
        since: '2026-11-20T22:50:59.359Z',
        reconnects: 0,
        events: 1,
        lastEventAt: '2026-11-20T22:51:00.859Z',
      },
      runtime: {
        endpoint: 'unix:///run/containerd/containerd.sock',
        state: 'up',
        name: 'fake',
        version: '1',
        apiVersion: 'v1',
      },
      stuck: [],
      counts: {
        pods: 1,
        containers: { running: 1, exited: 1, unknown: 1 },
        missedEvents: 0,
        ignoredEvents: { stale: 1 },
      },
      log: { firstSeq: 1, lastSeq: 3 },
    });
    await pleg.stop();
  });

  it('shows how long a relist that is stuck has been under way', async () => {
    const { view, pleg, runtime, time } = newView();
    runtime.behaviours.set('listContainers', new Promise(() => undefined));
    pleg.start();
    await time.advance(125_000);
    expect(view.status().relist).toMatchObject({ inFlightMs: 125_000 });
    expect(view.status().relist).not.toHaveProperty('lastSuccessAt');
    expect((await view.metrics()).text).toContain('\nplegd_relist_in_flight_seconds 125\n');
    await pleg.stop();
    expect(view.status().relist).not.toHaveProperty('inFlightMs');
  });

  it('says why the last relist failed, until one works', async () => {
    const { view, pleg, runtime, time } = newView();
    runtime.behaviours.set(
      'listContainers',
      new CriError('ListContainers', 'UNAVAILABLE', 'Connection dropped'),
    );
    pleg.start();
    await time.advance(10);
    expect(view.status().relist.lastError).toMatch(/\S/);
    expect(view.status().relist.lastError).not.toContain('\n');
    runtime.behaviours.clear();
    await time.advance(1_000);
    expect(view.status().relist).not.toHaveProperty('lastError');
    await pleg.stop();
  });

  it('tells a degradation, its reason and when it was', async () => {
    const { view, pleg, runtime, time } = newView();
    runtime.behaviours.set(
      'containerEvents',
      new CriError('GetContainerEvents', 'UNIMPLEMENTED', 'unknown method'),
    );
    pleg.start();
    await time.advance(0);
    const { mode, configuredMode, supervisor, stream, relist } = throughJson(view.status());
    expect([mode, configuredMode, supervisor.state]).toEqual(['generic', 'evented', 'generic.waiting']);
    expect(supervisor.lastDegradation).toEqual({
      at: '2026-11-20T22:50:59.359Z',
      reason: 'the runtime does not implement GetContainerEvents',
    });
    expect(stream).toMatchObject({
      state: 'down',
      lastError: 'the runtime does not implement GetContainerEvents',
    });
    expect(relist).toMatchObject({ periodMs: 1_000, thresholdMs: 180_000 });
    await pleg.stop();
  });
});

describe('the health of an agent', () => {
  it("speaks kubelet's words once the last relist is older than the threshold", async () => {
    const { view, pleg, runtime, time } = newView({ mode: 'generic' });
    pleg.start();
    await time.advance(0);
    expect(view.health()).toMatchObject({ ok: true, message: '' });
    runtime.behaviours.set('listContainers', new Promise(() => undefined));
    await time.advance(187_629.592089);
    expect(view.health()).toMatchObject({
      ok: false,
      message: 'PLEG is not healthy: pleg was last seen active 3m7.629592089s ago; threshold is 3m0s',
      checks: [{ ok: false }, { ok: true }],
    });
    await pleg.stop();
  });

  it('names the runtime when only that is silent', async () => {
    const { view, pleg, runtime, time } = newView();
    pleg.start();
    await time.advance(0);
    runtime.behaviours.set('status', new CriError('Status', 'UNAVAILABLE', 'Connection dropped'));
    await time.advance(29_999);
    expect(view.health().ok).toBe(true);
    await time.advance(1);
    expect(view.health()).toEqual({
      ok: false,
      message: 'container runtime is down',
      checks: [
        { name: 'PLEG', ok: true, message: '' },
        { name: 'container-runtime', ok: false, message: 'container runtime is down' },
      ],
      degradations: [
        {
          name: 'container-runtime',
          message: 'the runtime cannot be reached: Connection dropped',
        },
      ],
    });
    await pleg.stop();
  });
});

describe('a stuck pod', () => {
  it('leaves the agent healthy and is named, with call and age, wherever somebody looks', async () => {
    const { view, pleg, runtime, time } = newView({ mode: 'generic' });
    runtime.addSandbox('p');
    runtime.addContainer('p', 'c1');
    runtime.behaviours.set('containerStatus c1', new Promise(() => undefined));
    pleg.start();
    await time.advance(12_000);
    const { health, stuck } = throughJson(view.status());
    const { ok, degradations } = health;
    expect({ ok, message: degradations.find(({ name }) => name === 'stuck-pods')?.message }).toEqual({
      ok: true,
      message: 'the status of 1 pod cannot be had, the longest that of default/name-p (ContainerStatus)',
    });
    expect(stuck).toEqual([
      {
        podUid: 'p',
        podNamespace: 'default',
        podName: 'name-p',
        since: '2026-11-20T22:50:59.359Z',
        ageMs: 12_000,
        call: { method: 'ContainerStatus', id: 'c1' },
        containerName: 'name-c1',
        failures: 1,
        error: expect.stringContaining('DEADLINE_EXCEEDED'),
      },
    ]);
    await pleg.stop();
  });
});

describe('the pods of an agent', () => {
  it('are sorted by namespace and name, and JSON through and through', async () => {
    const { view, pleg, runtime, time } = newView();
    runtime.addSandbox('b');
    runtime.addSandbox('a');
    runtime.addContainer('a', 'c1', 'exited');
    runtime.addContainer('a', 'c2');
    pleg.start();
    await time.advance(2_000);
    const pods = throughJson(view.pods());
    expect(pods.map(({ name }) => name)).toEqual(['name-a', 'name-b']);
    expect(pods[0]).toEqual({
      uid: 'a',
      namespace: 'default',
      name: 'name-a',
      ips: ['10.0.0.1'],
      inspectedAt: '2026-11-20T22:50:59.359Z',
      sandboxes: [{ id: 'a-sandbox', state: 'ready', createdAt: '1970-01-01T00:00:00.000Z' }],
      containers: [
        {
          id: 'c2',
          name: 'name-c2',
          state: 'running',
          createdAt: '1970-01-01T00:00:00.000Z',
          startedAt: '1970-01-01T00:00:00.000Z',
          restartCount: 0,
          image: 'image',
        },
        {
          id: 'c1',
          name: 'name-c1',
          state: 'exited',
          createdAt: '1970-01-01T00:00:00.000Z',
          startedAt: '1970-01-01T00:00:00.000Z',
          finishedAt: '1970-01-01T00:00:00.000Z',
          exitCode: 0,
          restartCount: 0,
          image: 'image',
        },
      ],
    });
    await pleg.stop();
  });

  it('show why an inspection failed instead of when it worked', async () => {
    const { view, pleg, runtime, time } = newView();
    runtime.addContainer('p', 'c1');
    runtime.behaviours.set('containerStatus c1', new Error('unable to get status'));
    pleg.start();
    await time.advance(10);
    expect(throughJson(view.pods())).toEqual([
      {
        uid: 'p',
        namespace: 'default',
        name: 'name-p',
        ips: [],
        error: 'unable to get status',
        sandboxes: [],
        containers: [],
      },
    ]);
    await pleg.stop();
  });

  it('show when they were inspected on the wall clock of now', async () => {
    const { view, pleg, runtime, time } = newView();
    runtime.addContainer('p', 'c1');
    pleg.start();
    await time.advance(10);
    time.wallStepNs = 3_600_000_000_000n;
    expect(view.pods()[0]?.inspectedAt).toBe('2026-11-20T23:50:59.359Z');
    await pleg.stop();
  });
});

describe('the events of an agent', () => {
  it('are JSON through and through, with stamps as text', async () => {
    const { view, pleg, runtime, time } = newView();
    runtime.addSandbox('p');
    runtime.addContainer('p', 'c1');
    pleg.start();
    await time.advance(2_000);
    runtime.setContainer('c1', 'exited', 137, 'OOMKilled');
    runtime.emit('stopped', 'c1');
    await time.advance(0);
    const entries = view.subscribe({ since: 2, signal: new AbortController().signal });
    for await (const entry of entries) {
      expect(throughJson(entry)).toEqual({
        seq: 3,
        type: 'ContainerDied',
        podUid: 'p',
        podNamespace: 'default',
        podName: 'name-p',
        containerId: 'c1',
        containerName: 'name-c1',
        sandbox: false,
        source: 'event',
        runtimeTime: '1795215061359000000',
        observedAt: '2026-11-20T22:51:01.359Z',
        exitCode: 137,
        reason: 'OOMKilled',
      });
      break;
    }
    await pleg.stop();
  });
});

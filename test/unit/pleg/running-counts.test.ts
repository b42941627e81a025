import { describe, expect, it } from 'vitest';
import { newTestPleg, type TestPleg } from '../../helpers/node-pleg.ts';

const exposition = ({ pleg }: TestPleg, name: string): Promise<string> =>
  pleg.metrics.registry.getSingleMetricAsString(name);

const containersText = (created: number, running: number, exited: number, unknown: number): string =>
  `# HELP kubelet_running_containers Number of containers currently running
# TYPE kubelet_running_containers gauge
kubelet_running_containers{container_state="created"} ${String(created)}
kubelet_running_containers{container_state="running"} ${String(running)}
kubelet_running_containers{container_state="exited"} ${String(exited)}
kubelet_running_containers{container_state="unknown"} ${String(unknown)}`;

const podsText = (running: number): string =>
  `# HELP kubelet_running_pods Number of pods that have a running pod sandbox
# TYPE kubelet_running_pods gauge
kubelet_running_pods ${String(running)}`;

describe('TestRunningPodAndContainerCount', () => {
  const relisted = async (): Promise<TestPleg> => {
    const test = newTestPleg();
    const { runtime } = test;
    runtime.addSandbox('1234', 's1', 'ready');
    runtime.addSandbox('1234', 's2', 'ready');
    runtime.addSandbox('4567', 's1b', 'ready');
    runtime.addSandbox('4567', 's2b', 'notready');
    runtime.addContainer('1234', 'c1', 'running');
    runtime.addContainer('1234', 'c2', 'unknown');
    runtime.addContainer('1234', 'c3', 'unknown');
    runtime.addContainer('4567', 'c1b', 'exited');
    test.pleg.start();
    await test.time.advance(0);
    return test;
  };

  it('counts containers by state', async () => {
    const test = await relisted();
    expect(await exposition(test, 'kubelet_running_containers')).toBe(containersText(0, 1, 1, 2));
    await test.pleg.stop();
  });

  it('counts a pod with two running sandboxes once, and one with a running among others', async () => {
    const test = await relisted();
    expect(await exposition(test, 'kubelet_running_pods')).toBe(podsText(2));
    await test.pleg.stop();
  });

  // Kubelet keeps the last count of a state that no container is in any more.
  it('counts zero for a state that has vanished', async () => {
    const test = await relisted();
    for (const id of ['c1', 'c2', 'c3', 'c1b']) test.runtime.setContainer(id, 'created');
    await test.time.advance(1_000);
    expect(await exposition(test, 'kubelet_running_containers')).toBe(containersText(4, 0, 0, 0));
    test.runtime.containers.clear();
    test.runtime.sandboxes.clear();
    await test.time.advance(1_000);
    expect(await exposition(test, 'kubelet_running_containers')).toBe(containersText(0, 0, 0, 0));
    expect(await exposition(test, 'kubelet_running_pods')).toBe(podsText(0));
    await test.pleg.stop();
  });
});

describe('TestGetContainerStateCount', () => {
  it.each([
    ['no container', [], [0, 0, 0, 0]],
    ['one of each state', ['created', 'running', 'exited', 'unknown'], [1, 1, 1, 1]],
    ['several of one state', ['running', 'running', 'exited'], [0, 2, 1, 0]],
  ] as const)('counts %s', async (_, states, [created, running, exited, unknown]) => {
    const test = newTestPleg();
    for (const [index, state] of states.entries()) test.runtime.addContainer('p', `c${String(index)}`, state);
    test.pleg.start();
    await test.time.advance(0);
    const text = containersText(created, running, exited, unknown);
    expect(await exposition(test, 'kubelet_running_containers')).toBe(text);
    await test.pleg.stop();
  });
});

describe('TestGetPodSandboxState', () => {
  it.each([
    ['no sandbox', [], 0],
    ['a ready sandbox', ['ready'], 1],
    ['a ready sandbox before one that is not', ['ready', 'notready'], 1],
    ['no ready sandbox', ['notready', 'notready'], 0],
  ] as const)('counts a pod with %s', async (_, states, expected) => {
    const test = newTestPleg();
    test.runtime.addContainer('p', 'c1', 'exited');
    for (const [index, state] of states.entries()) test.runtime.addSandbox('p', `s${String(index)}`, state);
    test.pleg.start();
    await test.time.advance(0);
    expect(await exposition(test, 'kubelet_running_pods')).toBe(podsText(expected));
    await test.pleg.stop();
  });
});

describe('TestUpdateRunningPodMetric', () => {
  it('counts at each event, not only at the next relist', async () => {
    const test = newTestPleg({ mode: 'evented' });
    const { runtime, time } = test;
    runtime.addSandbox('p');
    runtime.addContainer('p', 'c1');
    test.pleg.start();
    await time.advance(5_000);
    expect(await exposition(test, 'kubelet_running_pods')).toBe(podsText(1));
    runtime.setContainer('c1', 'exited', 0);
    runtime.emit('stopped', 'c1');
    runtime.setSandbox('p-sandbox', 'notready');
    runtime.emit('stopped', 'p-sandbox');
    await time.advance(0);
    expect(await exposition(test, 'kubelet_running_pods')).toBe(podsText(0));
    expect(await exposition(test, 'kubelet_running_containers')).toBe(containersText(0, 0, 1, 0));
    await test.pleg.stop();
  });

  it('counts five running pods, and three after the sandboxes of two have stopped', async () => {
    const test = newTestPleg();
    const podUids = ['test-pod-0', 'test-pod-1', 'test-pod-2', 'test-pod-3', 'test-pod-4'];
    for (const podUid of podUids) test.runtime.addSandbox(podUid);
    test.pleg.start();
    await test.time.advance(0);
    expect(await exposition(test, 'kubelet_running_pods')).toBe(podsText(5));
    for (const podUid of podUids.slice(0, 2)) test.runtime.setSandbox(`${podUid}-sandbox`, 'notready');
    await test.time.advance(1_000);
    expect(await exposition(test, 'kubelet_running_pods')).toBe(podsText(3));
    await test.pleg.stop();
  });
});

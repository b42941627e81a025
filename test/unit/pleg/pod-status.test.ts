import { describe, expect, it } from 'vitest';
import { byNewest, emptyPodStatus, preservePodIps, type PodStatus } from '../../../src/pleg/pod-status.ts';
import { newTestPleg } from '../../helpers/node-pleg.ts';
import { sandboxOf } from './records.ts';

const statusWith = (overrides: Partial<PodStatus>): PodStatus => ({ ...emptyPodStatus('p'), ...overrides });

describe('TestEventedPLEG_getPodIPs', () => {
  const ready = sandboxOf('p', { id: 'sandbox2', state: 'ready' });
  const notReady = sandboxOf('p', { id: 'sandbox1', state: 'notready' });
  const cached = statusWith({ ips: ['192.168.0.10', '192.168.0.1'] });

  it.each([
    [
      'are those of the status when it has some',
      statusWith({ ips: ['10.0.0.10', '10.23.0.1'] }),
      cached,
      ['10.0.0.10', '10.23.0.1'],
    ],
    [
      'are none when the status has none and a sandbox is ready',
      statusWith({ sandboxes: [ready, notReady] }),
      cached,
      [],
    ],
    ['are none when neither status nor cache has any', statusWith({}), statusWith({}), []],
    [
      'are those of the cache when no sandbox is ready',
      statusWith({ sandboxes: [{ ...notReady, id: 'sandbox2' }, notReady] }),
      cached,
      ['192.168.0.10', '192.168.0.1'],
    ],
    ['are none of a pod that the cache does not know', statusWith({ sandboxes: [notReady] }), undefined, []],
  ])('the addresses of a pod %s', (_, status, before, expected) => {
    expect(preservePodIps(status, before).ips).toEqual(expected);
  });
});

describe('TestRelistIPChange', () => {
  it.each([
    ['one IPv4', ['192.168.1.5']],
    ['dual IPv4/IPv6', ['192.168.1.5/24', '2000::']],
  ])('keeps the cached %s of a pod whose container has exited and whose status has no IP', async (_, ips) => {
    const { runtime, time, take, pleg } = newTestPleg();
    runtime.addSandbox('pod', 's', 'ready', ips);
    runtime.addContainer('pod', 'c0');
    pleg.start();
    await time.advance(0);
    expect(take()).toEqual(['ContainerStarted s', 'ContainerStarted c0']);
    expect(pleg.cache.get('pod').status.ips).toEqual(ips);
    runtime.setSandbox('s', 'notready', []);
    runtime.setContainer('c0', 'exited');
    await time.advance(1_000);
    expect(take()).toEqual(['ContainerDied s', 'ContainerDied c0']);
    expect(pleg.cache.get('pod')).toMatchObject({
      error: undefined,
      status: { ips, containers: [{ id: 'c0', state: 'exited' }] },
    });
    await pleg.stop();
  });

  it('takes addresses of the newest sandbox only, and only while it is ready', async () => {
    const { runtime, time, pleg } = newTestPleg();
    runtime.addSandbox('pod', 'older', 'ready', ['10.0.0.1']);
    runtime.addSandbox('pod', 'newer', 'ready', ['10.0.0.2']);
    pleg.start();
    await time.advance(0);
    expect(pleg.cache.get('pod').status.ips).toEqual(['10.0.0.2']);
    runtime.setSandbox('newer', 'notready', ['10.0.0.2']);
    await time.advance(1_000);
    expect(pleg.cache.get('pod').status.ips).toEqual([]);
    await pleg.stop();
  });
});

describe('TestGetPodsSorted', () => {
  it('puts the newest first, and ids in order where stamps are equal', () => {
    const records = [
      { id: 'b', createdAtNs: 9_007_199_254_740_992n },
      { id: 'd', createdAtNs: 1n },
      { id: 'c', createdAtNs: 9_007_199_254_740_993n },
      { id: 'a', createdAtNs: 9_007_199_254_740_992n },
    ];
    expect(records.sort(byNewest).map(({ id }) => id)).toEqual(['c', 'a', 'b', 'd']);
    expect(byNewest({ id: 'a', createdAtNs: 1n }, { id: 'a', createdAtNs: 1n })).toBe(0);
  });

  it('sorts the sandboxes and containers of a status so', async () => {
    const { runtime, time, pleg } = newTestPleg();
    for (const id of ['s1', 's2']) runtime.addSandbox('pod', id);
    for (const id of ['c1', 'c2', 'c3']) runtime.addContainer('pod', id);
    pleg.start();
    await time.advance(0);
    const { sandboxes, containers } = pleg.cache.get('pod').status;
    expect(sandboxes.map(({ id }) => id)).toEqual(['s2', 's1']);
    expect(containers.map(({ id }) => id)).toEqual(['c3', 'c2', 'c1']);
    await pleg.stop();
  });
});

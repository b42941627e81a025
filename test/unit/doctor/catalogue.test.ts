import { describe, expect, it } from 'vitest';
import { causeClasses } from '../../../src/doctor/catalogue-entry.ts';
import { catalogue } from '../../../src/doctor/catalogue.ts';
import type { Facts, StatusFact, Unannounced } from '../../../src/doctor/facts.ts';
import { judge } from '../../../src/doctor/report.ts';
import {
  agent,
  disk,
  failedCall,
  healthyFacts,
  kubeletPleg,
  list,
  lists,
  okCall,
  pressure,
  process,
  processes,
  runtime,
  statuses,
  stream,
  webPod,
} from './healthy-facts.ts';

const mib = 1024 ** 2;
const timedOut = (method: string) => failedCall(method, 'DEADLINE_EXCEEDED', 'no answer within 10 s');
const hangingPod: StatusFact = { pod: webPod, call: timedOut('PodSandboxStatus') };
const hangingContainer: StatusFact = {
  pod: webPod,
  container: { id: 'container-1', name: 'app' },
  call: timedOut('ContainerStatus'),
};
const unannounced: Unannounced = {
  pod: webPod,
  containerId: 'container-1',
  containerName: 'app',
  change: 'died',
};
const shared = { seen: { ...runtime, release: 'v1.7.24' } };
const condition = (type: string) => ({
  type,
  status: false,
  reason: 'NoCni',
  message: 'cni config is missing',
});

/** What makes each entry a finding, and the evidence that it then gives first. */
const cases: Readonly<Record<string, readonly [Partial<Facts>, string]>> = {
  'runtime-unreachable': [
    {
      runtime: { seen: { ...runtime, version: failedCall('Version', 'UNAVAILABLE', 'cannot be reached') } },
    },
    'cannot be reached',
  ],
  'runtime-hangs': [
    {
      lists: { seen: { ...lists, containers: list('ListContainers', { call: timedOut('ListContainers') }) } },
    },
    'ListContainers without an answer for 10 s',
  ],
  'all-statuses-hang': [
    { statuses: { seen: { ...statuses, answered: 0, hanging: [hangingPod, hangingContainer] } } },
    'default/web-0: PodSandboxStatus without an answer for 10 s',
  ],
  'container-status-hangs': [
    { statuses: { seen: { ...statuses, hanging: [hangingContainer] } } },
    'default/web-0, container app (container-1): ContainerStatus without an answer for 10 s',
  ],
  'pod-status-hangs': [
    { statuses: { seen: { ...statuses, hanging: [hangingPod] } } },
    'default/web-0: PodSandboxStatus without an answer for 10 s',
  ],
  'list-too-long': [
    {
      lists: {
        seen: { ...lists, containers: list('ListContainers', { bytes: 17 * mib, total: 18_500, dead: 900 }) },
      },
    },
    'ListContainers is 17.0 MiB long with 18500 containers',
  ],
  'runtime-not-ready': [
    { runtime: { seen: { ...runtime, conditions: [condition('RuntimeReady')] } } },
    'RuntimeReady is false: NoCni: cni config is missing',
  ],
  'network-not-ready': [
    { runtime: { seen: { ...runtime, conditions: [condition('NetworkReady')] } } },
    'NetworkReady is false: NoCni: cni config is missing',
  ],
  'process-in-d-state': [
    {
      processes: {
        seen: { ...processes, uninterruptible: [process({ name: 'nginx', state: 'D', wchan: 'nfs_wait' })] },
      },
    },
    'nginx 4711 of default/web-0: state D in nfs_wait, 3 min old',
  ],
  'process-stopped': [
    { processes: { seen: { ...processes, stopped: [process({ state: 'T' })] } } },
    'containerd-shim 4711 of default/web-0: state T, 3 min old',
  ],
  'disk-full': [
    { disk: { seen: [{ ...disk, freeBytes: mib }] } },
    '/var/lib/containerd: 1.0 MiB of 100.0 GiB free',
  ],
  'systemd-silent': [
    { bus: { seen: { systemd: { problem: 'no answer within 5 s' }, dbus: 'absent' } } },
    'systemd: no answer within 5 s',
  ],
  'dbus-silent': [
    { bus: { seen: { systemd: 'absent', dbus: { problem: 'hung up without a word' } } } },
    'D-Bus: hung up without a word',
  ],
  'kubelet-relist-hangs': [
    {
      kubeletPleg: { seen: { ...kubeletPleg, relists: 0, meanRelistMs: undefined, lastSeenAgeMs: 150_000 } },
    },
    'no relist ended in 20 s, the last one began 3 min ago',
  ],
  'kubelet-unhealthy': [
    { kubeletHealth: { seen: { url: 'http://127.0.0.1:10248/healthz', status: 500, body: 'syncloop' } } },
    'HTTP 500: syncloop',
  ],
  'agent-unhealthy': [
    { agent: { seen: { ...agent, ok: false, message: 'PLEG is not healthy: too old' } } },
    'PLEG is not healthy: too old',
  ],
  'agent-stuck-pods': [
    { agent: { seen: { ...agent, stuck: ['default/web-0: ContainerStatus for 3 min'] } } },
    'default/web-0: ContainerStatus for 3 min',
  ],
  'agent-degraded': [{ agent: { seen: { ...agent, degradations: ['stream: down'] } } }, 'stream: down'],
  'status-fails': [
    {
      statuses: {
        seen: {
          ...statuses,
          failed: [
            { pod: webPod, call: failedCall('PodSandboxStatus', 'INTERNAL', 'pod sandbox status is nil') },
          ],
        },
      },
    },
    'default/web-0: pod sandbox status is nil',
  ],
  'call-fails': [
    { runtime: { seen: { ...runtime, status: failedCall('Status', 'INTERNAL', 'not initialized yet') } } },
    'Status: not initialized yet',
  ],
  'list-nearly-too-long': [
    {
      lists: {
        seen: { ...lists, containers: list('ListContainers', { bytes: 12 * mib, total: 12_000, dead: 900 }) },
      },
    },
    'ListContainers is 12.0 MiB long with 12000 containers; about 4000 more fit',
  ],
  'dead-pile-up': [
    { lists: { seen: { ...lists, sandboxes: list('ListPodSandbox', { total: 1_600, dead: 1_500 }) } } },
    '1500 of 1600 sandboxes are dead',
  ],
  'cni-plugin-hangs': [
    { processes: { seen: { ...processes, helpers: [process({ name: 'calico', role: 'cni' })] } } },
    'calico 4711 of default/web-0: state S, 3 min old',
  ],
  'oci-runtime-hangs': [
    { processes: { seen: { ...processes, helpers: [process({ name: 'runc', role: 'oci' })] } } },
    'runc 4711 of default/web-0: state S, 3 min old',
  ],
  'shim-without-children': [
    { processes: { seen: { ...processes, childlessShims: [process({})] } } },
    'containerd-shim 4711 of default/web-0: state S, 3 min old',
  ],
  'defunct-processes': [
    { processes: { seen: { ...processes, defunct: [process({ name: 'sh', state: 'Z' })] } } },
    'sh 4711 of default/web-0: state Z, 3 min old',
  ],
  'io-pressure': [
    { pressure: { seen: { ...pressure, io: { someAvg60: 72, fullAvg60: 61 } } } },
    'somebody waited for io in 72 % of the last minute, everybody in 61 %',
  ],
  'memory-pressure': [
    { pressure: { seen: { ...pressure, oomKills: 2 } } },
    '2 processes were killed for want of memory while we looked',
  ],
  'cpu-pressure': [
    { pressure: { seen: { ...pressure, cpu: { someAvg60: 95, fullAvg60: 0 } } } },
    'somebody waited for cpu in 95 % of the last minute, everybody in 0 %',
  ],
  'runtime-cgroup-limits': [
    {
      pressure: {
        seen: {
          ...pressure,
          runtimeCgroup: { path: '/system.slice/x.service', pids: 4_600, pidsMax: 4_915 },
        },
      },
    },
    '4600 of 4915 tasks',
  ],
  'pids-nearly-exhausted': [
    { processes: { seen: { ...processes, threads: 32_000 } } },
    '32000 of 32768 possible threads',
  ],
  'disk-nearly-full': [
    { disk: { seen: [{ ...disk, freeInodes: 40_000 }] } },
    '/var/lib/containerd: 40000 of 1000000 inodes free',
  ],
  'runtime-out-of-files': [
    {
      runtimeProcess: {
        seen: {
          pid: 700,
          name: 'containerd',
          state: 'S',
          threads: 20,
          openFiles: 990,
          openFilesLimit: 1_024,
        },
      },
    },
    'containerd 700: 990 of 1024 open files',
  ],
  'runtime-has-many-threads': [
    {
      runtimeProcess: {
        seen: { pid: 700, name: 'crio', state: 'S', threads: 900, openFiles: 9, openFilesLimit: undefined },
      },
    },
    'crio 700: 900 threads',
  ],
  'scopes-leak': [
    { pressure: { seen: { ...pressure, leakedScopes: Array.from({ length: 20 }, () => 'crio-1.scope') } } },
    '20 scopes without a container, such as crio-1.scope',
  ],
  'many-changes': [
    {
      churn: { seen: { betweenMs: 10_000, changedPods: 60, changedContainers: 90 } },
      statuses: { seen: { ...statuses, meanPodMs: 150 } },
    },
    '60 pods changed in 10 s at 150 ms each: 90 % of the time goes into looking',
  ],
  'status-slow': [
    {
      statuses: {
        seen: { ...statuses, slowest: [{ pod: webPod, call: okCall('PodSandboxStatus', 4_200) }] },
      },
    },
    'default/web-0: PodSandboxStatus took 4.2 s',
  ],
  'relist-outgrows-period': [
    { kubeletPleg: { seen: { ...kubeletPleg, relists: 2, meanRelistMs: 12_000 } } },
    'the kubelet’s relists took 12 s on average, long enough for KubeletPlegDurationHigh',
  ],
  'exec-flood': [{ processes: { seen: { ...processes, execs: 40 } } }, '40 runc exec at once'],
  'kubelet-discards-events': [
    { kubeletPleg: { seen: { ...kubeletPleg, discardedEvents: 3 } } },
    '3 discarded since the kubelet started',
  ],
  'clock-stepped': [{ clock: { seen: { stepMs: -3_600_000 } } }, 'the wall clock went 60 min too little'],
  'stamps-from-the-future': [
    {
      lists: { seen: { ...lists, fromTheFuture: [{ id: 'container-1', pod: webPod, aheadMs: 7_200_000 }] } },
    },
    'default/web-0 (container-1): created 2 h from now',
  ],
  'stream-silent': [
    { stream: { seen: { ...stream, events: 0, changes: 1, unannounced: [unannounced] } } },
    'default/web-0, container app died without an event (1 of 1 changes had none)',
  ],
  'events-missed': [
    { stream: { seen: { ...stream, unannounced: [unannounced] } } },
    'default/web-0, container app died without an event (1 of 2 changes had none)',
  ],
  'competing-readers': [
    { runtime: shared, kubeletPleg: { seen: { ...kubeletPleg, isEvented: true } } },
    'the plegd agent at http://127.0.0.1:10270/v1/status has the stream open',
  ],
  'slow-reader': [
    {
      clients: {
        seen: { connectionCount: 1, connections: [{ pid: 9, name: 'crictl', unreadBytes: 65_536 }] },
      },
    },
    'crictl 9 has left 64.0 KiB unread',
  ],
  'events-late': [
    { stream: { seen: { ...stream, longestLagMs: 8_000 } } },
    'an event came 8 s after it was made',
  ],
  'stream-breaks': [
    { stream: { seen: { ...stream, end: { code: 'INTERNAL', problem: 'no event', afterMs: 40 } } } },
    'it ended after 40 ms: no event',
  ],
  'events-disabled': [
    { stream: { seen: { ...stream, events: 0, end: { code: 'OK', problem: 'ended', afterMs: 3 } } } },
    'the stream ended by itself after 3 ms',
  ],
  'events-unimplemented': [
    { stream: { seen: { ...stream, events: 0, end: { code: 'UNIMPLEMENTED', problem: 'no', afterMs: 3 } } } },
    'GetContainerEvents: UNIMPLEMENTED',
  ],
};

describe('the catalogue', () => {
  it('has a case for each entry, and no entry twice', () => {
    const ids = catalogue.map(({ id }) => id);
    expect(ids.toSorted()).toEqual(Object.keys(cases).toSorted());
  });

  it('finds nothing on a healthy node', () => {
    expect(judge(healthyFacts).findings).toEqual([]);
  });

  it('finds nothing where nobody could look', () => {
    const blind = Object.fromEntries(
      Object.keys(healthyFacts).map((key) => [key, { unseen: 'too dark' }]),
    ) as unknown as Facts;
    expect(judge({ ...blind, endpoint: 'unix:///x', windowMs: 1_000 }).findings).toEqual([]);
  });

  it('has a finding for every class of cause that operators have met', () => {
    expect(new Set(catalogue.map(({ causeClass }) => causeClass))).toEqual(new Set(causeClasses));
  });

  it('names issues as owner/repository#number, and a next step for each', () => {
    for (const { id, issues, cause, nextStep, title } of catalogue) {
      expect(issues.filter((issue) => !/^[\w-]+\/[\w-]+#\d+$/.test(issue))).toEqual([]);
      expect([id, title, cause, nextStep].filter((text) => text === '')).toEqual([]);
    }
  });

  it.each(Object.entries(cases))('finds %s alone, and shows its evidence first', (id, [spoilt, figure]) => {
    const { findings } = judge({ ...healthyFacts, ...spoilt });
    expect(findings.map((finding) => finding.id)).toEqual([id]);
    expect(findings[0]?.evidence[0]?.figure).toBe(figure);
    expect(findings[0]?.evidence.every(({ command }) => command !== '')).toBe(true);
  });
});

describe('what does not count', () => {
  const idsOf = (spoilt: Partial<Facts>) =>
    judge({ ...healthyFacts, ...spoilt }).findings.map(({ id }) => id);

  it.each<[string, Partial<Facts>]>([
    [
      'a young CNI plugin',
      { processes: { seen: { ...processes, helpers: [process({ role: 'cni', ageMs: 900 })] } } },
    ],
    [
      'an evented kubelet that relists every 5 min',
      { kubeletPleg: { seen: { ...kubeletPleg, isEvented: true, relists: 0, lastSeenAgeMs: 200_000 } } },
    ],
    ['a single reader on containerd 1.7', { runtime: shared }],
    ['two readers on containerd 2.1', { kubeletPleg: { seen: { ...kubeletPleg, isEvented: true } } }],
    [
      'changes without events where the stream was left alone',
      { stream: { seen: { ...stream, leftAlone: 'it is shared', events: 0 } } },
    ],
    ['no inodes to count', { disk: { seen: [{ ...disk, totalInodes: 0, freeInodes: 0 }] } }],
    [
      'a list that a runtime does not measure',
      { lists: { seen: { ...lists, containers: list('ListContainers', { bytes: undefined }) } } },
    ],
  ])('%s', (_what, spoilt) => {
    expect(idsOf(spoilt)).toEqual([]);
  });

  it('a pod of its own when every status hangs', () => {
    const hanging = [hangingPod, hangingContainer];
    expect(idsOf({ statuses: { seen: { ...statuses, answered: 0, hanging } } })).toEqual([
      'all-statuses-hang',
    ]);
  });
});

import type {
  AgentFact,
  CallFact,
  Facts,
  KubeletPlegFact,
  ListFact,
  ListsFact,
  PodName,
  PressureFact,
  ProcessesFact,
  ProcessFact,
  RuntimeFact,
  StatusesFact,
  StreamFact,
} from '../../../src/doctor/facts.ts';

/** A node on which all is well, and its parts for tests that spoil one of them. */

export const webPod: PodName = {
  namespace: 'default',
  name: 'web-0',
  uid: 'uid-1',
  podSandboxId: 'sandbox-1',
};

export const okCall = (method: string, durationMs = 2): CallFact => ({
  method,
  durationMs,
  code: 'OK',
  problem: '',
});

export const failedCall = (method: string, code: CallFact['code'], problem: string): CallFact => ({
  method,
  durationMs: 10_000,
  code,
  problem,
});

export const runtime: RuntimeFact = {
  version: okCall('Version'),
  name: 'containerd',
  release: '2.1.9',
  status: okCall('Status'),
  conditions: [
    { type: 'RuntimeReady', status: true, reason: '', message: '' },
    { type: 'NetworkReady', status: true, reason: '', message: '' },
  ],
};

export const list = (method: string, fields: Partial<ListFact> = {}): ListFact => ({
  call: okCall(method),
  bytes: 48_000,
  total: 100,
  dead: 10,
  ...fields,
});

export const lists: ListsFact = {
  sandboxes: list('ListPodSandbox'),
  containers: list('ListContainers'),
  deadOwners: [{ namespace: 'batch', pods: 'backup-*', containers: 10, sandboxes: 10 }],
  fromTheFuture: [],
};

export const statuses: StatusesFact = {
  asked: 2,
  answered: 2,
  unasked: 0,
  deadlineMs: 10_000,
  hanging: [],
  failed: [],
  slowest: [{ pod: webPod, call: okCall('PodSandboxStatus', 3) }],
  meanPodMs: 2,
};

export const stream: StreamFact = {
  listCalls: [okCall('ListContainers')],
  events: 4,
  replayed: 0,
  longestLagMs: 12,
  changes: 2,
  unannounced: [],
};

export const process = (fields: Partial<ProcessFact>): ProcessFact => ({
  pid: 4711,
  name: 'containerd-shim',
  role: 'shim',
  state: 'S',
  wchan: '',
  ageMs: 180_000,
  pod: webPod,
  ...fields,
});

export const processes: ProcessesFact = {
  overMs: 20_000,
  uninterruptible: [],
  defunct: [],
  defunctTotal: 1,
  stopped: [],
  childlessShims: [],
  helpers: [],
  execs: 1,
  threads: 900,
  threadLimit: 32_768,
};

export const pressure: PressureFact = {
  cpu: { someAvg60: 10, fullAvg60: 0 },
  io: { someAvg60: 1, fullAvg60: 0 },
  memory: { someAvg60: 0, fullAvg60: 0 },
  oomKills: 0,
  runtimeCgroup: { path: '/system.slice/containerd.service', pids: 100, throttledShare: 0 },
  leakedScopes: [],
};

export const kubeletPleg: KubeletPlegFact = {
  url: 'http://127.0.0.1:10255/metrics',
  betweenMs: 20_000,
  relists: 19,
  meanRelistMs: 12,
  discardedEvents: 0,
  lastSeenAgeMs: 800,
  isEvented: false,
  execs: 10,
};

export const agent: AgentFact = {
  url: 'http://127.0.0.1:10270/v1/status',
  ok: true,
  message: '',
  degradations: [],
  mode: 'evented',
  streamState: 'open',
  missedEvents: 0,
  stuck: [],
};

const gib = 1024 ** 3;

export const disk = {
  path: '/var/lib/containerd',
  totalBytes: 100 * gib,
  freeBytes: 50 * gib,
  totalInodes: 1_000_000,
  freeInodes: 900_000,
};

export const healthyFacts: Facts = {
  endpoint: 'unix:///run/containerd/containerd.sock',
  windowMs: 20_000,
  runtime: { seen: runtime },
  lists: { seen: lists },
  statuses: { seen: statuses },
  churn: { seen: { betweenMs: 17_000, changedPods: 1, changedContainers: 2 } },
  stream: { seen: stream },
  clients: { seen: { connectionCount: 1, connections: [{ pid: 800, name: 'kubelet', unreadBytes: 0 }] } },
  processes: { seen: processes },
  runtimeProcess: {
    seen: {
      pid: 700,
      name: 'containerd',
      state: 'S',
      threads: 20,
      openFiles: 200,
      openFilesLimit: 1_048_576,
    },
  },
  pressure: { seen: pressure },
  disk: { seen: [disk] },
  bus: { seen: { systemd: { answeredMs: 2 }, dbus: { answeredMs: 2 } } },
  clock: { seen: { stepMs: 0.2 } },
  kubeletHealth: { seen: { url: 'http://127.0.0.1:10248/healthz', status: 200, body: 'ok' } },
  kubeletPleg: { seen: kubeletPleg },
  agent: { seen: agent },
};

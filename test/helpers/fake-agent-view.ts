import type { LogEntry, PodLifecycleEvent } from '../../src/pleg/lifecycle-event.ts';
import type {
  AgentStatus,
  AgentView,
  HealthReport,
  NewerThanOptions,
  PodView,
  SubscribeOptions,
} from '../../src/server/agent-view.ts';
import { FakeWatchView } from './fake-watch-view.ts';

/** A healthy agent in mode evented. */
export const healthyStatus: AgentStatus = {
  health: { ok: true, message: '', checks: [{ name: 'pleg', ok: true, message: '' }], degradations: [] },
  mode: 'evented',
  configuredMode: 'evented',
  startedAt: '2026-11-20T22:00:00.000Z',
  supervisor: { state: 'evented', since: '2026-11-20T22:00:00.000Z', streamFailuresInARow: 0 },
  relist: {
    periodMs: 300_000,
    thresholdMs: 600_000,
    lastSuccessAt: '2026-11-20T22:50:00.000Z',
    lastSuccessAgeMs: 60_000,
    lastDurationMs: 4.25,
  },
  stream: {
    state: 'open',
    since: '2026-11-20T22:00:00.000Z',
    reconnects: 0,
    events: 120,
    lastEventAt: '2026-11-20T22:50:30.000Z',
  },
  runtime: {
    endpoint: 'unix:///run/containerd/containerd.sock',
    state: 'up',
    name: 'containerd',
    version: 'v1.7.24',
    apiVersion: 'v1',
  },
  stuck: [],
  counts: {
    pods: 2,
    containers: { running: 3, exited: 1, unknown: 0 },
    missedEvents: 0,
    ignoredEvents: {},
  },
  log: { firstSeq: 1, lastSeq: 17 },
};

/** The pod `default/web-0` with one running container. */
export const webPod: PodView = {
  uid: '6b1f9a52-0000-4000-8000-000000000001',
  namespace: 'default',
  name: 'web-0',
  ips: ['10.0.0.7'],
  inspectedAt: '2026-11-20T22:50:00.000Z',
  sandboxes: [{ id: 'sandbox-1', state: 'ready', createdAt: '2026-11-20T22:00:00.000Z' }],
  containers: [
    {
      id: 'container-1',
      name: 'app',
      state: 'running',
      createdAt: '2026-11-20T22:00:01.000Z',
      startedAt: '2026-11-20T22:00:02.000Z',
      restartCount: 0,
      image: 'registry.example/web:1',
    },
  ],
};

/** An event of the pod `default/web-0`. */
export const lifecycleEvent = (seq: number, fields: Partial<PodLifecycleEvent> = {}): PodLifecycleEvent => ({
  seq,
  type: 'ContainerStarted',
  podUid: webPod.uid,
  podNamespace: 'default',
  podName: 'web-0',
  containerId: 'container-1',
  containerName: 'app',
  sandbox: false,
  source: 'event',
  runtimeTime: '1795215059359284865',
  observedAt: '2026-11-20T22:50:59.360Z',
  ...fields,
});

/** An agent whose state the test sets and whose entries the test pushes to every subscriber. */
export class FakeAgentView implements AgentView {
  currentStatus: AgentStatus = healthyStatus;
  currentPods: PodView[] = [webPod];
  readonly watch = new FakeWatchView();
  /** Options of every wait for news of a pod. */
  readonly waits: NewerThanOptions[] = [];
  /** When there is news. */
  news: Promise<void> = Promise.resolve();
  /** Options of every subscription ever made. */
  readonly subscriptions: SubscribeOptions[] = [];
  openSubscriptionCount = 0;
  /** Entries that subscribers have taken. */
  pulledCount = 0;
  /** What subscribers are given; the test may replace it before they come. */
  source: (options: SubscribeOptions) => AsyncIterable<LogEntry> = ({ since = 0, signal }) =>
    this.#follow(since, signal);
  readonly #log: LogEntry[] = [];
  #failure: Error | undefined;
  #isEnded = false;
  readonly #wakers = new Set<() => void>();

  status(): AgentStatus {
    return this.currentStatus;
  }

  health(): HealthReport {
    return this.currentStatus.health;
  }

  pods(): PodView[] {
    return this.currentPods;
  }

  pod(uid: string): PodView | undefined {
    return this.currentPods.find((pod) => pod.uid === uid);
  }

  async podNewerThan(uid: string, options: NewerThanOptions): Promise<PodView | undefined> {
    this.waits.push(options);
    const gone = new Promise<never>((_resolve, reject) => {
      options.signal.addEventListener('abort', () => reject(options.signal.reason as Error), { once: true });
    });
    await Promise.race([this.news, gone]);
    return this.pod(uid);
  }

  metrics(): Promise<{ contentType: string; text: string }> {
    return Promise.resolve({ contentType: 'text/plain; version=0.0.4', text: 'plegd_events_total 17\n' });
  }

  subscribe(options: SubscribeOptions): AsyncIterable<LogEntry> {
    this.subscriptions.push(options);
    return this.#count(options);
  }

  async *#count(options: SubscribeOptions): AsyncGenerator<LogEntry, void> {
    this.openSubscriptionCount += 1;
    try {
      for await (const entry of this.source(options)) {
        this.pulledCount += 1;
        yield entry;
      }
    } finally {
      this.openSubscriptionCount -= 1;
    }
  }

  push(...entries: LogEntry[]): void {
    this.#log.push(...entries);
    this.#wake();
  }

  /** The agent stops: subscriptions end after what is in the log. */
  end(): void {
    this.#isEnded = true;
    this.#wake();
  }

  /** Every subscription fails. */
  fail(error: Error): void {
    this.#failure = error;
    this.#wake();
  }

  async *#follow(since: number, signal: AbortSignal): AsyncGenerator<LogEntry, void> {
    const wake = () => this.#wake();
    signal.addEventListener('abort', wake);
    let index = 0;
    while (!signal.aborted && this.#failure === undefined) {
      const entry = this.#log[index];
      if (entry !== undefined) {
        index += 1;
        if (entry.seq > since) yield entry;
      } else if (this.#isEnded) {
        return;
      } else {
        await new Promise<void>((resolve) => this.#wakers.add(resolve));
      }
    }
    signal.removeEventListener('abort', wake);
    if (this.#failure !== undefined && !signal.aborted) throw this.#failure;
  }

  #wake(): void {
    for (const wake of this.#wakers) wake();
    this.#wakers.clear();
  }
}

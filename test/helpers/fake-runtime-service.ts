import { defer, finalize, Subject, throwError, type Observable } from 'rxjs';
import { CriError } from '../../src/cri/cri-error.ts';
import type { Time } from '../../src/lib/time.ts';
import type {
  CallOptions,
  Container,
  ContainerState,
  ContainerStatus,
  CriContainerEvent,
  CriEventKind,
  PodSandbox,
  PodSandboxState,
  PodSandboxStatus,
  RuntimeService,
} from '../../src/cri/runtime-service.ts';

interface FakeSandbox extends PodSandbox {
  state: PodSandboxState;
  ips: readonly string[];
}

interface FakeContainer extends Container {
  state: ContainerState;
  exitCode: number | undefined;
  reason: string;
}

type Method =
  'version' | 'status' | 'listPodSandboxes' | 'listContainers' | 'podSandboxStatus' | 'containerStatus';

/**
 * A runtime in memory (kubelet's `FakeRuntime`): tests change what it holds and decide when its calls
 * answer. Answers show the state at the moment of the call.
 */
export class FakeRuntimeService implements RuntimeService {
  readonly sandboxes = new Map<string, FakeSandbox>();
  readonly containers = new Map<string, FakeContainer>();
  readonly calls: string[] = [];
  /**
   * What a call does instead of answering, by method or `method id`: fail with an error, or wait for a promise.
   * `containerEvents` can only fail.
   */
  readonly behaviours = new Map<string, Error | Promise<void>>();
  runtimeName = 'fake';
  eventStreamCount = 0;
  openStreamCount = 0;
  /** By which events are stamped and calls that wait run into their deadlines; without it there are none. */
  time: Time | undefined;
  #events = new Subject<CriContainerEvent>();
  #createdAtNs = 1_000n;

  addSandbox(
    podUid: string,
    id = `${podUid}-sandbox`,
    state: PodSandboxState = 'ready',
    ips = ['10.0.0.1'],
  ): string {
    const identity = { podUid, podName: `name-${podUid}`, podNamespace: 'default' };
    this.sandboxes.set(id, { id, state, ips, createdAtNs: (this.#createdAtNs += 1n), ...identity });
    return id;
  }

  addContainer(podUid: string, id: string, state: ContainerState = 'running'): string {
    const identity = { podUid, podName: `name-${podUid}`, podNamespace: 'default' };
    this.containers.set(id, {
      id,
      podSandboxId: `${podUid}-sandbox`,
      name: `name-${id}`,
      state,
      createdAtNs: (this.#createdAtNs += 1n),
      exitCode: state === 'exited' ? 0 : undefined,
      reason: '',
      ...identity,
    });
    return id;
  }

  setSandbox(id: string, state: PodSandboxState, ips: readonly string[] = []): void {
    const sandbox = this.sandboxes.get(id);
    if (!sandbox) throw new Error(`no sandbox ${id}`);
    Object.assign(sandbox, { state, ips });
  }

  setContainer(id: string, state: ContainerState, exitCode?: number, reason = ''): void {
    const container = this.containers.get(id);
    if (!container) throw new Error(`no container ${id}`);
    Object.assign(container, { state, exitCode, reason });
  }

  /** Sends what a runtime sends of one of its containers or sandboxes as it is now. */
  emit(
    kind: CriEventKind | undefined,
    containerId: string,
    overrides: Partial<CriContainerEvent> = {},
  ): void {
    const container = this.containers.get(containerId);
    const sandbox = this.sandboxes.get(container?.podSandboxId ?? containerId);
    this.#events.next({
      containerId,
      kind,
      createdAtNs: this.time?.wallNs() ?? 1_795_215_059_359_000_000n,
      podSandbox: sandbox,
      containerStatus: container && this.#statusOf(container),
      ...overrides,
    });
  }

  failStream(code: ConstructorParameters<typeof CriError>[1], details: string): void {
    const failed = this.#events;
    this.#events = new Subject();
    failed.error(new CriError('GetContainerEvents', code, details));
  }

  closeStream(): void {
    const closed = this.#events;
    this.#events = new Subject();
    closed.complete();
  }

  version(options?: CallOptions) {
    return this.#answer('version', '', options, () => ({
      runtimeName: this.runtimeName,
      runtimeVersion: '1',
      runtimeApiVersion: 'v1',
    }));
  }

  status(options?: CallOptions) {
    return this.#answer('status', '', options, () => ({
      conditions: [{ type: 'RuntimeReady', status: true, reason: '', message: '' }],
    }));
  }

  listPodSandboxes(options?: CallOptions): Promise<PodSandbox[]> {
    return this.#answer('listPodSandboxes', '', options, () =>
      [...this.sandboxes.values()].map((s) => ({ ...s })),
    );
  }

  listContainers(options?: CallOptions): Promise<Container[]> {
    return this.#answer('listContainers', '', options, () =>
      [...this.containers.values()].map((c) => ({ ...c })),
    );
  }

  podSandboxStatus(id: string, options?: CallOptions): Promise<PodSandboxStatus> {
    return this.#answer('podSandboxStatus', id, options, () => {
      const sandbox = this.sandboxes.get(id);
      if (!sandbox) throw new CriError('PodSandboxStatus', 'NOT_FOUND', `sandbox ${id} not found`);
      return { ...sandbox };
    });
  }

  containerStatus(id: string, options?: CallOptions): Promise<ContainerStatus> {
    return this.#answer('containerStatus', id, options, () => {
      const container = this.containers.get(id);
      if (!container) throw new CriError('ContainerStatus', 'NOT_FOUND', `container ${id} not found`);
      return this.#statusOf(container);
    });
  }

  containerEvents(): Observable<CriContainerEvent> {
    return defer(() => {
      this.eventStreamCount += 1;
      this.openStreamCount += 1;
      const behaviour = this.behaviours.get('containerEvents');
      const event$: Observable<CriContainerEvent> =
        behaviour instanceof Error ? throwError(() => behaviour) : this.#events;
      return event$.pipe(finalize(() => (this.openStreamCount -= 1)));
    });
  }

  async #answer<T>(method: Method, id: string, options: CallOptions | undefined, read: () => T): Promise<T> {
    const call = id === '' ? method : `${method} ${id}`;
    this.calls.push(call);
    const behaviour = this.behaviours.get(call) ?? this.behaviours.get(method);
    if (behaviour instanceof Error) throw behaviour;
    let answer: { value: T } | { error: unknown };
    try {
      answer = { value: read() };
    } catch (error) {
      answer = { error };
    }
    if (behaviour) await this.#wait(behaviour, method, options);
    if ('error' in answer) throw answer.error;
    return answer.value;
  }

  async #wait(behaviour: Promise<void>, method: Method, options: CallOptions = {}): Promise<void> {
    const { signal, timeoutMs } = options;
    const { time } = this;
    let timer: unknown;
    const deadline = new Promise<never>((_, reject) => {
      if (!time || timeoutMs === undefined) return;
      timer = time.setTimeout(
        () => reject(new CriError(method, 'DEADLINE_EXCEEDED', 'Deadline exceeded')),
        timeoutMs,
      );
    });
    try {
      await Promise.race([behaviour, aborted(method, signal), deadline]);
    } finally {
      time?.clearTimeout(timer);
    }
  }

  #statusOf(container: FakeContainer): ContainerStatus {
    return {
      ...container,
      startedAtNs: container.state === 'created' ? 0n : container.createdAtNs + 1n,
      finishedAtNs: container.state === 'exited' ? container.createdAtNs + 2n : 0n,
      message: '',
      image: 'image',
      imageId: '',
      hash: undefined,
      restartCount: 0,
    };
  }
}

const aborted = (method: string, signal?: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const abort = (): void => reject(new CriError(method, 'CANCELLED', 'cancelled'));
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
  });

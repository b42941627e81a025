import { create, fromJson, type JsonObject } from '@bufbuild/protobuf';
import { defer, finalize, Subject, throwError, type Observable } from 'rxjs';
import {
  toContainer,
  toContainerEvent,
  toContainerStatus,
  toPodSandbox,
  toPodSandboxStatus,
} from '../../src/cri/convert.ts';
import { CriError } from '../../src/cri/cri-error.ts';
import * as wire from '../../src/cri/gen/runtime/v1/api_pb.ts';
import type { CriContainerEvent, RuntimeService } from '../../src/cri/runtime-service.ts';
import type { Time } from '../../src/lib/time.ts';
import type { Delivery } from './trace-deliveries.ts';
import type { TraceHeader, TraceLine } from './trace.ts';

interface TracedContainer {
  readonly podSandboxId: string;
  status: wire.ContainerStatus;
}

const readEvent = (json: JsonObject): wire.ContainerEventResponse =>
  fromJson(wire.ContainerEventResponseSchema, json);

/**
 * A runtime that lives a trace again. What its lists and statuses say follows from the lines it was given;
 * what its stream says is for the test to decide. All messages go through the client's own conversion.
 */
export class TraceRuntime implements RuntimeService {
  readonly #header: TraceHeader;
  readonly #time: Time;
  readonly #callMs: number;
  readonly #sandboxes = new Map<string, wire.PodSandboxStatus>();
  readonly #containers = new Map<string, TracedContainer>();
  readonly #removed = new Set<string>();
  readonly #events = new Subject<CriContainerEvent>();
  #kept: readonly Delivery[] = [];
  openStreamCount = 0;

  /** @param callMs a call's answer shows the state at the moment of the call and arrives this much later. */
  constructor(header: TraceHeader, time: Time, callMs = 0) {
    this.#header = header;
    this.#time = time;
    this.#callMs = callMs;
  }

  /** Makes true what a line of the trace says. */
  apply({ event, sandbox, container, sandboxId = '', removed = [] }: TraceLine): void {
    if (sandbox) this.#setSandbox(fromJson(wire.PodSandboxStatusSchema, sandbox));
    if (container) this.#setContainer(fromJson(wire.ContainerStatusSchema, container), sandboxId);
    if (event) this.#applyEvent(readEvent(event));
    for (const id of removed) this.#remove(id);
  }

  /** Says an event on the stream; nothing else changes. */
  emit({ event }: Delivery): void {
    this.#events.next(toContainerEvent(readEvent(event)));
  }

  /** Keeps events that nobody listened to, for the next who opens the stream. */
  keep(deliveries: readonly Delivery[]): void {
    this.#kept = deliveries;
  }

  version() {
    const { runtime, version } = this.#header;
    return this.#answer(() => ({
      runtimeName: runtime,
      runtimeVersion: version,
      runtimeApiVersion: 'v1',
    }));
  }

  status() {
    return this.#answer(() => ({ conditions: [] }));
  }

  listPodSandboxes() {
    return this.#answer(() =>
      [...this.#sandboxes.values()].flatMap(({ id, metadata, state, createdAt }) => {
        const record = { id, state, createdAt, ...(metadata ? { metadata } : {}) };
        return toPodSandbox(create(wire.PodSandboxSchema, record)) ?? [];
      }),
    );
  }

  listContainers() {
    return this.#answer(() =>
      [...this.#containers.values()].flatMap(({ podSandboxId, status }) => {
        const { id, metadata, state, createdAt, labels } = status;
        const record = { id, podSandboxId, state, createdAt, labels, ...(metadata ? { metadata } : {}) };
        return toContainer(create(wire.ContainerSchema, record)) ?? [];
      }),
    );
  }

  podSandboxStatus(id: string) {
    return this.#answer(() => {
      const sandbox = this.#sandboxes.get(id);
      const status = sandbox && toPodSandboxStatus(sandbox);
      if (!status) throw new CriError('PodSandboxStatus', 'NOT_FOUND', `sandbox ${id} not found`);
      return status;
    });
  }

  containerStatus(id: string) {
    return this.#answer(() => {
      const container = this.#containers.get(id);
      if (!container) throw new CriError('ContainerStatus', 'NOT_FOUND', `container ${id} not found`);
      return toContainerStatus(container.status);
    });
  }

  containerEvents(): Observable<CriContainerEvent> {
    const { streamError } = this.#header;
    if (streamError) {
      return throwError(() => new CriError('GetContainerEvents', streamError.code, streamError.details));
    }
    return defer(() => {
      this.openStreamCount += 1;
      const kept = this.#kept;
      this.#kept = [];
      queueMicrotask(() => {
        for (const delivery of kept) this.emit(delivery);
      });
      return this.#events.pipe(finalize(() => (this.openStreamCount -= 1)));
    });
  }

  async #answer<T>(read: () => T): Promise<T> {
    let answer: { value: T } | { error: unknown };
    try {
      answer = { value: read() };
    } catch (error) {
      answer = { error };
    }
    if (this.#callMs > 0) {
      await new Promise<void>((resolve) => void this.#time.setTimeout(resolve, this.#callMs));
    }
    if ('error' in answer) throw answer.error;
    return answer.value;
  }

  /** Only the event's own container is believed, and a sandbox is there until a step says it is removed. */
  #applyEvent(event: wire.ContainerEventResponse): void {
    const { containerId, containerEventType, podSandboxStatus, containersStatuses } = event;
    if (podSandboxStatus) this.#setSandbox(podSandboxStatus);
    if (this.#sandboxes.has(containerId)) return;
    if (containerEventType === wire.ContainerEventType.CONTAINER_DELETED_EVENT) this.#remove(containerId);
    const own = containersStatuses.find(({ id }) => id === containerId);
    if (own) this.#setContainer(own, podSandboxStatus?.id ?? '');
  }

  /** States only move forward: a late event may show an older one. */
  #setSandbox(status: wire.PodSandboxStatus): void {
    const known = this.#sandboxes.get(status.id);
    if (this.#removed.has(status.id) || (known && known.state > status.state)) return;
    this.#sandboxes.set(status.id, status);
  }

  #setContainer(status: wire.ContainerStatus, podSandboxId: string): void {
    const known = this.#containers.get(status.id);
    if (this.#removed.has(status.id) || (known && known.status.state > status.state)) return;
    if (known) known.status = status;
    else this.#containers.set(status.id, { podSandboxId, status });
  }

  #remove(id: string): void {
    this.#removed.add(id);
    this.#sandboxes.delete(id);
    this.#containers.delete(id);
  }
}

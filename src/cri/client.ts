import {
  create,
  type DescMessage,
  type DescMethodUnary,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf';
import { Client, credentials, type ChannelOptions } from '@grpc/grpc-js';
import { defer, map, tap } from 'rxjs';
import { systemTime, type Time } from '../lib/time.ts';
import {
  toContainer,
  toContainerEvent,
  toContainerStatus,
  toPodSandbox,
  toPodSandboxStatus,
} from './convert.ts';
import { CriError, type CriErrorCode } from './cri-error.ts';
import { parseEndpoint } from './endpoint.ts';
import { GetEventsRequestSchema, RuntimeService as RuntimeServiceDesc } from './gen/runtime/v1/api_pb.ts';
import type { CallOptions, RuntimeService } from './runtime-service.ts';
import { fromServerStream } from './server-stream.ts';
import { grpcMethodDefinition } from './service-definition.ts';
import { callUnary, type CancellableCall } from './unary.ts';

/** A call that has ended, for metrics. An event stream counts as one call as long as it lives. */
export interface CriCall {
  /** The CRI method, such as `ListContainers`. */
  readonly method: string;
  readonly durationMs: number;
  readonly code: CriErrorCode;
  /** Length of the answer's message, without gRPC's five bytes of framing; missing for streams and failures. */
  readonly answerBytes?: number;
}

/** A list record without id or metadata, left out of the list. */
export interface SkippedRecord {
  readonly method: string;
  readonly id: string;
}

export interface CriClientOptions {
  /** `unix:///path` of the runtime's socket. */
  readonly endpoint: string;
  /**
   * Deadline of every call but the event stream, milliseconds.
   *
   * @default 120_000 – kubelet `runtimeRequestTimeout`
   */
  readonly callTimeoutMs?: number;
  /**
   * Largest message either way, bytes. A longer answer fails with RESOURCE_EXHAUSTED.
   *
   * @default 16_777_216 – kubelet `maxMsgSize` (cri-client/pkg/remote_runtime.go)
   */
  readonly maxReceiveBytes?: number;
  /** Must not throw. */
  readonly onCall?: (call: CriCall) => void;
  /** Must not throw. */
  readonly onSkip?: (record: SkippedRecord) => void;
  readonly time?: Time;
}

/** A runtime over CRI v1. Connects with the first call, and again by itself whenever the runtime comes back. */
export interface CriClient extends RuntimeService {
  /** Ends every call under way with CANCELLED, and the connection. Later calls fail with CANCELLED. */
  close(): void;
}

/**
 * The backoff is that of kubelet's CRI client; while it lasts, calls fail at once with UNAVAILABLE. Keepalive
 * stays off, as it is by default: a dead peer closes its socket, a wedged one runs into the deadline, and
 * Go servers answer frequent pings with GOAWAY.
 */
const channelOptions = (maxMessageBytes: number): ChannelOptions => ({
  'grpc.max_receive_message_length': maxMessageBytes,
  'grpc.max_send_message_length': maxMessageBytes,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 3000,
  'grpc.enable_channelz': 0,
});

/** @throws EndpointError for an endpoint that is not `unix:///path`. */
export const createCriClient = ({
  endpoint,
  callTimeoutMs = 120_000,
  maxReceiveBytes = 16 * 1024 * 1024,
  onCall,
  onSkip,
  time = systemTime,
}: CriClientOptions): CriClient => {
  const { target } = parseEndpoint(endpoint);
  const client = new Client(target, credentials.createInsecure(), channelOptions(maxReceiveBytes));
  const { method: methods } = RuntimeServiceDesc;
  const callsUnderWay = new Set<CancellableCall>();
  let isClosed = false;

  /** Makes a call unless the client is closed, and lets `close` find it until it has its status. */
  const track = <C extends CancellableCall & NodeJS.EventEmitter>(method: string, start: () => C): C => {
    if (isClosed) throw new CriError(method, 'CANCELLED', 'the client is closed');
    const call = start();
    callsUnderWay.add(call);
    call.once('status', () => callsUnderWay.delete(call));
    return call;
  };

  const measure = (method: string): ((code: CriErrorCode, answerBytes?: number) => void) => {
    const startedMs = time.monotonicMs();
    return (code, answerBytes) =>
      onCall?.({
        method,
        durationMs: time.monotonicMs() - startedMs,
        code,
        ...(answerBytes !== undefined && { answerBytes }),
      });
  };

  const unary = <I extends DescMessage, O extends DescMessage>(
    desc: DescMethodUnary<I, O>,
    request: MessageInitShape<I>,
    { signal, timeoutMs = callTimeoutMs }: CallOptions = {},
  ): Promise<MessageShape<O>> => {
    const { path, requestSerialize, responseDeserialize } = grpcMethodDefinition(desc);
    const end = measure(desc.name);
    let answerBytes: number | undefined;
    return callUnary<MessageShape<O>>(
      (deadline, callback) =>
        track(desc.name, () =>
          client.makeUnaryRequest(
            path,
            requestSerialize,
            (bytes: Buffer) => {
              answerBytes = bytes.length;
              return responseDeserialize(bytes);
            },
            create(desc.input, request),
            { deadline },
            callback,
          ),
        ),
      { method: desc.name, timeoutMs, signal, time },
    ).then(
      (response) => {
        end('OK', answerBytes);
        return response;
      },
      (error: unknown) => {
        end(CriError.from(error, desc.name).code);
        throw error;
      },
    );
  };

  const convertList = <W extends { readonly id: string }, D>(
    { name }: { readonly name: string },
    records: readonly W[],
    convert: (record: W) => D | undefined,
  ): D[] => {
    const converted: D[] = [];
    for (const record of records) {
      const item = convert(record);
      if (item === undefined) onSkip?.({ method: name, id: record.id });
      else converted.push(item);
    }
    return converted;
  };

  return {
    async version(options) {
      const { runtimeName, runtimeVersion, runtimeApiVersion } = await unary(methods.version, {}, options);
      return { runtimeName, runtimeVersion, runtimeApiVersion };
    },

    async status(options) {
      const { status } = await unary(methods.status, {}, options);
      return {
        conditions: (status?.conditions ?? []).map(({ type, status: holds, reason, message }) => ({
          type,
          status: holds,
          reason,
          message,
        })),
      };
    },

    async listPodSandboxes(options) {
      const { items } = await unary(methods.listPodSandbox, {}, options);
      return convertList(methods.listPodSandbox, items, toPodSandbox);
    },

    async listContainers(options) {
      const { containers } = await unary(methods.listContainers, {}, options);
      return convertList(methods.listContainers, containers, toContainer);
    },

    async podSandboxStatus(podSandboxId, options) {
      const { name } = methods.podSandboxStatus;
      const { status } = await unary(methods.podSandboxStatus, { podSandboxId }, options);
      if (status === undefined) throw new CriError(name, 'INTERNAL', 'pod sandbox status is nil');
      const converted = toPodSandboxStatus(status);
      if (converted === undefined) throw new CriError(name, 'INTERNAL', 'pod sandbox metadata is nil');
      return converted;
    },

    async containerStatus(containerId, options) {
      const { name } = methods.containerStatus;
      const { status } = await unary(methods.containerStatus, { containerId }, options);
      if (status === undefined) throw new CriError(name, 'INTERNAL', 'container status is nil');
      return toContainerStatus(status);
    },

    containerEvents() {
      const { name } = methods.getContainerEvents;
      const { path, requestSerialize, responseDeserialize } = grpcMethodDefinition(
        methods.getContainerEvents,
      );
      return defer(() => {
        const end = measure(name);
        return fromServerStream(name, () =>
          track(name, () =>
            client.makeServerStreamRequest(
              path,
              requestSerialize,
              responseDeserialize,
              create(GetEventsRequestSchema),
            ),
          ),
        ).pipe(
          tap({
            error: (error: CriError) => {
              end(error.code);
            },
            complete: () => {
              end('OK');
            },
            unsubscribe: () => {
              end('CANCELLED');
            },
          }),
          map(toContainerEvent),
        );
      });
    },

    close() {
      isClosed = true;
      for (const call of callsUnderWay) call.cancel();
      client.close();
    },
  };
};

import { create, type DescMessage, type MessageInitShape, type MessageShape } from '@bufbuild/protobuf';
import type { Timestamp } from '@bufbuild/protobuf/wkt';
import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { Logger } from '../lib/log.ts';
import type { Time } from '../lib/time.ts';
import type { AgentView } from '../server/agent-view.ts';
import { CallError, invalidArgument } from './call-error.ts';
import { type Event, Pleg, type WatchRequest } from './gen/plegd/v1/api_pb.ts';
import type { OpenCalls } from './open-calls.ts';
import { podMessage } from './pod-message.ts';
import { statusMessage } from './status-message.ts';
import { watch } from './watch.ts';

export interface PlegServiceOptions {
  readonly view: AgentView;
  readonly logger: Logger;
  readonly time: Time;
  readonly calls: OpenCalls;
}

/** What plegd.v1.Pleg answers. */
export function createPlegService(options: PlegServiceOptions): UntypedServiceImplementation {
  const { view, time, calls } = options;
  const unary = <Input extends DescMessage, Output extends DescMessage>(
    { name, output }: { readonly name: string; readonly input: Input; readonly output: Output },
    answer: (
      request: MessageShape<Input>,
      signal: AbortSignal,
    ) => MessageInitShape<Output> | Promise<MessageInitShape<Output>>,
  ): handleUnaryCall<MessageShape<Input>, MessageShape<Output>> => {
    const work = async (request: MessageShape<Input>, signal: AbortSignal) => {
      signal.throwIfAborted();
      return create(output, await answer(request, signal));
    };
    return (call, respond) => {
      const { signal, end } = calls.add(call);
      work(call.request, signal)
        .then(
          (message) => respond(null, message),
          (error: unknown) => respond(refusalOf(error, name, options.logger)),
        )
        .finally(end);
    };
  };

  const handleWatch: handleServerStreamingCall<WatchRequest, Event> = (call) => {
    const { signal, end } = calls.add(call);
    watch(call, { view, time, signal })
      .catch((error: unknown) =>
        call.emit('error', refusalOf(signal.aborted ? signal.reason : error, 'Watch', options.logger)),
      )
      .finally(end);
  };

  return {
    Watch: handleWatch,
    ListPods: unary(Pleg.method.listPods, () => ({ pods: view.pods().map(podMessage) })),
    GetPod: unary(Pleg.method.getPod, async ({ uid, newerThan }, signal) => {
      if (uid === '') throw invalidArgument('uid: got "", expected the uid of a pod');
      const pod = newerThan
        ? await view.podNewerThan(uid, { newerThanNs: readTimestamp(newerThan), signal })
        : view.pod(uid);
      if (pod === undefined)
        throw new CallError(status.NOT_FOUND, `no pod ${JSON.stringify(uid)} on this node`);
      return podMessage(pod);
    }),
    Status: unary(Pleg.method.status, () => statusMessage(view.status())),
  };
}

/** @throws {CallError} */
function readTimestamp({ seconds, nanos }: Timestamp): bigint {
  if (nanos < 0 || nanos >= 1e9) {
    throw invalidArgument(`newer_than.nanos: got ${nanos}, expected 0 to 999999999`);
  }
  return seconds * 1_000_000_000n + BigInt(nanos);
}

/** What the caller is told. Whoever is gone already will not hear it. */
function refusalOf(error: unknown, method: string, logger: Logger): CallError {
  if (error instanceof CallError) return error;
  if (error instanceof DOMException && error.name === 'AbortError') {
    return new CallError(status.CANCELLED, 'the caller is gone', { cause: error });
  }
  logger.error({ err: error, method }, 'gRPC call failed');
  return new CallError(status.INTERNAL, `${method} failed, the agent's log says why`, { cause: error });
}

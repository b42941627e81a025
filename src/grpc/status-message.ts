import type { MessageInitShape } from '@bufbuild/protobuf';
import type { AgentStatus, PlegMode } from '../server/agent-view.ts';
import {
  EventStream_State,
  Mode,
  type RelistSchema,
  Runtime_State,
  type StatusResponseSchema,
} from './gen/plegd/v1/api_pb.ts';
import { timestamp } from './pod-message.ts';

const modes: Readonly<Record<PlegMode, Mode>> = { evented: Mode.EVENTED, generic: Mode.GENERIC };

const streamStates: Readonly<Record<AgentStatus['stream']['state'], EventStream_State>> = {
  off: EventStream_State.OFF,
  open: EventStream_State.OPEN,
  down: EventStream_State.DOWN,
};

const runtimeStates: Readonly<Record<AgentStatus['runtime']['state'], Runtime_State>> = {
  up: Runtime_State.UP,
  down: Runtime_State.DOWN,
  unknown: Runtime_State.UNKNOWN,
};

/** The agent's status on the wire. */
export const statusMessage = ({
  health,
  supervisor,
  relist,
  stream,
  runtime,
  counts,
  log,
  ...agent
}: AgentStatus): MessageInitShape<typeof StatusResponseSchema> => ({
  health: { ok: health.ok, message: health.message, checks: health.checks.map((check) => ({ ...check })) },
  mode: modes[agent.mode],
  configuredMode: modes[agent.configuredMode],
  startedAt: timestamp(agent.startedAt),
  supervisor: {
    state: supervisor.state,
    since: timestamp(supervisor.since),
    ...(supervisor.lastDegradation === undefined
      ? {}
      : {
          lastDegradation: {
            at: timestamp(supervisor.lastDegradation.at),
            reason: supervisor.lastDegradation.reason,
          },
        }),
    streamFailuresInARow: supervisor.streamFailuresInARow,
  },
  relist: relistMessage(relist),
  stream: {
    state: streamStates[stream.state],
    since: timestamp(stream.since),
    reconnects: BigInt(stream.reconnects),
    events: BigInt(stream.events),
    ...(stream.lastEventAt === undefined ? {} : { lastEventAt: timestamp(stream.lastEventAt) }),
    lastError: stream.lastError ?? '',
  },
  runtime: {
    endpoint: runtime.endpoint,
    state: runtimeStates[runtime.state],
    name: runtime.name ?? '',
    version: runtime.version ?? '',
    apiVersion: runtime.apiVersion ?? '',
    lastError: runtime.lastError ?? '',
  },
  counts: {
    pods: BigInt(counts.pods),
    containers: bigints(counts.containers),
    missedEvents: BigInt(counts.missedEvents),
    ignoredEvents: bigints(counts.ignoredEvents),
  },
  log: { firstSeq: BigInt(log.firstSeq), lastSeq: BigInt(log.lastSeq) },
});

const relistMessage = ({
  lastSuccessAt,
  lastError = '',
  ...ages
}: AgentStatus['relist']): MessageInitShape<typeof RelistSchema> => ({
  ...ages,
  ...(lastSuccessAt === undefined ? {} : { lastSuccessAt: timestamp(lastSuccessAt) }),
  lastError,
});

const bigints = (counts: Readonly<Record<string, number>>): Record<string, bigint> =>
  Object.fromEntries(Object.entries(counts).map(([key, count]) => [key, BigInt(count)]));

import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import type {
  EvidenceSource as SourceName,
  LifecycleEventType,
  LogEntry,
  PodLifecycleEvent,
} from '../pleg/lifecycle-event.ts';
import {
  type EventSchema,
  EventType,
  EvidenceSource,
  Inspection,
  type LifecycleEventSchema,
} from './gen/plegd/v1/api_pb.ts';

export type EventInit = MessageInitShape<typeof EventSchema>;

export const eventTypes: Readonly<Record<LifecycleEventType, EventType>> = {
  ContainerStarted: EventType.CONTAINER_STARTED,
  ContainerDied: EventType.CONTAINER_DIED,
  ContainerRemoved: EventType.CONTAINER_REMOVED,
  PodSync: EventType.POD_SYNC,
};

const sources: Readonly<Record<SourceName, EvidenceSource>> = {
  event: EvidenceSource.EVENT,
  relist: EvidenceSource.RELIST,
};

/** A log entry on the wire. */
export function eventMessage(entry: LogEntry): EventInit {
  const seq = BigInt(entry.seq);
  if (entry.type !== 'Gap') return { seq, entry: { case: 'lifecycle', value: lifecycleEvent(entry) } };
  const { from, to } = entry;
  return { seq, entry: { case: 'gap', value: { from: BigInt(from), to: BigInt(to) } } };
}

export const bookmark = (seq: number): EventInit => ({
  seq: BigInt(seq),
  entry: { case: 'bookmark', value: {} },
});

const lifecycleEvent = (event: PodLifecycleEvent): MessageInitShape<typeof LifecycleEventSchema> => ({
  type: eventTypes[event.type],
  podUid: event.podUid,
  podNamespace: event.podNamespace,
  podName: event.podName,
  containerId: event.containerId ?? '',
  containerName: event.containerName ?? '',
  sandbox: event.sandbox ?? false,
  source: sources[event.source],
  ...(event.runtimeTime === undefined ? {} : { runtimeTime: BigInt(event.runtimeTime) }),
  observedAt: timestampFromDate(new Date(event.observedAt)),
  ...(event.exitCode === undefined ? {} : { exitCode: event.exitCode }),
  reason: event.reason ?? '',
  inspection: event.inspection === 'failed' ? Inspection.FAILED : Inspection.UNSPECIFIED,
});

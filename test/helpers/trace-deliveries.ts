import type { JsonObject } from '@bufbuild/protobuf';
import type { Trace } from './trace.ts';

/** One event on the stream. */
export interface Delivery {
  readonly atMs: number;
  readonly event: JsonObject;
}

/** The stream as it was recorded. */
export const recorded = ({ lines }: Trace): Delivery[] =>
  lines.flatMap(({ atMs, event }) => (event ? [{ atMs, event }] : []));

export const doubled = (deliveries: readonly Delivery[]): Delivery[] =>
  deliveries.flatMap((delivery) => [delivery, delivery]);

/**
 * Each `size` events are held back until the last of them and then come in reverse, `spacingMs` apart: none
 * comes before it happened.
 */
export const reversed = (deliveries: readonly Delivery[], size: number, spacingMs: number): Delivery[] =>
  deliveries.flatMap((_, index) => {
    if (index % size !== 0) return [];
    const window = deliveries.slice(index, index + size);
    const lastMs = window.at(-1)?.atMs ?? 0;
    return window.toReversed().map(({ event }, place) => ({ atMs: lastMs + place * spacingMs, event }));
  });

/** The stream, and then all of it again, each event `afterMs` after its first time. */
export const replayed = (deliveries: readonly Delivery[], afterMs: number): Delivery[] => [
  ...deliveries,
  ...deliveries.map(({ atMs, event }) => ({ atMs: atMs + afterMs, event })),
];

export const withoutSandboxes = (deliveries: readonly Delivery[]): Delivery[] =>
  deliveries.map(({ atMs, event: { pod_sandbox_status: _sandbox, ...event } }) => ({ atMs, event }));

/** Every `nth` event never comes. */
export const withLosses = (deliveries: readonly Delivery[], nth: number): Delivery[] =>
  deliveries.filter((_, index) => (index + 1) % nth !== 0);

const olderStates: Readonly<Record<string, string>> = {
  CONTAINER_RUNNING: 'CONTAINER_CREATED',
  CONTAINER_EXITED: 'CONTAINER_RUNNING',
};

/** Every status that is not the event's own container's says the state before the one it was in. */
export const withOlderSiblings = (deliveries: readonly Delivery[]): Delivery[] =>
  deliveries.map(({ atMs, event }) => {
    const statuses = (event['containers_statuses'] ?? []) as JsonObject[];
    const containers_statuses = statuses.map((status) => {
      const older = olderStates[status['state'] as string];
      return status['id'] === event['container_id'] || !older ? status : { ...status, state: older };
    });
    return { atMs, event: { ...event, containers_statuses } };
  });

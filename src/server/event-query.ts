import { z } from 'zod';
import { unexpected } from '../lib/unexpected.ts';
import type { LifecycleEventType, LogEntry } from '../pleg/lifecycle-event.ts';

/** What a subscriber of events asks for. */
export interface EventQuery {
  /** Events after this number; without it, only what comes from now on. */
  readonly since?: number | undefined;
  readonly format: EventFormat;
  /** Pods by `name` or `namespace/name`; none for every pod. */
  readonly pod: readonly string[];
  /** None for every type. */
  readonly type: readonly LifecycleEventType[];
}

export type EventFormat = 'sse' | 'ndjson';

/** A question about events that cannot be answered: one line that names field, value and what was expected. */
export class EventQueryError extends Error {
  override readonly name = 'EventQueryError';
}

const eventTypes = Object.keys({
  ContainerStarted: true,
  ContainerDied: true,
  ContainerRemoved: true,
  PodSync: true,
} satisfies Record<LifecycleEventType, true>) as LifecycleEventType[];

const expectations = {
  since: 'the number of an event, 0 or more',
  format: 'sse or ndjson',
  pod: 'the name of a pod, or namespace/name',
  type: `one of ${eventTypes.join(', ')}`,
};

/** One or several texts, as a query string or a repeated flag gives them. */
const several = <T>(item: z.ZodType<T, string>) =>
  z
    .union([z.string(), z.array(z.string())])
    .optional()
    .transform((value) => [value ?? []].flat())
    .pipe(z.array(item));

const schema = z.strictObject({
  since: z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .optional(),
  format: z.enum(['sse', 'ndjson']).default('sse'),
  pod: several(z.string().min(1)),
  type: several(z.enum(eventTypes)),
});

/**
 * Reads the fields `since`, `format`, `pod` and `type`, the last two once or several times.
 *
 * @param nameOf how errors call a field; as it is by default
 * @throws {EventQueryError}
 */
export function readEventQuery(
  fields: Readonly<Record<string, unknown>>,
  nameOf: (field: string) => string = (field) => field,
): EventQuery {
  const { data, error } = schema.safeParse(fields);
  if (data !== undefined) return data;
  const [issue] = error.issues;
  if (issue?.code === 'unrecognized_keys') {
    const known = Object.keys(expectations).join(', ');
    throw new EventQueryError(`unknown parameter ${JSON.stringify(issue.keys[0])}, expected ${known}`);
  }
  const [field, index] = (issue?.path ?? []) as [keyof typeof expectations, number?];
  const given = fields[field];
  // Of several values, the one that is wrong.
  const value: unknown = Array.isArray(given) && index !== undefined ? given[index] : given;
  throw new EventQueryError(unexpected(nameOf(field), value, expectations[field]));
}

/** Whether a subscriber wants the entry. A Gap concerns everybody. */
export function matchesQuery(entry: LogEntry, { pod, type }: Pick<EventQuery, 'pod' | 'type'>): boolean {
  if (entry.type === 'Gap') return true;
  if (type.length > 0 && !type.includes(entry.type)) return false;
  const { podNamespace, podName } = entry;
  return pod.length === 0 || pod.includes(podName) || pod.includes(`${podNamespace}/${podName}`);
}

import { z } from 'zod';
import {
  containerEventSchema,
  containerSchema,
  containerStatusSchema,
  criErrorSchema,
  podSandboxSchema,
  podSandboxStatusSchema,
  runtimeStatusSchema,
  runtimeVersionSchema,
} from './recorded-answer.ts';

/** Goes up with every change that an older plegd would misread. */
export const formatVersion = 1;

const relistDuration = z.object({ periodMs: z.number(), thresholdMs: z.number() });

/** All of the configuration that the pipeline's decisions depend on. */
const settingsSchema = z.object({
  mode: z.enum(['evented', 'generic']),
  generic: relistDuration,
  evented: relistDuration,
  maxStreamRetries: z.int(),
  inspectConcurrency: z.int(),
  inspectTimeoutMs: z.number(),
  lifecycleLogSize: z.int(),
});

/** First line of a recording. */
export const headerSchema = z.object({
  /** Names the format: no other file begins so. */
  plegdRecording: z.literal(formatVersion),
  plegdVersion: z.string(),
  /** What the runtime called itself; null if it was silent at the start. */
  runtime: runtimeVersionSchema.nullable(),
  runtimeEndpoint: z.string(),
  /** The wall clock at `atMs` 0, nanoseconds since 1970. */
  startWallNs: z.string().regex(/^\d{1,20}$/),
  settings: settingsSchema,
});

/** Milliseconds since the start, with a fraction; when the line's input reached the pipeline. */
const at = { atMs: z.number() };
const count = z.int().min(1);

/** A call is known by its name, the id that it asked for, and how many such calls were before. */
const call = { id: z.string().default(''), nth: count, beganMs: z.number() };

const callNames = [
  'version',
  'status',
  'listPodSandboxes',
  'listContainers',
  'podSandboxStatus',
  'containerStatus',
] as const;

const answered = <K extends CallName, T extends z.ZodType>(kind: K, answer: T) =>
  z.object({ ...at, kind: z.literal(kind), ...call, answer });

/** Every other line. Their order is the order in which the pipeline got its inputs, whatever the times say. */
export const lineSchema = z.discriminatedUnion('kind', [
  answered('version', runtimeVersionSchema),
  answered('status', runtimeStatusSchema),
  answered('listPodSandboxes', z.array(podSandboxSchema)),
  answered('listContainers', z.array(containerSchema)),
  answered('podSandboxStatus', podSandboxStatusSchema),
  answered('containerStatus', containerStatusSchema),
  z.object({ ...at, kind: z.literal('failed'), call: z.enum(callNames), ...call, error: criErrorSchema }),
  /** Still under way at the end. */
  z.object({ ...at, kind: z.literal('unanswered'), call: z.enum(callNames), ...call }),
  /** The pipeline opened the event stream, for the nth time. */
  z.object({ ...at, kind: z.literal('streamOpened'), nth: count }),
  z.object({ ...at, kind: z.literal('event'), stream: count, event: containerEventSchema }),
  /** By the runtime; null for OK. */
  z.object({ ...at, kind: z.literal('streamEnded'), stream: count, error: criErrorSchema.nullable() }),
  /** The nth timer that the pipeline set went off. */
  z.object({ ...at, kind: z.literal('timer'), nth: count }),
  /** From here on the wall clock shows this: it was stepped, or has drifted. */
  z.object({ ...at, kind: z.literal('clock'), wallNs: z.string().regex(/^\d{1,20}$/) }),
  /** No input: what the pipeline made of those before. */
  z.object({ ...at, kind: z.literal('published'), event: z.record(z.string(), z.unknown()) }),
  z.object({ ...at, kind: z.literal('end') }),
]);

export type CallName = (typeof callNames)[number];
export type PipelineSettings = z.output<typeof settingsSchema>;
export type RecordingHeader = z.output<typeof headerSchema>;
export type RecordedLine = z.output<typeof lineSchema>;

/** A line of one kind. */
export type LineOf<K extends RecordedLine['kind']> = Extract<RecordedLine, { kind: K }>;

/** What the recorder hands in; `atMs` is added where it is written. */
export type WrittenLine =
  z.input<typeof lineSchema> extends infer Line
    ? Line extends { atMs: number }
      ? Omit<Line, 'atMs'>
      : never
    : never;

/** Names a call among all others of its recording. */
export const callKey = (name: CallName, id: string, nth: number): string => `${name} ${id} ${nth}`;

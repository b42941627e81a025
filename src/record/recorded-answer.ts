import { z } from 'zod';
import { criErrorCodes, type CriError } from '../cri/cri-error.ts';
import type {
  Container,
  ContainerStatus,
  CriContainerEvent,
  PodSandbox,
  PodSandboxStatus,
  RuntimeStatus,
  RuntimeVersion,
} from '../cri/runtime-service.ts';

/**
 * What the runtime says, as it stands in a recording: a schema for reading and beside it a function for
 * writing. Each names its fields one by one, so nothing gets into a file that is not named here.
 */

const stampNs = z
  .string()
  .regex(/^\d{1,20}$/)
  .transform(BigInt);
const identity = { podUid: z.string(), podName: z.string(), podNamespace: z.string() };
const podSandboxState = z.enum(['ready', 'notready']);
const containerState = z.enum(['created', 'running', 'exited', 'unknown']);

/** JSON has no `undefined`. */
const orNull = <T extends z.ZodType>(schema: T) =>
  schema.nullable().transform((value) => (value === null ? undefined : value));

export const runtimeVersionSchema = z.object({
  runtimeName: z.string(),
  runtimeVersion: z.string(),
  runtimeApiVersion: z.string(),
});

export const writeRuntimeVersion = ({
  runtimeName,
  runtimeVersion,
  runtimeApiVersion,
}: RuntimeVersion): z.input<typeof runtimeVersionSchema> => ({
  runtimeName,
  runtimeVersion,
  runtimeApiVersion,
});

export const runtimeStatusSchema = z.object({
  conditions: z.array(
    z.object({ type: z.string(), status: z.boolean(), reason: z.string(), message: z.string() }),
  ),
});

export const writeRuntimeStatus = ({ conditions }: RuntimeStatus): z.input<typeof runtimeStatusSchema> => ({
  conditions: conditions.map(({ type, status, reason, message }) => ({ type, status, reason, message })),
});

export const podSandboxSchema = z.object({
  id: z.string(),
  ...identity,
  state: podSandboxState,
  createdAtNs: stampNs,
});

export const writePodSandbox = (sandbox: PodSandbox): z.input<typeof podSandboxSchema> => ({
  id: sandbox.id,
  podUid: sandbox.podUid,
  podName: sandbox.podName,
  podNamespace: sandbox.podNamespace,
  state: sandbox.state,
  createdAtNs: sandbox.createdAtNs.toString(),
});

export const podSandboxStatusSchema = podSandboxSchema.extend({ ips: z.array(z.string()) });

export const writePodSandboxStatus = (status: PodSandboxStatus): z.input<typeof podSandboxStatusSchema> => ({
  ...writePodSandbox(status),
  ips: [...status.ips],
});

export const containerSchema = z.object({
  id: z.string(),
  podSandboxId: z.string(),
  ...identity,
  name: z.string(),
  state: containerState,
  createdAtNs: stampNs,
});

export const writeContainer = (container: Container): z.input<typeof containerSchema> => ({
  id: container.id,
  podSandboxId: container.podSandboxId,
  podUid: container.podUid,
  podName: container.podName,
  podNamespace: container.podNamespace,
  name: container.name,
  state: container.state,
  createdAtNs: container.createdAtNs.toString(),
});

/**
 * Without `message`: it is the one free text of a workload's own, such as the command line that could not be
 * started, and nothing in the pipeline reads it.
 */
const withoutMessage = z.object({
  id: z.string(),
  name: z.string(),
  state: containerState,
  createdAtNs: stampNs,
  startedAtNs: stampNs,
  finishedAtNs: stampNs,
  exitCode: orNull(z.int()),
  reason: z.string(),
  image: z.string(),
  imageId: z.string(),
  hash: orNull(stampNs),
  restartCount: z.int(),
});

export const containerStatusSchema = withoutMessage.transform((status) => ({ ...status, message: '' }));

export const writeContainerStatus = (status: ContainerStatus): z.input<typeof containerStatusSchema> => ({
  id: status.id,
  name: status.name,
  state: status.state,
  createdAtNs: status.createdAtNs.toString(),
  startedAtNs: status.startedAtNs.toString(),
  finishedAtNs: status.finishedAtNs.toString(),
  exitCode: status.exitCode ?? null,
  reason: status.reason,
  image: status.image,
  imageId: status.imageId,
  hash: status.hash?.toString() ?? null,
  restartCount: status.restartCount,
});

export const containerEventSchema = z.object({
  containerId: z.string(),
  kind: orNull(z.enum(['created', 'started', 'stopped', 'deleted'])),
  createdAtNs: stampNs,
  podSandbox: orNull(z.object({ id: z.string(), ...identity })),
  containerStatus: orNull(containerStatusSchema),
});

export const writeContainerEvent = ({
  containerId,
  kind,
  createdAtNs,
  podSandbox,
  containerStatus,
}: CriContainerEvent): z.input<typeof containerEventSchema> => ({
  containerId,
  kind: kind ?? null,
  createdAtNs: createdAtNs.toString(),
  podSandbox: podSandbox
    ? {
        id: podSandbox.id,
        podUid: podSandbox.podUid,
        podName: podSandbox.podName,
        podNamespace: podSandbox.podNamespace,
      }
    : null,
  containerStatus: containerStatus ? writeContainerStatus(containerStatus) : null,
});

export const criErrorSchema = z.object({
  method: z.string(),
  code: z.enum(criErrorCodes),
  details: z.string(),
});

export const writeCriError = ({ method, code, details }: CriError): z.input<typeof criErrorSchema> => ({
  method,
  code,
  details,
});

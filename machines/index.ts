export { containerMachine } from './container.ts';
export type {
  ContainerContext,
  ContainerEmitted,
  ContainerEvidence,
  ContainerEventEvidence,
  ContainerInput,
  ContainerListEvidence,
} from './container.ts';
export { backoffMs, supervisorMachine } from './supervisor.ts';
export type { StreamFailed, SupervisorContext, SupervisorEvent, SupervisorInput } from './supervisor.ts';
export type { ContainerLifecycleType, PlegContainerState, PlegMode, RelistDuration } from './types.ts';

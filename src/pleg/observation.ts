import type {
  Container,
  ContainerStatus,
  CriContainerEvent,
  PodSandbox,
  PodSandboxStatus,
} from '../cri/runtime-service.ts';
import type { InspectionCall } from './inspect.ts';

/** When something that takes time began: its place in the order of evidence, and by both clocks. */
export interface Beginning {
  readonly began: number;
  readonly beganMs: number;
  readonly beganWallNs: bigint;
}

/** Both lists of the runtime, complete. */
export interface RelistResult extends Beginning {
  readonly podSandboxes: readonly PodSandbox[];
  readonly containers: readonly Container[];
}

/** What is to be asked of one pod: the sandboxes and containers that it may have. */
export interface InspectionRequest extends Beginning {
  readonly podUid: string;
  readonly podName: string;
  readonly podNamespace: string;
  readonly podSandboxIds: readonly string[];
  readonly containerIds: readonly string[];
}

/** The answers; ids that were asked for and are not here do not exist. */
export interface InspectionAnswers {
  readonly podSandboxes: readonly PodSandboxStatus[];
  readonly containers: readonly ContainerStatus[];
}

export type InspectionOutcome =
  | { readonly ok: true; readonly answers: InspectionAnswers }
  /** `call` is the one that failed. */
  | { readonly ok: false; readonly error: Error; readonly call?: InspectionCall };

/** Whatever tells plegd about the runtime; all of it goes through the one writer. */
export type Observation =
  | { readonly kind: 'relist'; readonly relist: RelistResult }
  | { readonly kind: 'event'; readonly event: CriContainerEvent }
  | { readonly kind: 'inspection'; readonly request: InspectionRequest; readonly outcome: InspectionOutcome };

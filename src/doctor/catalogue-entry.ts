import type { Facts } from './facts.ts';

/**
 * `critical`: pods are not looked after now. `warning`: something is wrong and will bite. `info`: good to know,
 * nothing to do. The first two need action.
 */
export type Severity = 'critical' | 'warning' | 'info';

/** A figure, and the command with which a person sees the same. */
export interface Evidence {
  readonly figure: string;
  readonly command: string;
}

/** What is behind "PLEG is not healthy": the families of causes that operators have met. */
export const causeClasses = [
  'hung status',
  'many changes',
  'dead pile up',
  'cni',
  'runtime hang',
  'systemd',
  'stuck process',
  'host pressure',
  'kubelet',
  'durations',
  'clock',
  'blindness',
  'event stream',
  'agent',
] as const;

export type CauseClass = (typeof causeClasses)[number];

/** One thing that can be wrong with a node. */
export interface CatalogueEntry {
  /** Kebab-case and stable: scripts look for it. */
  readonly id: string;
  readonly causeClass: CauseClass;
  readonly severity: Severity;
  readonly title: string;
  /** The likely cause, in a sentence or two. */
  readonly cause: string;
  /** Upstream issues that tell the same story, as `owner/repository#number`. */
  readonly issues: readonly string[];
  /** What is safe to do next; says so where something is not. */
  readonly nextStep: string;
  /** Evidence for it, most telling first; empty where it is not the case or nobody could look. */
  readonly find: (facts: Facts) => readonly Evidence[];
}

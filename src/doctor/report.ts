import { type CatalogueEntry, type Evidence, type Severity } from './catalogue-entry.ts';
import { catalogue } from './catalogue.ts';
import type { Facts } from './facts.ts';
import { countText } from './words.ts';

/** An entry of the catalogue that is the case. */
export interface Finding extends Omit<CatalogueEntry, 'find'> {
  readonly evidence: readonly Evidence[];
}

export interface Report {
  /** One line. */
  readonly verdict: string;
  /** 0: nothing needs action. 1: a finding does. */
  readonly exitCode: 0 | 1;
  /** Most important first. */
  readonly findings: readonly Finding[];
  readonly unseen: readonly { readonly probe: string; readonly why: string }[];
  readonly facts: Facts;
}

const ranks: Readonly<Record<Severity, number>> = { critical: 0, warning: 1, info: 2 };

const needsAction = ({ severity }: Finding): boolean => severity !== 'info';

/** Judges what was seen by the catalogue. */
export const judge = (facts: Facts, entries: readonly CatalogueEntry[] = catalogue): Report => {
  const findings = entries
    .map(({ find, ...entry }): Finding => ({ ...entry, evidence: find(facts) }))
    .filter(({ evidence }) => evidence.length > 0)
    .toSorted((a, b) => ranks[a.severity] - ranks[b.severity]);
  const urgent = findings.filter(needsAction);
  return {
    verdict: describeVerdict(urgent, facts),
    exitCode: urgent.length > 0 ? 1 : 0,
    findings,
    unseen: Object.entries(facts)
      .map(([probe, fact]: [string, unknown]) => ({ probe, why: (fact as { unseen?: string }).unseen }))
      .filter((look): look is { probe: string; why: string } => look.why !== undefined),
    facts,
  };
};

const describeVerdict = (urgent: readonly Finding[], { endpoint, windowMs }: Facts): string => {
  const [first] = urgent;
  if (first === undefined)
    return `healthy: ${windowMs / 1_000} s at ${endpoint} showed nothing that needs action`;
  const [evidence] = first.evidence;
  return `${countText(urgent.length, 'finding needs', 'findings need')} action, first: ${first.title} (${evidence?.figure})`;
};

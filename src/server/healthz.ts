import type { HealthReport } from './agent-view.ts';

/** The body of /healthz, as Kubernetes' components write it; `verbose` lists every check, and what is degraded. */
export function renderHealthz({ ok, message, checks, degradations }: HealthReport, verbose: boolean): string {
  if (!verbose) return ok ? 'ok' : message;
  const lines = checks.map((check) =>
    check.ok ? `[+]${check.name} ok` : `[-]${check.name} failed: ${check.message}`,
  );
  lines.push(...degradations.map(({ name, message: text }) => `[!]${name} degraded: ${text}`));
  return [...lines, `healthz check ${ok ? 'passed' : 'failed'}`, ''].join('\n');
}

const units = { s: 1, m: 60, h: 3600, d: 86_400, y: 365 * 86_400 } as const;

/** `5m30s`, or `5m` when nothing is left over. */
function join(seconds: number, large: keyof typeof units, small: keyof typeof units): string {
  const count = Math.floor(seconds / units[large]);
  const rest = Math.floor((seconds % units[large]) / units[small]);
  return rest === 0 ? `${count}${large}` : `${count}${large}${rest}${small}`;
}

/** How long ago, as kubectl prints it (`HumanDuration` of k8s.io/apimachinery): `45s`, `5m30s`, `3h`, `12d`. */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 2 * units.m) return `${seconds}s`;
  if (seconds < 10 * units.m) return join(seconds, 'm', 's');
  if (seconds < 3 * units.h) return `${Math.floor(seconds / units.m)}m`;
  if (seconds < 8 * units.h) return join(seconds, 'h', 'm');
  if (seconds < 2 * units.d) return `${Math.floor(seconds / units.h)}h`;
  if (seconds < 8 * units.d) return join(seconds, 'd', 'h');
  if (seconds < 2 * units.y) return `${Math.floor(seconds / units.d)}d`;
  if (seconds < 8 * units.y) return join(seconds, 'y', 'd');
  return `${Math.floor(seconds / units.y)}y`;
}

/** Age of an ISO stamp. */
export const ageOf = (stamp: string, nowMs: number): string => formatAge(nowMs - Date.parse(stamp));

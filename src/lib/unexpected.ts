const shownLength = 60;

/** Says on one line what stands where something else was expected; `where` is a flag, variable, key or place. */
export function unexpected(where: string, value: unknown, expected: string): string {
  const text = JSON.stringify(value) ?? String(value);
  const shown = text.length <= shownLength ? text : `${text.slice(0, shownLength)}…`;
  return `${where}: got ${shown}, expected ${expected}`;
}

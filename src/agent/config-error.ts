/** Configuration that cannot be used: one line that names the place, the value and what was expected. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  /** @param where the flag, the variable, or file, line, column and key */
  static unexpected(where: string, value: unknown, expected: string, options?: ErrorOptions): ConfigError {
    return new ConfigError(`${where}: got ${show(value)}, expected ${expected}`, options);
  }
}

const shownLength = 60;

/** A value on one short line. */
function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= shownLength ? text : `${text.slice(0, shownLength)}…`;
}

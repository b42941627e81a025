import { unexpected } from '../lib/unexpected.ts';

/** Configuration that cannot be used: one line that names the place, the value and what was expected. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  /** @param where the flag, the variable, or file, line, column and key */
  static unexpected(where: string, value: unknown, expected: string): ConfigError {
    return new ConfigError(unexpected(where, value, expected));
  }
}

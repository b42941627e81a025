/** Access that cannot be granted as asked: one line that names flag and file, and says what was expected. */
export class AccessError extends Error {
  override readonly name = 'AccessError';
}

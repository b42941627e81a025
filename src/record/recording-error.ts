/** A file that cannot be replayed: one line that names the file, the place and what was expected. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError';
}

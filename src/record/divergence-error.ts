/** A replay that left its recording: the pipeline did something else than the one that was recorded. */
export class DivergenceError extends Error {
  override readonly name = 'DivergenceError';
}

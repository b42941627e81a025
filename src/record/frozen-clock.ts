/**
 * Both clocks of a pipeline that is recorded or replayed. They stand still while it works on one input, so
 * that all it reads in between is one time, which fits on one line.
 */
export class FrozenClock {
  #nowMs = 0;
  #wallAtStartNs: bigint;

  /** @param wallNs the wall clock at the start, nanoseconds since 1970 */
  constructor(wallNs: bigint) {
    this.#wallAtStartNs = wallNs;
  }

  /** Milliseconds since the start. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Nanoseconds since 1970. */
  get wallNs(): bigint {
    return this.#wallAtStartNs + this.#sinceStartNs;
  }

  moveTo(nowMs: number): void {
    this.#nowMs = nowMs;
  }

  /** The wall clock was stepped, or has drifted. */
  setWall(wallNs: bigint): void {
    this.#wallAtStartNs = wallNs - this.#sinceStartNs;
  }

  get #sinceStartNs(): bigint {
    return BigInt(Math.round(this.#nowMs * 1e6));
  }
}

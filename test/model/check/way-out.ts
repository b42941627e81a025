/** The graph of an exploration, and from which of its states a good one can be reached. */
export class WayOut {
  readonly #into = new Map<number, number[]>();
  readonly #good = new Set<number>();
  #stateCount = 0;

  addState(state: number, isGood: boolean): void {
    this.#stateCount = Math.max(this.#stateCount, state + 1);
    if (isGood) this.#good.add(state);
  }

  addTransition(from: number, to: number): void {
    const sources = this.#into.get(to);
    if (sources) sources.push(from);
    else this.#into.set(to, [from]);
  }

  /** The first state, that is one with a shortest path to it, from which no good state can be reached. */
  firstDeadEnd(): number | undefined {
    const reached = new Set(this.#good);
    const queue = [...reached];
    for (const state of queue) {
      for (const source of this.#into.get(state) ?? []) {
        if (reached.has(source)) continue;
        reached.add(source);
        queue.push(source);
      }
    }
    for (let state = 0; state < this.#stateCount; state += 1) if (!reached.has(state)) return state;
    return undefined;
  }
}

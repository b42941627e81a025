/**
 * The order in which evidence of the runtime's state reached plegd, or was asked for: a plain count, because
 * neither the runtime's stamps nor this process's clocks order states.
 */
export class EvidenceOrder {
  #last = 0;

  /** The place of a piece of evidence that arrives, or of a call that begins, now. */
  next(): number {
    this.#last += 1;
    return this.#last;
  }
}

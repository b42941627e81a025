/**
 * A small world that the checker can explore: what can happen next, making it happen, and a text that is
 * equal for two states which nothing can tell apart any more.
 */
export interface World<TAction> {
  /** Everything that can happen now. */
  actions(): TAction[];
  /** Makes it happen; a promise only where production code answers in a later microtask. */
  perform(action: TAction): void | Promise<void>;
  fingerprint(): string;
  /** The action in words, before it happens. */
  describe(action: TAction): Sentence;
  /** What a person should know of the state, line by line; a trace shows those that are new. */
  facts(): readonly string[];
}

/** Who acts, and what happens. */
export interface Sentence {
  readonly lane: string;
  readonly text: string;
}

export interface Finding {
  readonly property: string;
  readonly message: string;
}

/** Judges every state as it stands: says what is wrong, or nothing. Must not change the world. */
export interface Property<TWorld> {
  readonly name: string;
  readonly check: (world: TWorld) => string | undefined;
}

/** Lets a world, which is its own, run on from a state in one certain way, and judges how that ends. */
export interface Probe<TWorld> {
  /** The properties that it judges. */
  readonly names: readonly string[];
  /** States of which nothing is to be learned are left out. Must not change the world. */
  readonly applies?: (world: TWorld) => boolean;
  readonly run: (world: TWorld) => Finding | undefined | Promise<Finding | undefined>;
}

/**
 * Everything that can happen in a small world. An answer of the runtime shows one moment between the
 * beginning and the end of its call; which one is chosen when it comes. `Version`: how many steps the whole
 * runtime had taken at that moment.
 */
export type Action =
  /** A part of the runtime takes the next step of its life. */
  | { readonly kind: 'advance'; readonly id: string }
  /** An event arrives; one that is not the first overtakes those before it. */
  | { readonly kind: 'deliver'; readonly index: number }
  | { readonly kind: 'beginRelist' }
  | { readonly kind: 'endRelist'; readonly sandboxesVersion: number; readonly containersVersion: number }
  /** Of the pod that production wants next. */
  | { readonly kind: 'beginInspection' }
  /** The ids are asked for one after the other; the moment of each. */
  | { readonly kind: 'endInspection'; readonly podUid: string; readonly versions: readonly number[] }
  /** Until the next pod that waits for its retry is due. */
  | { readonly kind: 'wait' }
  | { readonly kind: 'reconnect'; readonly isReplaying: boolean }
  | ConsumerAction
  | FaultAction;

/** What takes a microtask or two. */
export type ConsumerAction =
  /** The consumer takes one entry from the log. */
  | { readonly kind: 'read' }
  /** The consumer goes away and comes back with the number it read last. A fault. */
  | { readonly kind: 'resume' };

type FaultAction =
  /** The first event arrives, and will arrive again. */
  | { readonly kind: 'double' }
  /** The first event arrives without its sandbox. */
  | { readonly kind: 'deliverNil' }
  | { readonly kind: 'drop' }
  | { readonly kind: 'break' }
  | { readonly kind: 'failInspection'; readonly podUid: string };

/** What may go wrong in a world. */
export type Fault = FaultAction['kind'] | 'overtake' | 'replay' | 'resume';

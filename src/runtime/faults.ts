import type { status } from '@grpc/grpc-js';
import type { ContainerEventResponse } from '../cri/gen/runtime/v1/api_pb.ts';

/**
 * Something to do to a call beside answering it. In the order of the fields: the call is held, then fails, or
 * its answer is spoilt.
 */
export interface CallFault {
  /** Only calls about this container, sandbox or image; without it every call of the method. */
  id?: string;
  /** How many calls it strikes before it is spent; without it all. */
  times?: number;
  /**
   * `request` (default): the call is held or fails before anything was done. `answer`: the work is done and
   * the answer, stale by then, is held back; or, with `fail`, lost.
   */
  at?: 'request' | 'answer';
  /** Holds the call so long, milliseconds. */
  delayMs?: number;
  /** Holds the call until this settles; `new Promise(() => {})` hangs it for good. */
  until?: Promise<unknown>;
  /** Ends the call with this status. */
  fail?: { readonly code: status; readonly details?: string };
  /** Sends bytes that are no message. For a stream, each of its messages. */
  garbage?: boolean;
  /** Sends a message with nothing in it: a status that is nil, a list of nobody. */
  empty?: boolean;
  /** Makes the answer (for a stream, each of its messages) this long, by a field that nobody knows. */
  padToBytes?: number;
}

/** What to do to the event stream. Read for every event, so a change counts from the next one on. */
export interface EventFaults {
  /**
   * What a call of GetContainerEvents gets: `serve`, or `eof`: the end at once with OK, as CRI-O does with pod
   * events off. To refuse the call use `calls.GetContainerEvents` with `fail`.
   *
   * @default 'serve'
   */
  onOpen: 'serve' | 'eof';
  /** Streams stay open and nothing is sent; what happens meanwhile is never told. @default false */
  isSilent: boolean;
  /** Each event reaches its readers so much later, milliseconds. @default 0 */
  delayMs: number;
  /** Loses the events that this is true for. @default none */
  drop: (event: ContainerEventResponse) => boolean;
  /** Loses so many of the next events; counts itself down. @default 0 */
  dropNext: number;
  /** Sends every event twice. @default false */
  isDoubled: boolean;
  /** Keeps so many of the next events back and sends them last one first; counts itself down. @default 0 */
  reverseNext: number;
  /** Sends so many of the next events as bytes that are no message; counts itself down. @default 0 */
  garbageNext: number;
  /** Leaves the sandbox's status out, as containerd 1.7 does for a removed sandbox. @default false */
  hasNoSandbox: boolean;
}

/**
 * The embedded runtime's switches for tests: a plain object to be changed at any time. Unset, the runtime
 * behaves.
 */
export interface RuntimeFaults {
  /** By the name of the call in the .proto, such as `ListContainers`. The first that matches strikes. */
  calls: Partial<Record<string, CallFault[]>>;
  events: EventFaults;
  /** Lists and the statuses in events come in a new order each time, as containerd's do. @default true */
  isListOrderRandom: boolean;
}

/** Switches of a runtime that behaves. `Object.assign(runtime.faults, noFaults())` heals one. */
export const noFaults = (): RuntimeFaults => ({
  calls: {},
  events: {
    onOpen: 'serve',
    isSilent: false,
    delayMs: 0,
    drop: () => false,
    dropNext: 0,
    isDoubled: false,
    reverseNext: 0,
    garbageNext: 0,
    hasNoSandbox: false,
  },
  isListOrderRandom: true,
});

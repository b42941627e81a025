import type { MadeEvent, ModelRuntime } from './model-runtime.ts';

/** The event stream between the runtime and plegd: what is under way on it, oldest first. */
export class ModelStream {
  isOpen = true;
  queue: MadeEvent[] = [];

  /** A runtime that has no reader keeps nothing; whether it replays is decided when a reader comes. */
  push(made: MadeEvent | undefined): void {
    if (made && this.isOpen) this.queue.push(made);
  }

  take(index: number): MadeEvent {
    return this.queue.splice(index, 1)[0]!;
  }

  /** What was under way is lost. */
  break(): void {
    this.isOpen = false;
    this.queue = [];
  }

  /** With a replay, all that the runtime ever said comes again, as containerd does with five minutes of it. */
  open(runtime: ModelRuntime, isReplaying: boolean): void {
    this.isOpen = true;
    this.queue = isReplaying ? [...runtime.made] : [];
  }
}

import type { AnyActorRef, InspectionEvent } from 'xstate';
import type { Time, TimerHandle } from '../lib/time.ts';
import { describeActor, describeInspection, type InspectMessage } from './inspect-wire.ts';

/** The machines that can be watched. */
export interface InspectView {
  supervisor(): AnyActorRef;
  /** Of the pod's containers and sandboxes, those that exist now; undefined for a pod that is not there. */
  pod(podUid: string): readonly AnyActorRef[] | undefined;
  container(containerId: string): AnyActorRef | undefined;
}

/** Where messages go. */
export interface InspectSink {
  /** Whether it takes one now without piling it up. */
  isReady(): boolean;
  send(message: string): void;
}

/** Messages that wait for one viewer; the oldest go first when there are more. */
export const queueLimit = 500;

/** How often a chosen pod is looked at for new containers, milliseconds. */
const lookPeriodMs = 1_000;

export interface InspectFeedOptions {
  /** The actors that the viewer chose, as they are now. */
  readonly choose: () => readonly AnyActorRef[];
  readonly sink: InspectSink;
  readonly time: Time;
}

/**
 * Tells one viewer what happens to the actors it chose. Inspection is attached for as long as it looks; a
 * viewer that does not keep up loses the oldest messages and is told how many.
 */
export class InspectFeed {
  readonly #options: InspectFeedOptions;
  readonly #attached = new Map<string, { unsubscribe(): void }>();
  readonly #queue: InspectMessage[] = [];
  #droppedCount = 0;
  #timer: TimerHandle;

  constructor(options: InspectFeedOptions) {
    this.#options = options;
    this.#look();
  }

  /** Sends what waits, as far as the sink takes it. */
  pump(): void {
    const { sink } = this.#options;
    while (sink.isReady()) {
      if (this.#droppedCount > 0) {
        sink.send(JSON.stringify({ type: 'plegd.dropped', count: this.#droppedCount }));
        this.#droppedCount = 0;
      }
      const message = this.#queue.shift();
      if (message === undefined) return;
      sink.send(JSON.stringify(message));
    }
  }

  /** Detaches from every actor. */
  end(): void {
    this.#options.time.clearTimeout(this.#timer);
    for (const subscription of this.#attached.values()) subscription.unsubscribe();
    this.#attached.clear();
    this.#queue.length = 0;
  }

  #look(): void {
    const { choose, time } = this.#options;
    const chosen = new Map(choose().map((actor) => [actor.sessionId, actor]));
    for (const [sessionId, subscription] of this.#attached) {
      if (chosen.has(sessionId)) continue;
      subscription.unsubscribe();
      this.#attached.delete(sessionId);
    }
    for (const [sessionId, actor] of chosen) {
      if (!this.#attached.has(sessionId)) this.#attached.set(sessionId, this.#attach(actor));
    }
    this.pump();
    this.#timer = time.setTimeout(() => this.#look(), lookPeriodMs);
  }

  #attach(actor: AnyActorRef): { unsubscribe(): void } {
    this.#push(describeActor(actor, this.#nowMs()));
    // Those that the actor has invoked are part of what it is.
    const children = Object.values(
      (actor.getSnapshot() as { children?: Record<string, AnyActorRef> }).children ?? {},
    );
    for (const child of children) this.#push(describeActor(child, this.#nowMs()));
    return actor.system.inspect((event: InspectionEvent) => {
      const message = describeInspection(event, this.#nowMs());
      if (message === undefined) return;
      this.#push(message);
      this.pump();
    });
  }

  #push(message: InspectMessage): void {
    this.#queue.push(message);
    if (this.#queue.length <= queueLimit) return;
    this.#queue.shift();
    this.#droppedCount += 1;
  }

  #nowMs(): number {
    return Number(this.#options.time.wallNs() / 1_000_000n);
  }
}

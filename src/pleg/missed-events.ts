import type { Time, TimerHandle } from '../lib/time.ts';

/** How long an event may lag behind the relist that found its change: seen up to 0.7 s under load. */
export const missedGraceMs = 5_000;

/**
 * Changes that a relist found and no event announced, although one was due: the metric that KEP-3386
 * promised (`kube_pod_missed_events`) and kubelet never built. A change counts when its event has not
 * come within the grace.
 */
export class MissedEvents {
  readonly #suspects = new Map<string, TimerHandle>();
  readonly #excused = new Map<string, TimerHandle>();
  readonly #time: Time;
  readonly #onMissed: (containerId: string) => void;

  constructor(time: Time, onMissed: (containerId: string) => void) {
    this.#time = time;
    this.#onMissed = onMissed;
  }

  suspect(containerId: string): void {
    if (this.#suspects.has(containerId) || this.#excused.has(containerId)) return;
    const timer = this.#time.setTimeout(() => {
      this.#suspects.delete(containerId);
      this.#onMissed(containerId);
    }, missedGraceMs);
    this.#suspects.set(containerId, timer);
  }

  /** An event came for the container: it was late, not lost. */
  announce(containerId: string): void {
    const timer = this.#suspects.get(containerId);
    if (timer === undefined) return;
    this.#time.clearTimeout(timer);
    this.#suspects.delete(containerId);
  }

  /** An event came for the container that only a relist can place: what that finds was announced. */
  excuse(containerId: string): void {
    this.#time.clearTimeout(this.#excused.get(containerId));
    const timer = this.#time.setTimeout(() => this.#excused.delete(containerId), missedGraceMs);
    this.#excused.set(containerId, timer);
  }

  clear(): void {
    for (const timers of [this.#suspects, this.#excused]) {
      for (const timer of timers.values()) this.#time.clearTimeout(timer);
      timers.clear();
    }
  }
}

import type { PodLifecycleEvent } from '../../../src/pleg/lifecycle-event.ts';
import type { RelistResult } from '../../../src/pleg/observation.ts';

export type PropertyName = 'Order' | 'No going back' | 'Freshness' | 'No loss';

/** What plegd believes of a part, in words that can be compared. */
export type Belief = 'unseen' | 'created' | 'lost' | 'running' | 'exited' | 'gone';

/** What properties have to remember of a path: what was shown, when it was true, what was published. */
export class Chronicle {
  /** The first violation that was seen while something was happening. */
  violation: { readonly property: PropertyName; readonly message: string } | undefined;
  /** What was published of each part, in order: S started, D died, R removed; `!` after a failed inspection. */
  readonly lines = new Map<string, string>();
  /** All that was published, by number less one. */
  readonly published: string[] = [];
  /** The belief of each part, and how far its life had come in the evidence behind that. */
  readonly beliefs = new Map<string, Belief>();
  readonly basisAges = new Map<string, number>();
  /** What the last relist that ended showed of each part. */
  shown = new Map<string, string>();
  /** `id state` of what two successive relists showed. */
  readonly shownTwice = new Set<string>();
  /** Beginnings of the relists that have ended, latest first: moments that the cache may vouch for. */
  readonly relistsMs: number[] = [];
  /** What the runtime made before this is old to plegd, wall clock. */
  newsSinceNs: bigint;
  /** When the announcement of a removal arrived. */
  readonly deletedArrivedMs = new Map<string, number>();
  /** Parts of which a relist begun after that arrival has shown the remains. */
  readonly remainsShown = new Set<string>();

  constructor(newsSinceNs: bigint) {
    this.newsSinceNs = newsSinceNs;
  }

  accuse(property: PropertyName, message: string): void {
    this.violation ??= { property, message };
  }

  notePublished({ type, containerId, podUid, inspection }: PodLifecycleEvent): void {
    this.published.push(`${type} ${containerId ?? podUid}`);
    if (containerId === undefined) return;
    const letter = type.charAt('Container'.length) + (inspection === 'failed' ? '!' : '');
    this.lines.set(containerId, (this.lines.get(containerId) ?? '') + letter);
  }

  noteRelist({ podSandboxes, containers, beganMs, beganWallNs }: RelistResult): void {
    const shown = new Map<string, string>(containers.map(({ id, state }) => [id, state]));
    for (const { id, state } of podSandboxes) shown.set(id, state === 'ready' ? 'running' : 'exited');
    for (const [id, state] of shown) {
      const isTelling = state === 'running' || state === 'exited';
      if (isTelling && this.shown.get(id) === state) this.shownTwice.add(`${id} ${state}`);
    }
    this.shown = shown;
    this.relistsMs.unshift(beganMs);
    this.newsSinceNs = beganWallNs;
  }

  /**
   * Compares what plegd believes with what it believed before. Evidence of an earlier moment than the
   * evidence behind a belief is stale, and must not change it.
   */
  noteBelief(id: string, belief: Belief, age: number | undefined): void {
    const before = this.beliefs.get(id) ?? 'unseen';
    if (belief === before || belief === 'unseen') return;
    this.beliefs.set(id, belief);
    const basisAge = this.basisAges.get(id) ?? 0;
    if (age === undefined) {
      this.accuse('No going back', `${id} moved from ${before} to ${belief} without any evidence of it`);
    } else if (age < basisAge) {
      this.accuse('No going back', `${id} moved from ${before} back to ${belief}, which is an older truth`);
    }
    this.basisAges.set(id, Math.max(basisAge, age ?? 0));
  }
}

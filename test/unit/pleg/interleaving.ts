import { expect } from 'vitest';
import type {
  Container,
  ContainerState,
  CriContainerEvent,
  CriEventKind,
  PodSandbox,
  PodSandboxStatus,
} from '../../../src/cri/runtime-service.ts';
import type { PodLifecycleEvent } from '../../../src/pleg/lifecycle-event.ts';
import { containerOf, eventOf, identityOf, sandboxOf } from './records.ts';
import { TestMerge, type TestInspection, type World } from './test-merge.ts';

type Life = 'absent' | ContainerState | 'removing' | 'gone';

interface Thing {
  readonly podUid: string;
  readonly id: string;
  /** Its own id for a sandbox. */
  readonly sandboxId: string;
  life: Life;
}

const isSandbox = ({ id, sandboxId }: Thing): boolean => id === sandboxId;

interface RelistUnderWay {
  readonly end: (world: World) => void;
  sandboxes?: readonly (PodSandbox & PodSandboxStatus)[];
  containers?: readonly Container[];
}

interface InspectionUnderWay extends TestInspection {
  /** What is left to ask. */
  readonly ids: string[];
  readonly sandboxes: (PodSandbox & PodSandboxStatus)[];
  readonly containers: Container[];
}

/** What can happen: to the runtime, to its events on their way, to calls under way, and from those who ask. */
export type Action =
  | 'live'
  | 'deliver'
  | 'deliverTwice'
  | 'lose'
  | 'advanceRelist'
  | 'beginInspection'
  | 'advanceInspection'
  | 'failInspection'
  | 'requestObservation'
  | 'requestReinspect'
  | 'stepClock'
  | 'wait';

/** One step of a run; `pick` says to which of many, or for how long. */
export type Step = readonly [action: Action, pick: number];

const stages = { ContainerStarted: 1, ContainerDied: 2, ContainerRemoved: 3 } as const;
const podUids = ['p', 'q'];

/**
 * A runtime whose containers only move forward, with the writer that watches it. Events are delivered late,
 * twice, out of order or not at all; each list and each status shows the moment at which it is asked for,
 * somewhere between the beginning and the end of its call. What is published is judged at once.
 */
export class Interleaving {
  readonly merge = new TestMerge();
  /** Each pod may have a second sandbox, beside its first one or after it. */
  readonly #things: Thing[] = podUids.flatMap((podUid) =>
    [`${podUid}-a`, `${podUid}-b`].flatMap((sandboxId) => [
      { podUid, id: sandboxId, sandboxId, life: 'absent' as Life },
      { podUid, id: `${sandboxId}1`, sandboxId, life: 'absent' as Life },
      { podUid, id: `${sandboxId}2`, sandboxId, life: 'absent' as Life },
    ]),
  );
  /** Events that the runtime has made and nobody has got yet. */
  readonly #wire: CriContainerEvent[] = [];
  readonly #stages = new Map<string, number>();
  readonly #inspections: InspectionUnderWay[] = [];
  #relist: RelistUnderWay | undefined;

  constructor() {
    this.merge.onPublished = (event) => this.#judge(event);
  }

  async take([action, pick]: Step): Promise<void> {
    await this.merge.time.advance(action === 'wait' ? pick : 1);
    const podUid = podUids[pick % podUids.length] as string;
    const acts: Record<Action, () => void> = {
      live: () => this.#live(this.#things[pick % this.#things.length] as Thing, pick),
      deliver: () => this.#deliver(pick, true),
      deliverTwice: () => this.#deliver(pick, false),
      lose: () => this.#wire.splice(pick % Math.max(1, this.#wire.length), 1),
      advanceRelist: () => this.#advanceRelist(pick),
      beginInspection: () => this.#beginInspection(),
      advanceInspection: () => this.#advanceInspection(pick),
      failInspection: () => this.#failInspection(pick),
      requestObservation: () => this.merge.merge.requestObservation(podUid),
      requestReinspect: () => this.merge.merge.requestReinspect(podUid),
      stepClock: () => {
        this.merge.time.wallStepNs += BigInt(pick - 1_000) * 3_600_000_000n;
      },
      wait: () => undefined,
    };
    acts[action]();
  }

  /** Ends what is under way, looks once more at everything, and compares with the runtime. */
  async settle(): Promise<void> {
    while (this.#relist) this.#advanceRelist(0);
    this.#settleInspections();
    await this.merge.time.advance(61_000);
    for (const thing of this.#things) if (thing.life === 'removing') thing.life = 'gone';
    const endRelist = this.merge.beginRelist();
    endRelist(this.#world());
    this.#settleInspections();
    this.#compare();
  }

  /** What was never delivered comes after all. */
  deliverRest(): void {
    while (this.#wire.length > 0) this.#deliver(0, true);
  }

  #live(thing: Thing, pick: number): void {
    const sandbox = this.#things.find(({ id }) => id === thing.sandboxId) as Thing;
    if (thing === sandbox) this.#liveSandbox(thing, pick);
    else if (thing.life === 'absent' && sandbox.life === 'running') this.#move(thing, 'created', 'created');
    else if (thing.life === 'created' && pick % 4 === 0) this.#move(thing, 'exited');
    else if (thing.life === 'created') this.#move(thing, 'running', 'started');
    else if (thing.life === 'running') this.#move(thing, 'exited', 'stopped');
    else if (thing.life === 'exited') this.#move(thing, 'gone', 'deleted');
  }

  #liveSandbox(sandbox: Thing, pick: number): void {
    if (sandbox.life === 'absent') {
      this.#move(sandbox, 'running', 'created', 'started');
    } else if (sandbox.life === 'running') {
      this.#move(sandbox, 'exited', 'stopped');
    } else if (sandbox.life === 'removing') {
      sandbox.life = 'gone';
    } else if (sandbox.life === 'exited') {
      for (const thing of this.#things.filter(({ sandboxId }) => sandboxId === sandbox.id)) {
        if (thing === sandbox || thing.life === 'absent' || thing.life === 'gone') continue;
        this.#move(thing, 'gone', ...(thing.life === 'running' ? (['stopped'] as const) : []), 'deleted');
      }
      this.#move(sandbox, pick % 2 === 0 ? 'gone' : 'removing', 'deleted');
    }
  }

  #move(thing: Thing, life: Life, ...kinds: CriEventKind[]): void {
    thing.life = life;
    const stampNs = this.merge.time.wallNs();
    for (const kind of kinds) {
      const podSandbox = { ...identityOf(thing.podUid), id: thing.sandboxId };
      this.#wire.push({ ...eventOf(thing.podUid, kind, thing.id, stampNs), podSandbox });
    }
  }

  #deliver(pick: number, isLast: boolean): void {
    const index = pick % Math.max(1, this.#wire.length);
    const event = this.#wire[index];
    if (!event) return;
    if (isLast) this.#wire.splice(index, 1);
    // containerd 1.7 sends no sandbox with the deletion of one; here any event may come without.
    const podSandbox = pick % 5 === 4 ? undefined : event.podSandbox;
    this.merge.merge.observe({ kind: 'event', event: { ...event, podSandbox } });
  }

  #advanceRelist(pick: number): void {
    const relist = (this.#relist ??= { end: this.merge.beginRelist() });
    const { sandboxes, containers } = relist;
    if (sandboxes && containers) {
      this.#relist = undefined;
      relist.end({ sandboxes, containers });
    } else if (!containers && (sandboxes || pick % 2 === 0)) {
      relist.containers = this.#world().containers;
    } else {
      relist.sandboxes = this.#world().sandboxes;
      // The remains of a sandbox are seen at most once.
      for (const thing of this.#things) if (thing.life === 'removing') thing.life = 'gone';
    }
  }

  #beginInspection(): boolean {
    if (this.merge.merge.queue.nextDueMs() === undefined) return false;
    if ((this.merge.merge.queue.nextDueMs() as number) > this.merge.time.monotonicMs()) return false;
    const inspection = this.merge.beginInspection();
    const { podSandboxIds, containerIds } = inspection.request;
    this.#inspections.push({
      ...inspection,
      ids: [...podSandboxIds, ...containerIds],
      sandboxes: [],
      containers: [],
    });
    return true;
  }

  #advanceInspection(pick: number): void {
    const inspection = this.#inspections[pick % Math.max(1, this.#inspections.length)];
    if (!inspection) return;
    const id = inspection.ids.shift();
    if (id === undefined) {
      this.#inspections.splice(this.#inspections.indexOf(inspection), 1);
      inspection.answer(inspection);
      return;
    }
    const { sandboxes, containers } = this.#world();
    inspection.sandboxes.push(...sandboxes.filter((sandbox) => sandbox.id === id));
    inspection.containers.push(...containers.filter((container) => container.id === id));
  }

  #failInspection(pick: number): void {
    const [inspection] = this.#inspections.splice(pick % Math.max(1, this.#inspections.length), 1);
    inspection?.fail();
  }

  #settleInspections(): void {
    do while (this.#inspections.length > 0) this.#advanceInspection(0);
    while (this.#beginInspection());
  }

  #world(): Required<Pick<World, 'sandboxes' | 'containers'>> {
    const present = this.#things.filter(({ life }) => life !== 'absent' && life !== 'gone');
    return {
      sandboxes: present
        .filter(isSandbox)
        .map(({ podUid, id, life }) =>
          sandboxOf(podUid, { id, state: life === 'running' ? 'ready' : 'notready' }),
        ),
      containers: present
        .filter((thing) => !isSandbox(thing))
        .map(({ podUid, id, sandboxId, life }) =>
          containerOf(podUid, id, life as ContainerState, { podSandboxId: sandboxId }),
        ),
    };
  }

  /** Each container starts, dies and is removed once at most, in this order, and not before the cache knows. */
  #judge(event: PodLifecycleEvent): void {
    const { type, containerId, podUid, inspection, sandbox } = event;
    if (type === 'PodSync' || containerId === undefined) return;
    const stage = stages[type];
    expect(stage, `${type} ${containerId}`).toBeGreaterThan(this.#stages.get(containerId) ?? 0);
    this.#stages.set(containerId, stage);
    if (inspection === 'failed') return;
    const { status } = this.merge.cache.get(podUid);
    const cached = (sandbox ? status.sandboxes : status.containers).find(({ id }) => id === containerId);
    const known = { ContainerStarted: ['running', 'ready', 'exited', 'notready', undefined] } as Record<
      string,
      (string | undefined)[]
    >;
    known['ContainerDied'] = ['exited', 'notready', undefined];
    known['ContainerRemoved'] = [undefined];
    expect(known[type], `${type} ${containerId} is known to the cache`).toContain(cached?.state);
  }

  #compare(): void {
    const { merge, cache } = this.merge;
    const { sandboxes, containers } = this.#world();
    for (const { id, life } of this.#things) {
      const stage = this.#stages.get(id) ?? 0;
      const due = { running: [1], exited: [2], gone: [0, 3] } as Record<string, number[]>;
      expect(due[life] ?? [0], `last event of ${id}, which is ${life}`).toContain(stage);
    }
    const livePodUids = podUids.filter((uid) =>
      [...sandboxes, ...containers].some(({ podUid }) => podUid === uid),
    );
    expect([...merge.pods()].map(({ podUid }) => podUid).toSorted()).toEqual(livePodUids);
    expect(merge.registry.size).toBe(sandboxes.length + containers.length);
    for (const podUid of podUids) {
      const { status, error } = cache.get(podUid);
      const statesOf = (records: readonly { id: string; state: string }[]) =>
        Object.fromEntries(records.map(({ id, state }) => [id, state]));
      const ofPod = (record: { podUid: string }) => record.podUid === podUid;
      expect(error).toBeUndefined();
      expect(statesOf(status.sandboxes)).toEqual(statesOf(sandboxes.filter(ofPod)));
      expect(statesOf(status.containers)).toEqual(statesOf(containers.filter(ofPod)));
      const justBeforeMs = this.merge.time.monotonicMs() - 0.5;
      expect(cache.getIfNewerThan(podUid, justBeforeMs), `cache is fresh for ${podUid}`).toBeDefined();
    }
    expect(merge.queue.size).toBe(0);
  }
}

import type {
  Container,
  ContainerStatus,
  CriContainerEvent,
  CriEventKind,
  PodSandbox,
  PodSandboxStatus,
} from '../../../src/cri/runtime-service.ts';
import type { PodLifecycleEvent } from '../../../src/pleg/lifecycle-event.ts';
import { LifecycleLog } from '../../../src/pleg/lifecycle-log.ts';
import type { ListedChange } from '../../../src/pleg/listed-change.ts';
import { Merge } from '../../../src/pleg/merge.ts';
import type { InspectionRequest } from '../../../src/pleg/observation.ts';
import { PodStatusCache } from '../../../src/pleg/pod-status-cache.ts';
import { SimulatedTime } from '../../helpers/simulated-time.ts';
import { eventOf } from './records.ts';

/** What the runtime holds at one moment. */
export interface World {
  readonly sandboxes?: readonly (PodSandbox & PodSandboxStatus)[];
  readonly containers?: readonly Container[];
  /** Statuses that say more than their container's state. */
  readonly statuses?: readonly ContainerStatus[];
}

export interface TestInspection {
  readonly request: InspectionRequest;
  /** Ends well: what was asked for and is in the given world exists, the rest does not. */
  answer(world: World): void;
  fail(error?: Error): void;
}

/** The writer alone: the test says what is observed, when each call begins, and in which order they end. */
export class TestMerge {
  readonly time = new SimulatedTime();
  readonly cache = new PodStatusCache(this.time, (podUid) => this.merge.requestObservation(podUid));
  readonly log = new LifecycleLog({ capacity: 1_000, snapshot: () => this.merge.snapshot() });
  /** `reason id` of each event that was set aside. */
  readonly ignored: string[] = [];
  /** Ids of listed containers that were left out. */
  readonly skipped: string[] = [];
  readonly failures: string[] = [];
  /** Changes that relists showed first, one array a relist. */
  readonly listed: (readonly ListedChange[])[] = [];
  readonly published: PodLifecycleEvent[] = [];
  relistRequestCount = 0;
  onPublished: (event: PodLifecycleEvent) => void = () => undefined;
  readonly merge = new Merge({
    time: this.time,
    cache: this.cache,
    log: this.log,
    observer: {
      criEvent: () => undefined,
      eventIgnored: (reason, { containerId }) => this.ignored.push(`${reason} ${containerId}`),
      recordSkipped: ({ id }) => this.skipped.push(id),
      published: (event) => {
        this.published.push(event);
        this.onPublished(event);
      },
      inspectionFailed: (podUid, { message }) => this.failures.push(`${podUid}: ${message}`),
    },
    requestRelist: () => {
      this.relistRequestCount += 1;
    },
    onListedChanges: (changes) => this.listed.push(changes),
  });
  #takenCount = 0;

  /** `type id` of what was published since the last call; `type podUid` for a PodSync. */
  take(): string[] {
    const fresh = this.published.slice(this.#takenCount);
    this.#takenCount = this.published.length;
    return fresh.map(
      ({ type, containerId, podUid, inspection }) =>
        `${type} ${containerId ?? podUid}${inspection ? ` (inspection ${inspection})` : ''}`,
    );
  }

  /** A relist begins now; the function it returns ends it with what its lists showed. */
  beginRelist(): (world: World) => void {
    const beginning = this.merge.begin();
    return ({ sandboxes = [], containers = [] }) =>
      this.merge.observe({
        kind: 'relist',
        relist: { ...beginning, podSandboxes: sandboxes, containers },
      });
  }

  relist(world: World): void {
    this.beginRelist()(world);
  }

  /** An event that the runtime makes now. */
  event(
    podUid: string,
    kind: CriEventKind | undefined,
    containerId: string,
    overrides: Partial<CriContainerEvent> = {},
  ): void {
    this.merge.observe({
      kind: 'event',
      event: { ...eventOf(podUid, kind, containerId, this.time.wallNs()), ...overrides },
    });
  }

  /** The next inspection begins now. */
  beginInspection(): TestInspection {
    const request = this.merge.takeInspection();
    if (!request) throw new Error('no pod is to be inspected now');
    return {
      request,
      answer: (world) =>
        this.merge.observe({
          kind: 'inspection',
          request,
          outcome: { ok: true, answers: answersOf(request, world) },
        }),
      fail: (error = new Error('unable to get status')) =>
        this.merge.observe({ kind: 'inspection', request, outcome: { ok: false, error } }),
    };
  }

  /** Inspects every pod that is due, at once. */
  inspect(world: World): void {
    for (let request = this.merge.takeInspection(); request; request = this.merge.takeInspection()) {
      this.merge.observe({
        kind: 'inspection',
        request,
        outcome: { ok: true, answers: answersOf(request, world) },
      });
    }
  }
}

const answersOf = (
  { podSandboxIds, containerIds }: InspectionRequest,
  { sandboxes = [], containers = [], statuses = [] }: World,
) => ({
  podSandboxes: sandboxes.filter(({ id }) => podSandboxIds.includes(id)),
  containers: containers
    .filter(({ id }) => containerIds.includes(id))
    .map((container) => statuses.find(({ id }) => id === container.id) ?? statusOfContainer(container)),
});

const statusOfContainer = ({ id, name, state, createdAtNs }: Container): ContainerStatus => ({
  id,
  name,
  state,
  createdAtNs,
  startedAtNs: state === 'created' ? 0n : createdAtNs + 1n,
  finishedAtNs: state === 'exited' ? createdAtNs + 2n : 0n,
  exitCode: state === 'exited' ? 0 : undefined,
  reason: state === 'exited' ? 'Completed' : '',
  message: '',
  image: 'image',
  imageId: '',
  hash: undefined,
  restartCount: 0,
});

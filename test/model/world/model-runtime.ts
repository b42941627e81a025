import type {
  Container,
  ContainerStatus,
  CriContainerEvent,
  CriEventKind,
  PodSandboxStatus,
} from '../../../src/cri/runtime-service.ts';
import type { ModelTime } from './model-time.ts';
import { announcementOf, type LifeStep, type PartSpec, type PartState } from './part.ts';
import { identityOf, recordsOf } from './records.ts';

/** A state of a part, with the version of the runtime and the moment at which it began. */
interface Chapter {
  readonly state: PartState;
  readonly version: number;
  readonly sinceMs: number;
}

export interface Part {
  readonly spec: PartSpec;
  state: PartState;
  /** Every state so far, oldest first. The index of a state is the age of the part in it. */
  readonly history: Chapter[];
}

/** An event, and the age of its part when it was made. */
export interface MadeEvent {
  readonly event: CriContainerEvent;
  readonly age: number;
}

export const ageAt = ({ history }: Part, version: number): number => {
  let age = history.length - 1;
  while (history[age]!.version > version) age -= 1;
  return age;
};

export const stateAt = (part: Part, version: number): PartState => part.history[ageAt(part, version)]!.state;

/** What the part was, at some moment from `ms` until now. */
export const statesSince = ({ history }: Part, ms: number): PartState[] =>
  history
    .filter((_, age) => (history[age + 1]?.sinceMs ?? Number.POSITIVE_INFINITY) > ms)
    .map(({ state }) => state);

/** The runtime at its smallest: parts that go through their lives, one step at a time. */
export class ModelRuntime {
  readonly parts: readonly Part[];
  readonly podUids: readonly string[];
  /** Everything that it ever announced, oldest first. */
  readonly made: MadeEvent[] = [];
  /** How many steps all parts together have taken. */
  version = 0;
  readonly #time: ModelTime;

  constructor(time: ModelTime, specs: readonly PartSpec[]) {
    this.#time = time;
    this.podUids = [...new Set(specs.map(({ podUid }) => podUid))];
    this.parts = specs.map((spec) => ({
      spec,
      state: 'absent',
      history: [{ state: 'absent', version: 0, sinceMs: 0 }],
    }));
  }

  part(id: string): Part {
    return this.parts.find(({ spec }) => spec.id === id)!;
  }

  /** The next step of a part's life, if it can be taken now. */
  nextStep({ spec, history }: Part): LifeStep | undefined {
    const step = spec.life[history.length - 1];
    if (!step?.after) return step;
    const [otherId, state] = step.after;
    return this.part(otherId).history.some((chapter) => chapter.state === state) ? step : undefined;
  }

  /** Takes it; returns the event that the runtime makes of it. */
  advance(part: Part): MadeEvent | undefined {
    const { spec, state: from, history } = part;
    const { to } = spec.life[history.length - 1]!;
    this.version += 1;
    part.state = to;
    history.push({ state: to, version: this.version, sinceMs: this.#time.nowMs });
    const kind = announcementOf(from, to);
    if (kind === undefined) return undefined;
    const made = { event: this.#eventOf(part, kind), age: history.length - 1 };
    this.made.push(made);
    return made;
  }

  listPodSandboxes(version = this.version): PodSandboxStatus[] {
    return this.parts
      .map((part) => this.podSandboxStatus(part, version))
      .filter((sandbox) => sandbox !== undefined);
  }

  listContainers(version = this.version): Container[] {
    return this.parts
      .map((part) => this.containerStatus(part, version))
      .filter((container) => container !== undefined);
  }

  podSandboxStatus(part: Part, version = this.version): PodSandboxStatus | undefined {
    return recordsOf(part.spec).sandboxes.get(stateAt(part, version));
  }

  /** Also good as a record of a list. */
  containerStatus(part: Part, version = this.version): (Container & ContainerStatus) | undefined {
    return recordsOf(part.spec).containers.get(stateAt(part, version));
  }

  #eventOf(part: Part, kind: CriEventKind): CriContainerEvent {
    const { id, podUid, sandboxId } = part.spec;
    return {
      containerId: id,
      kind,
      createdAtNs: this.#time.wallNs(),
      podSandbox: { ...identityOf(podUid), id: sandboxId },
      containerStatus: this.containerStatus(part),
    };
  }
}

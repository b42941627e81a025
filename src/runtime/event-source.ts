import type { ContainerEventType } from '../cri/gen/runtime/v1/api_pb.ts';
import { containerStatus, type Container } from './container.ts';
import type { EventHub } from './event-hub.ts';
import type { RuntimeFaults } from './faults.ts';
import type { RecordStore } from './record-store.ts';
import { sandboxStatus, type Sandbox } from './sandbox.ts';
import { shuffle } from './shuffle.ts';
import type { StampClock } from './stamp-clock.ts';

/** Announces a change of a container, or of a sandbox when it is given alone. */
export type Announce = (kind: ContainerEventType, sandbox: Sandbox, container?: Container) => void;

export interface EventSourceOptions {
  readonly containers: RecordStore<Container>;
  readonly hub: EventHub;
  readonly stamps: StampClock;
  readonly faults: RuntimeFaults;
}

/** Events as containerd makes them: with the status of the sandbox and of every container that is in it. */
export const createAnnounce =
  ({ containers, hub, stamps, faults }: EventSourceOptions): Announce =>
  (kind, sandbox, container) => {
    const inside = containers.values().filter((each) => each.sandbox === sandbox);
    const listed = faults.isListOrderRandom ? shuffle(inside) : inside;
    hub.publish({
      containerId: container?.id ?? sandbox.id,
      containerEventType: kind,
      createdAt: stamps(),
      podSandboxStatus: sandboxStatus(sandbox),
      containersStatuses: listed.map(containerStatus),
    });
  };

import type { ContainerFilter, PodSandboxFilter } from '../cri/gen/runtime/v1/api_pb.ts';
import type { Container } from './container.ts';
import { sandboxState, type Sandbox } from './sandbox.ts';

type Labels = Readonly<Record<string, string>>;

/** An empty id asks for all; a shortened one for all that begin so. */
const matchesId = (id: string, wanted: string): boolean => id.startsWith(wanted);

const matchesLabels = (labels: Labels, selector: Labels): boolean =>
  Object.entries(selector).every(([key, value]) => labels[key] === value);

/** Whether ListPodSandbox or StreamPodSandboxes with this filter names the sandbox. */
export const matchesSandbox = (filter: PodSandboxFilter | undefined, sandbox: Sandbox): boolean =>
  filter === undefined ||
  (matchesId(sandbox.id, filter.id) &&
    (filter.state === undefined || filter.state.state === sandboxState(sandbox)) &&
    matchesLabels(sandbox.config.labels, filter.labelSelector));

/** Whether ListContainers or StreamContainers with this filter names the container. */
export const matchesContainer = (filter: ContainerFilter | undefined, container: Container): boolean =>
  filter === undefined ||
  (matchesId(container.id, filter.id) &&
    matchesId(container.sandbox.id, filter.podSandboxId) &&
    (filter.state === undefined || filter.state.state === container.phase.state) &&
    matchesLabels(container.config.labels, filter.labelSelector));

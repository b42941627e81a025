import type { ContainerView, PodView } from '../server/agent-view.ts';
import { ageOf } from './age.ts';
import { renderTable } from './table.ts';

export type PodsOutput = 'table' | 'wide' | 'json';

const header = ['NAMESPACE', 'POD', 'CONTAINER', 'STATE', 'RESTARTS', 'AGE'];
const wideHeader = [...header, 'POD IP', 'CONTAINER ID', 'IMAGE', 'SANDBOX ID', 'SANDBOX', 'POD UID'];

/** One row for each container, one for a pod that has none, and a line for each pod whose status is in doubt. */
export function renderPods(pods: readonly PodView[], output: PodsOutput, nowMs: number): string {
  if (output === 'json') return JSON.stringify(pods, null, 2);
  const rows = pods.flatMap((pod) =>
    (pod.containers.length === 0 ? [undefined] : pod.containers).map((container) =>
      renderRow(pod, container, nowMs),
    ),
  );
  const columns = output === 'wide' ? wideHeader : header;
  const table = renderTable(
    columns,
    rows.map((row) => row.slice(0, columns.length)),
  );
  return [table, ...pods.flatMap(doubts)].join('\n');
}

const none = '-';
const shortId = (id: string | undefined): string => id?.slice(0, 12) ?? none;

function renderRow(pod: PodView, container: ContainerView | undefined, nowMs: number): string[] {
  const [sandbox] = pod.sandboxes;
  const createdAt = container?.createdAt ?? sandbox?.createdAt;
  return [
    pod.namespace,
    pod.name,
    container?.name ?? none,
    container === undefined ? none : describeState(container),
    container?.restartCount.toString() ?? none,
    createdAt === undefined ? none : ageOf(createdAt, nowMs),
    pod.ips[0] ?? none,
    shortId(container?.id),
    container?.image ?? none,
    shortId(sandbox?.id),
    sandbox?.state ?? none,
    pod.uid,
  ];
}

/** `running`, `exited 137 OOMKilled` */
const describeState = ({ state, exitCode, reason }: ContainerView): string =>
  state === 'exited' ? [state, exitCode, reason].filter((part) => part !== undefined).join(' ') : state;

const doubts = ({ namespace, name, error }: PodView): string[] =>
  error === undefined ? [] : [`! ${namespace}/${name} may be out of date: ${error.replace(/\s+/g, ' ')}`];

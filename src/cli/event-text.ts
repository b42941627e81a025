import type { LogEntry, PodLifecycleEvent } from '../pleg/lifecycle-event.ts';

export type EventOutput = 'text' | 'json';

/** One entry on one line. */
export const renderEntry = (entry: LogEntry, output: EventOutput): string =>
  output === 'json' ? JSON.stringify(entry) : renderText(entry);

/** Wide enough for most nodes; a stream cannot know what comes. */
const subjectWidth = 36;

function renderText(entry: LogEntry): string {
  const seq = String(entry.seq).padStart(6);
  if (entry.type === 'Gap') {
    return `${seq}  ${''.padEnd(12)}  Gap               events ${entry.from} to ${entry.to} are lost, the pods as they are now follow`;
  }
  const line = [
    seq,
    localTime(entry.observedAt),
    entry.type.padEnd(16),
    subject(entry).padEnd(subjectWidth),
    remarks(entry).join(', '),
  ];
  return line.join('  ').trimEnd();
}

function subject({ podNamespace, podName, containerId, containerName, sandbox }: PodLifecycleEvent): string {
  const pod = `${podNamespace}/${podName}`;
  if (containerId === undefined || sandbox) return pod;
  return `${pod}/${containerName ?? containerId.slice(0, 12)}`;
}

function remarks({ sandbox, exitCode, reason, source, inspection }: PodLifecycleEvent): string[] {
  return [
    sandbox && 'sandbox',
    exitCode !== undefined && `exit ${exitCode}`,
    reason,
    source === 'relist' && 'found by relist',
    inspection === 'failed' && 'pod status unreadable',
  ].filter((remark): remark is string => typeof remark === 'string' && remark !== '');
}

/** `22:50:59.360` by the clock on the wall. */
function localTime(stamp: string): string {
  const date = new Date(stamp);
  const two = (value: number) => String(value).padStart(2, '0');
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${time}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

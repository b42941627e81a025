import type { Facts, ListFact } from './facts.ts';
import { roomFor } from './evidence.ts';
import type { Finding, Report } from './report.ts';
import { type Seen, whatOf } from './seen.ts';
import { bytesText, countText, podText, spanText } from './words.ts';

const width = 100;
const evidenceShown = 5;

/** For a person: the verdict, the findings, what was looked at, and what could not be. */
export const renderReport = ({ verdict, findings, unseen, facts }: Report): string =>
  [
    verdict,
    ...findings.map(renderFinding),
    ['Seen:', ...table(describeFacts(facts))].join('\n'),
    ...(unseen.length === 0
      ? []
      : [
          ['Not seen:', ...table(unseen.map(({ probe, why }) => [probeNames[probe] ?? probe, why]))].join(
            '\n',
          ),
        ]),
  ].join('\n\n');

const renderFinding = ({ id, severity, title, evidence, cause, issues, nextStep }: Finding): string => {
  const more = evidence.length - evidenceShown;
  return [
    `${severity.toUpperCase()}: ${title}  [${id}]`,
    ...evidence
      .slice(0, evidenceShown)
      .flatMap(({ figure, command }) => [...wrap(`- ${figure}`, '  ', '    '), `      $ ${command}`]),
    ...(more > 0 ? [`  and ${more} more, see -o json`] : []),
    ...wrap(`Likely cause: ${cause}`, '  ', '    '),
    ...wrap(`Next step: ${nextStep}`, '  ', '    '),
    ...(issues.length > 0 ? wrap(`Known as: ${issues.join(', ')}`, '  ', '    ') : []),
  ].join('\n');
};

/** Commands are left whole, to be copied; all else is broken between words. */
const wrap = (text: string, first: string, rest: string): string[] => {
  const lines: string[] = [];
  let line = first;
  for (const word of text.split(' ')) {
    if (line.length + word.length > width && line.trim() !== '') {
      lines.push(line.trimEnd());
      line = rest;
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
};

const probeNames: Readonly<Record<string, string>> = {
  runtimeProcess: 'runtime process',
  kubeletHealth: 'kubelet health',
  kubeletPleg: 'kubelet PLEG',
};

const nameWidth = 18;

const table = (rows: readonly (readonly [string, string])[]): string[] =>
  rows.flatMap(([name, text]) => wrap(text, `  ${name.padEnd(nameWidth)}`, ' '.repeat(nameWidth + 2)));

type Describe<Key extends keyof Facts> = Facts[Key] extends Seen<infer T> ? (fact: T) => string : never;

const describers: { readonly [Key in Exclude<keyof Facts, 'endpoint' | 'windowMs'>]: Describe<Key> } = {
  runtime: ({ name, release, version, status }) =>
    `${name === '' ? 'unknown' : `${name} ${release}`}; Version ${spanText(version.durationMs)}, Status ${spanText(status.durationMs)}`,
  lists: ({ sandboxes, containers }) =>
    `${describeList(sandboxes, 'sandbox', 'sandboxes')}; ${describeList(containers, 'container', 'containers')}`,
  statuses: ({ asked, answered, unasked, slowest: [slowest] }) =>
    [
      `${answered} of ${asked} answered`,
      ...(unasked > 0 ? [`${unasked} not asked`] : []),
      ...(slowest ? [`the slowest in ${spanText(slowest.call.durationMs)} (${podText(slowest.pod)})`] : []),
    ].join(', '),
  churn: ({ changedContainers, changedPods, betweenMs }) =>
    `${countText(changedContainers, 'container')} of ${countText(changedPods, 'pod')} changed in ${spanText(betweenMs)}`,
  stream: ({ leftAlone, end, events, changes }) => {
    if (leftAlone !== undefined) return `not opened: ${leftAlone}`;
    const state = end === undefined ? 'open' : `ended with ${end.code} after ${spanText(end.afterMs)}`;
    const compared =
      changes === undefined
        ? 'the lists did not come, so nothing to compare with'
        : `${countText(changes, 'change')} in the lists${changes === 0 ? ', so nothing to compare with' : ''}`;
    return `${state}, ${countText(events, 'event')}, ${compared}`;
  },
  clients: ({ connectionCount, connections }) =>
    [
      countText(connectionCount, 'other connection'),
      ...(connections ?? []).map(({ name, pid }) => `${name} ${pid}`),
    ].join(', '),
  processes: ({ threads, threadLimit, uninterruptible, defunctTotal }) =>
    `${threads}${threadLimit === undefined ? '' : ` of ${threadLimit}`} threads, ${uninterruptible.length} hanging in the kernel, ${defunctTotal} defunct`,
  runtimeProcess: ({ name, pid, threads, openFiles, openFilesLimit }) =>
    `${name} ${pid}: ${threads} threads, ${openFiles}${openFilesLimit === undefined ? '' : ` of ${openFilesLimit}`} open files`,
  pressure: ({ cpu, io, memory }) =>
    Object.entries({ cpu, io, memory })
      .map(
        ([name, stall]) => `${name} ${stall === undefined ? 'not told' : `${Math.round(stall.someAvg60)} %`}`,
      )
      .join(', '),
  disk: (disks) =>
    disks
      .map(
        ({ path, freeBytes, totalBytes }) =>
          `${path} ${bytesText(freeBytes)} of ${bytesText(totalBytes)} free`,
      )
      .join(', '),
  bus: (answers) =>
    Object.entries(answers)
      .map(([name, answer]: [string, Facts['bus'] extends Seen<infer T> ? T[keyof T] : never]) => {
        if (answer === 'absent') return `${name} is not here`;
        return 'problem' in answer
          ? `${name}: ${answer.problem}`
          : `${name} answers in ${spanText(answer.answeredMs)}`;
      })
      .join(', '),
  clock: ({ stepMs }) => `wall and monotonic clock differ by ${spanText(Math.abs(stepMs))}`,
  kubeletHealth: ({ status, body }) => `${status} ${body}`,
  kubeletPleg: ({ relists, meanRelistMs, betweenMs, isEvented }) =>
    `${countText(relists, 'relist')} in ${spanText(betweenMs)}${meanRelistMs === undefined ? '' : `, ${spanText(meanRelistMs)} each`}${isEvented ? ', evented' : ''}`,
  agent: ({ ok, mode, streamState, missedEvents }) =>
    `${ok ? 'healthy' : 'not healthy'}, mode ${mode}, stream ${streamState}, ${countText(missedEvents, 'missed event')}`,
};

const describeList = (list: ListFact, one: string, many: string): string => {
  if (list.call.code !== 'OK') return `no ${many} (${list.call.code})`;
  const size =
    list.bytes === undefined || list.total === 0
      ? ''
      : ` (${bytesText(list.bytes)}, about ${Math.max(0, roomFor(list))} more fit into 16 MiB)`;
  return `${countText(list.total, one, many)} in ${spanText(list.call.durationMs)}${size}, ${list.dead} dead`;
};

const describeFacts = (facts: Facts): (readonly [string, string])[] =>
  Object.entries(describers).flatMap(([key, describe]) => {
    const fact = whatOf(facts[key as keyof typeof describers] as Seen<never>);
    return fact === undefined ? [] : [[probeNames[key] ?? key, describe(fact)] as const];
  });

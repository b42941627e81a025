import { formatDuration } from '../lib/duration.ts';
import type { AgentStatus, StuckPodView } from '../server/agent-view.ts';
import { ageOf, formatAge } from './age.ts';

/** What an operator asks first, one subject a line. */
export function renderStatus(status: AgentStatus, nowMs: number): string {
  const lines: readonly (readonly [string, string])[] = [
    ['health', describeHealth(status)],
    ...status.stuck.slice(0, shownStuckPods).map((pod) => ['stuck', describeStuckPod(pod)] as const),
    ['mode', describeMode(status)],
    ['supervisor', describeSupervisor(status, nowMs)],
    ['relist', describeRelist(status)],
    ['stream', describeStream(status, nowMs)],
    ['runtime', describeRuntime(status)],
    ['pods', describeCounts(status)],
    [
      'log',
      status.log.lastSeq === 0 ? 'no event yet' : `events ${status.log.firstSeq} to ${status.log.lastSeq}`,
    ],
    ['agent', `up ${ageOf(status.startedAt, nowMs)}`],
  ];
  return lines.map(([name, text]) => `${name.padEnd(12)}${text}`).join('\n');
}

/** Leaves out what does not apply. */
const list = (...parts: (string | false | undefined)[]): string =>
  parts.filter((part) => typeof part === 'string').join(', ');

const counted = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;

const rounded = (ms: number): string => formatDuration(ms < 10 ? Math.round(ms * 10) / 10 : Math.round(ms));

/** Every failing check, where /healthz without `verbose` names the first. */
const describeHealth = ({ health }: AgentStatus): string =>
  health.ok
    ? list('ok', ...health.degradations.map(({ message }) => `degraded: ${message}`))
    : list(...health.checks.map(({ ok, message }) => !ok && message));

/** The longest first; the rest is in -o json. */
const shownStuckPods = 5;

/** Which pod, since when, in which call, and why. */
const describeStuckPod = ({
  podNamespace,
  podName,
  ageMs,
  call,
  containerName,
  error,
}: StuckPodView): string =>
  list(
    `${podNamespace}/${podName} for ${formatAge(ageMs)}`,
    call && `in ${call.method} of ${containerName ?? call.id}`,
    error,
  );

const describeMode = ({ mode, configuredMode }: AgentStatus): string =>
  mode === configuredMode ? mode : `${mode}, configured is ${configuredMode}`;

const describeSupervisor = ({ supervisor, mode }: AgentStatus, nowMs: number): string =>
  list(
    `${supervisor.state} for ${ageOf(supervisor.since, nowMs)}`,
    mode === 'evented' &&
      supervisor.streamFailuresInARow > 0 &&
      `${counted(supervisor.streamFailuresInARow, 'stream failure')} in a row`,
    supervisor.lastDegradation &&
      `last degraded ${ageOf(supervisor.lastDegradation.at, nowMs)} ago: ${supervisor.lastDegradation.reason}`,
  );

const describeRelist = ({ relist }: AgentStatus): string =>
  list(
    relist.lastSuccessAgeMs === undefined ? 'none yet' : `last ${formatAge(relist.lastSuccessAgeMs)} ago`,
    relist.lastDurationMs !== undefined && `took ${rounded(relist.lastDurationMs)}`,
    `every ${formatDuration(relist.periodMs)}`,
    `threshold ${formatDuration(relist.thresholdMs)}`,
    relist.inFlightMs !== undefined && `one under way for ${rounded(relist.inFlightMs)}`,
    relist.lastError !== undefined && `failed: ${relist.lastError}`,
  );

const describeStream = ({ stream }: AgentStatus, nowMs: number): string =>
  list(
    `${stream.state} for ${ageOf(stream.since, nowMs)}`,
    counted(stream.events, 'event'),
    stream.lastEventAt !== undefined && `last ${ageOf(stream.lastEventAt, nowMs)} ago`,
    counted(stream.reconnects, 'reconnect'),
    stream.lastError !== undefined && `failed: ${stream.lastError}`,
  );

const describeRuntime = ({ runtime }: AgentStatus): string =>
  list(
    runtime.state,
    runtime.name !== undefined && [runtime.name, runtime.version].join(' ').trim(),
    runtime.apiVersion !== undefined && `CRI ${runtime.apiVersion}`,
    runtime.endpoint,
    runtime.lastError !== undefined && `failed: ${runtime.lastError}`,
  );

function describeCounts({ counts: { pods, containers, missedEvents, ignoredEvents } }: AgentStatus): string {
  const ignoredCount = Object.values(ignoredEvents).reduce((sum, count) => sum + count, 0);
  return list(
    String(pods),
    `${counted(containers.running, 'container')} running`,
    `${containers.exited} exited`,
    containers.unknown > 0 && `${containers.unknown} unknown`,
    `${counted(missedEvents, 'change')} missed by events`,
    ignoredCount > 0 && `${counted(ignoredCount, 'event')} told nothing new`,
  );
}

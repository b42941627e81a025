import type { PodLifecycleEvent } from '../../src/pleg/lifecycle-event.ts';
import { newTestPleg } from './node-pleg.ts';
import { SimulatedTime } from './simulated-time.ts';
import { recorded, type Delivery } from './trace-deliveries.ts';
import { TraceRuntime } from './trace-runtime.ts';
import type { Trace } from './trace.ts';

export interface ReplayOptions {
  /** What comes on the stream; the runtime's own state stays as recorded. @default as recorded */
  readonly deliveries?: readonly Delivery[];
  /** How long each call of the runtime takes. @default 0 */
  readonly callMs?: number;
  /** When the agent starts; earlier events do not reach it unless the runtime keeps them. @default 0 */
  readonly agentStartMs?: number;
  /** Whether the runtime says all earlier events as soon as the agent opens the stream. @default false */
  readonly keepsEvents?: boolean;
}

/** Beyond the first relist of an undisturbed stream, five minutes after its second one. */
const quietMs = 310_000;

/** Lives a trace again under a whole evented PLEG, at the pace of the recording but on simulated time. */
export const replay = async (trace: Trace, options: ReplayOptions = {}) => {
  const { deliveries = recorded(trace), callMs, agentStartMs = 0, keepsEvents = false } = options;
  const startWallNs = BigInt(trace.header.startWallNs);
  const time = new SimulatedTime();
  time.wallStepNs = startWallNs - time.wallNs();
  const runtime = new TraceRuntime(trace.header, time, callMs);
  for (const line of trace.lines) if (line.atMs < agentStartMs) runtime.apply(line);
  if (keepsEvents) runtime.keep(deliveries.filter(({ atMs }) => atMs < agentStartMs));
  await time.advance(agentStartMs);
  const { pleg, events } = newTestPleg({ time, service: runtime, mode: 'evented' });
  pleg.start();

  const moments = [
    ...trace.lines.map((line) => ({ atMs: line.atMs, act: () => runtime.apply(line) })),
    ...deliveries.map((delivery) => ({ atMs: delivery.atMs, act: () => runtime.emit(delivery) })),
  ]
    .filter(({ atMs }) => atMs >= agentStartMs)
    .sort((a, b) => a.atMs - b.atMs);
  let nowMs = agentStartMs;
  for (const { atMs, act } of moments) {
    // What comes in the same millisecond comes in one piece, as from one read of the socket.
    if (atMs > nowMs) await time.advance(atMs - nowMs);
    nowMs = atMs;
    act();
  }
  await time.advance(quietMs);

  const { supervision, missedCount, ignoredCounts, merge } = pleg;
  const { mode, lastDegradation } = supervision;
  await pleg.stop();
  return {
    events: [...events],
    /** The events in words, for people and for comparing. */
    text: events.map((event) => `${describeEvent(event, startWallNs)}\n`).join(''),
    mode,
    degradation: lastDegradation?.reason,
    missedCount,
    ignoredCounts,
    /** Ids that plegd still knows of. */
    known: [...merge.registry.entries()].map(({ id }) => id).sort(),
    leaks: { timers: time.timerCount, streams: runtime.openStreamCount },
  };
};

export type Replay = Awaited<ReturnType<typeof replay>>;

/** Seconds since the start of the trace, type, pod/container, source, exit code and reason. */
const describeEvent = (event: PodLifecycleEvent, startWallNs: bigint): string => {
  const { type, podName, sandbox, containerName = '', source, exitCode, reason, observedAt } = event;
  const seconds = (Date.parse(observedAt) - Number(startWallNs / 1_000_000n)) / 1000;
  return [
    seconds.toFixed(3).padStart(7),
    type.padEnd(16),
    `${podName}/${sandbox ? 'SANDBOX' : containerName}`.padEnd(20),
    source.padEnd(6),
    [exitCode, reason].join(' '),
  ]
    .join('  ')
    .trimEnd();
};

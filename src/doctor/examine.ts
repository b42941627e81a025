import type { Endpoint } from '../cri/endpoint.ts';
import type { RuntimeService } from '../cri/runtime-service.ts';
import type { Time } from '../lib/time.ts';
import type { Facts } from './facts.ts';
import { type Host, systemHost } from './host.ts';
import { lookAtAgent } from './probes/agent.ts';
import { lookAtBus } from './probes/bus.ts';
import { lookAtClientsTwice } from './probes/clients.ts';
import { lookAtClock } from './probes/clock.ts';
import { lookAtDisk } from './probes/disk.ts';
import { lookAtKubeletHealth, lookAtKubeletPleg } from './probes/kubelet.ts';
import { lookAtLists } from './probes/lists.ts';
import { lookAtPressure } from './probes/pressure.ts';
import { lookAtProcesses } from './probes/processes.ts';
import { lookAtRuntimeProcess } from './probes/runtime-process.ts';
import { lookAtRuntime } from './probes/runtime.ts';
import { lookAtStatuses } from './probes/statuses.ts';
import { lookAtStream } from './probes/stream.ts';
import { look, UnseenError, whatOf } from './seen.ts';

export interface RuntimeExamination {
  readonly service: RuntimeService;
  /** Length of the last answer to a method in bytes, where known. */
  readonly answerBytes: (method: string) => number | undefined;
  readonly time: Time;
  readonly windowMs: number;
  /** Opens the event stream even where that takes events from other readers. @default false */
  readonly isStreamAsked?: boolean;
}

export interface Examination extends RuntimeExamination {
  readonly endpoint: Endpoint;
  /** @default systemHost */
  readonly host?: Host;
  /** @default 'http://127.0.0.1:10248/healthz' */
  readonly kubeletHealthUrl?: string;
  /** Tried in turn. @default kubelet's read-only port, then its own */
  readonly kubeletMetricsUrls?: readonly string[];
  /** @default 'http://127.0.0.1:10270/v1/status' */
  readonly agentUrl?: string;
}

/** Longest that one CRI call is waited for: well under kubelet's threshold, and long for a call of milliseconds. */
const longestCallMs = 10_000;
/** What a probe gets beyond the window to come to its end. */
const slackMs = 5_000;
/** For what is answered from memory. */
const localDeadlineMs = 5_000;

const callDeadline = (windowMs: number): number => Math.min(longestCallMs, windowMs / 2);

/** The probes that ask the runtime; each result comes by itself, none rejects. */
export const examineRuntime = ({
  service,
  answerBytes,
  time,
  windowMs,
  isStreamAsked = false,
}: RuntimeExamination) => {
  const deadlineMs = callDeadline(windowMs);
  const startedMs = time.monotonicMs();
  const lists = lookAtLists(service, answerBytes, time, deadlineMs);
  const runtime = lookAtRuntime(service, time, deadlineMs);
  const events = runtime.then((fact) =>
    lookAtStream(fact, {
      service,
      time,
      windowMs: Math.max(windowMs / 2, windowMs - (time.monotonicMs() - startedMs)),
      deadlineMs,
      isOpenAsked: isStreamAsked,
    }),
  );
  const enough = windowMs + 2 * deadlineMs + slackMs;
  return {
    lists,
    facts: {
      runtime: look(time, enough, () => runtime),
      lists: look(time, enough, async () => (await lists).fact),
      statuses: look(time, enough, async () =>
        lookAtStatuses(await lists, { service, time, deadlineMs, budgetMs: deadlineMs }),
      ),
      stream: look(time, enough, async () => (await events).stream),
      churn: look(time, enough, async () => {
        const { churn } = await events;
        if (churn === undefined) throw new UnseenError('the list of containers did not come twice');
        return churn;
      }),
    },
  };
};

/** Looks at everything side by side for about `windowMs`, and changes nothing. Never rejects. */
export const examine = async (examination: Examination): Promise<Facts> => {
  const {
    endpoint,
    time,
    windowMs,
    host = systemHost,
    kubeletHealthUrl = 'http://127.0.0.1:10248/healthz',
    kubeletMetricsUrls = ['http://127.0.0.1:10255/metrics', 'https://127.0.0.1:10250/metrics'],
    agentUrl = 'http://127.0.0.1:10270/v1/status',
  } = examination;
  const { procRoot, runRoot } = host;
  const wholeMs = windowMs + callDeadline(windowMs) + slackMs;
  const { lists, facts } = examineRuntime(examination);
  const names = lists.then((seen) => seen.names);
  const runtimeProcess = look(time, localDeadlineMs, () => lookAtRuntimeProcess(procRoot, endpoint.path));
  const runtimePid = runtimeProcess.then((seen) => whatOf(seen)?.pid);
  const looks = {
    ...facts,
    clients: look(time, wholeMs, () => lookAtClientsTwice(host, endpoint.path, time, windowMs)),
    runtimeProcess,
    processes: look(time, wholeMs, () =>
      lookAtProcesses({ procRoot, time, windowMs, socketPath: endpoint.path, runtimePid, names }),
    ),
    pressure: look(time, wholeMs, () =>
      lookAtPressure({
        host,
        time,
        windowMs,
        runtimePid,
        names: lists.then((seen) => (seen.containers && seen.sandboxes ? seen.names : undefined)),
      }),
    ),
    disk: look(time, wholeMs, async () =>
      lookAtDisk(host, whatOf(await facts.runtime)?.name ?? '', whatOf(await runtimeProcess)?.root),
    ),
    bus: look(time, localDeadlineMs + slackMs, () => lookAtBus(runRoot, time, localDeadlineMs)),
    clock: look(time, wholeMs, () => lookAtClock(time, windowMs)),
    kubeletHealth: look(time, localDeadlineMs + slackMs, () =>
      lookAtKubeletHealth(kubeletHealthUrl, time, localDeadlineMs),
    ),
    kubeletPleg: look(time, wholeMs, (signal) =>
      lookAtKubeletPleg(kubeletMetricsUrls, time, windowMs, signal),
    ),
    agent: look(time, localDeadlineMs, (signal) => lookAtAgent(agentUrl, signal)),
  };
  return { endpoint: endpoint.target, windowMs, ...(await settleAll(looks)) };
};

type Settled<T extends object> = { readonly [Key in keyof T]: Awaited<T[Key]> };

const settleAll = async <T extends object>(promises: T): Promise<Settled<T>> => {
  const entries = Object.entries(promises).map(async ([key, promise]) => [key, await promise] as const);
  return Object.fromEntries(await Promise.all(entries)) as Settled<T>;
};

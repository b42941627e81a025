import type { Evidence } from './catalogue-entry.ts';
import { crictl, statusCommand } from './crictl.ts';
import type { BusAnswer, CallFact, Facts, ListFact, ProcessFact, StatusFact } from './facts.ts';
import { messageLimitBytes, stallLimits } from './limits.ts';
import { whatOf } from './seen.ts';
import { countText, podText, processText, spanText, subjectText } from './words.ts';

export const statusesOf = (facts: Facts) => whatOf(facts.statuses);
export const processesOf = (facts: Facts) => whatOf(facts.processes);
export const runtimeOf = (facts: Facts) => whatOf(facts.runtime);
export const streamOf = (facts: Facts) => whatOf(facts.stream);
export const plegOf = (facts: Facts) => whatOf(facts.kubeletPleg);

/** The calls that concern the whole runtime, by the crictl command that makes them. */
export const nodeCalls = (facts: Facts): (readonly [CallFact, string])[] => {
  const runtime = runtimeOf(facts);
  const lists = whatOf(facts.lists);
  return [
    ...(runtime
      ? ([
          [runtime.version, 'version'],
          [runtime.status, 'info'],
        ] as const)
      : []),
    ...(lists
      ? ([
          [lists.sandboxes.call, 'pods'],
          [lists.containers.call, 'ps -a'],
        ] as const)
      : []),
  ];
};

/** One for each method that is so, also where it became so only within the window. */
export const callEvidence = (
  facts: Facts,
  isSo: (call: CallFact) => boolean,
  say: (call: CallFact) => string,
): Evidence[] => {
  const later = (streamOf(facts)?.listCalls ?? []).map((call) => [call, 'ps -a'] as const);
  const byMethod = new Map<string, Evidence>();
  for (const [call, args] of [...nodeCalls(facts), ...later]) {
    if (!isSo(call) || byMethod.has(call.method)) continue;
    byMethod.set(call.method, { figure: say(call), command: `timeout 10 ${crictl(facts, args)}` });
  }
  return [...byMethod.values()];
};

export const hangEvidence = (facts: Facts, isSo: (status: StatusFact) => boolean): Evidence[] =>
  (statusesOf(facts)?.hanging ?? []).filter(isSo).map((status) => ({
    figure: `${subjectText(status)}: ${status.call.method} without an answer for ${spanText(status.call.durationMs)}`,
    command: statusCommand(facts, status),
  }));

/** Nothing answers a status: then no single pod is to blame. */
export const hangsAsAWhole = (facts: Facts): boolean => {
  const statuses = statusesOf(facts);
  return statuses !== undefined && statuses.hanging.length > 1 && statuses.answered === 0;
};

export const processEvidence = (
  processes: readonly ProcessFact[] | undefined,
  command: (process: ProcessFact) => string,
): Evidence[] =>
  (processes ?? []).map((process) => ({ figure: processText(process), command: command(process) }));

export const stackCommand = ({ pid }: ProcessFact): string => `cat /proc/${pid}/stack`;
export const psCommand = ({ pid }: ProcessFact): string =>
  `ps -o pid,ppid,stat,wchan:30,etime,args -p ${pid}`;

export const lists = (
  facts: Facts,
): { readonly list: ListFact; readonly what: string; readonly args: string }[] => {
  const seen = whatOf(facts.lists);
  return seen === undefined
    ? []
    : [
        { list: seen.containers, what: 'containers', args: 'ps -aq | wc -l' },
        { list: seen.sandboxes, what: 'sandboxes', args: 'pods -q | wc -l' },
      ];
};

export const ownerEvidence = (facts: Facts): Evidence[] =>
  (whatOf(facts.lists)?.deadOwners ?? []).slice(0, 5).map(({ namespace, pods, containers, sandboxes }) => ({
    figure: `${namespace}/${pods}: ${countText(containers, 'dead container')}, ${countText(sandboxes, 'dead sandbox', 'dead sandboxes')}`,
    command: crictl(facts, `pods --namespace ${namespace} --state notready`),
  }));

export const conditionEvidence = (facts: Facts, type: string): Evidence[] =>
  (runtimeOf(facts)?.conditions ?? [])
    .filter((condition) => condition.type === type && !condition.status)
    .map(({ reason, message }) => ({
      figure: `${type} is false: ${[reason, message].filter(Boolean).join(': ') || 'no reason given'}`,
      command: crictl(facts, 'info'),
    }));

export const stallEvidence = (facts: Facts, resource: 'cpu' | 'io' | 'memory'): Evidence[] => {
  const stall = whatOf(facts.pressure)?.[resource];
  return stall === undefined || stall.someAvg60 < stallLimits[resource]
    ? []
    : [
        {
          figure: `somebody waited for ${resource} in ${Math.round(stall.someAvg60)} % of the last minute, everybody in ${Math.round(stall.fullAvg60)} %`,
          command: `cat /proc/pressure/${resource}`,
        },
      ];
};

export const busEvidence = (answer: BusAnswer | undefined, what: string, command: string): Evidence[] =>
  typeof answer === 'object' && 'problem' in answer
    ? [{ figure: `${what}: ${answer.problem}`, command }]
    : [];

export const metricsCommand = (url: string, name: string): string => `curl -sk ${url} | grep ${name}`;

export const one = (isSo: boolean | undefined, figure: () => string, command: string): Evidence[] =>
  isSo === true ? [{ figure: figure(), command }] : [];

/** How many more records of the same size fit into the limit. */
export const roomFor = ({ bytes = 0, total }: ListFact): number =>
  Math.floor((messageLimitBytes - bytes) / (bytes / Math.max(1, total)));

export const unannouncedEvidence = (facts: Facts): Evidence[] => {
  const { unannounced = [], changes = 0 } = streamOf(facts) ?? {};
  return unannounced.map(({ pod, containerName, containerId, change }) => ({
    figure: `${podText(pod)}, container ${containerName} ${change} without an event (${unannounced.length} of ${changes} changes had none)`,
    command: crictl(facts, `ps -a --id ${containerId}`),
  }));
};

/** Who reads the event stream, as far as anybody can tell from outside. */
export const likelyReaders = (facts: Facts): string[] => {
  const agent = whatOf(facts.agent);
  const crictls = (whatOf(facts.clients)?.connections ?? []).filter(({ name }) => name === 'crictl');
  return [
    ...(agent?.streamState === 'open' ? [`the plegd agent at ${agent.url} has the stream open`] : []),
    ...(plegOf(facts)?.isEvented ? ['the kubelet has had the stream open (Evented PLEG)'] : []),
    ...crictls.map(({ pid }) => `crictl ${pid} is connected`),
  ];
};

import type { AgentConfig } from './config.ts';
import {
  choiceType,
  durationType,
  endpointType,
  fileType,
  integerType,
  listenType,
  type OptionType,
  switchType,
  socketType,
} from './config-type.ts';

/** One option: flag, variable and file key all follow from its name. */
export interface OptionSpec<T> {
  /** The key in the file; `relistPeriod` is also `--relist-period` and `PLEGD_RELIST_PERIOD`. */
  readonly name: string;
  readonly type: OptionType<Exclude<T, undefined>>;
  /** As a person would write it; missing where the agent decides, which `defaultNote` then explains. */
  readonly default?: string;
  readonly defaultNote?: string;
  /** Where the default comes from, or why it is what it is. */
  readonly source: string;
  readonly description: string;
  /** A variable that other tools set, asked after plegd's own. */
  readonly otherVariable?: string;
  /** False for what cannot stand in the file. */
  readonly inFile?: false;
}

export type OptionTable = { readonly [K in keyof AgentConfig]-?: OptionSpec<AgentConfig[K]> };

/** Every option of the agent. The README's table and the command's flags are made from this. */
export const optionTable: OptionTable = {
  runtimeEndpoint: {
    name: 'runtimeEndpoint',
    type: endpointType,
    defaultNote: 'the first socket found, else embedded',
    source: 'looks where crictl looks',
    description: 'The container runtime: unix:///path, or embedded for the one inside plegd.',
    otherVariable: 'CONTAINER_RUNTIME_ENDPOINT',
  },
  configFile: {
    name: 'config',
    type: fileType('YAML'),
    defaultNote: 'none',
    source: 'flags and variables suffice',
    description: 'YAML file with the keys of this table.',
    inFile: false,
  },
  mode: {
    name: 'mode',
    type: choiceType('evented', 'generic'),
    default: 'evented',
    source: 'degrades by itself where it must',
    description: 'Follow the event stream of the runtime, or only relist.',
  },
  listen: {
    name: 'listen',
    type: listenType,
    default: '127.0.0.1:10270',
    source: 'loopback, as kubelet healthz',
    description: 'Address of the HTTP API.',
  },
  socket: {
    name: 'socket',
    type: socketType,
    defaultNote: '/run/plegd/plegd.sock as root, else none',
    source: 'only root may write to /run',
    description: 'Unix socket of the gRPC API, for its user and group.',
  },
  tlsCert: {
    name: 'tlsCert',
    type: fileType('PEM'),
    defaultNote: 'none: plain HTTP',
    source: 'loopback stays on the machine',
    description: 'Certificate of the HTTP API, with its chain.',
  },
  tlsKey: {
    name: 'tlsKey',
    type: fileType('PEM'),
    defaultNote: 'none',
    source: 'goes with --tls-cert',
    description: 'Key of that certificate.',
  },
  clientCa: {
    name: 'clientCa',
    type: fileType('PEM'),
    defaultNote: 'none',
    source: 'whoever reaches loopback is on the machine',
    description: 'Lets in who has a certificate of this CA.',
  },
  tokenFile: {
    name: 'tokenFile',
    type: fileType('text'),
    defaultNote: 'none',
    source: 'whoever reaches loopback is on the machine',
    description: 'Lets in who sends the token in this file.',
  },
  inspect: {
    name: 'inspect',
    type: switchType,
    default: 'false',
    source: 'nothing leaves the machine unasked',
    description: 'Let the machines be watched at /stately, in the inspector that stately.ai hosts.',
  },
  relistPeriodMs: {
    name: 'relistPeriod',
    type: durationType,
    default: '1s',
    source: 'kubelet genericPlegRelistPeriod',
    description: 'From the end of a relist to the next, in mode generic.',
  },
  relistThresholdMs: {
    name: 'relistThreshold',
    type: durationType,
    default: '3m',
    source: 'kubelet genericPlegRelistThreshold',
    description: 'Age of the last good relist that is unhealthy, in mode generic.',
  },
  eventedRelistPeriodMs: {
    name: 'eventedRelistPeriod',
    type: durationType,
    default: '300s',
    source: 'kubelet eventedPlegRelistPeriod',
    description: 'From the end of a relist to the next, in mode evented.',
  },
  eventedRelistThresholdMs: {
    name: 'eventedRelistThreshold',
    type: durationType,
    default: '10m',
    source: 'kubelet eventedPlegRelistThreshold',
    description: 'Age of the last good relist that is unhealthy, in mode evented.',
  },
  eventedMaxStreamRetries: {
    name: 'eventedMaxStreamRetries',
    type: integerType(1, 1_000_000),
    default: '5',
    source: 'kubelet eventedPlegMaxStreamRetries',
    description: 'Stream failures in a row before mode generic takes over.',
  },
  runtimeRequestTimeoutMs: {
    name: 'runtimeRequestTimeout',
    type: durationType,
    default: '2m',
    source: 'kubelet runtimeRequestTimeout',
    description: 'Deadline of one call to the runtime.',
  },
  maxReceiveBytes: {
    name: 'maxReceiveBytes',
    type: integerType(1024, 2 ** 31 - 1),
    default: '16777216',
    source: 'kubelet cri-client maxMsgSize (16 MiB)',
    description: 'Largest answer of the runtime that is read, bytes.',
  },
  inspectConcurrency: {
    name: 'inspectConcurrency',
    type: integerType(1, 1024),
    default: '8',
    source: 'kubelet inspects one pod at a time',
    description: 'Pods inspected at once, not counting those that take over a second.',
  },
  inspectTimeoutMs: {
    name: 'inspectTimeout',
    type: durationType,
    default: '10s',
    source: 'a hung pod is cut off and retried',
    description: 'Deadline of each status call of an inspection.',
  },
  lifecycleLogSize: {
    name: 'lifecycleLogSize',
    type: integerType(1, 10_000_000),
    default: '1000',
    source: 'kubelet plegChannelCapacity',
    description: 'Lifecycle events kept for those who resume.',
  },
  logLevel: {
    name: 'logLevel',
    type: {
      ...choiceType('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
      placeholder: 'LEVEL',
    },
    default: 'info',
    source: 'pino',
    description: 'The least level that is logged.',
  },
  logFormat: {
    name: 'logFormat',
    type: choiceType('pretty', 'json'),
    defaultNote: 'pretty on a terminal, else json',
    source: 'people read terminals',
    description: 'How log lines look on stderr.',
  },
};

export const optionSpecs: readonly OptionSpec<unknown>[] = Object.values(optionTable);

/** `relistPeriod` → `relist-period` */
export const flagOf = ({ name }: Pick<OptionSpec<unknown>, 'name'>): string =>
  name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** `relistPeriod` → `PLEGD_RELIST_PERIOD`, and any other variable after it. */
export const variablesOf = ({
  name,
  otherVariable,
}: Pick<OptionSpec<unknown>, 'name' | 'otherVariable'>): string[] => [
  `PLEGD_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`,
  ...(otherVariable === undefined ? [] : [otherVariable]),
];

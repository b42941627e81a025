import type { HostPort } from '../lib/host-port.ts';
import type { PlegMode } from '../server/agent-view.ts';
import { ConfigError } from './config-error.ts';
import { type FileValue, readConfigFile } from './config-file.ts';
import { flagOf, type OptionSpec, optionTable, variablesOf } from './config-options.ts';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
export type LogFormat = 'pretty' | 'json';

/** What the agent runs with; each default and its source stand in `config-options.ts`. */
export interface AgentConfig {
  /** `unix:///path` as it was given, `embedded`, or undefined to look where crictl looks. */
  readonly runtimeEndpoint: string | undefined;
  readonly configFile: string | undefined;
  readonly mode: PlegMode;
  /** undefined for no HTTP API, which only code can ask for. */
  readonly listen: HostPort | undefined;
  /** Path of the socket of the gRPC API, or `none`; undefined where none was named. */
  readonly socket: string | undefined;
  /** PEM files; both or none. */
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
  /** PEM file. With neither this nor a token, everybody who reaches the HTTP API may use it. */
  readonly clientCa: string | undefined;
  readonly tokenFile: string | undefined;
  /** Whether machines can be watched at /stately. */
  readonly inspect: boolean;
  readonly relistPeriodMs: number;
  /** Longer than `relistPeriodMs`. */
  readonly relistThresholdMs: number;
  readonly eventedRelistPeriodMs: number;
  /** Longer than `eventedRelistPeriodMs`. */
  readonly eventedRelistThresholdMs: number;
  readonly eventedMaxStreamRetries: number;
  readonly runtimeRequestTimeoutMs: number;
  readonly maxReceiveBytes: number;
  readonly inspectConcurrency: number;
  readonly inspectTimeoutMs: number;
  readonly lifecycleLogSize: number;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
}

export interface ConfigSources {
  /** Texts of the flags that were given, by option name (`relistPeriod`, `config`). */
  readonly flags?: Readonly<Record<string, string | undefined>>;
  /** @default none; an empty variable counts as unset */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Whether people will see the log as it is written. @default false */
  readonly isTerminal?: boolean;
}

/** The text or scalar that won for one option, and what to call it. */
interface Candidate {
  readonly where: string;
  readonly value: unknown;
  readonly isDefault?: true;
}

/**
 * Resolves every option: flag beats environment beats file beats default.
 *
 * @throws {ConfigError} for the first thing that is wrong, in one line
 */
export function resolveConfig({ flags = {}, env = {}, isTerminal = false }: ConfigSources): AgentConfig {
  const path = readOption(optionTable.configFile, findCandidate(optionTable.configFile, { flags, env }));
  const file = path === undefined ? undefined : readConfigFile(path);

  const candidates = new Map<keyof AgentConfig, Candidate | undefined>();
  const config: Record<string, unknown> = {};
  for (const [key, spec] of Object.entries<OptionSpec<unknown>>(optionTable)) {
    const candidate = findCandidate(spec, { flags, env, file });
    candidates.set(key as keyof AgentConfig, candidate);
    config[key] = readOption(spec, candidate);
  }
  config['logFormat'] ??= isTerminal ? 'pretty' : 'json';

  // The table's type holds each key to the type of its field.
  const resolved = config as unknown as AgentConfig;
  for (const [thresholdKey, periodKey] of [
    ['relistThresholdMs', 'relistPeriodMs'],
    ['eventedRelistThresholdMs', 'eventedRelistPeriodMs'],
  ] as const) {
    if (resolved[thresholdKey] > resolved[periodKey]) continue;
    const threshold = describe(candidates.get(thresholdKey));
    throw new ConfigError(`${threshold} is not longer than ${describe(candidates.get(periodKey))}`);
  }
  return Object.freeze(resolved);
}

function findCandidate(
  spec: OptionSpec<unknown>,
  {
    flags = {},
    env = {},
    file,
  }: ConfigSources & { readonly file?: ReadonlyMap<string, FileValue> | undefined },
): Candidate | undefined {
  const flag = flags[spec.name];
  if (flag !== undefined) return { where: `--${flagOf(spec)}`, value: flag };
  for (const variable of variablesOf(spec)) {
    const value = env[variable];
    if (value !== undefined && value !== '') return { where: variable, value };
  }
  const inFile = file?.get(spec.name);
  if (inFile !== undefined) return inFile;
  if (spec.default === undefined) return undefined;
  return { where: `--${flagOf(spec)}`, value: spec.default, isDefault: true };
}

function readOption<T>({ type }: OptionSpec<T>, candidate: Candidate | undefined): T | undefined {
  if (candidate === undefined) return undefined;
  const { success, data } = type.schema.safeParse(candidate.value);
  if (!success) throw ConfigError.unexpected(candidate.where, candidate.value, type.expected);
  return data;
}

const describe = (candidate: Candidate | undefined): string =>
  `${candidate?.where} ${String(candidate?.value)}${candidate?.isDefault ? ' (default)' : ''}`;

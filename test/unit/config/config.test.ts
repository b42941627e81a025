import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src/agent/config-error.ts';
import { resolveConfig } from '../../../src/agent/config.ts';

const directory = mkdtempSync(join(tmpdir(), 'plegd-config-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});

const path = join(directory, 'plegd.yaml');

/** Resolves with the text as the file. */
function resolveFile(text: string, flags: Record<string, string> = {}, env: Record<string, string> = {}) {
  writeFileSync(path, text);
  return resolveConfig({ flags: { config: path, ...flags }, env });
}

/** What resolving says, with the path of the file cut to its name. */
function complaint(resolve: () => unknown): string {
  try {
    resolve();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message.replaceAll(`${directory}/`, '');
  }
  throw new Error('nothing was refused');
}

describe('defaults', () => {
  it('are those of kubelet where kubelet has them', () => {
    expect(resolveConfig({})).toEqual({
      runtimeEndpoint: undefined,
      configFile: undefined,
      mode: 'evented',
      listen: { host: '127.0.0.1', port: 10270 },
      socket: undefined,
      tlsCert: undefined,
      tlsKey: undefined,
      clientCa: undefined,
      tokenFile: undefined,
      inspect: false,
      relistPeriodMs: 1000,
      relistThresholdMs: 180_000,
      eventedRelistPeriodMs: 300_000,
      eventedRelistThresholdMs: 600_000,
      eventedMaxStreamRetries: 5,
      runtimeRequestTimeoutMs: 120_000,
      maxReceiveBytes: 16 * 1024 * 1024,
      inspectConcurrency: 8,
      inspectTimeoutMs: 10_000,
      lifecycleLogSize: 1000,
      logLevel: 'info',
      logFormat: 'json',
    });
  });

  it('log prettily on a terminal', () => {
    expect(resolveConfig({ isTerminal: true }).logFormat).toBe('pretty');
    expect(resolveConfig({ isTerminal: true, flags: { logFormat: 'json' } }).logFormat).toBe('json');
  });

  it('cannot be changed afterwards', () => {
    expect(Object.isFrozen(resolveConfig({}))).toBe(true);
  });
});

describe('precedence', () => {
  it('is flag, environment, file, default', () => {
    const file = 'relistPeriod: 2s\neventedRelistPeriod: 20s\nmode: generic\n';
    const config = resolveFile(
      file,
      { relistPeriod: '4s' },
      { PLEGD_RELIST_PERIOD: '3s', PLEGD_MODE: 'evented' },
    );
    expect(config).toMatchObject({
      relistPeriodMs: 4000,
      mode: 'evented',
      eventedRelistPeriodMs: 20_000,
      relistThresholdMs: 180_000,
    });
  });

  it('asks PLEGD_RUNTIME_ENDPOINT before CONTAINER_RUNTIME_ENDPOINT', () => {
    const env = { CONTAINER_RUNTIME_ENDPOINT: 'unix:///other.sock' };
    expect(resolveConfig({ env }).runtimeEndpoint).toBe('unix:///other.sock');
    const both = { ...env, PLEGD_RUNTIME_ENDPOINT: 'unix:///own.sock' };
    expect(resolveConfig({ env: both }).runtimeEndpoint).toBe('unix:///own.sock');
    expect(resolveConfig({ env: both, flags: { runtimeEndpoint: 'embedded' } }).runtimeEndpoint).toBe(
      'embedded',
    );
  });

  it('takes an empty variable as unset', () => {
    expect(resolveConfig({ env: { PLEGD_MODE: '' } }).mode).toBe('evented');
  });

  it('takes the path of the file from the environment too', () => {
    writeFileSync(path, 'mode: generic\n');
    expect(resolveConfig({ env: { PLEGD_CONFIG: path } })).toMatchObject({
      mode: 'generic',
      configFile: path,
    });
  });
});

describe('the file', () => {
  it('holds every option but its own path', () => {
    const config = resolveFile(`
runtimeEndpoint: unix:///run/containerd/containerd.sock
mode: generic
listen: "[::1]:0"
inspect: true
relistPeriod: 1500ms
relistThreshold: 1m30s
eventedRelistPeriod: 1m
eventedRelistThreshold: 1h
eventedMaxStreamRetries: 1
runtimeRequestTimeout: 5s
maxReceiveBytes: 1024
inspectConcurrency: 1
inspectTimeout: 250ms
lifecycleLogSize: 10
logLevel: debug
logFormat: pretty
`);
    expect(config).toEqual({
      runtimeEndpoint: 'unix:///run/containerd/containerd.sock',
      configFile: path,
      mode: 'generic',
      listen: { host: '::1', port: 0 },
      inspect: true,
      relistPeriodMs: 1500,
      relistThresholdMs: 90_000,
      eventedRelistPeriodMs: 60_000,
      eventedRelistThresholdMs: 3_600_000,
      eventedMaxStreamRetries: 1,
      runtimeRequestTimeoutMs: 5000,
      maxReceiveBytes: 1024,
      inspectConcurrency: 1,
      inspectTimeoutMs: 250,
      lifecycleLogSize: 10,
      logLevel: 'debug',
      logFormat: 'pretty',
    });
  });

  it.each(['', '# nothing but a comment\n', '---\n', 'null', '{}'])('may be empty: %j', (text) => {
    expect(resolveFile(text).mode).toBe('evented');
  });

  const durations = 'a duration such as 1s, 3m or 1m30s, from 100ms to 596h';
  it.each([
    ['mode: generic\nrelistPeriod: 5\n', `plegd.yaml:2:15: relistPeriod: got 5, expected ${durations}`],
    ['relistPeriod: 5x\n', `plegd.yaml:1:15: relistPeriod: got "5x", expected ${durations}`],
    ['\n\n  mode: fast\n', 'plegd.yaml:3:9: mode: got "fast", expected one of evented, generic'],
    ['mode:\n', 'plegd.yaml:1:6: mode: got null, expected one of evented, generic'],
    [
      'eventedMaxStreamRetries: true\n',
      'plegd.yaml:1:26: eventedMaxStreamRetries: got true, expected a whole number from 1 to 1000000',
    ],
    [
      'eventedMaxStreamRetries: 2.5\n',
      'plegd.yaml:1:26: eventedMaxStreamRetries: got 2.5, expected a whole number from 1 to 1000000',
    ],
    [
      'listen: 10270\n',
      'plegd.yaml:1:9: listen: got 10270, expected HOST:PORT such as 127.0.0.1:10270 or [::1]:10270, port 0 to 65535',
    ],
    ['mode: [evented]\n', 'plegd.yaml:1:7: mode: got ["evented"], expected one of evented, generic'],
    ['relist-period: 1s\n', 'plegd.yaml:1:1: unknown key "relist-period", did you mean relistPeriod?'],
    ['mode: generic\nLoglevel: debug\n', 'plegd.yaml:2:1: unknown key "Loglevel", did you mean logLevel?'],
    ['- mode\n', 'plegd.yaml:1:1: got ["mode"], expected key: value'],
    ['just words', 'plegd.yaml:1:1: got "just words", expected key: value'],
    [
      'mode: evented\nmode: generic\n',
      'plegd.yaml:2:1: expected one valid YAML document: Map keys must be unique',
    ],
  ])('%j is refused with one line that names the place', (text, message) => {
    expect(complaint(() => resolveFile(text))).toBe(message);
  });

  it.each([
    ['mode: "evented\n', 'plegd.yaml:2:1: expected one valid YAML document: Missing closing "quote'],
    ['a: 1\n b: 2\n', 'plegd.yaml:1:4: expected one valid YAML document: '],
    ['mode: evented\n---\nmode: generic\n', 'plegd.yaml:2:1: expected one valid YAML document: '],
    ['mode: !secret evented\n', 'plegd.yaml:1:7: expected one valid YAML document: Unresolved tag: !secret'],
    ['color: red\n', 'plegd.yaml:1:1: unknown key "color", expected one of runtimeEndpoint, mode, '],
  ])('%j is refused at its line', (text, start) => {
    const message = complaint(() => resolveFile(text));
    expect(message.slice(0, start.length)).toBe(start);
    expect(message).not.toContain('\n');
  });

  it('is refused when aliases blow it up', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let level = 1; level < 9; level++) {
      lines.push(
        `a${level}: &a${level} [${Array(10)
          .fill(`*a${level - 1}`)
          .join(', ')}]`,
      );
    }
    expect(complaint(() => resolveFile(lines.join('\n')))).toMatch(
      /^plegd.yaml: expected plain values: .*alias/,
    );
  });

  it('is checked as a whole, also where a flag overrides it', () => {
    expect(complaint(() => resolveFile('mode: fast\n', { mode: 'generic' }))).toContain('got "fast"');
  });

  it('is named when it cannot be read', () => {
    const missing = join(directory, 'missing.yaml');
    expect(complaint(() => resolveConfig({ flags: { config: missing } }))).toMatch(
      /^--config missing.yaml: cannot read the file: ENOENT/,
    );
    expect(complaint(() => resolveConfig({ flags: { config: directory } }))).toContain('EISDIR');
  });
});

describe('a bad value', () => {
  const durations = 'a duration such as 1s, 3m or 1m30s, from 100ms to 596h';
  const retries = 'a whole number from 1 to 1000000';
  const socket = 'the absolute path of a socket, at most 107 bytes, or none';
  const listen = 'HOST:PORT such as 127.0.0.1:10270 or [::1]:10270, port 0 to 65535';

  it.each([
    ['relistPeriod', '5', `--relist-period: got "5", expected ${durations}`],
    ['relistPeriod', '-1s', `--relist-period: got "-1s", expected ${durations}`],
    ['relistPeriod', '99ms', `--relist-period: got "99ms", expected ${durations}`],
    ['eventedRelistPeriod', '597h', `--evented-relist-period: got "597h", expected ${durations}`],
    ['inspect', 'yes', '--inspect: got "yes", expected true or false'],
    ['inspectTimeout', '', `--inspect-timeout: got "", expected ${durations}`],
    ['eventedMaxStreamRetries', '0', `--evented-max-stream-retries: got "0", expected ${retries}`],
    ['eventedMaxStreamRetries', '1.5', `--evented-max-stream-retries: got "1.5", expected ${retries}`],
    ['eventedMaxStreamRetries', 'five', `--evented-max-stream-retries: got "five", expected ${retries}`],
    ['listen', ':10270', `--listen: got ":10270", expected ${listen}`],
    ['listen', 'localhost:70000', `--listen: got "localhost:70000", expected ${listen}`],
    ['socket', 'plegd.sock', `--socket: got "plegd.sock", expected ${socket}`],
    ['socket', `/${'x'.repeat(107)}`, expect.stringContaining(`expected ${socket}`)],
    [
      'runtimeEndpoint',
      '/run/containerd/containerd.sock',
      '--runtime-endpoint: got "/run/containerd/containerd.sock", expected unix:///path of a socket, or embedded',
    ],
    [
      'runtimeEndpoint',
      'tcp://127.0.0.1:1',
      '--runtime-endpoint: got "tcp://127.0.0.1:1", expected unix:///path of a socket, or embedded',
    ],
    ['config', '', '--config: got "", expected the path of a YAML file'],
    ['mode', 'Evented', '--mode: got "Evented", expected one of evented, generic'],
    ['logFormat', 'xml', '--log-format: got "xml", expected one of pretty, json'],
    [
      'logLevel',
      'loud',
      '--log-level: got "loud", expected one of trace, debug, info, warn, error, fatal, silent',
    ],
  ])('of %s, %j, is named with its flag', (name, value, message) => {
    expect(complaint(() => resolveConfig({ flags: { [name]: value } }))).toEqual(message);
  });

  it('is named with its variable', () => {
    const env = { PLEGD_EVENTED_MAX_STREAM_RETRIES: '-1' };
    expect(complaint(() => resolveConfig({ env }))).toBe(
      `PLEGD_EVENTED_MAX_STREAM_RETRIES: got "-1", expected ${retries}`,
    );
  });

  it('is cut when it is long, and kept on one line', () => {
    const message = complaint(() => resolveConfig({ flags: { mode: `a\n${'b'.repeat(10_000)}` } }));
    expect(message).toHaveLength(`--mode: got ${' '.repeat(61)}, expected one of evented, generic`.length);
    expect(message).not.toContain('\n');
  });
});

describe('a threshold that is not longer than its period', () => {
  it.each([
    [
      { relistPeriod: '1s', relistThreshold: '1s' },
      '--relist-threshold 1s is not longer than --relist-period 1s',
    ],
    [{ relistPeriod: '3m' }, '--relist-threshold 3m (default) is not longer than --relist-period 3m'],
    [
      { eventedRelistThreshold: '1m' },
      '--evented-relist-threshold 1m is not longer than --evented-relist-period 300s (default)',
    ],
  ])('%j is refused', (flags, message) => {
    expect(complaint(() => resolveConfig({ flags }))).toBe(message);
  });

  it('is named by file and variable where it comes from them', () => {
    expect(complaint(() => resolveFile('relistThreshold: 1s\n', {}, { PLEGD_RELIST_PERIOD: '2s' }))).toBe(
      'plegd.yaml:1:18: relistThreshold 1s is not longer than PLEGD_RELIST_PERIOD 2s',
    );
  });

  it('is accepted when longer by the least', () => {
    expect(resolveConfig({ flags: { relistThreshold: '1001ms' } }).relistThresholdMs).toBe(1001);
  });
});

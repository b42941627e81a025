import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runToEnd } from '../../helpers/cli-io.ts';

const directory = mkdtempSync(join(tmpdir(), 'plegd-cli-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});

const durations = 'a duration such as 1s, 3m or 1m30s, from 100ms to 596h';
const types = 'one of ContainerStarted, ContainerDied, ContainerRemoved, PodSync';
const hostPort = 'HOST:PORT such as 127.0.0.1:10270 or [::1]:10270, port 0 to 65535';

describe('bad input ends with exit code 2 and one line', () => {
  it.each([
    ['frob', "unknown command 'frob'"],
    ['statu', "unknown command 'statu' (Did you mean status?)"],
    ['--frob', "unknown option '--frob'"],
    ['run --mod generic', "unknown option '--mod' (Did you mean --mode?)"],
    ['run extra', "too many arguments for 'run'. Expected 0 arguments but got 1."],
    ['run --mode', "option '--mode <evented|generic>' argument missing"],
    ['run --mode fast', '--mode: got "fast", expected one of evented, generic'],
    ['run --relist-period 5', `--relist-period: got "5", expected ${durations}`],
    [
      'run --relist-period 3m --relist-threshold 1m',
      '--relist-threshold 1m is not longer than --relist-period 3m',
    ],
    ['run --listen 10270', `--listen: got "10270", expected ${hostPort}`],
    [
      'run --runtime-endpoint /run/containerd/containerd.sock',
      '--runtime-endpoint: got "/run/containerd/containerd.sock", expected unix:///path of a socket, or embedded',
    ],
    [
      'run --events xml',
      "option '--events <FORMAT>' argument 'xml' is invalid. Allowed choices are text, json, none.",
    ],
    ['events --since x', '--since: got "x", expected the number of an event, 0 or more'],
    ['events --type PodSync --type died', `--type: got "died", expected ${types}`],
    ['events --pod=', '--pod: got "", expected the name of a pod, or namespace/name'],
    [
      'events -o xml',
      "option '-o, --output <FORMAT>' argument 'xml' is invalid. Allowed choices are text, json.",
    ],
    [
      'events --runtime-endpoint embedded --since 4',
      "option '--runtime-endpoint <URL>' cannot be used with option '--since <SEQ>'",
    ],
    [
      'events --runtime-endpoint tcp://127.0.0.1:1',
      '--runtime-endpoint: got "tcp://127.0.0.1:1", expected unix:///path of a socket, or embedded',
    ],
    [
      'pods --server x',
      `option '--server <URL>' argument 'x' is invalid. Expected ${hostPort}, or https:// and this.`,
    ],
    [
      'status -o wide',
      "option '-o, --output <FORMAT>' argument 'wide' is invalid. Allowed choices are text, json.",
    ],
    [
      'doctor --runtime-endpoint /run/x.sock',
      '--runtime-endpoint "/run/x.sock": no scheme, expected unix:///path, here unix:///run/x.sock',
    ],
    [
      'doctor --for soon',
      "option '--for <DURATION>' argument 'soon' is invalid. Expected a duration such as 20s or 2m, from 1s to 10m.",
    ],
    [
      'doctor --for 1h',
      "option '--for <DURATION>' argument '1h' is invalid. Expected a duration such as 20s or 2m, from 1s to 10m.",
    ],
    ['runtime', "required option '--listen <URL>' not specified"],
    [
      'runtime --listen /run/x.sock',
      '--listen "/run/x.sock": no scheme, expected unix:///path, here unix:///run/x.sock',
    ],
    [
      'runtime --listen unix:///run/x.sock --log-format xml',
      '--log-format: got "xml", expected one of pretty, json',
    ],
  ])('%s', async (line, message) => {
    expect(await runToEnd(line.split(' '))).toEqual({ code: 2, stdout: '', stderr: `plegd: ${message}\n` });
  });

  it('from the environment', async () => {
    expect(await runToEnd(['run'], { PLEGD_INSPECT_TIMEOUT: 'soon' })).toEqual({
      code: 2,
      stdout: '',
      stderr: `plegd: PLEGD_INSPECT_TIMEOUT: got "soon", expected ${durations}\n`,
    });
  });

  it('from the file, with its line', async () => {
    const path = join(directory, 'plegd.yaml');
    writeFileSync(path, 'mode: evented\nrelistPeriod: soon\n');
    expect(await runToEnd(['run', '--config', path])).toEqual({
      code: 2,
      stdout: '',
      stderr: `plegd: ${path}:2:15: relistPeriod: got "soon", expected ${durations}\n`,
    });
  });
});

describe('help', () => {
  it.each([['--help'], ['help'], ['run', '--help'], ['help', 'events']])(
    '%s %s goes to standard output',
    async (...args) => {
      const { code, stdout, stderr } = await runToEnd(args.filter((arg) => arg !== undefined));
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toContain('Usage: plegd');
    },
  );

  it('comes by itself where no command is given, and that is bad input', async () => {
    const { code, stdout, stderr } = await runToEnd([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('Usage: plegd');
    expect(stderr).toContain('Examples:');
  });
});

it('--version is that of the package', async () => {
  const { code, stdout } = await runToEnd(['--version']);
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
});

/** tcpmux: nobody has listened there for decades. */
const deadServer = '127.0.0.1:1';

describe('what the world refuses ends with exit code 1 and one line', () => {
  it.each(['events', 'pods', 'status'])('%s without an agent', async (command) => {
    expect(await runToEnd([command, '--server', deadServer])).toEqual({
      code: 1,
      stdout: '',
      stderr: `plegd: no agent answers at ${deadServer} (connection refused); start one with "plegd run" or name it with --server\n`,
    });
  });

  it.each([
    [
      'status',
      '{"status": "up"}',
      200,
      'what answers at ADDRESS is no plegd agent: GET /v1/status gave something else',
    ],
    ['events', '[]', 200, 'what answers at ADDRESS is no plegd agent: GET /v1/status gave something else'],
    ['pods', '<html>', 200, 'what answers at ADDRESS is no plegd agent: GET /v1/pods gave something else'],
    ['pods', '<html>', 404, 'ADDRESS answered 404 to GET /v1/pods: no reason given'],
    [
      'status',
      '{"error": "Host is not served"}',
      403,
      'ADDRESS answered 403 to GET /v1/status: Host is not served',
    ],
  ])('%s where something else answers: %s', async (command, body, status, message) => {
    const other = createServer((_request, response) => response.writeHead(status).end(body));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const server = `127.0.0.1:${(other.address() as AddressInfo).port}`;
    expect(await runToEnd([command, '--server', server])).toEqual({
      code: 1,
      stdout: '',
      stderr: `plegd: ${message.replace('ADDRESS', server)}\n`,
    });
    other.closeAllConnections();
    await new Promise((resolve) => other.close(resolve));
  });
});

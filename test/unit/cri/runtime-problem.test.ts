import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { CriError } from '../../../src/cri/cri-error.ts';
import { ImageService, ListContainersResponseSchema } from '../../../src/cri/gen/runtime/v1/api_pb.ts';
import { describeRuntimeProblem } from '../../../src/cri/runtime-problem.ts';
import { grpcServiceDefinition } from '../../../src/cri/service-definition.ts';
import { answer, connect, failureOf, makeSocketPath, serve, startServer } from './cri-server.ts';

const noCriV1 =
  'the runtime does not speak CRI v1: it is too old (v1alpha2 only) or its CRI plugin is disabled; ' +
  'containerd 1.6 and CRI-O 1.20 or later speak it';

/** Leaves a socket at `path` that nobody listens on, as a runtime does that was killed. */
const leaveDeadSocket = (path: string) =>
  promisify(execFile)(process.execPath, [
    '-e',
    `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`,
  ]).catch(() => undefined);

const describeFailure = async (call: Promise<unknown>): Promise<string> =>
  describeRuntimeProblem(await failureOf(call));

describe('the words for a problem with the runtime', () => {
  it('tell a runtime of v1alpha2 by the words of a Go server', () => {
    const details = 'unknown service runtime.v1.RuntimeService';
    expect(describeRuntimeProblem(new CriError('Version', 'UNIMPLEMENTED', details))).toBe(noCriV1);
    expect(describeRuntimeProblem(new CriError('ListContainers', 'UNIMPLEMENTED', details))).toBe(noCriV1);
  });

  it('tell a server that lacks the service altogether', async () => {
    const path = await makeSocketPath();
    await startServer(path, {}, grpcServiceDefinition(ImageService));
    await expect(describeFailure(connect(path).version())).resolves.toBe(noCriV1);
  });

  it('tell a single method that is missing', () => {
    const error = new CriError(
      'GetContainerEvents',
      'UNIMPLEMENTED',
      'unknown method GetContainerEvents for service runtime.v1.RuntimeService',
    );
    expect(describeRuntimeProblem(error)).toBe('the runtime does not implement GetContainerEvents');
  });

  it('tell that no socket is there', async () => {
    const path = await makeSocketPath();
    await expect(describeFailure(connect(path).version())).resolves.toBe(
      `the runtime cannot be reached at ${path}: nothing is there; ` +
        'start the runtime or name another endpoint (ENOENT)',
    );
  });

  it('tell that nobody listens', async () => {
    const path = await makeSocketPath();
    await leaveDeadSocket(path);
    await expect(describeFailure(connect(path).version())).resolves.toBe(
      `the runtime cannot be reached at ${path}: a socket is there but nobody listens; ` +
        'start the runtime (ECONNREFUSED)',
    );
  });

  it('tell that permission is missing', () => {
    const details =
      'No connection established. Last error: Error: connect EACCES /run/my crio.sock. Resolution note: ';
    expect(describeRuntimeProblem(new CriError('Version', 'UNAVAILABLE', details))).toBe(
      'the runtime cannot be reached at /run/my crio.sock: no permission to connect; ' +
        "run as root or as a member of the socket's group (EACCES)",
    );
  });

  it('pass on any other reason for being unreachable', () => {
    expect(describeRuntimeProblem(new CriError('Version', 'UNAVAILABLE', 'Connection dropped'))).toBe(
      'the runtime cannot be reached: Connection dropped',
    );
  });

  it('name the limit and the setting for an answer that is too long', async () => {
    const client = await serve(
      { ListContainers: answer(ListContainersResponseSchema, { containers: [{ id: 'x'.repeat(100) }] }) },
      { maxReceiveBytes: 64 },
    );
    await expect(describeFailure(client.listContainers())).resolves.toBe(
      'the answer to ListContainers is 104 bytes, beyond the limit of 64 bytes; ' +
        'raise maxReceiveBytes or remove dead containers',
    );
  });

  it('tell a limit of the runtime from our own', () => {
    const details = 'grpc: trying to send message larger than max (16791221 vs. 16777216)';
    expect(describeRuntimeProblem(new CriError('ListContainers', 'RESOURCE_EXHAUSTED', details))).toBe(
      'the answer to ListContainers is 16791221 bytes, beyond the limit of 16777216 bytes ' +
        'that the runtime itself sets; remove dead containers',
    );
  });

  it('pass on any other exhaustion', () => {
    expect(describeRuntimeProblem(new CriError('Version', 'RESOURCE_EXHAUSTED', 'too many streams'))).toBe(
      'the runtime is out of resources for Version: too many streams',
    );
  });

  it('tell a runtime that hangs', async () => {
    const client = await serve({ Version: () => undefined }, { callTimeoutMs: 1 });
    await expect(describeFailure(client.version())).resolves.toMatch(
      /^the runtime did not answer Version in time: /,
    );
  });

  it('are one line for anything else', () => {
    expect(describeRuntimeProblem(new CriError('Version', 'INTERNAL', 'panic:\n  at main.go\n'))).toBe(
      'Version: INTERNAL: panic: at main.go',
    );
  });
});

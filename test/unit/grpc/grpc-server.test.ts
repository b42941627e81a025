import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { create, createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { credentials, makeClientConstructor, status } from '@grpc/grpc-js';
import { service as healthService } from 'grpc-health-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { defaultCallBounds } from '../../../src/grpc/call-bounds.ts';
import { Pleg } from '../../../src/grpc/gen/plegd/v1/api_pb.ts';
import { startGrpcServer } from '../../../src/grpc/grpc-server.ts';
import { createLogger } from '../../../src/lib/log.ts';
import { SocketPathError } from '../../../src/lib/socket-path.ts';
import { FakeAgentView } from '../../helpers/fake-agent-view.ts';
import { makeSocketPath, serveFakeAgent } from '../../helpers/grpc-server.ts';
import { patient } from '../../helpers/patience.ts';
import { PlegClient } from '../../helpers/pleg-client.ts';
import { filesOf, listServices } from '../../helpers/reflection-client.ts';
import { SimulatedTime } from '../../helpers/simulated-time.ts';

const start = (socketPath: string) =>
  startGrpcServer({
    view: new FakeAgentView(),
    socketPath,
    logger: createLogger({ level: 'silent', format: 'json' }),
    time: new SimulatedTime(),
  });

describe('the socket', () => {
  it('is for user and group, in a folder that is made for them', async () => {
    const path = join(dirname(await makeSocketPath()), 'run', 'plegd.sock');
    const server = await start(path);
    expect((await stat(path)).mode & 0o777).toBe(0o660);
    expect((await stat(dirname(path))).mode & 0o777 & ~0o750).toBe(0);
    await server.close();
    await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('of an agent that is gone is replaced', async () => {
    const path = await makeSocketPath();
    const script = `require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
    await once(spawn(process.execPath, ['-e', script, path], { stdio: 'ignore' }), 'exit');
    expect((await stat(path)).isSocket()).toBe(true);
    await (await start(path)).close();
  });

  it('of an agent that serves is left to it', async () => {
    const { socketPath, client } = await serveFakeAgent();
    const refused = start(socketPath);
    await expect(refused).rejects.toThrow(SocketPathError);
    await expect(refused).rejects.toThrow(
      `cannot serve on unix://${socketPath}: in use: another process serves there; stop it or choose another path`,
    );
    expect((await client.call(Pleg.method.listPods, {})).pods).toHaveLength(1);
  });
});

describe('health', () => {
  const Health = makeClientConstructor(healthService, 'Health');
  type Check = (
    request: { service: string },
    done: (error: { code: status } | null, answer?: { status: string }) => void,
  ) => void;

  it.each([
    ['', 'SERVING'],
    ['plegd.v1.Pleg', 'SERVING'],
    ['another', status.NOT_FOUND],
  ])('of %j is %s', async (service, expected) => {
    const { socketPath } = await serveFakeAgent();
    const client = new Health(`unix:${socketPath}`, credentials.createInsecure());
    const check = (client['check'] as Check).bind(client);
    const answer = new Promise((resolve) => {
      check({ service }, (error, message) => resolve(error?.code ?? message?.status));
    });
    expect(await answer).toBe(expected);
    client.close();
  });
});

describe('reflection', () => {
  it.each(['v1', 'v1alpha'] as const)('%s names the service', async (version) => {
    const { socketPath } = await serveFakeAgent();
    expect(await listServices(socketPath, version)).toEqual(['plegd.v1.Pleg']);
  });

  it('tells all that a client needs', async () => {
    const { socketPath } = await serveFakeAgent();
    const file = (await filesOf(socketPath, 'plegd.v1.Pleg')).map((bytes) =>
      fromBinary(FileDescriptorProtoSchema, bytes),
    );
    const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: file.reverse() }));
    const service = registry.getService('plegd.v1.Pleg');
    expect(
      service?.methods.map(({ name, methodKind, input, output }) => [
        name,
        methodKind,
        input.name,
        output.name,
      ]),
    ).toEqual(
      Pleg.methods.map(({ name, methodKind, input, output }) => [name, methodKind, input.name, output.name]),
    );
    const fields = ({ input }: { input: typeof Pleg.method.watch.input }) =>
      input.fields.map(({ name, number, proto }) => [name, number, proto.proto3Optional]);
    expect(fields(service!.method['watch'] as never)).toEqual(fields(Pleg.method.watch));
  });
});

describe('bounds', () => {
  it('a request beyond 64 KiB is refused', async () => {
    const { client } = await serveFakeAgent();
    await expect(client.call(Pleg.method.getPod, { uid: 'x'.repeat(65_536) })).rejects.toMatchObject({
      code: status.RESOURCE_EXHAUSTED,
    });
  });

  const bounds = { openCalls: 3, burst: 20, perSecond: 5 };

  it('requests beyond the rate are refused until time passes', async () => {
    const { client, time } = await serveFakeAgent({ bounds });
    const countAnswered = async () => {
      // One after the other: side by side they would be too many open ones.
      const codes: status[] = [];
      for (let index = 0; index < 30; index += 1) {
        const answer = client.call(Pleg.method.listPods, {}).then(() => status.OK);
        codes.push(await answer.catch(({ code }: { code: status }) => code));
      }
      expect(new Set(codes)).toEqual(new Set([status.OK, status.RESOURCE_EXHAUSTED]));
      return codes.filter((code) => code === status.OK).length;
    };
    expect(await countAnswered()).toBe(20);
    // A watch asks only once.
    await client.watch().until(({ length }) => length === 1);
    await time.advance(1_000);
    expect(await countAnswered()).toBe(5);
  });

  it('watches beyond the bound are refused until others end', async () => {
    const { client, view, socketPath } = await serveFakeAgent({ bounds });
    // A connection has a bound of its own, where further calls wait instead.
    const other = new PlegClient(socketPath);
    onTestFinished(() => other.close());
    const watchers = Array.from({ length: 3 }, () => client.watch());
    await expect.poll(() => view.openSubscriptionCount, patient).toBe(3);
    expect(await other.watch().ended).toMatchObject({
      code: status.RESOURCE_EXHAUSTED,
      details: 'more than 3 calls are open; close some, or come later',
    });
    watchers[0]?.cancel();
    await expect.poll(() => view.openSubscriptionCount, patient).toBe(2);
    await other.watch().until(({ length }) => length === 1);
  });

  it('by default leave room for a thousand watchers', () => {
    expect(defaultCallBounds.openCalls).toBeGreaterThan(1_000);
  });
});

import { once } from 'node:events';
import { connect, type ClientHttp2Stream } from 'node:http2';
import { createConnection } from 'node:net';
import { create, toBinary } from '@bufbuild/protobuf';
import { expect, it, onTestFinished } from 'vitest';
import { WatchRequestSchema } from '../../../src/grpc/gen/plegd/v1/api_pb.ts';
import { LifecycleLog, type UnnumberedEvent } from '../../../src/pleg/lifecycle-log.ts';
import { lifecycleEvent } from '../../helpers/fake-agent-view.ts';
import { serveFakeAgent } from '../../helpers/grpc-server.ts';
import { settle } from '../../helpers/simulated-time.ts';

const eventOf = (reasonBytes: number): UnnumberedEvent => {
  const { seq: _, ...event } = lifecycleEvent(0, { reason: 'x'.repeat(reasonBytes) });
  return event;
};

/** A served log, and how many entries all watches together have pulled from it. */
const serveLog = async (capacity: number) => {
  const served = await serveFakeAgent();
  const snapshot = () => [{ ...eventOf(0), type: 'PodSync' } as const];
  const log = new LifecycleLog({ capacity, snapshot });
  const pulled = { count: 0 };
  served.view.source = async function* (options) {
    for await (const entry of log.subscribe(options)) {
      pulled.count += 1;
      yield entry;
    }
  };
  return { ...served, log, pulled };
};

/** Watches through a window of no bytes: their callers take the headers and nothing else. */
const watchWithoutReading = async (socketPath: string, count: number): Promise<void> => {
  const session = connect('http://localhost', {
    createConnection: () => createConnection(socketPath),
    settings: { initialWindowSize: 0 },
  });
  session.on('error', () => undefined);
  onTestFinished(() => session.destroy());
  const message = Buffer.from(toBinary(WatchRequestSchema, create(WatchRequestSchema, { since: 0n })));
  const open = async (): Promise<void> => {
    const stream: ClientHttp2Stream = session.request({
      ':method': 'POST',
      ':path': '/plegd.v1.Pleg/Watch',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    stream.on('error', () => undefined);
    stream.end(Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message]));
    await once(stream, 'response');
  };
  await Promise.all(Array.from({ length: count }, open));
};

it('of a thousand watchers, half do not read: the others get everything, and nothing piles up', async () => {
  const eventCount = 40;
  const { client, log, pulled, socketPath } = await serveLog(10);
  await watchWithoutReading(socketPath, 500);
  const readers = Array.from({ length: 500 }, () => client.watch({ since: 0n }));
  await Promise.all(readers.map((reader) => reader.until(({ length }) => length === 1)));

  for (let seq = 1; seq <= eventCount; seq += 1) {
    log.append(eventOf(0));
    await Promise.all(readers.map((reader) => reader.until(({ length }) => length === seq + 1)));
  }
  for (const reader of readers) {
    expect(reader.events.map(({ seq }) => Number(seq))).toEqual(
      Array.from({ length: 41 }, (_, index) => index),
    );
  }
  await settle();
  // grpc-js takes 16 messages of a stream before it asks for a pause.
  expect(pulled.count - 500 * eventCount).toBeLessThanOrEqual(500 * 16);
}, 30_000);

it('who falls behind gets a gap and a snapshot, and nothing before or after it twice or not', async () => {
  const eventCount = 200;
  const { client, log } = await serveLog(50);
  const sleeper = client.watch({ since: 0n });
  const reader = client.watch({ since: 0n });
  await Promise.all([sleeper, reader].map((watcher) => watcher.until(({ length }) => length === 1)));
  sleeper.pause();
  for (let seq = 1; seq <= eventCount; seq += 1) {
    log.append(eventOf(8_192));
    await reader.until(({ length }) => length === seq + 1);
  }
  sleeper.resume();
  await sleeper.until((events) => events.at(-1)?.seq === BigInt(eventCount));

  const entries = sleeper.events.slice(1);
  const gap = entries.findIndex((each) => each.entry.case === 'gap');
  expect(entries.slice(0, gap).map(({ seq }) => Number(seq))).toEqual(
    Array.from({ length: gap }, (_, index) => index + 1),
  );
  expect(entries.slice(gap)).toMatchObject([
    { seq: BigInt(gap), entry: { value: { from: BigInt(gap + 1), to: BigInt(eventCount) } } },
    { seq: BigInt(eventCount), entry: { value: { podUid: eventOf(0).podUid } } },
  ]);
});

it('who does not read does not hold up the end of the server', async () => {
  const { server, log, socketPath, time } = await serveLog(10);
  await watchWithoutReading(socketPath, 1);
  log.append(eventOf(0));
  const closed = server.close();
  await time.advance(500);
  await closed;
});

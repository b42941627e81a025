import { create } from '@bufbuild/protobuf';
import type { ServerWritableStream } from '@grpc/grpc-js';
import { firstValueFrom, map, materialize, take, tap, toArray, type ObservableNotification } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { CriCall, CriClient } from '../../../src/cri/client.ts';
import { CriError } from '../../../src/cri/cri-error.ts';
import {
  ContainerEventResponseSchema,
  ContainerEventType,
  type ContainerEventResponse,
} from '../../../src/cri/gen/runtime/v1/api_pb.ts';
import { fromServerStream } from '../../../src/cri/server-stream.ts';
import {
  connect,
  failureOf,
  makeLatch,
  makeSocketPath,
  serve,
  startProxy,
  startServer,
  withRawAnswers,
} from './cri-server.ts';

type EventCall = ServerWritableStream<unknown, ContainerEventResponse>;

const started = (containerId: string): ContainerEventResponse =>
  create(ContainerEventResponseSchema, {
    containerId,
    containerEventType: ContainerEventType.CONTAINER_STARTED_EVENT,
    createdAt: 1795215059359284865n,
  });

/** An event's id, or how the stream ended: `complete` or the code of the error. */
const label = (notification: ObservableNotification<{ readonly containerId: string }>): string => {
  switch (notification.kind) {
    case 'N':
      return notification.value.containerId;
    case 'E':
      return notification.error instanceof CriError ? notification.error.code : String(notification.error);
    case 'C':
      return 'complete';
  }
};

/** All that a stream says until it ends. */
const collect = (client: CriClient): Promise<string[]> =>
  firstValueFrom(client.containerEvents().pipe(materialize(), map(label), toArray()));

describe('the container event stream', () => {
  it('passes events on in order and completes once at the end of the stream', async () => {
    const client = await serve({
      GetContainerEvents: (call: EventCall) => {
        for (const id of ['a', 'b', 'c']) call.write(started(id));
        call.end();
      },
    });
    await expect(collect(client)).resolves.toEqual(['a', 'b', 'c', 'complete']);
  });

  it('keeps the nanoseconds of an event', async () => {
    const client = await serve({ GetContainerEvents: (call: EventCall) => call.write(started('a')) });
    await expect(firstValueFrom(client.containerEvents())).resolves.toEqual({
      containerId: 'a',
      kind: 'started',
      createdAtNs: 1795215059359284865n,
      podSandbox: undefined,
      containerStatus: undefined,
    });
  });

  it('takes a flood without losing or reordering any', async () => {
    const ids = Array.from({ length: 2000 }, (_, index) => String(index));
    const client = await serve({
      GetContainerEvents: (call: EventCall) => {
        for (const id of ids) call.write(started(id));
        call.end();
      },
    });
    await expect(collect(client)).resolves.toEqual([...ids, 'complete']);
  });

  it('completes at once for a runtime that ends it before any event', async () => {
    const client = await serve({ GetContainerEvents: (call: EventCall) => call.end() });
    await expect(collect(client)).resolves.toEqual(['complete']);
  });

  it('errors once with the code of the runtime', async () => {
    const received = makeLatch();
    const client = await serve({
      GetContainerEvents: (call: EventCall) => {
        call.write(started('a'));
        void received.opened.then(() => call.emit('error', { code: 8, details: 'too slow' }));
      },
    });
    const notifications = await firstValueFrom(
      client.containerEvents().pipe(tap(received.open), materialize(), map(label), toArray()),
    );
    expect(notifications).toEqual(['a', 'RESOURCE_EXHAUSTED']);
  });

  it('errors once with UNIMPLEMENTED for a runtime without events', async () => {
    const client = await serve({});
    await expect(collect(client)).resolves.toEqual(['UNIMPLEMENTED']);
  });

  it('errors once with UNAVAILABLE when no runtime is there', async () => {
    const client = connect(await makeSocketPath());
    await expect(collect(client)).resolves.toEqual(['UNAVAILABLE']);
  });

  it('errors once with UNAVAILABLE when the connection drops', async () => {
    const path = await makeSocketPath();
    await startServer(path, { GetContainerEvents: (call: EventCall) => call.write(started('a')) });
    const proxy = await startProxy(path);
    const notifications: string[] = [];
    const ended = makeLatch();
    connect(proxy.path)
      .containerEvents()
      .pipe(materialize())
      .subscribe({
        next: (notification) => {
          notifications.push(label(notification));
          proxy.drop();
        },
        complete: ended.open,
      });
    await ended.opened;
    expect(notifications).toEqual(['a', 'UNAVAILABLE']);
  });

  it('errors once when the server is destroyed', async () => {
    const path = await makeSocketPath();
    const server = await startServer(path, {
      GetContainerEvents: (call: EventCall) => {
        call.write(started('a'), () => {
          server.forceShutdown();
        });
      },
    });
    const ends = (await collect(connect(path))).filter((notification) => notification !== 'a');
    expect(ends).toHaveLength(1);
    expect(['CANCELLED', 'UNAVAILABLE']).toContain(ends[0]);
  });

  it('errors once with INTERNAL for garbage, after the events before it', async () => {
    const path = await makeSocketPath();
    await startServer(
      path,
      {
        GetContainerEvents: (call: ServerWritableStream<unknown, Buffer>) => {
          // Field 1, "a"; then field 1, 127 bytes long, of which one follows.
          call.write(Buffer.from([0x0a, 0x01, 0x61]));
          call.write(Buffer.from([0x0a, 0x7f, 0x01]));
          call.write(Buffer.from([0x0a, 0x01, 0x62]));
        },
      },
      withRawAnswers('GetContainerEvents'),
    );
    await expect(collect(connect(path))).resolves.toEqual(['a', 'INTERNAL']);
  });

  it('opens one call for each subscription and none before', async () => {
    let calls = 0;
    const client = await serve({
      GetContainerEvents: (call: EventCall) => {
        calls += 1;
        call.end();
      },
    });
    const event$ = client.containerEvents();
    await failureOf(client.version());
    expect(calls).toBe(0);
    await firstValueFrom(event$, { defaultValue: undefined });
    await firstValueFrom(event$, { defaultValue: undefined });
    expect(calls).toBe(2);
  });

  it('cancels the call when unsubscribed, and says nothing more', async () => {
    const cancelled = makeLatch();
    const first = makeLatch();
    const client = await serve({
      GetContainerEvents: (call: EventCall) => {
        call.once('cancelled', cancelled.open);
        call.write(started('a'));
      },
    });
    const notifications: string[] = [];
    const subscription = client
      .containerEvents()
      .pipe(materialize())
      .subscribe((notification) => {
        notifications.push(label(notification));
        first.open();
      });
    await first.opened;
    subscription.unsubscribe();
    await cancelled.opened;
    await failureOf(client.version());
    expect(notifications).toEqual(['a']);
  });

  it('may be unsubscribed before it is connected', async () => {
    const client = await serve({ GetContainerEvents: () => undefined });
    const notifications: string[] = [];
    client
      .containerEvents()
      .pipe(materialize())
      .subscribe((notification) => notifications.push(label(notification)))
      .unsubscribe();
    await failureOf(client.version());
    expect(notifications).toEqual([]);
  });

  it('errors once with CANCELLED when the client closes, and at once when it has', async () => {
    const client = await serve({ GetContainerEvents: (call: EventCall) => call.write(started('a')) });
    const notifications: string[] = [];
    const ended = makeLatch();
    client
      .containerEvents()
      .pipe(materialize())
      .subscribe({
        next: (notification) => {
          notifications.push(label(notification));
          client.close();
        },
        complete: ended.open,
      });
    await ended.opened;
    expect(notifications).toEqual(['a', 'CANCELLED']);
    await expect(collect(client)).resolves.toEqual(['CANCELLED']);
  });

  it('counts as one call, however it ends', async () => {
    const calls: CriCall[] = [];
    let answers = 0;
    const client = await serve(
      {
        GetContainerEvents: (call: EventCall) => {
          answers += 1;
          call.write(started('a'));
          if (answers === 1) call.end();
          else if (answers === 2) call.emit('error', { code: 13, details: 'broken' });
        },
      },
      { onCall: (call) => calls.push(call) },
    );
    await collect(client);
    await collect(client);
    await firstValueFrom(client.containerEvents().pipe(take(1)));
    expect(calls.map(({ method, code }) => [method, code])).toEqual([
      ['GetContainerEvents', 'OK'],
      ['GetContainerEvents', 'INTERNAL'],
      ['GetContainerEvents', 'CANCELLED'],
    ]);
  });
});

describe('a server stream whose call cannot be opened', () => {
  it('errors with a CriError', async () => {
    const cause = new Error('Channel has been shut down');
    const stream$ = fromServerStream('GetContainerEvents', () => {
      throw cause;
    });
    await expect(failureOf(firstValueFrom(stream$))).resolves.toMatchObject({ name: 'CriError', cause });
  });
});

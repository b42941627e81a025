import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  toContainer,
  toContainerEvent,
  toContainerStatus,
  toPodSandbox,
  toPodSandboxStatus,
} from '../../../src/cri/convert.ts';
import {
  ContainerEventResponseSchema,
  ContainerSchema,
  ContainerStatusSchema,
  PodSandboxSchema,
  PodSandboxStatusSchema,
  type ContainerEventType,
  type ContainerState,
  type PodSandboxState,
} from '../../../src/cri/gen/runtime/v1/api_pb.ts';
import { isoFromNs } from '../../../src/lib/time.ts';

const metadata = { name: 'web-0', uid: 'uid-1', namespace: 'default', attempt: 1 };

const labels = {
  'io.kubernetes.pod.name': 'web-0',
  'io.kubernetes.pod.uid': 'uid-1',
  'io.kubernetes.pod.namespace': 'default',
  'io.kubernetes.container.name': 'app',
};

const identity = { podUid: 'uid-1', podName: 'web-0', podNamespace: 'default' };

/** A stamp that a JS number would round. */
const stampNs = 1795215059359284865n;

describe('a sandbox of a list', () => {
  it('takes its pod from the metadata, not from the labels', () => {
    const record = create(PodSandboxSchema, {
      id: 's1',
      metadata,
      createdAt: stampNs,
      labels: { 'io.kubernetes.pod.uid': 'another' },
    });
    expect(toPodSandbox(record)).toEqual({ id: 's1', ...identity, state: 'ready', createdAtNs: stampNs });
  });

  it.each([
    [0, 'ready'],
    [1, 'notready'],
    [42, 'notready'],
    [-1, 'notready'],
  ])('with the state number %i is %s', (state, expected) => {
    expect(
      toPodSandbox(create(PodSandboxSchema, { id: 's1', metadata, state: state as PodSandboxState }))?.state,
    ).toBe(expected);
  });

  it('is left out without metadata or id', () => {
    expect(toPodSandbox(create(PodSandboxSchema, { id: 's1' }))).toBeUndefined();
    expect(toPodSandbox(create(PodSandboxSchema, { metadata }))).toBeUndefined();
  });
});

describe('a container of a list', () => {
  it('takes its pod and name from the labels', () => {
    const record = create(ContainerSchema, {
      id: 'c1',
      podSandboxId: 's1',
      metadata: { name: 'another' },
      state: 1,
      createdAt: stampNs,
      labels,
    });
    expect(toContainer(record)).toEqual({
      id: 'c1',
      podSandboxId: 's1',
      ...identity,
      name: 'app',
      state: 'running',
      createdAtNs: stampNs,
    });
  });

  it('without labels has the name of its metadata and no pod', () => {
    expect(toContainer(create(ContainerSchema, { id: 'c1', metadata: { name: 'app' } }))).toMatchObject({
      name: 'app',
      podUid: '',
      podName: '',
      podNamespace: '',
    });
  });

  it.each([
    [0, 'created'],
    [1, 'running'],
    [2, 'exited'],
    [3, 'unknown'],
    [42, 'unknown'],
    [-1, 'unknown'],
  ])('with the state number %i is %s', (state, expected) => {
    expect(
      toContainer(create(ContainerSchema, { id: 'c1', metadata: {}, state: state as ContainerState }))?.state,
    ).toBe(expected);
  });

  it('is left out without metadata or id', () => {
    expect(toContainer(create(ContainerSchema, { id: 'c1', labels }))).toBeUndefined();
    expect(toContainer(create(ContainerSchema, { metadata: { name: 'app' }, labels }))).toBeUndefined();
  });
});

describe('a sandbox status', () => {
  const ipsOf = (network: { ip?: string; additionalIps?: { ip: string }[] } | undefined) =>
    toPodSandboxStatus(create(PodSandboxStatusSchema, { id: 's1', metadata, ...(network && { network }) }))
      ?.ips;

  it('has pod, state, stamp and addresses', () => {
    const status = create(PodSandboxStatusSchema, {
      id: 's1',
      metadata,
      state: 1,
      createdAt: stampNs,
      network: { ip: '10.0.0.7' },
    });
    expect(toPodSandboxStatus(status)).toEqual({
      id: 's1',
      ...identity,
      state: 'notready',
      createdAtNs: stampNs,
      ips: ['10.0.0.7'],
    });
  });

  it('puts the primary address first', () => {
    expect(ipsOf({ ip: '10.0.0.7', additionalIps: [{ ip: 'fd00::7' }, { ip: '10.1.0.7' }] })).toEqual([
      '10.0.0.7',
      'fd00::7',
      '10.1.0.7',
    ]);
  });

  it('leaves unparsable addresses out', () => {
    expect(
      ipsOf({ ip: '10.0.0.256', additionalIps: [{ ip: '' }, { ip: 'fd00::7' }, { ip: 'eth0' }] }),
    ).toEqual(['fd00::7']);
  });

  it('has no addresses on the host network', () => {
    expect(ipsOf({})).toEqual([]);
    expect(ipsOf(undefined)).toEqual([]);
  });

  it('is nothing without metadata', () => {
    expect(toPodSandboxStatus(create(PodSandboxStatusSchema, { id: 's1' }))).toBeUndefined();
  });
});

describe('a container status', () => {
  const exited = create(ContainerStatusSchema, {
    id: 'c1',
    metadata: { name: 'another' },
    state: 2,
    createdAt: stampNs,
    startedAt: stampNs + 2n,
    finishedAt: stampNs + 1n,
    exitCode: 137,
    reason: 'OOMKilled',
    message: 'out of memory',
    image: { image: 'busybox:1' },
    imageRef: 'sha256:ref',
    imageId: 'sha256:id',
    labels,
    annotations: {
      'io.kubernetes.container.hash': 'ffffffffffffffff',
      'io.kubernetes.container.restartCount': '12',
    },
  });

  it('has everything that kubelet reads', () => {
    expect(toContainerStatus(exited)).toEqual({
      id: 'c1',
      name: 'app',
      state: 'exited',
      createdAtNs: stampNs,
      startedAtNs: stampNs + 2n,
      finishedAtNs: stampNs + 1n,
      exitCode: 137,
      reason: 'OOMKilled',
      message: 'out of memory',
      image: 'busybox:1',
      imageId: 'sha256:id',
      hash: 18446744073709551615n,
      restartCount: 12,
    });
  });

  it('survives the wire to the last bit', () => {
    const bytes = toBinary(ContainerStatusSchema, exited);
    expect(toContainerStatus(fromBinary(ContainerStatusSchema, bytes))).toEqual(toContainerStatus(exited));
  });

  it.each([
    [0, { state: 'created', startedAtNs: 0n, finishedAtNs: 0n, exitCode: undefined }],
    [1, { state: 'running', startedAtNs: stampNs + 2n, finishedAtNs: 0n, exitCode: undefined }],
    [3, { state: 'unknown', startedAtNs: stampNs + 2n, finishedAtNs: 0n, exitCode: undefined }],
    [42, { state: 'unknown', startedAtNs: stampNs + 2n, finishedAtNs: 0n, exitCode: undefined }],
  ])('with the state number %i has no more than its state allows', (state, expected) => {
    expect(toContainerStatus({ ...exited, state: state as ContainerState })).toMatchObject(expected);
  });

  it('of a container that exited with 0 says so', () => {
    expect(toContainerStatus({ ...exited, exitCode: 0 }).exitCode).toBe(0);
  });

  it('of an empty message is neutral', () => {
    expect(toContainerStatus(create(ContainerStatusSchema, {}))).toEqual({
      id: '',
      name: '',
      state: 'created',
      createdAtNs: 0n,
      startedAtNs: 0n,
      finishedAtNs: 0n,
      exitCode: undefined,
      reason: '',
      message: '',
      image: '',
      imageId: '',
      hash: undefined,
      restartCount: 0,
    });
  });

  it('takes the image reference where the runtime gives no image id', () => {
    expect(toContainerStatus({ ...exited, imageId: '' }).imageId).toBe('sha256:ref');
  });

  it.each([
    ['0', 0n],
    ['1A2b', 0x1a2bn],
    ['9e3779b97f4a7c15', 0x9e3779b97f4a7c15n],
    ['', undefined],
    ['0x1a', undefined],
    ['-1', undefined],
    ['1 ', undefined],
    ['ghij', undefined],
    ['10000000000000000', undefined],
  ])('reads the hash %j as %s', (text, expected) => {
    const annotations = { 'io.kubernetes.container.hash': text };
    expect(toContainerStatus({ ...exited, annotations }).hash).toBe(expected);
  });

  it.each([
    ['3', 3],
    ['-1', 0],
    ['3.5', 0],
    ['many', 0],
    ['', 0],
  ])('reads the restart count %j as %i', (text, expected) => {
    const annotations = { 'io.kubernetes.container.restartCount': text };
    expect(toContainerStatus({ ...exited, annotations }).restartCount).toBe(expected);
  });

  it("counts Go's zero time as never", () => {
    expect(toContainerStatus({ ...exited, finishedAt: -6795364578871345152n }).finishedAtNs).toBe(0n);
  });
});

describe('a container event', () => {
  const event = create(ContainerEventResponseSchema, {
    containerId: 'c2',
    containerEventType: 2,
    createdAt: stampNs,
    podSandboxStatus: { id: 's1', metadata },
    containersStatuses: [
      { id: 'c1', state: 1, labels },
      { id: 'c2', state: 2, exitCode: 137, labels },
    ],
  });

  it('keeps the status of its own container and no sibling', () => {
    expect(toContainerEvent(event)).toEqual({
      containerId: 'c2',
      kind: 'stopped',
      createdAtNs: stampNs,
      podSandbox: { id: 's1', ...identity },
      containerStatus: toContainerStatus(event.containersStatuses[1]!),
    });
  });

  it('has no container status where the runtime sent only those of siblings', () => {
    expect(toContainerEvent({ ...event, containerId: 's1' }).containerStatus).toBeUndefined();
  });

  it('has no sandbox where the runtime sent none, or one without metadata', () => {
    const bare = create(ContainerEventResponseSchema, { containerId: 's1', containerEventType: 3 });
    expect(toContainerEvent(bare)).toMatchObject({ kind: 'deleted', podSandbox: undefined });
    const nameless = create(ContainerEventResponseSchema, { podSandboxStatus: { id: 's1' } });
    expect(toContainerEvent(nameless).podSandbox).toBeUndefined();
  });

  it.each([
    [0, 'created'],
    [1, 'started'],
    [2, 'stopped'],
    [3, 'deleted'],
    [4, undefined],
    [-1, undefined],
  ])('with the type number %i is %s', (type, expected) => {
    expect(toContainerEvent({ ...event, containerEventType: type as ContainerEventType }).kind).toBe(
      expected,
    );
  });
});

it('no state number or stamp makes a conversion throw, and every stamp can be printed', () => {
  const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  fc.assert(
    fc.property(int32, int64, fc.string(), (number, stamp, text) => {
      const status = toContainerStatus(
        create(ContainerStatusSchema, {
          state: number as ContainerState,
          createdAt: stamp,
          startedAt: stamp,
          finishedAt: stamp,
          annotations: {
            'io.kubernetes.container.hash': text,
            'io.kubernetes.container.restartCount': text,
          },
        }),
      );
      const event = toContainerEvent(
        create(ContainerEventResponseSchema, {
          containerEventType: number as ContainerEventType,
          createdAt: stamp,
        }),
      );
      const sandbox = toPodSandboxStatus(
        create(PodSandboxStatusSchema, {
          metadata,
          state: number as PodSandboxState,
          createdAt: stamp,
          network: { ip: text },
        }),
      )!;
      for (const converted of [
        status.createdAtNs,
        status.startedAtNs,
        status.finishedAtNs,
        event.createdAtNs,
        sandbox.createdAtNs,
      ]) {
        expect([0n, stamp]).toContain(converted);
        expect(isoFromNs(converted)).toMatch(/^\d{4}-/);
      }
    }),
  );
});

import { beforeAll, describe, expect, it } from 'vitest';
import type { PodLifecycleEvent } from '../../src/pleg/lifecycle-event.ts';
import {
  doubled,
  recorded,
  replayed,
  reversed,
  withLosses,
  withOlderSiblings,
  withoutSandboxes,
} from '../helpers/trace-deliveries.ts';
import { replay, type Replay } from '../helpers/trace-replay.ts';
import { expectedPath, readTrace, type Trace } from '../helpers/trace.ts';

const podLives = ['containerd-1.7.24-pod-life', 'containerd-2.1.9-pod-life', 'crio-1.37.0-pod-life'];
const outOfOrder = [
  'containerd-2.1.9-out-of-order-1',
  'containerd-2.1.9-out-of-order-2',
  'containerd-2.1.9-out-of-order-3',
  'crio-1.37.0-out-of-order',
];

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0);

const keyOf = ({ podName, containerName, containerId }: PodLifecycleEvent): string =>
  `${podName}/${containerName ?? containerId ?? ''}`;

/** What the log says of each container and sandbox, in order. */
const livesOf = ({ events }: Replay): Map<string, string[]> => {
  const lives = new Map<string, string[]>();
  for (const event of events) lives.set(keyOf(event), [...(lives.get(keyOf(event)) ?? []), event.type]);
  return lives;
};

/** Who died and who was removed, in no order. */
const endsOf = ({ events }: Replay): string[] =>
  events
    .filter(({ type }) => type !== 'ContainerStarted')
    .map((event) => `${event.type} ${keyOf(event)}`)
    .sort();

const exitsOf = ({ events }: Replay): Map<string, string> =>
  new Map(
    events.flatMap((event) =>
      event.exitCode === undefined ? [] : [[keyOf(event), `${event.exitCode} ${event.reason}`]],
    ),
  );

/** Each container starts, dies and is removed at most once, and in this order. */
const expectWholeLives = (result: Replay): void => {
  for (const [container, life] of livesOf(result)) {
    const order = ['ContainerStarted', 'ContainerDied', 'ContainerRemoved'];
    expect({ container, life }).toEqual({ container, life: order.filter((type) => life.includes(type)) });
  }
};

const namesIn = ({ lines }: Trace, pattern: RegExp): string[] =>
  lines.flatMap(({ step = '' }) => pattern.exec(step)?.[1] ?? []).sort();

const namesOf = ({ events }: Replay, type: string): string[] =>
  events
    .filter((event) => event.type === type && !event.sandbox)
    .map(({ containerName = '' }) => containerName)
    .sort();

describe.each([...podLives, ...outOfOrder])('the stream of %s', (name) => {
  const trace = readTrace(name);
  const stream = recorded(trace);
  let plain: Replay;

  beforeAll(async () => {
    plain = await replay(trace);
  });

  it('gives the lifecycle events that are written down, and nothing is missed or left over', async () => {
    await expect(plain.text).toMatchFileSnapshot(expectedPath(name));
    expectWholeLives(plain);
    expect(plain).toMatchObject({ mode: 'evented', missedCount: 0, leaks: { timers: 0, streams: 0 } });
  });

  it('gives the same when every event comes twice', async () => {
    const result = await replay(trace, { deliveries: doubled(stream) });
    expect(result.text).toBe(plain.text);
    expect(sum(result.ignoredCounts)).toBe(stream.length + sum(plain.ignoredCounts));
  });

  it.each([
    ['at once', 0],
    ['one by one', 1],
  ])(
    'gives whole lives and the same ends when each three events come in reverse, %s',
    async (_, spacingMs) => {
      const result = await replay(trace, { deliveries: reversed(stream, 3, spacingMs) });
      expectWholeLives(result);
      expect(endsOf(result)).toEqual(endsOf(plain));
      expect([...exitsOf(plain)]).toEqual(expect.arrayContaining([...exitsOf(result)]));
      expect(result.missedCount).toBe(0);
    },
  );

  it.each([5, 10])('gives nothing more when all of it comes again after %d minutes', async (minutes) => {
    const result = await replay(trace, { deliveries: replayed(stream, minutes * 60_000) });
    expect(result.text).toBe(plain.text);
    expect(sum(result.ignoredCounts)).toBe(stream.length + sum(plain.ignoredCounts));
    expect(result.known).toEqual(plain.known);
  });

  it('gives whole lives and the same ends when no event says its sandbox', async () => {
    const result = await replay(trace, { deliveries: withoutSandboxes(stream) });
    expectWholeLives(result);
    expect(endsOf(result)).toEqual(endsOf(plain));
    expect(exitsOf(result)).toEqual(exitsOf(plain));
    expect(result.ignoredCounts['no_sandbox']).toBeGreaterThan(0);
  });

  it('gives whole lives, and no more is known in the end, when every third event is lost', async () => {
    const result = await replay(trace, { deliveries: withLosses(stream, 3) });
    expectWholeLives(result);
    expect(result.known).toEqual(plain.known);
  });

  it.each([20, 500])('gives whole lives and the same ends when each call takes %d ms', async (callMs) => {
    const result = await replay(trace, { callMs });
    expectWholeLives(result);
    expect(endsOf(result)).toEqual(endsOf(plain));
    expect(exitsOf(result)).toEqual(exitsOf(plain));
    expect(result.missedCount).toBe(0);
  });

  it.each([3_000, 20_000, 40_000])(
    'gives an agent that starts at %d ms only what its lists show, whatever the runtime kept for it',
    async (agentStartMs) => {
      const without = await replay(trace, { agentStartMs });
      const kept = await replay(trace, { agentStartMs, keepsEvents: true });
      expect(kept.text).toBe(without.text);
      const keptCount = stream.filter(({ atMs }) => atMs < agentStartMs).length;
      expect(sum(kept.ignoredCounts)).toBe(keptCount + sum(without.ignoredCounts));
      expect(kept.known).toEqual(without.known);
    },
  );
});

describe.each(podLives)('the steps of %s', (name) => {
  const trace = readTrace(name);
  const created = namesIn(trace, /^CreateContainer (\w+) <- ok/);
  let plain: Replay;

  beforeAll(async () => {
    plain = await replay(trace);
  });

  it('show in the log: what was started started, and all that was created died and was removed', () => {
    expect(namesOf(plain, 'ContainerStarted')).toEqual(namesIn(trace, /^StartContainer (\w+) <- ok/));
    expect(namesOf(plain, 'ContainerDied')).toEqual(created);
    expect(namesOf(plain, 'ContainerRemoved')).toEqual(created);
    expect(plain.known).toEqual([]);
  });

  it('show with their ends: an OOM kill as 137 OOMKilled, a kill -9 as 137, a trap as its own code', () => {
    const exits = Object.fromEntries([...exitsOf(plain)].map(([key, exit]) => [key.split('/')[1], exit]));
    expect(exits).toMatchObject({
      ok: '0 Completed',
      fail: '1 Error',
      fast: '3 Error',
      oom: '137 OOMKilled',
      k9: '137 Error',
      trap: '7 Error',
    });
  });

  it('show in the log just so when the events carry older states of sibling containers', async () => {
    const deliveries = withOlderSiblings(recorded(trace));
    expect(deliveries).not.toEqual(recorded(trace));
    const result = await replay(trace, { deliveries });
    expect(result.text).toBe(plain.text);
  });
});

describe.each(podLives.slice(0, 2))('a start that fails on %s', (name) => {
  it('makes no event: an inspection finds it, and it is not counted as missed', async () => {
    const { events, missedCount } = await replay(readTrace(name));
    const [died] = events.filter(({ containerName }) => containerName === 'nocmd');
    expect(died).toMatchObject({
      type: 'ContainerDied',
      source: 'relist',
      exitCode: 128,
      reason: 'StartError',
    });
    expect(missedCount).toBe(0);
  });
});

describe('the removal of a pod on CRI-O', () => {
  it('makes no event: the next relist finds it, and it is not counted as missed', async () => {
    const { events, missedCount } = await replay(readTrace('crio-1.37.0-pod-life'));
    const removals = events.filter(({ type }) => type === 'ContainerRemoved');
    const sourceOf = (sandbox: boolean) =>
      new Set(removals.filter((event) => event.sandbox === sandbox).map(({ source }) => source));
    expect(sourceOf(true)).toEqual(new Set(['relist']));
    // RemoveContainer alone does make an event.
    expect(sourceOf(false)).toEqual(new Set(['event', 'relist']));
    expect(missedCount).toBe(0);
  });
});

describe.each(outOfOrder)('a late STARTED with a later stamp than its STOPPED, %s', (name) => {
  it('is in the recording, and moves nothing', async () => {
    const trace = readTrace(name);
    const stamps = new Map<string, Record<string, bigint>>();
    for (const { event } of recorded(trace)) {
      const {
        container_id: id,
        container_event_type: type,
        created_at: at,
      } = event as Record<string, string>;
      stamps.set(String(id), { ...stamps.get(String(id)), [String(type)]: BigInt(String(at)) });
    }
    expect(stamps.size).toBeGreaterThan(0);
    for (const { CONTAINER_STARTED_EVENT: started, CONTAINER_STOPPED_EVENT: stopped } of stamps.values()) {
      expect(started).toBeGreaterThan(stopped as bigint);
    }
    const result = await replay(trace);
    expect(namesOf(result, 'ContainerStarted')).toEqual([]);
    expect(result.ignoredCounts).toEqual({ stale: stamps.size });
  });
});

describe('the pod life of containerd-1.6.20, which has no stream', () => {
  const name = 'containerd-1.6.20-pod-life';

  it('degrades to generic at once, and the relists find all that lasts from one to the next', async () => {
    const result = await replay(readTrace(name));
    await expect(result.text).toMatchFileSnapshot(expectedPath(name));
    expectWholeLives(result);
    expect(result).toMatchObject({
      mode: 'generic',
      degradation: 'the runtime does not implement GetContainerEvents',
      missedCount: 0,
      known: [],
      leaks: { timers: 0, streams: 0 },
    });
  });
});

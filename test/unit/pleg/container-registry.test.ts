import { describe, expect, it } from 'vitest';
import { ContainerRegistry, exitOf, tombstoneMs } from '../../../src/pleg/container-registry.ts';
import { statusOf } from './records.ts';

const c1 = { id: 'c1', podUid: 'p', isSandbox: false, name: 'app' };

const typesOf = (emitted: readonly { readonly type: string }[]): string[] => emitted.map(({ type }) => type);

describe('the container registry', () => {
  it('starts a container where nobody has seen it', () => {
    const registry = new ContainerRegistry();
    const entry = registry.add(c1);
    expect(entry).toMatchObject({ ...c1, state: 'nonexistent', seenInRelist: 0, exit: undefined });
    expect(registry.isUnseen(entry)).toBe(true);
    expect(registry.get('c1')).toBe(entry);
    expect([registry.size, [...registry.entries()]]).toEqual([1, [entry]]);
  });

  it('feeds a machine, keeps its state beside it and tells all that it emits, in order', () => {
    const registry = new ContainerRegistry();
    const entry = registry.add(c1);
    expect(typesOf(registry.feed(entry, { type: 'event.created', at: 1 }))).toEqual(['ContainerChanged']);
    expect([entry.state, registry.isUnseen(entry)]).toEqual(['unknown', false]);
    expect(typesOf(registry.feed(entry, { type: 'event.deleted', at: 2 }))).toEqual([
      'ContainerDied',
      'ContainerRemoved',
    ]);
    expect([entry.state, registry.isAwaitingConfirmation(entry)]).toEqual(['nonexistent', true]);
    expect(typesOf(registry.feed(entry, { type: 'list.nonexistent', began: 3 }))).toEqual([]);
    expect(registry.isAwaitingConfirmation(entry)).toBe(false);
  });

  it('tells each emission once, to whoever fed the evidence', () => {
    const registry = new ContainerRegistry();
    const entry = registry.add(c1);
    registry.feed(entry, { type: 'event.started', at: 1 });
    expect(typesOf(registry.feed(entry, { type: 'event.started', at: 2 }))).toEqual(['EventIgnored']);
    expect(typesOf(registry.feed(entry, { type: 'list.exited', began: 1 }))).toEqual(['ListWithheld']);
  });

  it('remembers for six minutes that a container is gone', () => {
    const registry = new ContainerRegistry();
    registry.add(c1);
    registry.drop('c1', 1_000);
    expect([registry.size, registry.get('c1'), registry.isTombstone('c1')]).toEqual([0, undefined, true]);
    registry.sweepTombstones(1_000 + tombstoneMs - 1);
    expect(registry.isTombstone('c1')).toBe(true);
    registry.sweepTombstones(1_000 + tombstoneMs);
    expect([registry.isTombstone('c1'), registry.tombstoneCount]).toEqual([false, 0]);
  });

  it('sweeps the tombstones that have expired and no other', () => {
    const registry = new ContainerRegistry();
    for (const [index, id] of ['a', 'b', 'c'].entries()) {
      registry.add({ ...c1, id });
      registry.drop(id, index * 1_000);
    }
    registry.sweepTombstones(tombstoneMs + 1_000);
    expect(['a', 'b', 'c'].map((id) => registry.isTombstone(id))).toEqual([false, false, true]);
  });

  it('lets a container that comes back and goes again be remembered from then on', () => {
    const registry = new ContainerRegistry();
    registry.add(c1);
    registry.drop('c1', 0);
    registry.add({ ...c1, id: 'c2' });
    registry.drop('c2', 10);
    registry.add(c1);
    expect(registry.isTombstone('c1')).toBe(false);
    registry.drop('c1', 20);
    registry.sweepTombstones(tombstoneMs + 10);
    expect([registry.isTombstone('c1'), registry.isTombstone('c2')]).toEqual([true, false]);
  });

  it('knows a list that is too old to bring a container back', () => {
    const registry = new ContainerRegistry();
    const entry = registry.add(c1);
    registry.feed(entry, { type: 'list.running', began: 1, arrived: 2 });
    registry.feed(entry, { type: 'list.nonexistent', began: 5, arrived: 7 });
    registry.drop('c1', 0);
    expect([4, 6, 7, 8].map((began) => registry.isGoneSince('c1', began))).toEqual([true, true, true, false]);
    expect(registry.isGoneSince('never', 1)).toBe(false);
  });

  it('drops nothing that it does not have', () => {
    const registry = new ContainerRegistry();
    registry.drop('c1', 0);
    expect(registry.tombstoneCount).toBe(0);
  });
});

describe('the end that a status tells of', () => {
  it.each([
    [
      'an exited container',
      statusOf('c1', 'exited', { exitCode: 3, reason: 'Error' }),
      { exitCode: 3, reason: 'Error' },
    ],
    ['a running container', statusOf('c1'), undefined],
    ['no status', undefined, undefined],
  ])('of %s', (_, status, expected) => {
    expect(exitOf(status)).toEqual(expected);
  });
});

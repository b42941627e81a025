import { beforeEach, describe, expect, it } from 'vitest';
import { holdOrder, type PodFilter, PodsModel } from '../../../src/page/pods-model.ts';
import type { ContainerChip, PodRow } from '../../../src/server/watch-view.ts';

const chip = (name: string, fields: Partial<ContainerChip> = {}): ContainerChip => ({
  id: `id-${name}`,
  name,
  isSandbox: false,
  state: 'running',
  ...fields,
});

const pod = (name: string, changedMs: number, ...containers: ContainerChip[]): PodRow => ({
  uid: `uid-${name}`,
  namespace: name.startsWith('dns') ? 'kube-system' : 'shop',
  name,
  changedMs,
  containers,
});

const all: PodFilter = { text: '', namespace: '', looks: new Set() };

let model: PodsModel;
const names = (filter: Partial<PodFilter>): string[] =>
  model.select({ ...all, ...filter }).map(({ name }) => name);

beforeEach(() => {
  model = new PodsModel();
  model.apply(
    [
      pod('web', 1, chip('', { isSandbox: true, state: 'exited' }), chip('nginx')),
      pod('job', 3, chip('work', { state: 'exited', exitCode: 1 })),
      pod('dns', 2, chip('coredns', { state: 'created' }), chip('init', { state: 'exited', exitCode: 0 })),
    ],
    [],
  );
});

describe('pods', () => {
  it('come in the order of their changes, the newest first', () => {
    expect(names({})).toEqual(['job', 'dns', 'web']);
    model.apply([pod('web', 9, chip('nginx'))], []);
    expect(names({})).toEqual(['web', 'job', 'dns']);
  });

  it('are gone when they are removed', () => {
    model.apply([], ['uid-job', 'uid-nobody']);
    expect(names({})).toEqual(['dns', 'web']);
    expect(model.namespaces()).toEqual(['kube-system', 'shop']);
  });

  it.each([
    ['part of a pod name', { text: 'WE' }, ['web']],
    ['namespace and name', { text: 'shop/j' }, ['job']],
    ['part of a container name', { text: 'coredns' }, ['dns']],
    ['a namespace', { namespace: 'kube-system' }, ['dns']],
    ['a look', { looks: new Set(['failed'] as const) }, ['job']],
    ['a look that only a sandbox has', { namespace: 'shop', looks: new Set(['exited'] as const) }, []],
    ['several looks', { looks: new Set(['created', 'running'] as const) }, ['dns', 'web']],
  ])('pass by %s', (_, filter, expected) => {
    expect(names(filter)).toEqual(expected);
  });

  it('are counted by the looks of their containers, without sandboxes', () => {
    expect(model.counts()).toEqual({ running: 1, created: 1, exited: 1, failed: 1, unknown: 0 });
  });
});

describe('an order that is held', () => {
  it('stays, leaves out what is gone, and has what is new at its end', () => {
    const rows = [pod('new', 9), pod('c', 8), pod('a', 1)];
    const held = holdOrder(rows, ['uid-a', 'uid-b', 'uid-c']).map(({ name }) => name);
    expect(held).toEqual(['a', 'c', 'new']);
  });
});

import { describe, expect, it } from 'vitest';
import { newId, RecordStore } from '../../../src/runtime/record-store.ts';

const storeOf = (...ids: string[]) => {
  const store = new RecordStore<{ readonly id: string; readonly name: string }>();
  for (const id of ids) store.add({ id, name: `name of ${id}` });
  return store;
};

describe('RecordStore', () => {
  it('finds by the whole id, or by a beginning that only one has', () => {
    const store = storeOf('abc1', 'abd2');
    expect(store.get('abc1')?.id).toBe('abc1');
    expect(store.get('abd')?.id).toBe('abd2');
    expect(store.get('ab')).toBeUndefined();
    expect(store.get('x')).toBeUndefined();
    expect(storeOf('abc1').get('')).toBeUndefined();
  });

  it('a whole id wins over a longer one that begins with it', () => {
    expect(storeOf('ab', 'abc').get('ab')?.id).toBe('ab');
  });

  it('keeps a name taken until its record is gone', () => {
    const store = storeOf('a');
    expect(store.holderOf('name of a')).toBe('a');
    store.delete(store.get('a')!);
    expect(store.holderOf('name of a')).toBeUndefined();
    expect(store.values()).toEqual([]);
  });

  it('ids are 64 hex characters, never the same', () => {
    expect(newId()).toMatch(/^[0-9a-f]{64}$/);
    expect(newId()).not.toBe(newId());
  });
});

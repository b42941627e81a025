import type { RuntimeFact } from './facts.ts';

/**
 * containerd 1.7 has one queue for all readers: each event goes to one of them, and a reader that has left
 * still takes one more. So a look costs somebody an event.
 */
export const isShared = ({ name, release }: Pick<RuntimeFact, 'name' | 'release'>): boolean =>
  name === 'containerd' && /^v?1\./.test(release) && !/^v?1\.[0-6]\./.test(release);

import type { Container } from '../../cri/runtime-service.ts';
import type { Unannounced } from '../facts.ts';

export interface ListedChange {
  readonly container: Container;
  readonly change: Unannounced['change'];
}

/** What became of containers between two lists. What came and went in between stays unknown. */
export const compareLists = (before: readonly Container[], after: readonly Container[]): ListedChange[] => {
  const rest = new Map(before.map((container) => [container.id, container]));
  const changes: ListedChange[] = [];
  for (const container of after) {
    const earlier = rest.get(container.id);
    rest.delete(container.id);
    if (earlier === undefined) changes.push({ container, change: 'appeared' });
    else if (earlier.state !== container.state) {
      if (container.state === 'running') changes.push({ container, change: 'started' });
      // One that was created and never ran is a start that failed, which no runtime announces.
      if (container.state === 'exited' && earlier.state === 'running') {
        changes.push({ container, change: 'died' });
      }
    }
  }
  for (const container of rest.values()) changes.push({ container, change: 'vanished' });
  return changes;
};

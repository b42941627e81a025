import type { StateValue } from 'xstate';

/** A state value as a path, such as `degrading.stoppingGeneric`; parallel states are joined by a comma. */
export const statePath = (value: StateValue): string =>
  typeof value === 'string'
    ? value
    : Object.entries(value)
        .map(([key, inner]) => (inner === undefined ? key : `${key}.${statePath(inner)}`))
        .join(',');

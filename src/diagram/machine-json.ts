import type { AnyStateMachine } from 'xstate';

/**
 * The machine as XState's JSON, as Stately's editor reads it. Named actions, guards, delays and actors stay
 * names; a function in the configuration becomes `{ "type": its name }`, and one that computes the context
 * is left out, since its result is not known before an actor runs.
 */
export function machineJson(machine: AnyStateMachine): string {
  const replace = (key: string, value: unknown): unknown => {
    if (typeof value !== 'function') return value;
    return key === 'context' ? undefined : { type: value.name };
  };
  return JSON.stringify(machine.config, replace, 2);
}

import { StateMachine, type AnyStateMachine } from 'xstate';

/** As much of a machine's states as faults are put into. */
export interface States {
  [name: string]: { on: Record<string, unknown>; states: States };
}

const copyOf = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(copyOf);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, copyOf(part)]));
};

/** The same machine with other rules: `edit` changes a copy of its states. */
export const editedMachine = <TMachine extends AnyStateMachine>(
  machine: TMachine,
  edit: (states: States) => void,
): TMachine => {
  const config = copyOf(machine.config) as { states: States };
  edit(config.states);
  return new StateMachine(config as never, machine.implementations) as unknown as TMachine;
};

import { containerMachine, supervisorMachine } from '../../machines/index.ts';

/** Every machine of the house, by name. */
export const machines = { container: containerMachine, supervisor: supervisorMachine } as const;

export type MachineName = keyof typeof machines;

export const machineNames = Object.keys(machines) as MachineName[];

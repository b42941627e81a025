import { readFileSync } from 'node:fs';

/** Whether a process runs. One that has ended and that nobody has waited for does not. */
export const isRunning = (pid: number): boolean => {
  try {
    const state = /\) (\w) /.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1];
    return state !== 'Z' && state !== 'X';
  } catch {
    return false;
  }
};

/** The pids that a process has started and that still run. */
export const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim().split(' ').map(Number).filter(isRunning);

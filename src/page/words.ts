import type { LogEntry } from '../pleg/lifecycle-event.ts';
import type { ContainerChip } from '../server/watch-view.ts';

/** `4.2 ms`, `1.3 s`, `5 min`, `2 h 5 min`: short, for people. */
export function duration(ms: number): string {
  if (ms < 10) return `${Math.round(ms * 10) / 10} ms`;
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d`;
}

/** Time of day by the clock on the wall, `22:50:59.360`. */
export function clock(stamp: string | number): string {
  const date = new Date(stamp);
  const two = (value: number): string => String(value).padStart(2, '0');
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${time}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

const spaced = (key: string): string => key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/** A state path for people; that a step acts goes without saying. */
export const stateWords = (path: string): string =>
  path
    .replace(/\.acting$/, '')
    .replace(/\.pausing$/, '.failed, tried again soon')
    .split('.')
    .map(spaced)
    .join(' › ');

/** How a container is shown: its state, with the way it ended where it ended badly. */
export type Look = 'running' | 'created' | 'exited' | 'failed' | 'unknown';

export const lookOf = ({ state, exitCode }: Pick<ContainerChip, 'state' | 'exitCode'>): Look =>
  state === 'exited' && exitCode !== undefined && exitCode !== 0 ? 'failed' : state;

/** A sign beside the colour, for those who do not see the colour. */
export const signs: Readonly<Record<Look, string>> = {
  running: '●',
  created: '○',
  exited: '✓',
  failed: '✕',
  unknown: '?',
};

export const lookWords: Readonly<Record<Look, string>> = {
  running: 'running',
  created: 'created',
  exited: 'exited',
  failed: 'failed',
  unknown: 'unknown',
};

/** From the runtime's stamp to the log, milliseconds; undefined where no event brought the change. */
export function latencyMs(entry: LogEntry): number | undefined {
  if (entry.type === 'Gap' || entry.source !== 'event' || entry.runtimeTime === undefined) return undefined;
  const runtimeMs = Number(BigInt(entry.runtimeTime) / 1_000n) / 1_000;
  return Math.max(0, Date.parse(entry.observedAt) - runtimeMs);
}

import type { VitalSlice } from '../pleg/vital-slice.ts';
import type { WatchMessages } from '../server/watch-messages.ts';
import { byId, h, s, setText } from './dom.ts';
import { duration } from './words.ts';

const size = { width: 300, height: 44 } as const;

interface Plot {
  readonly title: string;
  readonly form: 'line' | 'bars';
  readonly valueOf: (slice: VitalSlice) => number | undefined;
  readonly say: (value: number) => string;
  /** What stands beside the title: the last value of a line, the sum of bars. */
  readonly sum: 'last' | 'total';
}

const count = (value: number): string => String(Math.round(value));

const plots: readonly Plot[] = [
  {
    title: 'relist duration',
    form: 'line',
    valueOf: (slice) => slice.relistDurationMs,
    say: duration,
    sum: 'last',
  },
  {
    title: 'relist interval',
    form: 'line',
    valueOf: (slice) => slice.relistIntervalMs,
    say: duration,
    sum: 'last',
  },
  {
    title: 'event latency',
    form: 'line',
    valueOf: (slice) => slice.eventLatencyMs,
    say: duration,
    sum: 'last',
  },
  { title: 'events', form: 'bars', valueOf: (slice) => slice.eventCount, say: count, sum: 'total' },
  {
    title: 'stream reconnects',
    form: 'bars',
    valueOf: (slice) => slice.reconnectCount,
    say: count,
    sum: 'total',
  },
  { title: 'missed events', form: 'bars', valueOf: (slice) => slice.missedCount, say: count, sum: 'total' },
];

interface Figure {
  readonly plot: Plot;
  readonly value: HTMLElement;
  readonly most: HTMLElement;
  readonly area: HTMLElement;
  readonly element: HTMLElement;
}

/** A quarter of an hour, one small plot for each measure. */
export class PlotsView {
  readonly #figures: readonly Figure[] = plots.map((plot) => {
    const value = h('strong', { class: 'nums' });
    const most = h('span', { class: 'soft nums' });
    const area = h('div', { class: 'plot' });
    const element = h('figure', {}, h('figcaption', {}, h('span', {}, plot.title), value, most), area);
    return { plot, value, most, area, element };
  });
  #slices: VitalSlice[] = [];
  #sliceCount = 180;

  constructor() {
    byId('plots').append(
      h(
        'div',
        { class: 'card-head' },
        h('h2', { id: 'plots-title' }, 'Last 15 minutes'),
        h('p', { class: 'soft' }, 'worst of each 5 s'),
      ),
      h('div', { class: 'plots' }, ...this.#figures.map(({ element }) => element)),
    );
  }

  start(sliceCount: number): void {
    this.#sliceCount = sliceCount;
    this.#slices = [];
  }

  take({ currentIndex, slices }: WatchMessages['vitals']): void {
    const known = new Map(this.#slices.map((slice) => [slice.index, slice]));
    for (const slice of slices) known.set(slice.index, slice);
    const oldest = currentIndex - this.#sliceCount;
    this.#slices = [...known.values()].filter(({ index }) => index >= oldest);
    for (const figure of this.#figures) this.#draw(figure, oldest);
  }

  #draw({ plot, value, most, area }: Figure, oldest: number): void {
    const points = this.#slices.flatMap((slice) => {
      const y = plot.valueOf(slice);
      return y === undefined
        ? []
        : [{ x: ((slice.index - oldest + 0.5) / this.#sliceCount) * size.width, y }];
    });
    const max = Math.max(0, ...points.map(({ y }) => y));
    const sum = plot.sum === 'last' ? points.at(-1)?.y : points.reduce((total, { y }) => total + y, 0);
    setText(value, sum === undefined ? 'none' : plot.say(sum));
    setText(most, max > 0 ? `max ${plot.say(max)}` : '');
    const scale = (y: number): number => size.height - 2 - (max === 0 ? 0 : (y / max) * (size.height - 6));
    const label = `${plot.title}: ${value.textContent ?? ''} ${most.textContent ?? ''}`;
    area.replaceChildren(
      s(
        'svg',
        {
          viewBox: `0 0 ${size.width} ${size.height}`,
          preserveAspectRatio: 'none',
          role: 'img',
          'aria-label': label,
        },
        s('path', { class: 'axis', d: `M0 ${size.height - 1}H${size.width}` }),
        s('path', { class: plot.form, d: plot.form === 'line' ? line(points, scale) : bars(points, scale) }),
      ),
    );
  }
}

type Point = { readonly x: number; readonly y: number };
type Scale = (y: number) => number;

const tenth = (value: number): number => Math.round(value * 10) / 10;

/** One point alone is a short dash. */
const line = (points: readonly Point[], scale: Scale): string =>
  points.length === 1
    ? points.map(({ x, y }) => `M${tenth(x - 2)} ${tenth(scale(y))}h4`).join('')
    : points.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${tenth(x)} ${tenth(scale(y))}`).join('');

const bars = (points: readonly Point[], scale: Scale): string =>
  points
    .filter(({ y }) => y > 0)
    .map(({ x, y }) => `M${tenth(x)} ${size.height - 1}V${tenth(scale(y))}`)
    .join('');

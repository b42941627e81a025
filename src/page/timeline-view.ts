import type { LogEntry } from '../pleg/lifecycle-event.ts';
import type { KeptEvents } from '../server/watch-messages.ts';
import { byId, h, setText } from './dom.ts';
import { maxLines, type TimelineLine, TimelineModel } from './timeline-model.ts';
import { clock, duration, latencyMs } from './words.ts';

const eventSigns: Readonly<Record<LogEntry['type'], string>> = {
  ContainerStarted: '▶',
  ContainerDied: '■',
  ContainerRemoved: '–',
  PodSync: '↻',
  Gap: '⋯',
};

/** The lifecycle log as it grows, newest on top. */
export class TimelineView {
  readonly #model = new TimelineModel();
  readonly #list = h('ol', {
    class: 'events',
    reversed: true,
    'aria-label': 'Events, newest first',
    tabindex: '0',
  });
  readonly #summary = h('p', { class: 'soft', role: 'status' }, 'no events yet');
  readonly #pause = h(
    'button',
    { type: 'button', 'aria-pressed': 'false', 'aria-keyshortcuts': 'p' },
    '❙❙ Pause',
  );
  readonly #since = h('input', {
    type: 'text',
    inputmode: 'numeric',
    pattern: '[0-9]{1,15}',
    placeholder: 'number',
    'aria-label': 'Show events after this number',
    size: '8',
  });
  readonly #open: (containerId: string) => void;

  /** @param open shows a container */
  constructor(open: (containerId: string) => void) {
    this.#open = open;
    const from = h('form', { class: 'from' }, h('label', {}, 'after ', this.#since), h('button', {}, 'Show'));
    byId('timeline').append(
      h('div', { class: 'card-head' }, h('h2', { id: 'timeline-title' }, 'Events'), this.#summary),
      h('div', { class: 'filters' }, this.#pause, from),
      this.#list,
    );
    this.#pause.addEventListener('click', () => void this.togglePause());
    from.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#showFrom(Number(this.#since.value || '0'));
    });
    this.#list.addEventListener('click', (event) => {
      const row = (event.target as Element).closest<HTMLElement>('[data-container]');
      if (row) this.#open(row.dataset['container'] ?? '');
    });
  }

  /** What the log still has from before the page was opened. */
  async start(): Promise<void> {
    this.#model.clear();
    this.#list.replaceChildren();
    const { entries } = await fetchEvents(0);
    this.#add(this.#model.take(entries));
  }

  take(entries: readonly LogEntry[]): void {
    this.#add(this.#model.take(entries));
  }

  async togglePause(): Promise<void> {
    if (this.#model.isPaused) {
      const { entries } = await fetchEvents(this.#model.shownSeq ?? 0);
      this.#add(this.#model.resume(entries));
    } else {
      this.#model.isPaused = true;
    }
    this.#showPause();
  }

  async #showFrom(since: number): Promise<void> {
    const { entries, lastSeq } = await fetchEvents(since);
    this.#model.isPaused = false;
    this.#model.restart(entries, Math.min(since, lastSeq));
    this.#list.replaceChildren();
    this.#add(this.#model.lines);
    this.#showPause();
  }

  #showPause(): void {
    const { isPaused } = this.#model;
    this.#pause.setAttribute('aria-pressed', String(isPaused));
    setText(this.#pause, isPaused ? '▶ Resume' : '❙❙ Pause');
    this.#showSummary();
  }

  #showSummary(): void {
    const { isPaused, waitingCount, shownSeq } = this.#model;
    if (shownSeq === undefined || shownSeq === 0) return setText(this.#summary, 'no events yet');
    setText(
      this.#summary,
      isPaused ? `paused after ${shownSeq}, ${waitingCount} waiting` : `up to ${shownSeq}`,
    );
  }

  #add(lines: readonly TimelineLine[]): void {
    const isAtTop = this.#list.scrollTop < 8;
    const height = this.#list.scrollHeight;
    this.#list.prepend(...lines.map(renderLine).reverse());
    while (this.#list.childElementCount > maxLines) this.#list.lastElementChild?.remove();
    // Whoever reads further down keeps the place.
    if (!isAtTop) this.#list.scrollTop += this.#list.scrollHeight - height;
    this.#showSummary();
  }
}

async function fetchEvents(since: number): Promise<KeptEvents> {
  const response = await fetch(`/v1/watch/events?since=${since}`);
  if (!response.ok) throw new Error(`events after ${since}: ${response.status}`);
  return (await response.json()) as KeptEvents;
}

function renderLine(line: TimelineLine): HTMLLIElement {
  if (line.kind === 'skipped') {
    const count = line.to - line.from + 1;
    return h('li', { class: 'skipped soft' }, `${count} more, ${line.from} to ${line.to}`);
  }
  return renderEntry(line.entry);
}

/** Also used for the history of one container. */
export function renderEntry(entry: LogEntry): HTMLLIElement {
  if (entry.type === 'Gap') {
    return h(
      'li',
      { class: 'skipped' },
      `Gap: ${entry.from} to ${entry.to} are lost, the pods as they are now follow`,
    );
  }
  const { type, seq, observedAt, podNamespace, podName, containerName, containerId, sandbox } = entry;
  const latency = latencyMs(entry);
  const what = sandbox === true ? 'sandbox' : (containerName ?? containerId?.slice(0, 12) ?? '');
  const name = [
    h('span', { class: 'soft' }, `${podNamespace}/`),
    `${podName}${what === '' ? '' : ` › ${what}`}`,
  ];
  const remarks = [
    entry.exitCode !== undefined && `exit ${entry.exitCode}`,
    entry.reason,
    entry.inspection === 'failed' && 'not inspected',
  ].filter((remark) => typeof remark === 'string' && remark !== '');
  return h(
    'li',
    { class: 'event', 'data-type': type, 'data-seq': String(seq) },
    h('span', { class: 'nums soft', title: observedAt }, clock(observedAt)),
    h(
      'span',
      { class: 'event-type', 'data-bad': String((entry.exitCode ?? 0) !== 0) },
      h('span', { 'aria-hidden': 'true' }, `${eventSigns[type]} `),
      type.replace('Container', ''),
    ),
    containerId === undefined
      ? h('span', { class: 'event-subject' }, ...name)
      : h('button', { type: 'button', class: 'event-subject', 'data-container': containerId }, ...name),
    h('span', { class: 'event-remarks' }, remarks.join(', ')),
    h(
      'span',
      { class: 'soft nums event-source' },
      `${entry.source}${latency === undefined ? '' : ` ${duration(latency)}`}`,
    ),
  );
}

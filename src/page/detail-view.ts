import type { LogEntry } from '../pleg/lifecycle-event.ts';
import type { WatchedContainer } from '../server/watch-messages.ts';
import type { ContainerDetail } from '../server/watch-view.ts';
import { ChartView } from './chart.ts';
import { byId, h, setText } from './dom.ts';
import { renderEntry } from './timeline-view.ts';
import { clock, duration, stateWords } from './words.ts';

/** How often an open container is asked about anew, milliseconds. */
const refreshMs = 2_000;
/** History in the document. */
const maxHistory = 100;

/** One container in full: its chart with the state lit, its last status, its inspections, its history. */
export class DetailView {
  readonly #dialog = byId('detail') as HTMLDialogElement;
  readonly #title = h('h2', { id: 'detail-title' });
  readonly #place = h('p', { class: 'soft' });
  readonly #state = h('p', { class: 'state-name', role: 'status' });
  readonly #facts = h('dl', { class: 'facts' });
  readonly #history = h('ol', { class: 'events', 'aria-label': 'History, newest first' });
  readonly #stately = h('a', { class: 'button', hidden: true }, 'In Stately');
  readonly #chart = new ChartView('container');
  /** Events that came while the page was open, which the log may have let go. */
  #seen: LogEntry[] = [];
  #id: string | undefined;
  /** The last one that was seen of the open container, which may be gone by now. */
  #status: ContainerDetail['status'];
  #timer: number | undefined;

  constructor() {
    const close = h('button', { type: 'button', class: 'icon', 'aria-label': 'Close', autofocus: true }, '✕');
    close.addEventListener('click', () => this.#dialog.close());
    this.#dialog.addEventListener('close', () => this.#leave());
    this.#dialog.addEventListener('click', (event) => {
      if (event.target === this.#dialog) this.#dialog.close();
    });
    this.#dialog.append(
      h(
        'div',
        { class: 'detail' },
        h(
          'div',
          { class: 'card-head' },
          h('div', { class: 'detail-name' }, this.#title, this.#place),
          this.#stately,
          close,
        ),
        this.#state,
        this.#chart.element,
        h('h3', {}, 'Last status'),
        this.#facts,
        h('h3', {}, 'History'),
        this.#history,
      ),
    );
  }

  /** Whether the agent lets machines be watched in Stately. */
  set isInspectable(isInspectable: boolean) {
    this.#stately.hidden = !isInspectable;
  }

  open(id: string): void {
    this.#id = id;
    this.#status = undefined;
    setText(this.#title, 'Container');
    this.#stately.href = `/stately?container=${encodeURIComponent(id)}`;
    setText(this.#place, id);
    setText(this.#state, '');
    this.#facts.replaceChildren();
    this.#history.replaceChildren();
    history.replaceState(null, '', `#container=${encodeURIComponent(id)}`);
    if (!this.#dialog.open) this.#dialog.showModal();
    void this.#refresh();
  }

  /** Events as they come: those of the open container are shown at once. */
  take(entries: readonly LogEntry[]): void {
    this.#seen.push(...entries.filter((entry) => entry.type !== 'Gap' && entry.containerId !== undefined));
    this.#seen.splice(0, this.#seen.length - 5_000);
    if (this.#id === undefined) return;
    if (entries.some((entry) => entry.type !== 'Gap' && entry.containerId === this.#id)) void this.#refresh();
  }

  #leave(): void {
    // The browser gives the focus back to the chip that was pressed, which may have been drawn anew meanwhile.
    const chip =
      this.#id && document.querySelector<HTMLElement>(`.chip[data-container="${CSS.escape(this.#id)}"]`);
    if (chip) chip.focus();
    this.#id = undefined;
    clearTimeout(this.#timer);
    history.replaceState(null, '', location.pathname);
  }

  async #refresh(): Promise<void> {
    clearTimeout(this.#timer);
    const id = this.#id;
    if (id === undefined) return;
    try {
      const response = await fetch(`/v1/watch/containers/${encodeURIComponent(id)}`);
      const answer = (await response.json()) as WatchedContainer & { error?: string };
      // Meanwhile another one may have been opened.
      if (id !== this.#id) return;
      if (answer.error === undefined) this.#show(id, answer);
      else setText(this.#state, answer.error);
    } catch {
      setText(this.#state, 'the agent does not answer');
    }
    if (id === this.#id) this.#timer = window.setTimeout(() => void this.#refresh(), refreshMs);
  }

  #show(id: string, { container, history: kept }: WatchedContainer): void {
    const known = new Map([...this.#seen, ...kept].map((entry) => [entry.seq, entry]));
    const entries = [...known.values()]
      .filter((entry) => entry.type !== 'Gap' && entry.containerId === id)
      .sort((a, b) => b.seq - a.seq)
      .slice(0, maxHistory);
    const [newest] = entries;
    const isSandbox = container?.isSandbox ?? (newest?.type !== 'Gap' && newest?.sandbox === true);
    const name = container?.name ?? (newest?.type === 'Gap' ? undefined : newest?.containerName);
    setText(this.#title, isSandbox ? 'Sandbox' : name || 'Container');
    const pod = container?.pod ?? podOf(newest);
    setText(this.#place, pod === undefined ? id : `${pod.namespace}/${pod.name}`);
    this.#status = container?.status ?? this.#status;
    const path = container?.path ?? 'nonexistent.gone';
    setText(this.#state, stateWords(path));
    if (this.#chart.path !== path) this.#chart.light(path);
    this.#facts.replaceChildren(
      ...factsOf(id, container, this.#status).flatMap(([term, value]) => [
        h('dt', {}, term),
        h('dd', {}, value),
      ]),
    );
    this.#history.replaceChildren(...entries.map(renderEntry));
  }
}

const podOf = (entry: LogEntry | undefined): { namespace: string; name: string } | undefined =>
  entry === undefined || entry.type === 'Gap'
    ? undefined
    : { namespace: entry.podNamespace, name: entry.podName };

const stamp = (at: string): string =>
  `${at.slice(0, 10)} ${clock(at)}, ${duration(Date.now() - Date.parse(at))} ago`;

function factsOf(
  id: string,
  container: ContainerDetail | undefined,
  status: ContainerDetail['status'],
): [string, string][] {
  const facts: [string, string | number | undefined][] = [['id', id]];
  if (container === undefined) facts.push(['gone', 'only the log still tells of it']);
  if (status) {
    facts.push(['state', status.state], ['created', stamp(status.createdAt)]);
    if ('image' in status) {
      facts.push(
        ['started', status.startedAt && stamp(status.startedAt)],
        ['finished', status.finishedAt && stamp(status.finishedAt)],
        ['exit code', status.exitCode],
        ['reason', status.reason],
        ['message', status.message],
        ['restarts', status.restartCount],
        ['image', status.image],
      );
    }
  }
  if (container) {
    const { uid, ips, inspectedAt, problem } = container.pod;
    facts.push(
      ['pod uid', uid],
      ['pod addresses', ips.join(', ')],
      ['inspected', inspectedAt === undefined ? 'not yet' : stamp(inspectedAt)],
      ['last inspection failed', problem],
    );
  }
  return facts.flatMap(([term, value]): [string, string][] =>
    value === undefined || value === '' ? [] : [[term, String(value)]],
  );
}

import type { ContainerChip, PodRow } from '../server/watch-view.ts';
import { byId, h, setText } from './dom.ts';
import { holdOrder, type PodFilter, type PodsModel } from './pods-model.ts';
import { type Look, lookOf, lookWords, signs } from './words.ts';

/** Pods in the document at first and with each "more"; the rest is counted. */
const pageSize = 60;
/** Chips of one pod in the document. */
const maxChips = 40;

const looks: readonly Look[] = ['running', 'created', 'exited', 'failed', 'unknown'];

/** Pods and their containers as chips, the newest change first. */
export class PodsView {
  readonly #model: PodsModel;
  readonly #search = h('input', {
    type: 'search',
    placeholder: 'Filter by name',
    'aria-label': 'Filter by pod or container name',
    'aria-keyshortcuts': '/',
    autocomplete: 'off',
    spellcheck: 'false',
  });
  readonly #namespace = h('select', { 'aria-label': 'Namespace' });
  readonly #looks = new Map<Look, HTMLButtonElement>();
  readonly #summary = h('p', { class: 'soft', role: 'status' });
  readonly #list = h('ul', { class: 'pods', 'aria-label': 'Pods' });
  readonly #more = h('button', { type: 'button', class: 'more', hidden: true });
  readonly #rows = new Map<string, { readonly row: PodRow; readonly element: HTMLLIElement }>();
  #filter: PodFilter = { text: '', namespace: '', looks: new Set() };
  #limit = pageSize;
  #order: string[] = [];
  #isComplete = false;
  #isHeld = false;

  /** @param open shows a container */
  constructor(model: PodsModel, open: (containerId: string) => void) {
    this.#model = model;
    const toggles = looks.map((look) => this.#toggle(look));
    byId('pods').append(
      h('div', { class: 'card-head' }, h('h2', { id: 'pods-title' }, 'Pods'), this.#summary),
      h(
        'div',
        { class: 'filters', role: 'search' },
        this.#search,
        this.#namespace,
        h('div', { class: 'looks', role: 'group', 'aria-label': 'State' }, ...toggles),
      ),
      this.#list,
      this.#more,
    );
    this.#search.addEventListener('input', () => this.#change({ text: this.#search.value }));
    this.#namespace.addEventListener('change', () => this.#change({ namespace: this.#namespace.value }));
    this.#more.addEventListener('click', () => {
      this.#limit += pageSize;
      this.render();
    });
    this.#list.addEventListener('click', (event) => {
      const chip = (event.target as Element).closest<HTMLElement>('[data-container]');
      if (chip) open(chip.dataset['container'] ?? '');
    });
    this.#list.addEventListener('keydown', (event) => moveFocus(event, this.#list));
    // A list must not move under a hand.
    this.#list.addEventListener('pointerenter', () => (this.#isHeld = true));
    this.#list.addEventListener('pointerleave', () => (this.#isHeld = false));
  }

  focusSearch(): void {
    this.#search.focus();
    this.#search.select();
  }

  /** Every pod has come at least once. */
  complete(): void {
    this.#isComplete = true;
    this.render();
  }

  render(): void {
    this.#renderFilters();
    const isHeld = this.#isHeld || this.#list.contains(document.activeElement);
    const selected = this.#model.select(this.#filter);
    const ordered = isHeld ? holdOrder(selected, this.#order) : selected;
    const shown = ordered.slice(0, this.#limit);
    this.#order = shown.map(({ uid }) => uid);
    this.#renderRows(shown);
    this.#renderSummary(selected.length, shown.length, isHeld);
  }

  #change(change: Partial<PodFilter>): void {
    this.#filter = { ...this.#filter, ...change };
    this.#limit = pageSize;
    this.#list.scrollTop = 0;
    this.render();
  }

  #toggle(look: Look): HTMLButtonElement {
    const button = h('button', { type: 'button', class: 'look', 'data-look': look, 'aria-pressed': 'false' });
    button.addEventListener('click', () => {
      const chosen = new Set(this.#filter.looks);
      if (!chosen.delete(look)) chosen.add(look);
      button.setAttribute('aria-pressed', String(chosen.has(look)));
      this.#change({ looks: chosen });
    });
    this.#looks.set(look, button);
    return button;
  }

  #renderFilters(): void {
    const counts = this.#model.counts();
    for (const [look, button] of this.#looks)
      setText(button, `${signs[look]} ${lookWords[look]} ${counts[look]}`);
    const namespaces = this.#model.namespaces();
    const { options } = this.#namespace;
    if (
      options.length === namespaces.length + 1 &&
      namespaces.every((name, i) => options[i + 1]?.value === name)
    ) {
      return;
    }
    this.#namespace.replaceChildren(
      h('option', { value: '' }, 'all namespaces'),
      ...namespaces.map((name) => h('option', { value: name }, name)),
    );
    this.#namespace.value = this.#filter.namespace;
  }

  #renderSummary(selectedCount: number, shownCount: number, isHeld: boolean): void {
    const total = this.#model.size;
    const some = selectedCount === total ? `${total}` : `${selectedCount} of ${total}`;
    const nothing = this.#isComplete ? 'no pods on this node' : 'waiting for pods';
    const counted =
      total === 0
        ? nothing
        : selectedCount === 0
          ? 'no pod passes the filter'
          : `${some}, newest change first`;
    setText(this.#summary, isHeld && total > 0 ? `${some}, order held while you are here` : counted);
    this.#more.hidden = shownCount >= selectedCount;
    setText(
      this.#more,
      `Show ${Math.min(pageSize, selectedCount - shownCount)} more of ${selectedCount - shownCount}`,
    );
  }

  /** Keeps what is right, replaces what changed, moves as little as can be. */
  #renderRows(shown: readonly PodRow[]): void {
    const kept = new Set<string>();
    let place = this.#list.firstElementChild;
    for (const row of shown) {
      kept.add(row.uid);
      const known = this.#rows.get(row.uid);
      if (known?.row !== row) {
        const element = renderPod(row, known?.row);
        if (known) {
          if (place === known.element) place = element;
          keepFocus(known.element, element);
        }
        this.#rows.set(row.uid, { row, element });
      }
      const element = this.#rows.get(row.uid)?.element ?? null;
      if (place === element) place = place?.nextElementSibling ?? null;
      else if (element) this.#list.insertBefore(element, place);
    }
    for (const [uid, { element }] of this.#rows) {
      if (kept.has(uid)) continue;
      element.remove();
      this.#rows.delete(uid);
    }
  }
}

function renderPod(row: PodRow, before: PodRow | undefined): HTMLLIElement {
  const states = new Map(before?.containers.map((chip) => [chip.id, lookOf(chip)]));
  const chips = row.containers
    .slice(0, maxChips)
    .map((chip) => renderChip(chip, before !== undefined && states.get(chip.id) !== lookOf(chip)));
  return h(
    'li',
    { class: 'pod', 'data-pod': row.uid },
    h(
      'div',
      { class: 'pod-name' },
      h('span', { class: 'soft' }, `${row.namespace}/`),
      h('strong', {}, row.name),
      row.problem !== undefined &&
        h('span', { class: 'problem', title: row.problem }, `⚠ not inspected: ${row.problem}`),
    ),
    h(
      'div',
      { class: 'chips' },
      ...chips,
      row.containers.length > maxChips &&
        h('span', { class: 'soft' }, `and ${row.containers.length - maxChips} more`),
    ),
  );
}

function renderChip(chip: ContainerChip, isNews: boolean): HTMLButtonElement {
  const look = lookOf(chip);
  const name = chip.isSandbox ? 'sandbox' : chip.name || chip.id.slice(0, 12);
  const end =
    look === 'failed'
      ? ` ${chip.reason === undefined || chip.reason === 'Error' ? `exit ${chip.exitCode}` : chip.reason}`
      : '';
  return h(
    'button',
    {
      type: 'button',
      class: `chip${chip.isSandbox ? ' sandbox' : ''}${isNews ? ' news' : ''}`,
      'data-look': look,
      'data-container': chip.id,
      'aria-label': `${name}, ${lookWords[look]}${end}`,
    },
    h('span', { class: 'sign', 'aria-hidden': 'true' }, signs[look]),
    h('span', { class: 'chip-name' }, name),
    end !== '' && h('span', { class: 'chip-end' }, end),
  );
}

/** Puts the new row where the old one is, with the focus on the same chip. */
function keepFocus(old: HTMLElement, element: HTMLElement): void {
  const focused = old.contains(document.activeElement) ? (document.activeElement as HTMLElement) : undefined;
  old.replaceWith(element);
  const id = focused?.dataset['container'];
  if (id !== undefined) element.querySelector<HTMLElement>(`[data-container="${CSS.escape(id)}"]`)?.focus();
}

/** Arrow keys go from chip to chip, and up and down from pod to pod. */
function moveFocus(event: KeyboardEvent, list: HTMLElement): void {
  const focused = document.activeElement as HTMLElement;
  if (!focused.classList.contains('chip')) return;
  const chips = [...list.querySelectorAll<HTMLElement>('.chip')];
  const pod = focused.closest('.pod');
  const next: Readonly<Record<string, () => Element | null | undefined>> = {
    ArrowRight: () => chips[chips.indexOf(focused) + 1],
    ArrowLeft: () => chips[chips.indexOf(focused) - 1],
    ArrowDown: () => pod?.nextElementSibling?.querySelector('.chip'),
    ArrowUp: () => pod?.previousElementSibling?.querySelector('.chip'),
    Home: () => chips[0],
    End: () => chips.at(-1),
  };
  const target = next[event.key]?.();
  if (!(target instanceof HTMLElement)) return;
  event.preventDefault();
  target.focus();
}

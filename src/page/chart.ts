import { h } from './dom.ts';

/** Drawings of the machines, which `npm run docs` made; each is fetched once. */
const drawings = new Map<string, Promise<Document>>();

function load(name: string): Promise<Document> {
  let drawing = drawings.get(name);
  if (drawing === undefined) {
    drawing = fetch(`/machines/${name}.svg`).then(async (response) => {
      if (!response.ok) throw new Error(`no drawing of ${name}: ${response.status}`);
      // The page has these rules already, and allows no others.
      const text = (await response.text()).replace(/<style>[^]*?<\/style>/, '');
      return new DOMParser().parseFromString(text, 'image/svg+xml');
    });
    drawings.set(name, drawing);
    // A drawing that did not come is asked for again.
    drawing.catch(() => drawings.delete(name));
  }
  return drawing;
}

/** A state chart whose active state is lit. */
export class ChartView {
  readonly element: HTMLElement;
  readonly #frame = h('div', {
    class: 'chart-frame',
    tabindex: '0',
    role: 'group',
    'aria-label': 'State chart, scrolls with the arrow keys',
  });
  readonly #name: string;
  #svg: SVGElement | undefined;
  #path = '';

  constructor(name: string) {
    this.#name = name;
    const whole = h('button', { type: 'button', class: 'whole', 'aria-pressed': 'false' }, 'Whole');
    whole.addEventListener('click', () => {
      const isWhole = this.#frame.classList.toggle('is-whole');
      whole.setAttribute('aria-pressed', String(isWhole));
      this.light(this.#path);
    });
    this.element = h('div', { class: 'chart-box' }, this.#frame, whole);
    void this.#draw();
  }

  get path(): string {
    return this.#path;
  }

  /** Lights a state and those around it, and brings it into view. */
  light(path: string, isSmooth = false): void {
    this.#path = path;
    if (!this.#svg) return;
    let innermost: Element | undefined;
    for (const group of this.#svg.querySelectorAll('[data-state]')) {
      const state = group.getAttribute('data-state') ?? '';
      const isLit = path === state || path.startsWith(`${state}.`);
      group.classList.toggle('lit', isLit);
      if (isLit && group.classList.contains('state')) innermost = group;
    }
    for (const group of this.#svg.querySelectorAll('.state')) {
      group.classList.toggle('here', group === innermost);
    }
    this.#svg.setAttribute(
      'aria-label',
      `State chart of the ${this.#name.split('-')[0]} machine, now in ${path}`,
    );
    if (innermost) this.#bringIntoView(innermost, isSmooth);
  }

  async #draw(): Promise<void> {
    try {
      const drawing = await load(this.#name);
      const svg = document.importNode(drawing.documentElement, true) as unknown as SVGElement;
      this.#svg = svg;
      this.#frame.replaceChildren(svg);
      this.light(this.#path);
    } catch (error) {
      this.#frame.textContent = `The chart cannot be drawn: ${String(error)}`;
    }
  }

  /** Moves the chart only, never the page. */
  #bringIntoView(state: Element, isSmooth: boolean): void {
    const frame = this.#frame.getBoundingClientRect();
    const { left, top, width, height } = state.getBoundingClientRect();
    this.#frame.scrollTo({
      left: this.#frame.scrollLeft + left - frame.left - (frame.width - width) / 2,
      top: this.#frame.scrollTop + top - frame.top - (frame.height - height) / 2,
      behavior: isSmooth && !matchMedia('(prefers-reduced-motion: reduce)').matches ? 'smooth' : 'auto',
    });
  }
}

type Child = Node | string | false | undefined;

interface Attributes {
  readonly class?: string;
  readonly id?: string;
  readonly on?: Readonly<Record<string, (event: Event) => void>>;
  readonly [name: string]: string | boolean | undefined | Readonly<Record<string, (event: Event) => void>>;
}

/** Makes an element; texts are texts, never HTML. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  setAttributes(element, attributes);
  append(element, children);
  return element;
}

/** Makes an SVG element. */
export function s<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  setAttributes(element, attributes);
  append(element, children);
  return element;
}

function setAttributes(element: Element, { on = {}, ...attributes }: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'string') element.setAttribute(name, value);
    else if (value === true) element.setAttribute(name, '');
  }
  for (const [type, listener] of Object.entries(on)) element.addEventListener(type, listener);
}

const append = (element: Element, children: readonly Child[]): void =>
  element.append(...children.filter((child) => child !== false && child !== undefined));

/** An element of the page that is there. */
export function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no #${id}`);
  return element;
}

/** Sets the text only where it is another, so that nothing is drawn or read out anew. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

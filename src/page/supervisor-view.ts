import type { AgentStatus } from '../server/agent-view.ts';
import type { SupervisorMove } from '../server/watch-view.ts';
import { ChartView } from './chart.ts';
import { byId, h, setText } from './dom.ts';
import { lastSequence, type Sequence, type SequenceKind } from './moves-model.ts';
import { clock, duration, stateWords } from './words.ts';

/** How long one step stays lit while the steps are played, milliseconds. */
const playStepMs = 900;

const titles: Readonly<Record<SequenceKind, string>> = {
  degradation: 'Last degradation',
  climb: 'Last climb',
  start: 'How it started',
};

/** The supervisor's chart with the active state lit, and its last degradation or climb step by step. */
export class SupervisorView {
  readonly #state = h('p', { class: 'state-name', role: 'status' });
  readonly #since = h('p', { class: 'soft' });
  readonly #chart = new ChartView('supervisor-folded');
  readonly #sequenceTitle = h('h3', {}, 'Steps');
  readonly #steps = h('ol', { class: 'steps' });
  readonly #play = h('button', { type: 'button', on: { click: () => this.#togglePlay() } }, '▶ Play');
  #sequence: Sequence | undefined;
  #path = '';
  #shown = '';
  #timer: number | undefined;
  /** The step that is lit instead of the active state. */
  #playedIndex: number | undefined;

  constructor() {
    const head = h(
      'div',
      { class: 'card-head' },
      h('h2', { id: 'supervisor-title' }, 'Supervisor'),
      this.#since,
    );
    const steps = h(
      'div',
      { class: 'sequence' },
      h('div', { class: 'card-head' }, this.#sequenceTitle, this.#play),
      this.#steps,
    );
    this.#steps.addEventListener('keydown', (event) => this.#onKey(event));
    byId('supervisor').append(head, this.#state, this.#chart.element, steps);
  }

  showStatus({ supervisor, mode, configuredMode }: AgentStatus): void {
    const asked = mode === configuredMode ? '' : `, ${configuredMode} was asked for`;
    setText(this.#since, `${mode}${asked}, for ${duration(Date.now() - Date.parse(supervisor.since))}`);
    this.#path = supervisor.state;
    setText(this.#state, stateWords(supervisor.state));
    if (this.#playedIndex === undefined && this.#chart.path !== this.#path) this.#chart.light(this.#path);
  }

  showHistory(history: readonly SupervisorMove[]): void {
    const sequence = lastSequence(history);
    const shown = JSON.stringify(sequence ?? null);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#stop();
    this.#sequence = sequence;
    this.#play.hidden = sequence === undefined;
    if (sequence)
      setText(this.#sequenceTitle, titles[sequence.kind] + (sequence.isDone ? '' : ', under way'));
    this.#steps.replaceChildren(...(sequence?.moves ?? []).map((move, index) => this.#step(move, index)));
  }

  #step({ path, at, reason }: SupervisorMove, index: number): HTMLLIElement {
    const first = this.#sequence?.moves[0]?.at ?? at;
    const after = Date.parse(at) - Date.parse(first);
    return h(
      'li',
      {},
      h(
        'button',
        { type: 'button', class: 'step', on: { click: () => this.#showStep(index) } },
        h('span', { class: 'step-name' }, stateWords(path)),
        h('span', { class: 'soft nums' }, index === 0 ? clock(at) : `+${duration(after)}`),
        reason !== undefined && h('span', { class: 'step-reason' }, reason),
      ),
    );
  }

  #togglePlay(): void {
    if (this.#timer !== undefined) return this.#stop();
    setText(this.#play, '■ Stop');
    this.#playFrom(0);
  }

  #playFrom(index: number): void {
    if (index >= (this.#sequence?.moves.length ?? 0)) return this.#stop();
    this.#showStep(index);
    this.#timer = window.setTimeout(() => this.#playFrom(index + 1), playStepMs);
  }

  #showStep(index: number): void {
    const move = this.#sequence?.moves[index];
    if (!move) return;
    clearTimeout(this.#timer);
    this.#playedIndex = index;
    this.#chart.light(move.path, true);
    this.#steps.querySelectorAll('.step').forEach((step, each) => {
      if (each === index) step.setAttribute('aria-current', 'step');
      else step.removeAttribute('aria-current');
    });
  }

  /** Back to the active state. */
  #stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#playedIndex = undefined;
    setText(this.#play, '▶ Play');
    for (const step of this.#steps.querySelectorAll('.step')) step.removeAttribute('aria-current');
    this.#chart.light(this.#path);
  }

  #onKey(event: KeyboardEvent): void {
    const move = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (event.key === 'Escape') this.#stop();
    if (move === undefined) return;
    event.preventDefault();
    const steps = [...this.#steps.querySelectorAll<HTMLElement>('.step')];
    const index = steps.indexOf(document.activeElement as HTMLElement) + move;
    steps[index]?.focus();
    this.#showStep(index);
  }
}

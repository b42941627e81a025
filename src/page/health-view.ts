import type { AgentStatus } from '../server/agent-view.ts';
import { byId, h, setText } from './dom.ts';
import type { PodsModel } from './pods-model.ts';
import { duration } from './words.ts';

/** One number with its name. */
interface Tile {
  readonly element: HTMLElement;
  readonly value: HTMLElement;
  readonly note: HTMLElement;
}

const tile = (name: string): Tile => {
  const value = h('dd', { class: 'value' });
  const note = h('dd', { class: 'note' });
  return { element: h('div', { class: 'tile' }, h('dt', {}, name), value, note), value, note };
};

type TileName = 'pods' | 'running' | 'ended' | 'relist' | 'stream' | 'missed';

/** Whether all is well, in kubelet's words and with the reason, and the numbers that an operator asks first. */
export class HealthView {
  readonly #word = h('h2', { id: 'health-title' }, 'Waiting for the agent');
  readonly #reasons = h('ul', { class: 'reasons' });
  readonly #tiles: Readonly<Record<TileName, Tile>> = {
    pods: tile('pods'),
    running: tile('running'),
    ended: tile('exited'),
    relist: tile('last relist'),
    stream: tile('event stream'),
    missed: tile('missed events'),
  };
  readonly #section = byId('health');
  #reasonTexts = '';

  constructor() {
    const tiles = Object.values(this.#tiles).map(({ element }) => element);
    this.#section.append(
      h('div', { class: 'health-words', role: 'status' }, this.#word, this.#reasons),
      h('dl', { class: 'tiles' }, ...tiles),
    );
  }

  show(status: AgentStatus, pods: PodsModel): void {
    const { health, relist, stream, counts, log } = status;
    this.#section.dataset['ok'] = String(health.ok);
    setText(this.#word, healthWord(health));
    this.#showReasons(reasonsOf(status));

    const looks = pods.counts();
    const ended = looks.exited + looks.failed;
    this.#set('pods', String(counts.pods), `${log.lastSeq} events so far`);
    this.#set(
      'running',
      String(looks.running),
      looks.created > 0 ? `${looks.created} created` : 'containers',
    );
    this.#set('ended', String(ended), looks.failed > 0 ? `${looks.failed} failed` : 'containers');
    const age = relist.lastSuccessAgeMs;
    this.#set(
      'relist',
      age === undefined ? 'none yet' : `${duration(age)} ago`,
      `every ${duration(relist.periodMs)}`,
    );
    this.#set('stream', stream.state, `${stream.reconnects} reconnects`);
    this.#set('missed', String(counts.missedEvents), 'found by relists');
  }

  #set(name: TileName, value: string, note: string): void {
    setText(this.#tiles[name].value, value);
    setText(this.#tiles[name].note, note);
  }

  #showReasons(reasons: readonly string[]): void {
    const texts = reasons.join('\n');
    if (texts === this.#reasonTexts) return;
    this.#reasonTexts = texts;
    this.#reasons.replaceChildren(...reasons.map((reason) => h('li', {}, reason)));
  }
}

const healthWord = ({ ok, degradations }: AgentStatus['health']): string =>
  ok ? (degradations.length === 0 ? 'Healthy' : 'Healthy, but degraded') : 'Not healthy';

/** Stuck pods that are named; the rest is in /v1/status. */
const shownStuckPods = 3;

/** Kubelet's words first, then the one thing behind them that a person can act on. */
function reasonsOf(status: AgentStatus): string[] {
  const { health, relist, runtime, stream, stuck, mode, configuredMode } = status;
  const reasons = health.checks.filter(({ ok }) => !ok).map(({ message }) => message);
  for (const { podNamespace, podName, ageMs, call, containerName } of stuck.slice(0, shownStuckPods)) {
    const where = call ? `, in ${call.method} of ${containerName ?? call.id}` : '';
    reasons.push(`${podNamespace}/${podName} has been stuck for ${duration(ageMs)}${where}`);
  }
  if (relist.lastError !== undefined) reasons.push(`The last relist failed: ${relist.lastError}`);
  else if (runtime.lastError !== undefined) reasons.push(`The runtime: ${runtime.lastError}`);
  else if (stream.state === 'down' && stream.lastError !== undefined) {
    reasons.push(`The event stream is down: ${stream.lastError}`);
  }
  if (mode !== configuredMode)
    reasons.push('Relists alone serve events now; the stream is tried again by itself');
  return [...new Set(reasons)];
}

import { byId, h, setText } from './dom.ts';

const statelyOrigin = 'https://stately.ai';
/** Messages kept for an inspector that is still loading. */
const maxWaiting = 500;

const kind = byId('kind') as HTMLSelectElement;
const id = byId('id') as HTMLInputElement;

/** What the address asks for, else the supervisor. */
function readAddress(): void {
  const [[field, value] = ['actor', 'supervisor']] = [...new URLSearchParams(location.search)];
  kind.value = ['pod', 'container'].includes(field) ? field : 'actor';
  id.value = kind.value === 'actor' ? '' : value;
  showChoice();
}

function showChoice(): void {
  id.hidden = kind.value === 'actor';
  id.required = !id.hidden;
}

function say(text: string, state: 'live' | 'lost' | ''): void {
  const link = byId('link');
  setText(link, text);
  link.dataset['state'] = state;
}

/** Shows the hosted inspector and hands it what the agent sends. */
function connect(query: string): void {
  const frame = h('iframe', { src: `${statelyOrigin}/inspect`, title: 'Stately Inspector' });
  const waiting: unknown[] = [];
  let isOpen = false;
  let droppedCount = 0;
  const showDropped = (count: number): void => {
    droppedCount += count;
    byId('dropped').hidden = false;
    setText(byId('dropped'), `${droppedCount} messages dropped`);
  };
  const hand = (message: unknown): void => frame.contentWindow?.postMessage(message, statelyOrigin);
  window.addEventListener('message', ({ source, origin, data }: MessageEvent<{ type?: unknown } | null>) => {
    if (source !== frame.contentWindow || origin !== statelyOrigin) return;
    if (data?.type !== '@statelyai.connected') return;
    isOpen = true;
    if (socket.readyState <= WebSocket.OPEN) say('● sent to stately.ai', 'live');
    for (const message of waiting.splice(0)) hand(message);
  });
  const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/stately/actors?${query}`);
  socket.addEventListener('message', ({ data }: MessageEvent<string>) => {
    const message = JSON.parse(data) as { type: string; count?: number };
    if (message.type === 'plegd.dropped') return showDropped(message.count ?? 0);
    if (isOpen) return hand(message);
    waiting.push(message);
    if (waiting.length > maxWaiting) {
      waiting.shift();
      showDropped(1);
    }
  });
  socket.addEventListener('close', ({ reason }) => say(`✕ ${reason || 'the agent is gone'}`, 'lost'));
  say('waiting for stately.ai', '');
  byId('consent').replaceWith(frame);
}

kind.addEventListener('change', showChoice);
byId('choice').addEventListener('submit', (event) => {
  event.preventDefault();
  const query =
    kind.value === 'actor' ? 'actor=supervisor' : `${kind.value}=${encodeURIComponent(id.value.trim())}`;
  setText(byId('chosen'), decodeURIComponent(query));
  connect(query);
});
readAddress();

import { DetailView } from './detail-view.ts';
import { byId, setText } from './dom.ts';
import { type LinkState, watch } from './feed.ts';
import { HealthView } from './health-view.ts';
import { PlotsView } from './plots-view.ts';
import { PodsModel } from './pods-model.ts';
import { PodsView } from './pods-view.ts';
import { SupervisorView } from './supervisor-view.ts';
import { startTheme } from './theme.ts';
import { TimelineView } from './timeline-view.ts';

/** The pods are drawn at most this often, milliseconds: nobody reads faster. */
const drawPeriodMs = 400;

startTheme();
const pods = new PodsModel();
const detail = new DetailView();
const open = (containerId: string): void => detail.open(containerId);
const health = new HealthView();
const supervisor = new SupervisorView();
const podsView = new PodsView(pods, open);
const timeline = new TimelineView(open);
const plots = new PlotsView();

let startedAt = '';
let drawTimer: number | undefined;
const drawSoon = (): void => {
  drawTimer ??= window.setTimeout(() => {
    drawTimer = undefined;
    podsView.render();
  }, drawPeriodMs);
};

const linkWords: Readonly<Record<LinkState, string>> = {
  connecting: '○ connecting',
  live: '● live',
  lost: '✕ agent not reached',
};

watch(
  {
    hello: (hello) => {
      pods.clear();
      plots.start(hello.sliceCount);
      byId('stately').hidden = !hello.isInspectable;
      detail.isInspectable = hello.isInspectable;
      // Another life of the agent, whose numbers begin anew.
      if (hello.startedAt !== startedAt) void timeline.start();
      startedAt = hello.startedAt;
    },
    pods: ({ upsert, removed }) => {
      pods.apply(upsert, removed);
      drawSoon();
    },
    ready: () => podsView.complete(),
    events: (entries) => {
      timeline.take(entries);
      detail.take(entries);
    },
    status: (status) => {
      const { name, version = '', endpoint } = status.runtime;
      setText(byId('runtime'), name === undefined ? endpoint : `${name} ${version}, ${endpoint}`);
      health.show(status, pods);
      supervisor.showStatus(status);
    },
    history: (moves) => supervisor.showHistory(moves),
    vitals: (vitals) => plots.take(vitals),
  },
  (state) => {
    const link = byId('link');
    link.dataset['state'] = state;
    setText(link, linkWords[state]);
  },
);

document.addEventListener('keydown', (event) => {
  const isTyping = event.target instanceof Element && event.target.matches('input, select, textarea');
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey) {
    if (event.key === 'Escape') (event.target as HTMLElement).blur();
    return;
  }
  if (event.key === '/') {
    event.preventDefault();
    podsView.focusSearch();
  } else if (event.key === 'p') {
    void timeline.togglePause();
  }
});

const [, linked] = /^#container=(.+)$/.exec(location.hash) ?? [];
if (linked !== undefined) open(decodeURIComponent(linked));

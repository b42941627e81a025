import type { WatchMessages } from '../server/watch-messages.ts';

export type Listeners = { readonly [K in keyof WatchMessages]: (data: WatchMessages[K]) => void };

export type LinkState = 'connecting' | 'live' | 'lost';

const names = Object.keys({
  hello: true,
  pods: true,
  ready: true,
  events: true,
  status: true,
  history: true,
  vitals: true,
} satisfies Record<keyof WatchMessages, true>) as (keyof WatchMessages)[];

/** Listens to the agent for as long as the page is open; the browser connects again by itself. */
export function watch(listeners: Listeners, onLink: (state: LinkState) => void): void {
  const source = new EventSource('/v1/watch');
  source.addEventListener('open', () => onLink('live'));
  source.addEventListener('error', () => {
    onLink('lost');
    // The browser gives up after an answer that is no stream, such as 503; a person would not.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => watch(listeners, onLink), 3_000);
  });
  for (const name of names) {
    source.addEventListener(name, (event: MessageEvent<string>) => {
      const listen = listeners[name] as (data: unknown) => void;
      listen(JSON.parse(event.data));
    });
  }
}

import { expect, it } from 'vitest';
import { createLogger } from '../../src/lib/log.ts';
import { formatHostPort } from '../../src/lib/host-port.ts';
import { systemTime } from '../../src/lib/time.ts';
import type { LogEntry } from '../../src/pleg/lifecycle-event.ts';
import { startServer } from '../../src/server/server.ts';
import type { ContainerChip, PodRow } from '../../src/server/watch-view.ts';
import { describeBrowser, keepPicture } from '../helpers/browser.ts';
import { FakeAgentView, healthyStatus, lifecycleEvent } from '../helpers/fake-agent-view.ts';

const podCount = 1_000;
const containersPerPod = 10;
const eventsPerSecond = 1_000;
/** How long the page is watched under load. */
const loadMs = 8_000;
const beatMs = 20;

const podRow = (index: number, flips: number): PodRow => ({
  uid: `uid-${index}`,
  namespace: `team-${index % 20}`,
  name: `service-${index}`,
  changedMs: index,
  containers: Array.from({ length: containersPerPod }, (_, place): ContainerChip => {
    const isDown = flips % containersPerPod === place;
    return {
      id: `${index}-${place}`.padEnd(64, '0'),
      name: `container-${place}`,
      isSandbox: false,
      ...(isDown ? { state: 'exited', exitCode: flips % 3, reason: 'Error' } : { state: 'running' }),
    };
  }),
});

/** Containers that start and die at a given rate until somebody says stop. */
const startLoad = (view: FakeAgentView): { stop: () => number } => {
  const flips = new Map<number, number>();
  let seq = 0;
  const queue: LogEntry[] = [];
  let wake: () => void = () => undefined;
  view.source = async function* ({ signal }) {
    signal.addEventListener('abort', () => wake());
    for (;;) {
      yield* queue.splice(0);
      if (signal.aborted) return;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  const began = performance.now();
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - began) / 1_000) * eventsPerSecond);
    while (seq < due) {
      seq += 1;
      const index = (seq * 7_919) % podCount;
      const count = (flips.get(index) ?? 0) + 1;
      flips.set(index, count);
      const row = podRow(index, count);
      view.watch.rows.set(row.uid, row);
      queue.push(
        lifecycleEvent(seq, {
          type: seq % 2 === 0 ? 'ContainerStarted' : 'ContainerDied',
          podUid: row.uid,
          podName: row.name,
          podNamespace: row.namespace,
          containerId: `${index}-${count % containersPerPod}`.padEnd(64, '0'),
          observedAt: new Date().toISOString(),
        }),
      );
    }
    wake();
  }, beatMs);
  return {
    stop: () => {
      clearInterval(timer);
      return seq;
    },
  };
};

describeBrowser('the page of a large and busy node', (browser) => {
  it('shows 10 000 containers and 1 000 events a second without a task over 200 ms', async () => {
    const view = new FakeAgentView();
    view.currentStatus = { ...healthyStatus, counts: { ...healthyStatus.counts, pods: podCount } };
    for (let index = 0; index < podCount; index += 1) view.watch.rows.set(`uid-${index}`, podRow(index, 0));
    const logger = createLogger({ level: 'silent', format: 'json' });
    const server = await startServer({
      view,
      listen: { host: '127.0.0.1', port: 0 },
      logger,
      time: systemTime,
    });
    const load = startLoad(view);
    try {
      const page = await browser.open('about:blank');
      await page.addInitScript(() => {
        const tasks: number[] = [];
        new PerformanceObserver((list) => {
          for (const { duration } of list.getEntries()) tasks.push(Math.round(duration));
        }).observe({ type: 'longtask', buffered: true });
        Object.assign(window, { tasks });
      });
      await page.goto(`http://${formatHostPort(server.address)}/`);
      await page.getByText('1000, newest change first').waitFor();
      await page.waitForTimeout(loadMs / 2);
      // A person works with it meanwhile.
      await page.getByRole('searchbox').pressSequentially('service-1', { delay: 60 });
      await page.getByText('of 1000').first().waitFor();
      await page.getByRole('searchbox').fill('');
      await page.locator('.look[data-look="failed"]').click();
      await page.locator('.chip').first().click();
      await page.keyboard.press('Escape');
      await page.waitForTimeout(loadMs / 2);

      const tasks = await page.evaluate(() => (window as unknown as { tasks: number[] }).tasks);
      const inDocument = await page.evaluate(() => ({
        chips: document.querySelectorAll('.chip').length,
        events: document.querySelectorAll('.events li').length,
      }));
      await keepPicture(page, 'page-busy');
      const eventCount = load.stop();
      console.log(`${eventCount} events, long tasks of the page: ${tasks.join(', ') || 'none'} ms`);
      expect(Math.max(0, ...tasks)).toBeLessThan(200);
      expect(inDocument.chips).toBeLessThanOrEqual(60 * containersPerPod);
      expect(inDocument.events).toBeLessThanOrEqual(300);
      expect(eventCount).toBeGreaterThan((loadMs / 1_000) * eventsPerSecond);
      // The detail of a container that the fake agent does not know.
      expect((await browser.close()).filter((text) => !text.includes('404'))).toEqual([]);
    } finally {
      load.stop();
      await server.close();
    }
  });
});

import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { type Agent, startAgent } from '../../src/agent/agent.ts';
import { resolveConfig } from '../../src/agent/config.ts';
import { createLogger } from '../../src/lib/log.ts';
import { formatHostPort } from '../../src/lib/host-port.ts';
import { systemTime } from '../../src/lib/time.ts';
import { describeBrowser, keepPicture } from '../helpers/browser.ts';

/** Stands in for stately.ai's page: says that it is there and lists what it is given. */
const inspectorHtml = `<!doctype html><ol></ol><script>
  addEventListener('message', ({ data }) => {
    document.querySelector('ol').append(Object.assign(document.createElement('li'), {
      textContent: [data.type, data.name, data._version, JSON.stringify(data.snapshot?.value)].join(' '),
    }));
  });
  parent.postMessage({ type: '@statelyai.connected' }, '*');
</script>`;

describeBrowser('the page for Stately', (browser) => {
  let agent: Agent;
  let url: string;
  beforeEach(async () => {
    const flags = { runtimeEndpoint: 'embedded', listen: '127.0.0.1:0', inspect: 'true' };
    const logger = createLogger({ level: 'silent', format: 'json' });
    agent = await startAgent(resolveConfig({ flags }), { logger, time: systemTime });
    url = `http://${formatHostPort(agent.address!)}`;
  });
  afterEach(() => agent.stop());

  const standIn = async (page: Page): Promise<void> => {
    await page.route('https://stately.ai/**', (route) =>
      route.fulfill({ contentType: 'text/html', body: inspectorHtml }),
    );
  };
  /** Asking stately.ai is what the page is for, once it was told to. */
  const complaints = async (): Promise<string[]> =>
    (await browser.close()).filter((text) => text !== 'asked for https://stately.ai/inspect');

  it('says what leaves the machine before anything does, then hands it on', async () => {
    const page = await browser.open(`${url}/stately`, {}, standIn);
    await page.getByText('What leaves this machine').waitFor();
    expect(page.frames()).toHaveLength(1);
    await keepPicture(page, 'stately');

    await page.getByRole('button', { name: 'Send it to stately.ai' }).click();
    const inspector = page.frameLocator('iframe');
    await inspector.getByText('@xstate.actor supervisor 0.7.2 {"streaming":{"evented":"fresh"}}').waitFor();
    await page.getByText('● sent to stately.ai').waitFor();
    expect(await complaints()).toEqual([]);
  });

  it('is reached from a container', async () => {
    const page = await browser.open(`${url}/`, {}, standIn);
    await page.getByLabel('web, running').click();
    await page.getByRole('link', { name: 'In Stately' }).click();
    await page.getByRole('button', { name: 'Send it to stately.ai' }).click();
    await page.frameLocator('iframe').getByText('0.7.2 "running"').waitFor();
    expect(await complaints()).toEqual([]);
  });

  it('shows what happens in a pod, also to containers that come later', async () => {
    await expect.poll(() => agent.view.pods().map(({ name }) => name)).toContain('demo-job');
    const uid = agent.view.pods().find(({ name }) => name === 'demo-job')?.uid;
    const page = await browser.open(`${url}/stately?pod=${uid}`, {}, standIn);
    await page.getByRole('button', { name: 'Send it to stately.ai' }).click();
    // The job's container runs three seconds, then comes another.
    await page.frameLocator('iframe').getByText('@xstate.snapshot 0.7.2 "exited"').nth(1).waitFor();
    expect(await complaints()).toEqual([]);
  });

  it('says that there is no such actor', async () => {
    const page = await browser.open(`${url}/stately?pod=nobody`, {}, standIn);
    await page.getByRole('button', { name: 'Send it to stately.ai' }).click();
    await page.getByText('no pod "nobody" here').waitFor();
    expect(await complaints()).toEqual([]);
  });
});

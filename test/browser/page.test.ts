import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Agent, startAgent } from '../../src/agent/agent.ts';
import { resolveConfig } from '../../src/agent/config.ts';
import { createLogger } from '../../src/lib/log.ts';
import { formatHostPort } from '../../src/lib/host-port.ts';
import { systemTime } from '../../src/lib/time.ts';
import { noFaults } from '../../src/runtime/faults.ts';
import { startEmbeddedRuntime } from '../../src/runtime/server.ts';
import type { EmbeddedRuntime } from '../../src/runtime/embedded-runtime.ts';
import { describeBrowser, keepPicture } from '../helpers/browser.ts';
import { createRuntimeDriver, type RuntimeDriver } from '../helpers/runtime-pods.ts';

describeBrowser('the page of a live agent', (browser) => {
  let directory: string;
  let socketPath: string;
  let runtime: EmbeddedRuntime | undefined;
  let driver: RuntimeDriver;
  let agent: Agent;
  let url: string;

  const startRuntime = async (): Promise<void> => {
    runtime = await startEmbeddedRuntime({ socketPath });
    driver = createRuntimeDriver(runtime.endpoint);
  };
  const stopRuntime = async (): Promise<void> => {
    if (!runtime) return;
    Object.assign(runtime.faults, noFaults());
    driver.cri.close();
    await runtime.stop();
    runtime = undefined;
  };
  const startedAgent = async (port = 0): Promise<void> => {
    const flags = { runtimeEndpoint: `unix://${socketPath}`, listen: `127.0.0.1:${port}` };
    const logger = createLogger({ level: 'silent', format: 'json' });
    agent = await startAgent(resolveConfig({ flags }), { logger, time: systemTime });
    url = `http://${formatHostPort(agent.address!)}/`;
  };
  const openPage = async (...[options]: [Parameters<typeof browser.open>[1]?]): Promise<Page> =>
    browser.open(url, options);

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'plegd-test-'));
    socketPath = join(directory, 'runtime.sock');
  });
  afterEach(async () => {
    await agent.stop();
    await stopRuntime();
    await rm(directory, { recursive: true });
  });

  it('changes the chip of a container that dies', async () => {
    await startRuntime();
    const pod = await driver.runPod({ name: 'web-0', namespace: 'shop' });
    const id = await driver.runContainer(pod, { name: 'app' });
    await startedAgent();
    const page = await openPage();
    const chip = page.locator(`[data-container="${id}"].chip`);
    await expect.poll(() => chip.getAttribute('aria-label')).toBe('app, running');

    await driver.stopContainer(id);
    await chip.and(page.locator('[data-look="failed"]')).waitFor();
    expect(await chip.getAttribute('aria-label')).toBe('app, failed exit 137');
    await page.locator('.event[data-type="ContainerDied"]', { hasText: 'exit 137' }).first().waitFor();

    await driver.removeContainer(id);
    await chip.waitFor({ state: 'detached' });
  });

  it('filters pods by name, namespace and state', async () => {
    await startRuntime();
    for (const [name, namespace] of [
      ['web-0', 'shop'],
      ['web-1', 'shop'],
      ['dns-0', 'kube-system'],
    ] as const) {
      await driver.runContainer(await driver.runPod({ name, namespace }), { name: `${name}-app` });
    }
    const job = await driver.runPod({ name: 'job-0', namespace: 'shop' });
    await driver.stopContainer(await driver.runContainer(job, { name: 'work' }));
    await startedAgent();
    const page = await openPage();
    const names = async (): Promise<string[]> =>
      (await page.locator('.pod strong').allTextContents()).toSorted();
    await expect.poll(names).toEqual(['dns-0', 'job-0', 'web-0', 'web-1']);

    await page.keyboard.press('/');
    await page.keyboard.type('WEB');
    await expect.poll(names).toEqual(['web-0', 'web-1']);
    await page.keyboard.press('Control+A');
    await page.keyboard.type('dns-0-app');
    await expect.poll(names).toEqual(['dns-0']);
    await page.getByRole('searchbox').fill('');
    await page.getByLabel('Namespace').selectOption('shop');
    await expect.poll(names).toEqual(['job-0', 'web-0', 'web-1']);
    await page.locator('.look[data-look="failed"]').click();
    await expect.poll(names).toEqual(['job-0']);
    await page.getByRole('searchbox').fill('nobody');
    await page.getByText('no pod passes the filter').waitFor();
  });

  it('holds the timeline while paused, and resumes without losing an event', async () => {
    await startRuntime();
    await startedAgent();
    const page = await openPage();
    const pod = await driver.runPod({ name: 'web-0' });
    await page.locator('.event').first().waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    const before = await page.locator('.event').count();

    await driver.runContainer(pod, { name: 'one' });
    await driver.runContainer(pod, { name: 'two' });
    await page.getByText('2 waiting').waitFor();
    expect(await page.locator('.event').count()).toBe(before);

    await page.getByRole('button', { name: 'Resume' }).click();
    await expect.poll(() => page.locator('.event').count()).toBe(before + 2);
    const numbers = await page
      .locator('.event')
      .evaluateAll((rows) => rows.map((row) => Number(row.getAttribute('data-seq'))));
    expect(numbers).toEqual(numbers.toSorted((a, b) => b - a));
    expect(new Set(numbers).size).toBe(numbers.length);

    await page.getByLabel('Show events after this number').fill(String(numbers[1]));
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await expect.poll(() => page.locator('.event').count()).toBe(1);
  });

  it('opens a container with its chart lit, its status and its history, and closes on Escape', async () => {
    await startRuntime();
    await startedAgent();
    const page = await openPage();
    const pod = await driver.runPod({ name: 'web-0', annotations: { token: 'annotation-secret' } });
    const id = await driver.runContainer(pod, { name: 'app', env: { PASSWORD: 'environment-secret' } });
    const chip = page.locator(`[data-container="${id}"].chip`);
    await chip.click();
    const detail = page.getByRole('dialog');
    await detail.locator('.state.here[data-state="running"]').waitFor();
    await detail.locator('.event[data-type="ContainerStarted"]').waitFor();
    await expect.poll(() => detail.textContent()).toContain('localhost/busybox:1');
    await expect.poll(() => detail.textContent()).toMatch(/inspected.*ago/);

    await driver.stopContainer(id);
    await detail.locator('.state.here[data-state="exited"]').waitFor();
    await detail.getByText('exit 137').waitFor();
    expect(await page.content()).not.toContain('-secret');

    await page.keyboard.press('Escape');
    await detail.waitFor({ state: 'hidden' });
    await expect.poll(() => chip.evaluate((element) => element === document.activeElement)).toBe(true);
  });

  it('goes by keyboard from chip to chip and opens one', async () => {
    await startRuntime();
    const pod = await driver.runPod({ name: 'web-0' });
    await driver.runContainer(pod, { name: 'one' });
    await driver.runContainer(pod, { name: 'two' });
    await startedAgent();
    const page = await openPage();
    await page.locator('.chip').nth(2).waitFor();
    await page.locator('.chip').first().focus();
    await page.keyboard.press('ArrowRight');
    const label = await page.locator('.chip').nth(1).getAttribute('aria-label');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe(label);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
  });

  it('says while the runtime is down what to do, and recovers with it', async () => {
    await startedAgent();
    const page = await openPage();
    await page.getByRole('heading', { name: 'Not healthy' }).waitFor();
    await page.getByText('PLEG is not healthy: pleg has yet to be successful').waitFor();
    await page.getByText('start the runtime or name another endpoint').first().waitFor();
    await page.getByText('no pods on this node').waitFor();
    await keepPicture(page, 'page-runtime-down');

    await startRuntime();
    await driver.runContainer(await driver.runPod({ name: 'web-0' }), { name: 'app' });
    await page.locator('#health[data-ok="true"]').waitFor();
    await page.getByLabel('app, running').waitFor();
  });

  it('shows a degradation step by step, with its reason', async () => {
    await startRuntime();
    runtime!.faults.events.onOpen = 'eof';
    await startedAgent();
    const page = await openPage();
    await page.getByText('Last degradation').waitFor();
    const steps = page.locator('#supervisor .step-name');
    await expect
      .poll(async () => (await steps.allTextContents()).slice(1, 5))
      .toEqual(
        ['stopping evented', 'stopping generic', 'updating relist duration', 'starting generic'].map(
          (step) => `degrading › ${step}`,
        ),
      );
    await page.locator('.step-reason', { hasText: '5 in a row' }).waitFor();
    await page.locator('.step').nth(2).click();
    await page.locator('.state.here[data-state="degrading.stoppingGeneric"]').waitFor();
    await keepPicture(page, 'page-degraded');
  });

  it('is dark where the system is, and where it is told to', async () => {
    await startRuntime();
    await startedAgent();
    const lightness = (page: Page): Promise<number> =>
      page.evaluate(() =>
        Number(/\d+/.exec(getComputedStyle(document.documentElement).backgroundColor)?.[0]),
      );
    const dark = await openPage({ colorScheme: 'dark' });
    expect(await lightness(dark)).toBeLessThan(60);
    const page = await openPage({ colorScheme: 'light' });
    expect(await lightness(page)).toBeGreaterThan(200);
    await page.getByRole('button', { name: 'Theme: auto' }).click();
    await page.getByRole('button', { name: 'Theme: light' }).click();
    expect(await lightness(page)).toBeLessThan(60);
    await page.reload();
    await page.getByRole('button', { name: 'Theme: dark' }).waitFor();
    expect(await lightness(page)).toBeLessThan(60);
  });

  it('says when the agent is gone, and begins anew with the next one', async () => {
    await startRuntime();
    const pod = await driver.runPod({ name: 'web-0' });
    await startedAgent();
    const page = await openPage();
    await page.locator('.event').first().waitFor();
    await agent.stop();
    await page.getByText('agent not reached').waitFor();

    await driver.runContainer(pod, { name: 'meanwhile' });
    await startedAgent(agent.address!.port);
    await page.getByText('● live').waitFor();
    await page.getByLabel('meanwhile, running').waitFor();
    await expect.poll(() => page.locator('.event').count()).toBe(2);
    const complaints = await browser.close();
    expect(complaints.filter((text) => !text.includes('ERR_CONNECTION_REFUSED'))).toEqual([]);
  });

  it.each([
    ['phone', 360, 760],
    ['desk', 1440, 900],
    ['wall', 2560, 1440],
  ])('fits a %s, light and dark', async (name, width, height) => {
    await startRuntime();
    for (const each of ['web-0', 'web-1', 'db-0', 'cache-0']) {
      const pod = await driver.runPod({ name: each, namespace: each.startsWith('web') ? 'shop' : 'storage' });
      await driver.runContainer(pod, { name: 'app' });
      await driver.createContainer(pod, { name: 'later' });
      if (each === 'db-0') await driver.stopContainer(await driver.runContainer(pod, { name: 'backup' }));
    }
    await startedAgent();
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await openPage({ colorScheme, viewport: { width, height } });
      await page.getByLabel('backup, failed').waitFor();
      await page.locator('#supervisor .state.here').waitFor();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      await keepPicture(page, `page-${name}-${colorScheme}`);
      if (name !== 'phone') continue;
      await page.getByLabel('backup, failed').click();
      await page.getByRole('dialog').locator('.state.here').waitFor();
      await keepPicture(page, `container-${name}-${colorScheme}`);
    }
  });
});

import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest';
import type { LeftOut } from './requirements.ts';

/** Debian's. */
const executablePath = '/usr/bin/chromium';

/** Real processes on a busy machine: only to end what hangs. */
const timeoutMs = 60_000;

/** Keeps the browser quiet and to itself. */
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A browser of the file's own. */
export interface BrowserFixture {
  /** A window of its own; the test fails when the page logs an error or asks somebody else for something. */
  open(url: string, options?: BrowserContextOptions, before?: (page: Page) => Promise<void>): Promise<Page>;
  /** Closes the test's pages, and returns what they complained about. */
  close(): Promise<string[]>;
}

/** Tests in headless Chromium, where it is installed. */
export const describeBrowser = (name: string, define: (fixture: BrowserFixture) => void): void => {
  const leftOut: LeftOut | undefined = existsSync(executablePath)
    ? undefined
    : { needs: 'chromium', reason: 'not installed', enable: 'apt-get install chromium && npm test' };
  const meta = leftOut === undefined ? {} : { leftOut };
  describe.skipIf(leftOut)(name, { meta, timeout: timeoutMs }, () => {
    let browser: Browser;
    const contexts = new Set<BrowserContext>();
    let complaints: string[] = [];
    const close = async (): Promise<string[]> => {
      for (const context of contexts) await context.close();
      contexts.clear();
      const all = complaints;
      complaints = [];
      return all;
    };
    beforeAll(async () => {
      browser = await chromium.launch({ executablePath, args });
    }, timeoutMs);
    afterAll(() => browser.close(), timeoutMs);
    define({
      close,
      open: async (url, options = {}, before) => {
        const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
        contexts.add(context);
        const page = await context.newPage();
        page.on('pageerror', (error) => complaints.push(error.message));
        page.on('console', (line) => {
          if (['error', 'warning'].includes(line.type())) complaints.push(line.text());
        });
        page.on('request', (request) => {
          if (url === 'about:blank') return;
          if (!request.url().startsWith(new URL(url).origin)) complaints.push(`asked for ${request.url()}`);
        });
        await before?.(page);
        await page.goto(url);
        return page;
      },
    });
    // The last to be registered is the first to run: pages go before what they look at.
    afterEach(async () => {
      expect(await close()).toEqual([]);
    });
  });
};

/** Keeps a picture for people to look at, in `test-results/`. */
export const keepPicture = async (page: Page, name: string): Promise<void> => {
  await mkdir('test-results', { recursive: true });
  await page.screenshot({ path: `test-results/${name}.png`, animations: 'disabled' });
};

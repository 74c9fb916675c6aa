import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { findChromium } from '../../scripts/lib/chromium.mjs';

/** A machine that does other things too takes several times as long as an idle one. */
const stepMs = 90_000;
/** Where `scripts/screenshot.mjs` wants the pictures of the documentation; without it none are taken. */
const picturesFolder = process.env['TIKTOK_ADS_PICTURES'];

/** Dagster's user interface as a person uses it: what is clicked and what is read. */
export interface Pages {
  readonly open: (path: string) => Promise<Page>;
  readonly close: () => Promise<void>;
}

/** Starts a headless Chromium; installs one first where that is possible. */
export async function openBrowser(url: string): Promise<Pages> {
  const browser: Browser = await chromium.launch({
    executablePath: findChromium(),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  const context = await browser.newContext({ viewport: { width: 1280, height: 960 }, reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.setDefaultTimeout(stepMs);
  await page.goto(url);
  return {
    open: async (path) => {
      await follow(page, path);
      return page;
    },
    close: () => browser.close(),
  };
}

/** Goes where a link within the interface would lead: loading the whole interface anew takes seconds of a core each time. */
export async function follow(page: Page, path: string): Promise<void> {
  await launchToldNoMore(page);
  await page.evaluate(`history.pushState(null, '', ${JSON.stringify(path)}); dispatchEvent(new PopStateEvent('popstate'))`);
}

/** Waits until nothing tells any more that something was launched, which it does as long as the mouse is on it. */
async function launchToldNoMore(page: Page): Promise<void> {
  await page.mouse.move(1, 1);
  await page.locator('[data-sonner-toast]').first().waitFor({ state: 'hidden' });
}

/** Presses "Materialize" on an asset's page. Of an asset without partitions that launches a run. */
export async function pressMaterialize(page: Page): Promise<void> {
  await page
    .locator('button', { hasText: /^Materialize/ })
    .first()
    .click();
}

/** Follows the message that says that a run or a backfill was launched; gives the path it leads to. */
export async function followLaunch(page: Page): Promise<string> {
  const link = page.locator('a[href*="/runs/"]', { hasText: 'View' }).first();
  const path = await link.getAttribute('href');
  await link.click();
  await page.waitForURL((url) => url.pathname.includes('/runs/'));
  return path ?? '';
}

/** The value beside a key in a table of metadata: its last column that is not empty. */
export async function metadata(page: Page, key: string): Promise<string> {
  return (await cellsBeside(page, key)).at(-1) ?? '';
}

/** Type, constraints and description of a column in the table of columns. */
export async function columnText(page: Page, name: string): Promise<string> {
  return (await cellsBeside(page, name)).join(' ');
}

async function cellsBeside(page: Page, first: string): Promise<readonly string[]> {
  const row = page.locator('tr', { has: page.locator('td:first-child', { hasText: new RegExp(`^${first}$`) }) });
  const cells = await row.first().locator('td').allInnerTexts();
  return cells
    .slice(1)
    .map((cell) => cell.replaceAll(/\s+/g, ' ').trim())
    .filter(Boolean);
}

/** Scrolls a run's log, which follows its end, back to where the executable begins to speak, as a person does. */
export async function showOpening(page: Page): Promise<void> {
  const log = { left: 900, top: 480, height: 400 };
  const opening = page.getByText('external process successfully opened').first();
  await page.mouse.move(log.left, log.top + log.height / 2);
  for (let tries = 0; tries < 60; tries += 1) {
    const top = (await opening.boundingBox())?.y ?? 0;
    if (top > log.top) return;
    await page.mouse.wheel(0, -60);
    await page.waitForTimeout(100);
  }
}

/** Takes a picture for the documentation, once the page has filled in, if pictures are wanted. */
export async function picture(page: Page, name: string, prepare?: () => Promise<void>): Promise<void> {
  if (picturesFolder === undefined) return;
  await mkdir(picturesFolder, { recursive: true });
  await launchToldNoMore(page);
  await prepare?.();
  await page.waitForTimeout(2_000);
  await page.screenshot({ path: join(picturesFolder, `${name}.png`) });
}

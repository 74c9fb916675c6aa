/**
 * Takes the pictures of the documentation: `node scripts/screenshot.mjs [CHROMIUM]`. Starts `demo:ui`, materializes the asset by the button
 * as a person would, waits for success, and photographs the asset's page.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { pinnedNode, root } from './lib/paths.mjs';
import { onInterrupt, start, stop } from './lib/processes.mjs';

const executablePath = process.argv[2] ?? '/usr/bin/chromium';
const images = join(root, 'docs', 'images');
const stepMs = 120_000;

const said = [];
let found;
const address = new Promise((resolve) => {
  found = resolve;
});
const demo = start(pinnedNode(), [join(root, 'scripts', 'demo.mjs'), '--ui'], {
  cwd: root,
  onLine: (line) => {
    said.push(line);
    const url = /user interface: (http\S+)/.exec(line)?.[1];
    if (url) found(url);
  },
});
onInterrupt(() => stop(demo));
try {
  const url = await Promise.race([address, demo.ended.then(() => undefined)]);
  if (!url) throw new Error(`the demo did not start:\n${said.join('\n')}`);
  await photograph(url);
} finally {
  await stop(demo);
}

async function photograph(url) {
  const options = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
  ];
  const browser = await chromium.launch({ executablePath, args: [...options, '--disable-sync'] });
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 1250 }, deviceScaleFactor: 1.25 });
    page.setDefaultTimeout(stepMs);
    const { origin } = new URL(url);
    const before = await newestRun(origin);
    await page.goto(url);
    await page
      .locator('button', { hasText: /^Materialize/ })
      .first()
      .click();
    await runAfter(before, origin);
    const views = [
      ['asset-page', '', 'Row count'],
      ['events', '?view=events', 'spend_total'],
      ['checks', '?view=checks&checkDetail=matches_api_total', 'Passed'],
    ];
    mkdirSync(images, { recursive: true });
    for (const [name, view, text] of views) {
      await page.goto(`${url}${view}`);
      await page.getByText(text).first().waitFor();
      await page.waitForTimeout(3000); // the page fills in piece by piece
      await page.screenshot({ path: join(images, `${name}.png`) });
    }
    console.log(`pictures are in ${images}`);
  } finally {
    await browser.close();
  }
}

/** Until a run that is newer than `before` has ended; throws if it did not succeed. */
async function runAfter(before, origin) {
  for (
    const end = performance.now() + stepMs;
    performance.now() < end;
    await new Promise((resolve) => setTimeout(resolve, 500))
  ) {
    const run = await newestRun(origin);
    if (run === undefined || run.id === before?.id) continue;
    if (run.status === 'SUCCESS') return;
    if (run.status === 'FAILURE' || run.status === 'CANCELED') throw new Error(`the run ended with ${run.status}`);
  }
  throw new Error('the run did not end in time');
}

async function newestRun(origin) {
  const query = '{ runsOrError(limit: 1) { ... on Runs { results { id status } } } }';
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${origin}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) });
  return (await response.json()).data?.runsOrError?.results?.[0];
}

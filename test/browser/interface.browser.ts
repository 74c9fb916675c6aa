import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/index.ts';
import type { TruthRequest } from '../../src/simulator/truth.ts';
import { type Dagster, startDagster } from './dagster.ts';
import {
  columnText,
  follow,
  followLaunch,
  metadata,
  openBrowser,
  type Pages,
  picture,
  pressMaterialize,
  showOpening,
} from './pages.ts';
import { descendants, runs } from './processes.ts';
import { hangingAccount, makeProject, revokedToken, scaffold } from './project.ts';

const token = 'simulated-access-token';
/** The accounts of both examples, in one time zone, so that "today" is one day. */
const accounts = ['1234567890', '9876543210'];
/** Within the 90 days that the dialog offers, and too old to be restated. */
const days = [50, 49, 48, 47].map((ago) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10));
const cancelMs = 15_000;

let folder: string;
let project: string;
let simulator: Simulator;
let dagster: Dagster;
let pages: Pages;
let backfill: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tiktok-ads-ui-'));
  simulator = await startSimulator({
    advertisers: [...accounts.map((id) => ({ id, timezone: 'Etc/UTC' })), hangingAccount],
    apps: [
      { appId: '7000000000000000001', secret: 'simulated-secret', accessToken: token },
      { appId: '7000000000000000002', secret: 'simulated-secret', accessToken: revokedToken },
    ],
    frozen: true,
    faults: [
      { match: { path: 'campaign/get/', advertiserId: hangingAccount }, effect: { kind: 'hang' } },
      { match: { accessToken: revokedToken }, effect: { kind: 'revoke' } },
    ],
  });
  const made = await makeProject(folder);
  project = made.project;
  dagster = await startDagster(project, {
    DAGSTER_HOME: made.home,
    PYTHONPATH: join(project, 'src'),
    TIKTOK_ADS_API_BASE_URL: simulator.url,
    TIKTOK_ADS_STATE_DIR: join(folder, 'state'),
    TIKTOK_ACCESS_TOKEN: token,
    REVOKED_ACCESS_TOKEN: revokedToken,
  });
  pages = await openBrowser(dagster.url);
});

afterAll(async () => {
  await pages?.close();
  await dagster?.close();
  await simulator?.close();
  await rm(folder, { recursive: true, force: true });
});

describe("in Dagster's user interface", () => {
  it('a backfill over a range of days is launched as one run', async () => {
    const page = await pages.open('/assets/tiktok/daily');
    await pressMaterialize(page);
    const dialog = page.locator('[role=dialog]');
    await dialog
      .locator('input[type=text]')
      .first()
      .fill(`[${days[0]}...${days.at(-1)}]`);
    await page.keyboard.press('Enter');
    await dialog.getByText('4 partitions').waitFor();
    expect(await dialog.innerText()).toContain('Backfills all partitions in a single run');
    await picture(page, 'backfill');
    await dialog.locator('button', { hasText: 'Launch backfill' }).click();
    backfill = await followLaunch(page);
    expect(backfill).toMatch(/\/runs\/b\/\w+$/);
  });

  it('the Basic Example is materialized by its button, and its messages appear while it runs', async () => {
    const page = await pages.open('/assets/tiktok_ads_data');
    await pressMaterialize(page);
    await followLaunch(page);
    // The page is not loaded again: what comes is shown as it comes.
    await page.getByText('campaigns, reports of 2 account(s)').waitFor();
    await page.getByText(/^campaigns: \d+ rows loaded \(\d+ calls since the start\)$/).waitFor();
    await page.getByText(/^reports: \d+ rows loaded \(\d+ calls since the start\)$/).waitFor();
    await page.getByText('Success', { exact: true }).first().waitFor();
    expect(await page.locator('body').innerText()).not.toContain('Failure');
    await picture(page, 'run-log', () => showOpening(page));
  });

  it('its page shows rows, columns, spend by currency and a preview, which are what TikTok has', async () => {
    const page = await pages.open('/assets/tiktok_ads_data');
    await page.getByText('Row count', { exact: true }).waitFor();
    await page.getByText('spend_total', { exact: true }).waitFor();
    const [start, end] = [await metadata(page, 'start_date'), await metadata(page, 'end_date')];
    const truth = truthOf({ start, end });
    expect(truth.rows).toBeGreaterThan(0);
    expect(await page.getByText('Row count', { exact: true }).locator('..').innerText()).toContain(String(truth.rows));
    for (const [currency, spend] of Object.entries(truth.spend)) {
      expect(Number(await metadata(page, `spend_total_${currency}`))).toBeCloseTo(spend, 2);
    }
    expect(Number(await metadata(page, 'rows_reports'))).toBe(truth.rows);
    // The table of columns, and the preview as a table of its own.
    expect(await columnText(page, 'spend')).toMatch(/^DECIMAL\(\d+,\d+\)\s+Money spent/);
    expect(await columnText(page, 'stat_time_day')).toContain('primary key');
    await picture(page, 'asset-page');
    await page.getByText('[Show Markdown]').last().click();
    const preview = page.locator('[role=dialog] table');
    await preview.waitFor();
    expect((await preview.locator('th').allInnerTexts()).slice(0, 8)).toEqual([
      'advertiser_id',
      'stat_time_day',
      'campaign_id',
      'campaign_name',
      'currency',
      'impressions',
      'clicks',
      'conversions',
    ]);
    expect(await preview.locator('tbody tr').count()).toBeGreaterThan(1);
    await picture(page, 'preview');
  });

  it('its checks have passed and say in words what was compared', async () => {
    const page = await pages.open('/assets/tiktok_ads_data?view=checks&checkDetail=matches_api_total');
    await page.getByText('Passed', { exact: true }).first().waitFor();
    const shown = (): Promise<string> => page.locator('body').innerText();
    for (const name of ['accounts_loaded', 'levels_reconcile', 'matches_api_total', 'schema_unchanged', 'unique_key']) {
      // The verdicts come one by one.
      await expect.poll(shown, { timeout: 30_000 }).toMatch(new RegExp(`${name}\\s+Succeeded`));
    }
    expect(await shown()).toMatch(/Spend, impressions and clicks of \d+ account window\(s\) equal TikTok's own totals/);
    await picture(page, 'checks');
  });

  it('the backfill has materialized each of its days with its own figures', async () => {
    const page = await pages.open(backfill);
    await page.getByText('100% completed').waitFor();
    for (const day of days) {
      await follow(page, `/assets/tiktok/daily?view=partitions&partition=${day}`);
      await page.getByText('Materialized', { exact: true }).waitFor();
      const truth = truthOf({ start: day, end: day, dataLevel: 'AUCTION_AD' });
      expect(Number(await metadata(page, 'dagster/partition_row_count'))).toBe(truth.rows);
      for (const [currency, spend] of Object.entries(truth.spend)) {
        expect(Number(await metadata(page, `spend_total_${currency}`))).toBeCloseTo(spend, 2);
      }
    }
    await picture(page, 'partition');
    const figures = days.map((day) => truthOf({ start: day, end: day, dataLevel: 'AUCTION_AD' }).rows);
    expect(new Set(figures).size).toBeGreaterThan(1);
  });

  it('a run that is terminated is canceled within seconds, and its process is gone', async () => {
    const page = await pages.open('/assets/hanging');
    await pressMaterialize(page);
    await followLaunch(page);
    await page.getByText('campaigns of 1 account(s)').waitFor();
    // TikTok does not answer now.
    await expect.poll(isHanging, { timeout: 20_000 }).toBe(true);
    await page.getByText('Started', { exact: true }).first().waitFor();
    // The backfill, whose runs the daemon starts when it comes to it, is over: this is the only run.
    const executables = descendants(dagster.pid, 'main.mjs');
    expect(executables).toHaveLength(1);
    await page
      .locator('button', { hasText: /^Terminate/ })
      .first()
      .click();
    await page.locator('[role=dialog] button', { hasText: /^Terminate 1 run/ }).click();
    await page.getByText('Canceled', { exact: true }).first().waitFor();
    // By Dagster's own record: how long the page takes to show it is not ours.
    const told = await eventTimes(new URL(page.url()).pathname.split('/').at(-1) ?? '');
    expect((told['RunCanceledEvent'] ?? Infinity) - (told['RunCancelingEvent'] ?? 0)).toBeLessThan(cancelMs);
    expect(executables.filter(runs)).toEqual([]);
    expect(await page.locator('body').innerText()).toContain('Cancelled: nothing is half-written');
  });

  it('a run with a revoked token fails with the reason and what to do', async () => {
    const page = await pages.open('/assets/revoked');
    await pressMaterialize(page);
    await followLaunch(page);
    await page.getByText('Failure', { exact: true }).first().waitFor();
    await page.getByText('Access token is incorrect or has been revoked').first().waitFor();
    const text = await page.locator('body').innerText();
    expect(text).toContain('Make a new access token and put it where `access_token` points.');
    expect(text).not.toContain(revokedToken);
  });

  it('an asset that is scaffolded now appears after a reload, with its columns though it never ran', async () => {
    await scaffold(project, 'added');
    const page = await pages.open('/locations');
    await page
      .locator('button', { hasText: /^Reload/ })
      .first()
      .click();
    await expect
      .poll(() => dagster.query('{ assetNodes { assetKey { path } } }').then(JSON.stringify), { timeout: 60_000 })
      .toContain('"added"');
    await follow(page, '/assets/added');
    await page.getByText('Never materialized').waitFor();
    expect(await page.locator('body').innerText()).toContain('TikTok Ads in DuckDB: campaigns, reports.');
    expect(await columnText(page, 'spend')).toContain('Money spent');
  });
});

/** When each kind of event of a run was last recorded, in milliseconds since 1970. */
async function eventTimes(runId: string): Promise<Readonly<Record<string, number>>> {
  const events = 'eventConnection { events { __typename ... on MessageEvent { timestamp } } }';
  const answer = await dagster.query(`{ runOrError(runId: "${runId}") { ... on Run { ${events} } } }`);
  const { runOrError } = answer as RunEvents; // As the question says.
  return Object.fromEntries(runOrError.eventConnection.events.map((event) => [event.__typename, Number(event.timestamp)]));
}

interface RunEvents {
  readonly runOrError: {
    readonly eventConnection: { readonly events: readonly { readonly __typename: string; readonly timestamp: string }[] };
  };
}

function isHanging(): boolean {
  return simulator.stats().requests.some(({ answer }) => answer === 'hang');
}

/** What the simulated accounts together really had. */
function truthOf(asked: Omit<TruthRequest, 'advertiserId'>): {
  readonly rows: number;
  readonly spend: Readonly<Record<string, number>>;
} {
  const totals = accounts.map((advertiserId) => simulator.truth.totals({ advertiserId, ...asked }));
  const spend: Record<string, number> = {};
  for (const one of totals) spend[one.currency] = (spend[one.currency] ?? 0) + Number(one.spend);
  return { rows: totals.reduce((sum, one) => sum + one.rows, 0), spend };
}

import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { CheckResult } from '../../src/checks/check.ts';
import { levelsReconcile } from '../../src/checks/levels.ts';
import { matchesApiTotal, type RowsCounted } from '../../src/checks/totals.ts';
import type { Session } from '../../src/destinations/destination.ts';
import { openDestination } from '../../src/destinations/index.ts';
import type { LoadScope } from '../../src/load/load.ts';
import { emptyResult, type TableResult } from '../../src/pipeline.ts';
import { planReport } from '../../src/plan/layouts.ts';
import { workOut } from '../../src/tiktok/report.ts';
import type { DataLevel } from '../../src/tiktok/report-types.ts';
import { temporaryFolder } from '../support/folders.ts';
import { testStaging } from '../support/staging.ts';

type Sums = readonly [spend: string, impressions: number, clicks: number];

function plan(dataLevel: DataLevel, name = 'reports') {
  const metrics = ['spend', 'impressions', 'clicks'];
  const shape = { reportType: 'BASIC', granularity: 'day', aliases: [], breakdowns: [] } as const;
  return planReport(workOut({ name, table: name, dataLevel, metrics, ...shape }));
}

function scope(given: Partial<LoadScope> = {}): LoadScope {
  const window = { start: '2026-01-01', end: '2026-01-30' };
  return { advertiserId: '1', window, rows: 0, apiRows: null, apiTotals: null, proof: 'none', startedAt: '', ...given };
}

function totals([spend, impressions, clicks]: Sums) {
  return { spend, impressions: String(impressions), clicks: String(clicks) };
}

async function session(): Promise<Session> {
  const folder = temporaryFolder('checks');
  const staging = await testStaging();
  const given = { config: { credentials: join(folder, 'w.duckdb') }, url: null, datasetName: 'ads', directory: folder };
  const environment = {
    staging: staging.loadConnection,
    directory: folder,
    signal: new AbortController().signal,
    now: Date.now,
    log: () => undefined,
  };
  const opened = await openDestination('duckdb', given, environment);
  onTestFinished(() => opened.close());
  await opened.ensureSchema();
  return opened;
}

/** A table whose rows are one a line, all of one account and day. */
async function table(
  of: Session,
  dataLevel: DataLevel,
  rows: readonly Sums[],
  scopes: readonly LoadScope[],
  name = 'reports',
  loadId = 'one',
): Promise<TableResult> {
  const planned = plan(dataLevel, name);
  const qualified = of.qualified(name);
  await of.execute(of.dialect.createTable(qualified, planned.schema));
  for (const [spend, impressions, clicks] of rows)
    await of.transaction([
      {
        sql: `INSERT INTO ${qualified} (advertiser_id, stat_time_day, spend, impressions, clicks, _load_id) VALUES ('1', DATE '2026-01-05', ${spend}, ${impressions}, ${clicks}, '${loadId}')`,
      },
    ]);
  return { ...emptyResult(planned), scopes };
}

async function verdict(rows: readonly Sums[], api: Sums | null, counted: RowsCounted = { kind: 'all' }): Promise<CheckResult> {
  const opened = await session();
  const one = scope(
    api ? { apiTotals: totals(api), proof: 'total_metrics of the report' } : { proof: 'not provable: no totals' },
  );
  return matchesApiTotal(opened, [await table(opened, 'AUCTION_AD', rows, [one])], counted);
}

describe('matches_api_total', () => {
  it('passes where the table sums to TikTok’s own total', async () => {
    expect(
      await verdict(
        [
          ['1.10', 10, 1],
          ['2.20', 20, 2],
        ],
        ['3.30', 30, 3],
      ),
    ).toMatchObject({ passed: true, figures: { scopes_proven: 1 } });
    expect(await verdict([], ['0', 0, 0])).toMatchObject({ passed: true });
  });

  it.each([
    [[['1.00', 10, 1]], ['1.00', 11, 1], 'impressions'],
    [[['1.00', 10, 1]], ['1.00', 10, 0], 'clicks'],
    [[['1.00', 10, 1]], ['2.00', 10, 1], 'spend'],
    [[], ['0.01', 0, 0], 'spend'],
  ] as const)('fails where %j is %j at TikTok, and names the metric', async (rows, api, metric) => {
    const check = await verdict([...rows], api);
    expect(check).toMatchObject({ passed: false, severity: 'ERROR' });
    expect(check.summary).toContain(metric);
    expect(check.summary).toContain('advertiser 1');
  });

  it('takes half a cent a row for rounding, but only where all counts are equal', async () => {
    const rows: readonly Sums[] = [
      ['1.00', 10, 1],
      ['2.00', 20, 2],
    ];
    expect(await verdict(rows, ['3.01', 30, 3])).toMatchObject({ passed: true });
    expect(await verdict(rows, ['3.02', 30, 3])).toMatchObject({ passed: false });
    expect(await verdict(rows, ['3.01', 30, 4])).toMatchObject({ passed: false });
  });

  it('takes no rounding for granted in a currency without decimals', async () => {
    const rows: readonly Sums[] = Array.from({ length: 300 }, () => ['100', 1, 0]);
    expect(await verdict(rows, ['30001', 300, 0])).toMatchObject({ passed: false });
  }, 60_000);

  it('takes a breakdown that does not cover all delivery neither for wrong nor for proven', async () => {
    const opened = await session();
    const one = scope({ apiTotals: totals(['3.00', 30, 3]), proof: 'AUCTION_ADVERTISER control read' });
    const loaded = await table(opened, 'AUCTION_AD', [['1.00', 10, 1]], [one]);
    const { source } = loaded.table;
    if (source.kind !== 'report') throw new Error('no report');
    const byTerms = { ...source, report: { ...source.report, partialBreakdown: 'search_terms' } };
    const check = await matchesApiTotal(opened, [{ ...loaded, table: { ...loaded.table, source: byTerms } }], { kind: 'all' });
    expect(check).toMatchObject({ passed: false, severity: 'WARN', summary: expect.stringContaining('rows by search_terms') });
    expect(check.figures['partly_covered']).toHaveLength(3);
    // The same rows without the breakdown are too few, and the likely cause is told.
    const plain = await matchesApiTotal(opened, [loaded], { kind: 'all' });
    expect(plain).toMatchObject({ passed: false, severity: 'ERROR', summary: expect.stringContaining('GMV Max') });
  });

  it('neither passes nor is an error where no total could be had, and says why', async () => {
    expect(await verdict([['1.00', 10, 1]], null)).toMatchObject({
      passed: false,
      severity: 'WARN',
      summary: expect.stringContaining('no totals'),
    });
  });

  it('counts the rows of one load where several were kept', async () => {
    const opened = await session();
    const one = scope({ apiTotals: totals(['1.00', 10, 1]), proof: 'total_metrics of the report' });
    await table(opened, 'AUCTION_AD', [['1.00', 10, 1]], [], 'reports', 'earlier');
    const result = await table(opened, 'AUCTION_AD', [['1.00', 10, 1]], [one], 'reports', 'mine');
    expect(await matchesApiTotal(opened, [result], { kind: 'load', loadId: 'mine' })).toMatchObject({ passed: true });
    expect(await matchesApiTotal(opened, [result], { kind: 'all' })).toMatchObject({ passed: false, severity: 'ERROR' });
    expect(await matchesApiTotal(opened, [result], { kind: 'unknown' })).toMatchObject({ passed: false, severity: 'WARN' });
  });
});

describe('levels_reconcile', () => {
  const reconciled = async (ad: Sums, campaign: Sums): Promise<CheckResult> => {
    const opened = await session();
    const results = [
      await table(opened, 'AUCTION_AD', [ad], [scope()], 'reports'),
      await table(opened, 'AUCTION_CAMPAIGN', [campaign], [scope()], 'report_campaigns'),
    ];
    return levelsReconcile(opened, results);
  };

  it('passes where no lower level has more than a higher one', async () => {
    expect(await reconciled(['1.00', 10, 1], ['1.00', 10, 1])).toMatchObject({ passed: true, figures: { comparisons: 3 } });
    expect(await reconciled(['0.50', 5, 0], ['1.00', 10, 1])).toMatchObject({ passed: true });
  });

  it('warns where one has', async () => {
    expect(await reconciled(['1.00', 11, 1], ['1.00', 10, 1])).toMatchObject({
      passed: false,
      severity: 'WARN',
      figures: { contradictions: 1 },
    });
  });

  it('takes what TikTok rounds in each row for no contradiction', async () => {
    expect(await reconciled(['1.01', 10, 1], ['1.00', 10, 1])).toMatchObject({ passed: true });
    expect(await reconciled(['1.02', 10, 1], ['1.00', 10, 1])).toMatchObject({ passed: false });
  });

  it('compares accounts over the same dates only', async () => {
    const opened = await session();
    const results = [
      await table(opened, 'AUCTION_AD', [['9.00', 9, 9]], [scope()], 'reports'),
      await table(
        opened,
        'AUCTION_CAMPAIGN',
        [['1.00', 1, 1]],
        [scope({ window: { start: '2026-01-05', end: '2026-01-30' } })],
        'report_campaigns',
      ),
    ];
    expect(await levelsReconcile(opened, results)).toMatchObject({ passed: true, figures: { comparisons: 0 } });
  });

  it('says that there is nothing to compare with one level', async () => {
    const opened = await session();
    const check = await levelsReconcile(opened, [await table(opened, 'AUCTION_AD', [], [scope()])]);
    expect(check).toMatchObject({ passed: true, summary: expect.stringContaining('nothing to compare') });
  });
});

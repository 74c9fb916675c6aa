import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { levelsReconcile } from '../../src/checks/levels.ts';
import { matchesApiTotal } from '../../src/checks/totals.ts';
import type { Session } from '../../src/destinations/destination.ts';
import { openDestination } from '../../src/destinations/index.ts';
import { latestScopes } from '../../src/load/latest.ts';
import { ensureLoadsTable } from '../../src/load/loads-table.ts';
import { emptyResult, type TableResult } from '../../src/pipeline.ts';
import { planReport } from '../../src/plan/layouts.ts';
import { workOut } from '../../src/tiktok/report.ts';
import type { DataLevel } from '../../src/tiktok/report-types.ts';
import { temporaryFolder } from '../support/folders.ts';
import { testStaging } from '../support/staging.ts';

/** A commit of days of January 2026, with TikTok's total of clicks then; later ones are newer. */
interface Commit {
  readonly id: string;
  readonly days: readonly [first: number, last: number];
  readonly clicks: number;
}

/** Clicks of a day of January 2026, and the load that wrote them. */
type Row = readonly [day: number, clicks: number, loadId: string];

async function session(): Promise<Session> {
  const folder = temporaryFolder('latest');
  const staging = await testStaging();
  const given = { config: { credentials: join(folder, 'w.duckdb') }, url: null, datasetName: 'ads', directory: folder };
  const opened = await openDestination('duckdb', given, {
    staging: staging.loadConnection,
    directory: folder,
    signal: new AbortController().signal,
    now: Date.now,
    log: () => undefined,
  });
  onTestFinished(() => opened.close());
  await opened.ensureSchema();
  await ensureLoadsTable(opened);
  return opened;
}

async function table(
  of: Session,
  commits: readonly Commit[],
  rows: readonly Row[],
  { name = 'reports', level = 'AUCTION_CAMPAIGN' as DataLevel, wholeTables = false } = {},
): Promise<TableResult> {
  const shape = { reportType: 'BASIC', granularity: 'day', aliases: [], breakdowns: [] } as const;
  const planned = planReport(workOut({ name, table: name, dataLevel: level, metrics: ['clicks'], ...shape }));
  await of.execute(of.dialect.createTable(of.qualified(name), planned.schema));
  const loads = commits.map(({ id, days: [first, last], clicks }, minute) => ({
    sql:
      `INSERT INTO ${of.qualified('_loads')} (load_id, table_name, advertiser_id, window_start, window_end, status, rows, api_totals, proof, committed_at) ` +
      `VALUES ('${id}', '${name}', '1', DATE '${date(first)}', DATE '${date(last)}', 'committed', 1, '{"clicks": "${clicks}"}', 'total_metrics', TIMESTAMP '2026-02-01 00:${String(minute).padStart(2, '0')}:00')`,
  }));
  const inserts = rows.map(([day, clicks, loadId]) => ({
    sql: `INSERT INTO ${of.qualified(name)} (advertiser_id, stat_time_day, clicks, _load_id) VALUES ('1', DATE '${date(day)}', ${clicks}, '${loadId}')`,
  }));
  await of.transaction([...loads, ...inserts]);
  return { ...emptyResult(planned), scopes: await latestScopes(of, name, { wholeTables }) };
}

function date(day: number): string {
  return `2026-01-${String(day).padStart(2, '0')}`;
}

async function verdict(commits: readonly Commit[], rows: readonly Row[], wholeTables = false) {
  const opened = await session();
  return matchesApiTotal(opened, [await table(opened, commits, rows, { wholeTables })], { kind: 'all' });
}

describe('matches_api_total of what several loads left behind', () => {
  const range: Commit = { id: 'range', days: [1, 3], clicks: 30 };

  it('compares a range of which one day was loaded again with equal figures', async () => {
    const commits = [range, { id: 'again', days: [2, 2], clicks: 10 }] as const;
    const found = await verdict(commits, [[1, 10, 'range'], [2, 10, 'again'], [3, 10, 'range']]); // biome-ignore format: a day each
    expect(found).toMatchObject({ passed: true, figures: { scopes_proven: 2 } });
  });

  it('does not pass days of a range of which another day was loaded again, when they were changed', async () => {
    const commits = [range, { id: 'again', days: [2, 2], clicks: 10 }] as const;
    const found = await verdict(commits, [[1, 11, 'range'], [2, 10, 'again'], [3, 10, 'range']]); // biome-ignore format: a day each
    expect(found).toMatchObject({ passed: false, severity: 'WARN', figures: { scopes_proven: 1, scopes_not_provable: 1 } });
    expect(found.summary).toContain('a later load replaced some of these dates');
  });

  it('blames nobody where each run restated the day before and TikTok’s figures moved', async () => {
    const commits = [
      { id: 'a', days: [1, 2], clicks: 20 },
      { id: 'b', days: [2, 3], clicks: 22 },
      { id: 'c', days: [3, 4], clicks: 21 },
    ] as const;
    const found = await verdict(commits, [[1, 10, 'a'], [2, 12, 'b'], [3, 11, 'c'], [4, 10, 'c']]); // biome-ignore format: a day each
    expect(found).toMatchObject({ passed: false, severity: 'WARN', figures: { scopes_proven: 1, scopes_different: 0 } });
  });

  it('forgets a load of which several newer ones replaced every day', async () => {
    const commits = [range, { id: 'b', days: [1, 2], clicks: 24 }, { id: 'c', days: [3, 3], clicks: 12 }] as const;
    const found = await verdict(commits, [
      [1, 12, 'b'],
      [2, 12, 'b'],
      [3, 12, 'c'],
    ]);
    expect(found).toMatchObject({ passed: true, figures: { scopes_proven: 2 } });
  });

  it('forgets a load of which a replace left no row', async () => {
    const commits = [range, { id: 'b', days: [8, 9], clicks: 24 }] as const;
    const found = await verdict(
      commits,
      [
        [8, 12, 'b'],
        [9, 12, 'b'],
      ],
      true,
    );
    expect(found).toMatchObject({ passed: true, figures: { scopes_proven: 1 } });
  });
});

describe('levels_reconcile of what several loads left behind', () => {
  it('compares the same dates however they were cut into loads, and no others', async () => {
    const opened = await session();
    const campaigns = await table(opened, [{ id: 'a', days: [1, 2], clicks: 20 }, { id: 'b', days: [2, 3], clicks: 20 }], [[1, 10, 'a'], [2, 10, 'b'], [3, 10, 'b']]); // biome-ignore format: a day each
    const ads = await table(opened, [{ id: 'c', days: [1, 3], clicks: 31 }], [[1, 10, 'c'], [2, 10, 'c'], [3, 11, 'c']], { name: 'report_ads', level: 'AUCTION_AD' }); // biome-ignore format: a day each
    expect(await levelsReconcile(opened, [campaigns, ads])).toMatchObject({ passed: false, figures: { contradictions: 1 } });
    const gap = await table(opened, [{ id: 'd', days: [1, 1], clicks: 10 }, { id: 'e', days: [3, 3], clicks: 10 }], [[1, 10, 'd'], [3, 10, 'e']], { name: 'report_gap', level: 'AUCTION_ADVERTISER' }); // biome-ignore format: a day each
    const found = await levelsReconcile(opened, [gap, campaigns]);
    expect(found).toMatchObject({ passed: true, figures: { comparisons: 0 } });
    expect(found.summary).toContain('nothing to compare');
  });
});

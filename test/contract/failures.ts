import type pg from 'pg';
import { expect } from 'vitest';
import type { StagedTable } from '../../src/destinations/destination.ts';
import { type LoadResult, load } from '../../src/load/load.ts';
import {
  advertiser,
  type Bench,
  deleteInsert,
  january,
  reportColumns,
  reports,
  request,
  rowsOf,
  scope,
} from './destination-fixtures.ts';

export const reportRow = [advertiser, '2024-01-01', '11', '3', '1.50'];

/** Loads one row of `reports`, or what else is given. */
export async function loadOne(bench: Bench, given: Partial<Parameters<typeof request>[0]> = {}): Promise<LoadResult> {
  const staged = given.staged ?? (await bench.stage(reportColumns, [reportRow]));
  return load(
    bench.session,
    request({ table: reports, write: deleteInsert, scopes: [scope(advertiser, january, 1)], ...given, staged }),
  );
}

/** The table is as the last of these loads left it, and each load is in `_loads` once. */
export async function expectLoads(bench: Bench, loadIds: readonly string[]): Promise<void> {
  const columns = ['stat_time_day', 'campaign_id', 'advertiser_id', 'clicks', 'spend', '_load_id'];
  expect(await rowsOf(bench.session, 'reports', columns)).toEqual([['2024-01-01', '11', advertiser, 3, '1.5', loadIds.at(-1)]]);
  expect(await rowsOf(bench.session, '_loads', ['load_id', 'table_name', 'status'])).toEqual(
    loadIds.map((loadId) => [loadId, 'reports', 'committed']),
  );
}

interface Failure {
  readonly cause: () => Promise<unknown> | unknown;
  /** Takes the cause away. */
  readonly mend?: () => Promise<unknown> | unknown;
  /** The load that fails, `load-2`; by default one of one row. */
  readonly attempt?: () => Promise<unknown>;
}

/** A load fails as told and changes nothing; the same load run again, once the cause is gone, gives the true tables. */
export async function expectFailureThenSuccess(
  bench: Bench,
  expected: Readonly<Record<string, unknown>>,
  { cause, mend, attempt = () => loadOne(bench, { loadId: 'load-2' }) }: Failure,
): Promise<unknown> {
  await loadOne(bench, { loadId: 'load-1' });
  await cause();
  const error = await attempt().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: 'DestinationError', ...expected });
  await mend?.();
  await expectLoads(bench, ['load-1']);
  await loadOne(bench, { loadId: 'load-2' });
  await expectLoads(bench, ['load-1', 'load-2']);
  return error;
}

/** Another session holds the table until it says COMMIT. */
export async function lockReports(other: Pick<pg.Client, 'query'>, { session }: Bench): Promise<void> {
  await other.query('BEGIN');
  await other.query(`LOCK TABLE ${session.qualified('reports')} IN ACCESS EXCLUSIVE MODE`);
}

/** Staged rows that take some megabytes, and could not be compressed well. */
export async function stageMany({ connection }: Bench, rowCount: number): Promise<StagedTable> {
  const relation = `"memory"."main"."many_${rowCount}"`;
  await connection.run(
    `CREATE OR REPLACE TABLE ${relation} AS SELECT '${advertiser}' AS advertiser_id, DATE '2024-01-02' AS stat_time_day, ` +
      'CAST(hash(i) AS VARCHAR) || CAST(hash(i + 1) AS VARCHAR) AS campaign_id, CAST(hash(i) % 1000000007 AS BIGINT) AS clicks, ' +
      `CAST(1 AS DECIMAL(18,6)) AS spend FROM range(${rowCount}) r(i)`,
  );
  return { relation, columns: reportColumns, rowCount };
}

import { expect } from 'vitest';
import { addDays } from '../../src/plan/window.ts';
import type { Simulator } from '../../src/simulator/index.ts';
import type { SimulatorOptions } from '../../src/simulator/options.ts';
import { type EntityTable, loadedEntities, loadedFigures, type ReportAsked, trueEntities, trueFigures } from './truth.ts';
import { queryWarehouse } from './warehouse.ts';

/** A world whose past stands still in real time, which is the time of a process of its own. */
export const settledWorld: SimulatorOptions = {
  quota: false,
  restatement: false,
  advertisers: 3,
  campaigns: 4,
  adGroupsPerCampaign: 2,
  adsPerAdGroup: 2,
};

export interface Past {
  readonly start: string;
  readonly end: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Two windows of at most 30 days, long over. */
export function settledPast(days = 45): Past {
  const end = addDays(new Date().toISOString().slice(0, 10), -10);
  const start = addDays(end, 1 - days);
  return {
    start,
    end,
    attributes: {
      resources: ['campaigns', 'ad_groups', 'ads', 'reports'],
      data_level: 'AUCTION_AD',
      reports: [{ name: 'by_campaign', data_level: 'AUCTION_CAMPAIGN' }],
      start_date: start,
      end_date: end,
    },
  };
}

const entityTables: readonly EntityTable[] = ['campaigns', 'ad_groups', 'ads'];

function reportsOf({ start, end }: Past): readonly ReportAsked[] {
  const same = { granularity: 'day', breakdowns: [], includeDeleted: true, start, end } as const;
  return [
    { ...same, table: 'reports', dataLevel: 'AUCTION_AD' },
    { ...same, table: 'report_by_campaign', dataLevel: 'AUCTION_CAMPAIGN' },
  ];
}

/** Every table holds exactly what is true. */
export async function expectTrueTables(simulator: Simulator, path: string, past: Past): Promise<void> {
  for (const asked of reportsOf(past)) {
    const loaded = await loadedFigures(path, 'ads', asked);
    expect({ table: asked.table, loaded }).toEqual({
      table: asked.table,
      loaded: trueFigures(simulator, asked, simulator.advertiserIds),
    });
  }
  for (const table of entityTables) {
    expect(await loadedEntities(path, 'ads', table)).toEqual(trueEntities(simulator, table, true, simulator.advertiserIds));
  }
}

export interface Committed {
  readonly table: string;
  readonly advertiserId: string;
  readonly start: string | null;
  readonly end: string | null;
  readonly rows: number;
}

/** What a load has committed; each table then has just those rows of it, whatever became of the process. */
export async function committedBy(path: string, loadId: string): Promise<readonly Committed[]> {
  const tables = await queryWarehouse(path, "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'ads'");
  if (!tables.some((one) => one['table_name'] === '_loads')) {
    expect(tables).toEqual([]);
    return [];
  }
  const scopes = await queryWarehouse(
    path,
    `SELECT table_name, advertiser_id, window_start::VARCHAR AS s, window_end::VARCHAR AS e, "rows" FROM ads._loads WHERE status = 'committed' AND load_id = '${loadId}'`,
  );
  const committed = scopes.map((row) => ({
    table: String(row['table_name']),
    advertiserId: String(row['advertiser_id']),
    start: row['s'] === null ? null : String(row['s']),
    end: row['e'] === null ? null : String(row['e']),
    rows: Number(row['rows']),
  }));
  const keys = committed.map((one) => JSON.stringify([one.table, one.advertiserId, one.start, one.end]));
  expect(new Set(keys).size).toBe(keys.length);
  for (const { table_name: table } of tables.filter((one) => one['table_name'] !== '_loads')) {
    const [counted] = await queryWarehouse(path, `SELECT count(*) AS rows FROM ads."${table}" WHERE _load_id = '${loadId}'`);
    const noted = committed.filter((one) => one.table === table).reduce((sum, one) => sum + one.rows, 0);
    expect({ table, rows: Number(counted?.['rows']) }).toEqual({ table, rows: noted });
  }
  return committed;
}

/** Requests for what was committed already: there must be none. */
export function requestsFor(simulator: Simulator, committed: readonly Committed[]): readonly string[] {
  const paths: Readonly<Record<string, string>> = { 'campaign/get/': 'campaigns', 'adgroup/get/': 'ad_groups', 'ad/get/': 'ads' };
  const levels: Readonly<Record<string, string>> = { AUCTION_AD: 'reports', AUCTION_CAMPAIGN: 'report_by_campaign' };
  const done = new Set(committed.map((one) => JSON.stringify([one.table, one.advertiserId, one.start, one.end])));
  return simulator.stats().requests.flatMap(({ path, parameters }) => {
    const table = paths[path] ?? levels[parameters['data_level'] ?? ''];
    // Whether an account has TopView campaigns is asked with one record a page; ad groups are read for the schedule of campaigns too.
    if (table === undefined || parameters['page_size'] === '1') return [];
    const key = JSON.stringify([
      table,
      parameters['advertiser_id'],
      parameters['start_date'] ?? null,
      parameters['end_date'] ?? null,
    ]);
    return done.has(key) ? [`${path} ${key}`] : [];
  });
}

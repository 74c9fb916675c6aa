import { describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import type { Account } from '../../src/plan/account.ts';
import { type PartitionWindow, planTables, planTasks, reportWindows } from '../../src/plan/plan.ts';
import { testConfig } from '../support/config.ts';

const now = Date.parse('2026-03-10T12:00:00Z');

function account(id = '7000000000001', timeZone = 'UTC'): Account {
  return { id, name: null, timeZone, currency: 'USD', createdAt: null, known: true };
}

function windowsOf(
  attributes: Readonly<Record<string, unknown>>,
  partitions: readonly Partial<PartitionWindow>[] | null = null,
  of = account(),
): readonly string[] {
  const config = testConfig(attributes);
  return windowsOfConfig(config, partitions, of);
}

function windowsOfConfig(config: Config, partitions: readonly Partial<PartitionWindow>[] | null, of: Account): readonly string[] {
  const table = planTables(config, null).at(-1);
  if (!table) throw new Error('no table');
  const all = partitions?.map((partition, at) => ({ key: `p${at}`, window: null, advertiserId: null, ...partition })) ?? null;
  return reportWindows(config, table, of, { partitions: all, resources: null }, now).map((window) =>
    window ? `${window.start}..${window.end}` : 'none',
  );
}

function day(date: string): { readonly window: { readonly start: string; readonly end: string } } {
  return { window: { start: date, end: date } };
}

const report = { resources: 'reports', restate_days: 0 };

describe('windows of a run without partitions', () => {
  it('reads a year of days in 13 windows of at most 30 days', () => {
    const windows = windowsOf({ ...report, start_date: '2024-01-01', end_date: '2024-12-31' });
    expect(windows).toHaveLength(13);
    expect(windows[0]).toBe('2024-01-01..2024-01-30');
    expect(windows.at(-1)).toBe('2024-12-26..2024-12-31');
  });

  it("begins 30 days before the account's own today where no dates are given", () => {
    expect(windowsOf(report)).toEqual(['2026-02-08..2026-03-09', '2026-03-10..2026-03-10']);
    expect(windowsOf(report, null, account('1', 'Pacific/Auckland')).at(-1)).toBe('2026-03-11..2026-03-11');
    expect(windowsOf(report, null, account('1', 'Pacific/Pago_Pago')).at(-1)).toBe('2026-03-10..2026-03-10');
  });

  it('begins 30 days before an end that lies in the past', () => {
    expect(windowsOf({ ...report, end_date: '2025-06-30' })).toEqual(['2025-05-31..2025-06-29', '2025-06-30..2025-06-30']);
  });

  it('reads hours one day a call, kept whole', () => {
    expect(windowsOf({ ...report, time_granularity: 'hour', start_date: '2024-02-28', end_date: '2024-03-01' })).toEqual([
      '2024-02-28..2024-02-28',
      '2024-02-29..2024-02-29',
      '2024-03-01..2024-03-01',
    ]);
  });

  it('has one window without dates for a lifetime', () => {
    expect(windowsOf({ ...report, time_granularity: 'lifetime', start_date: '2024-01-01' })).toEqual(['none']);
  });

  it('reads playables one day a call, which becomes part of the key', () => {
    const dates = { start_date: '2024-01-01', end_date: '2024-01-03' };
    expect(windowsOf({ ...report, report_type: 'PLAYABLE_MATERIAL', ...dates })).toHaveLength(3);
  });

  it('reads breakdowns that have no time dimension one day a call', () => {
    const attributes = {
      ...report,
      report_type: 'AUDIENCE',
      dimensions: 'interest_category',
      start_date: '2024-01-01',
      end_date: '2024-01-04',
    };
    expect(windowsOf(attributes)).toHaveLength(4);
  });
});

describe('windows of a partitioned run', () => {
  it('joins neighbouring partitions and leaves gaps alone', () => {
    expect(windowsOf(report, [day('2024-01-01'), day('2024-01-02'), day('2024-01-05')])).toEqual([
      '2024-01-01..2024-01-02',
      '2024-01-05..2024-01-05',
    ]);
  });

  it('ignores the configured dates', () => {
    expect(windowsOf({ ...report, start_date: '2023-01-01', end_date: '2023-12-31' }, [day('2024-05-05')])).toEqual([
      '2024-05-05..2024-05-05',
    ]);
  });

  it('reads a year of daily partitions in 13 windows', () => {
    const days = Array.from({ length: 365 }, (_, at) => day(new Date(Date.UTC(2023, 0, 1 + at)).toISOString().slice(0, 10)));
    expect(windowsOf(report, days)).toHaveLength(13);
  });

  it('reads the days before a recent partition again, and not those before a settled one', () => {
    const restating = { resources: 'reports', restate_days: 7 };
    expect(windowsOf(restating, [day('2026-03-10')])).toEqual(['2026-03-03..2026-03-10']);
    expect(windowsOf(restating, [day('2026-03-03')])).toEqual(['2026-02-24..2026-03-03']);
    expect(windowsOf(restating, [day('2026-03-02')])).toEqual(['2026-03-02..2026-03-02']);
    expect(windowsOf({ ...restating, restate_days: 0 }, [day('2026-03-10')])).toEqual(['2026-03-10..2026-03-10']);
  });

  it('restates only before the recent ones of several partitions', () => {
    expect(windowsOf({ resources: 'reports', restate_days: 3 }, [day('2025-01-01'), day('2026-03-09')])).toEqual([
      '2025-01-01..2025-01-01',
      '2026-03-06..2026-03-09',
    ]);
  });

  it("takes the account's own today for what is recent", () => {
    const restating = { resources: 'reports', restate_days: 2 };
    expect(windowsOf(restating, [day('2026-03-08')], account('1', 'UTC'))).toEqual(['2026-03-06..2026-03-08']);
    expect(windowsOf(restating, [day('2026-03-08')], account('1', 'Pacific/Auckland'))).toEqual(['2026-03-08..2026-03-08']);
  });

  it('gives an account that no partition names nothing to read', () => {
    const partitions = [{ ...day('2024-01-01'), advertiserId: '1' }];
    expect(windowsOf(report, partitions, account('1'))).toEqual(['2024-01-01..2024-01-01']);
    expect(windowsOf(report, partitions, account('2'))).toEqual([]);
  });

  it('reads the configured dates of an account that a static partition names', () => {
    const dates = { start_date: '2024-01-01', end_date: '2024-01-02' };
    expect(windowsOf({ ...report, ...dates }, [{ advertiserId: '1' }], account('1'))).toEqual(['2024-01-01..2024-01-02']);
    expect(windowsOf({ ...report, ...dates }, [{ advertiserId: '1' }], account('2'))).toEqual([]);
  });

  it('gives each account of date × account partitions its own dates', () => {
    const partitions = [
      { ...day('2024-01-01'), advertiserId: '1' },
      { ...day('2024-01-09'), advertiserId: '2' },
    ];
    expect(windowsOf(report, partitions, account('1'))).toEqual(['2024-01-01..2024-01-01']);
    expect(windowsOf(report, partitions, account('2'))).toEqual(['2024-01-09..2024-01-09']);
  });
});

describe('tasks', () => {
  const config = testConfig({
    resources: 'advertisers,campaigns,videos,reports',
    start_date: '2024-01-01',
    end_date: '2024-01-31',
  });
  const accounts = Array.from({ length: 205 }, (_, at) => account(String(7_000_000_000_001 + at)));
  const tables = planTables(config, null);
  const tasks = planTasks(config, tables, accounts, { partitions: null, resources: null }, now);

  it('asks for the settings of at most 100 accounts a call', () => {
    const own = tasks.filter((task) => task.table.schema.name === 'advertisers');
    expect(own.map((task) => task.advertiserIds.length)).toEqual([100, 100, 5]);
    expect(own.flatMap((task) => task.advertiserIds)).toEqual(accounts.map((one) => one.id));
  });

  it('has one task an account for its entities, with every pass in it', () => {
    const own = tasks.filter((task) => task.table.schema.name === 'campaigns');
    expect(own).toHaveLength(205);
    expect(own[0]?.queries.map((query) => [query.path, query.pass])).toEqual([
      ['campaign/get/', 0],
      ['campaign/get/', 1],
      ['adgroup/get/', 0],
      ['adgroup/get/', 1],
    ]);
    expect(own[0]?.queries.map((query) => query.pageSize)).toEqual([1_000, 1_000, 1_000, 100]);
  });

  it('asks for all states and origins of entities, or leaves the state out where deleted ones are not wanted', () => {
    const origins = { campaign_system_origins: ['TT_ADS_PLATFORM', 'PROMOTE'] };
    const [all] = tasks.filter((task) => task.table.schema.name === 'campaigns')[0]?.queries ?? [];
    expect(all?.parameters['filtering']).toEqual({ ...origins, primary_status: 'STATUS_ALL' });
    const without = testConfig({ resources: 'campaigns', include_deleted: false });
    const [task] = planTasks(without, planTables(without, null), [account()], { partitions: null, resources: null }, now);
    expect(task?.queries[0]?.parameters['filtering']).toEqual(origins);
    expect(task?.queries[1]?.parameters['filtering']).toEqual({ buying_types: ['RESERVATION_TOP_VIEW'] });
  });

  it('reads a report in tasks by account and window, in an order that does not change', () => {
    const own = tasks.filter((task) => task.table.schema.name === 'reports');
    expect(own).toHaveLength(410);
    expect(own[1]?.window).toEqual({ start: '2024-01-31', end: '2024-01-31' });
    expect(planTasks(config, tables, accounts, { partitions: null, resources: null }, now)).toEqual(tasks);
  });

  it('loads only the tables that were selected', () => {
    expect(planTables(config, ['videos']).map((table) => table.schema.name)).toEqual(['videos']);
    expect(planTables(config, ['reports', 'campaigns']).map((table) => table.schema.name)).toEqual(['campaigns', 'reports']);
  });

  it('asks for the spend of deleted entities by a status filter of the level, which the account level has not', () => {
    const filterOf = (attributes: Readonly<Record<string, unknown>>): unknown => {
      const one = testConfig({ resources: 'reports', start_date: '2024-01-01', end_date: '2024-01-01', ...attributes });
      const [task] = planTasks(one, planTables(one, null), [account()], { partitions: null, resources: null }, now);
      return task?.queries[0]?.parameters['filtering'];
    };
    expect(filterOf({ data_level: 'AUCTION_AD' })).toEqual([
      { field_name: 'ad_status', filter_type: 'IN', filter_value: '["STATUS_ALL"]' },
    ]);
    expect(filterOf({ data_level: 'AUCTION_ADVERTISER' })).toBeUndefined();
    expect(filterOf({ data_level: 'AUCTION_AD', include_deleted: false })).toBeUndefined();
  });

  it('asks for totals with the first group of metrics only, and never of the sandbox', () => {
    const wants = (mode: string): readonly boolean[] => {
      const one = testConfig({ resources: 'reports', start_date: '2024-01-01', end_date: '2024-01-01', mode });
      const [task] = planTasks(one, planTables(one, null), [account()], { partitions: null, resources: null }, now);
      return (task?.queries ?? []).map((query) => query.parameters['enable_total_metrics'] === true);
    };
    expect(wants('live')).toEqual([true]);
    expect(wants('sandbox')).toEqual([false]);
  });

  it('asks for a lifetime without dates, and for an audience lifetime with the longest range there is', () => {
    const parametersOf = (attributes: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => {
      const one = testConfig({ resources: 'reports', time_granularity: 'lifetime', ...attributes });
      const [task] = planTasks(one, planTables(one, null), [account()], { partitions: null, resources: null }, now);
      return task?.queries[0]?.parameters ?? {};
    };
    expect(parametersOf({})).toMatchObject({ query_lifetime: true });
    expect(parametersOf({})).not.toHaveProperty('start_date');
    expect(parametersOf({ report_type: 'PLAYABLE_MATERIAL' })).toMatchObject({ query_lifetime: true });
  });
});

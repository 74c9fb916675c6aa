import { describe, expect, it } from 'vitest';
import { selectedColumns, selectRows } from '../../src/extract/select.ts';
import type { Staging } from '../../src/extract/staging.ts';
import { planReport, planResource } from '../../src/plan/layouts.ts';
import type { TablePlan } from '../../src/plan/task.ts';
import { type ReportSpec, workOut } from '../../src/tiktok/report.ts';
import { allowedMetrics } from '../../src/tiktok/report-rules.ts';
import { campaigns } from '../../src/tiktok/resources/campaigns.ts';
import { resources } from '../../src/tiktok/resources/index.ts';
import { testStaging } from '../support/staging.ts';

interface Page {
  readonly list: readonly unknown[];
  readonly unit?: number;
  readonly pass?: number;
  readonly layout?: number;
}

type Row = Readonly<Record<string, string | null>>;

/** The rows, as texts, that pages of a table become. Units 1 and 2 are accounts in the zone given. */
async function rowsOf(plan: TablePlan, pages: readonly Page[], { zone = 'UTC', passes = 1 } = {}): Promise<readonly Row[]> {
  // Joining several groups of metrics takes memory for each column.
  const staging = await testStaging(plan.layouts.length > 2 ? 2_048 : 128);
  return rowsIn(staging, plan, pages, { zone, passes });
}

async function rowsIn(
  staging: Staging,
  plan: TablePlan,
  pages: readonly Page[],
  { zone, passes }: { zone: string; passes: number },
): Promise<readonly Row[]> {
  for (const unit of [1, 2]) {
    const task = { advertiserIds: [`${unit}`], window: { start: '2026-01-05', end: '2026-01-05' } };
    staging.openUnit(unit, task, { id: `advertiser ${unit}`, currency: 'EUR', timeZone: zone });
  }
  for (const [at, { list, unit = 1, pass = 0, layout = 0 }] of pages.entries()) {
    const of = plan.layouts[layout];
    if (!of) throw new Error(`no layout ${layout}`);
    await staging.append(of, {
      unit,
      pass,
      page: at + 1,
      records: list.length,
      body: Buffer.from(JSON.stringify({ data: { list } })),
    });
  }
  const fields = [];
  for (const layout of plan.layouts) fields.push(await staging.flush(layout));
  const columns = selectedColumns(plan, fields);
  const rows = await staging.rows(`SELECT COLUMNS(*)::VARCHAR FROM (${selectRows(plan, columns, [1, 2], passes)}) ORDER BY ALL`);
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value === null ? null : String(value)])),
  );
}

function report(given: Partial<ReportSpec> = {}): TablePlan {
  return planReport(
    workOut({
      name: 'reports',
      table: 'reports',
      reportType: 'BASIC',
      dataLevel: 'AUCTION_CAMPAIGN',
      granularity: 'day',
      metrics: ['spend', 'impressions', 'clicks', 'conversion'],
      aliases: [],
      breakdowns: [],
      ...given,
    }),
  );
}

const daily = (campaign: string, metrics: Readonly<Record<string, string>>): unknown => ({
  dimensions: { campaign_id: campaign, stat_time_day: '2026-01-05 00:00:00' },
  metrics: { campaign_name: `Campaign ${campaign}`, ...metrics },
});

describe('rows of a report', () => {
  it('have the account, its currency, typed values and aliases', async () => {
    const plan = report({ aliases: ['cost'] });
    const metrics = {
      spend: '14.68',
      impressions: '3750',
      clicks: '46',
      conversion: '5',
      total_complete_payment_rate: '-',
      total_purchase_value: '2.50',
    };
    const [row] = await rowsOf(plan, [{ list: [daily('1780000000000000001', metrics)] }]);
    expect(row).toMatchObject({
      _unit: '1',
      advertiser_id: 'advertiser 1',
      stat_time_day: '2026-01-05',
      campaign_id: '1780000000000000001',
      campaign_name: 'Campaign 1780000000000000001',
      currency: 'EUR',
      spend: '14.680000',
      cost: '14.680000',
      impressions: '3750',
      conversions: '5',
      conversion: '5',
      conversion_value: '2.500000',
    });
  });

  it('add an alias up from what is there, and have NULL only where nothing is', async () => {
    const rows = await rowsOf(report(), [
      {
        list: [
          daily('1', { total_complete_payment_rate: '1.25', total_purchase_value: '2.50' }),
          daily('2', { total_complete_payment_rate: '-', total_purchase_value: '-' }),
          daily('3', { total_complete_payment_rate: '0.00', total_purchase_value: '-' }),
        ],
      },
    ]);
    expect(rows.map((row) => row['conversion_value'])).toEqual(['3.750000', null, '0.000000']);
  });

  it('widen an alias with the metric it stands for', async () => {
    const [row] = await rowsOf(report({ aliases: ['cost'] }), [
      { list: [daily('1', { spend: '1234567890123456.123456789', total_purchase_value: '0.123456789' })] },
    ]);
    expect(row).toMatchObject({
      spend: '1234567890123456.123456789',
      cost: '1234567890123456.123456789',
      conversion_value: '0.123456789',
    });
    const plan = report({ aliases: ['cost'] });
    const fields = plan.layouts.map((layout) =>
      layout.fields.map((one) => (one.column === 'spend' ? { ...one, type: 'wide_decimal' as const } : one)),
    );
    const types = new Map(selectedColumns(plan, fields).map((column) => [column.name, column.type]));
    expect([types.get('spend'), types.get('cost'), types.get('conversion_value')]).toEqual([
      'wide_decimal',
      'wide_decimal',
      'decimal',
    ]);
  });

  it('hold a key once that two passes returned, the earlier pass winning', async () => {
    for (const reversed of [false, true]) {
      const pages = [
        { list: [daily('1', { spend: '1.00' }), daily('2', { spend: '2.00' })] },
        { list: [daily('2', { spend: '9.00' }), daily('3', { spend: '3.00' })], pass: 1 },
      ];
      const rows = await rowsOf(report(), reversed ? pages.toReversed() : pages, { passes: 2 });
      expect(rows.map((row) => [row['campaign_id'], Number(row['spend'])])).toEqual([
        ['1', 1],
        ['2', 2],
        ['3', 3],
      ]);
    }
  });

  it('hold the same key of two accounts twice', async () => {
    const rows = await rowsOf(report(), [{ list: [daily('1', {})] }, { list: [daily('1', {})], unit: 2 }], { passes: 2 });
    expect(rows.map((row) => row['advertiser_id'])).toEqual(['advertiser 1', 'advertiser 2']);
  });

  it('take the day from the window where the API has none', async () => {
    const plan = report({ reportType: 'PLAYABLE_MATERIAL', metrics: [] });
    const [row] = await rowsOf(plan, [{ list: [{ dimensions: { playable_id: 'p1' }, metrics: {} }] }]);
    expect(row).toMatchObject({ stat_time_day: '2026-01-05', playable_id: 'p1' });
  });

  it('keep metrics that nobody asked for', async () => {
    const [row] = await rowsOf(report(), [{ list: [daily('1', { brand_new: '7', conversions: 'odd' })] }]);
    expect(row).toMatchObject({ brand_new: '7', conversions_api: 'odd', conversions: null });
  });
});

describe('metrics asked for in several calls', () => {
  const plan = report({ metrics: allowedMetrics('BASIC', 'AUCTION_CAMPAIGN', 'day', []).slice(0, 230) });
  const groups = workOut({ ...(plan.source.kind === 'report' ? plan.source.report.spec : never()) }).metricGroups;
  const metricOf = (group: number): string => groups[group]?.at(-1) ?? '';

  it('are joined on the key, and a row that only one call returned is kept', async () => {
    expect(groups.length).toBeGreaterThan(2);
    const rows = await rowsOf(plan, [
      { list: [daily('1', { spend: '1' }), daily('2', { spend: '2' })] },
      { list: [daily('2', { [metricOf(1)]: '20' }), daily('3', { [metricOf(1)]: '30' })], layout: 1 },
      { list: [daily('4', { [metricOf(2)]: '400' }), daily('2', { [metricOf(2)]: '200' })], layout: 2 },
    ]);
    expect(
      rows.map((row) => [
        row['campaign_id'],
        ...[row['spend'], row[metricOf(1)], row[metricOf(2)]].map((one) => (one === null ? null : Number(one))),
      ]),
    ).toEqual([
      ['1', 1, null, null],
      ['2', 2, 20, 200],
      ['3', null, 30, null],
      ['4', null, null, 400],
    ]);
    expect(rows.every((row) => row['advertiser_id'] === 'advertiser 1' && row['stat_time_day'] === '2026-01-05')).toBe(true);
  });

  it('are joined within their pass, however the pages came', async () => {
    for (const reversed of [false, true]) {
      const pages = [0, 1].flatMap((layout) =>
        [0, 1].map((pass) => ({
          layout,
          pass,
          list: [daily('1', layout === 0 ? { spend: `${pass + 1}` } : { [metricOf(1)]: `${pass + 1}` })],
        })),
      );
      const rows = await rowsOf(plan, reversed ? pages.toReversed() : pages, { passes: 2 });
      expect(rows).toHaveLength(1);
      expect([Number(rows[0]?.['spend']), Number(rows[0]?.[metricOf(1)])]).toEqual([1, 1]);
    }
  });

  it('may each bring a metric that nobody asked for', async () => {
    const rows = await rowsOf(plan, [
      { list: [daily('1', { spend: '1', brand_new: 'x' })] },
      { list: [daily('1', { [metricOf(1)]: '1', brand_new: 'x' })], layout: 1 },
    ]);
    expect(rows.map((row) => row['brand_new'])).toEqual(['x']);
  });
});

describe('hours', () => {
  const plan = report({ granularity: 'hour' });
  const hour = (time: string, spend: string): unknown => ({
    dimensions: { campaign_id: '1', stat_time_hour: `${time}:00` },
    metrics: { spend },
  });
  const instants = async (
    zone: string,
    times: readonly string[],
  ): Promise<readonly (readonly (string | null | undefined)[])[]> => {
    const rows = await rowsOf(plan, [{ list: times.map((time, at) => hour(time, `${at + 1}`)) }], { zone });
    return rows.map((row) => [row['stat_time_hour'], row['stat_time_hour_utc']]);
  };

  it.each([
    ['Etc/GMT+8', '2026-01-05 10:00', '2026-01-05 18:00:00'],
    ['Europe/Berlin', '2026-01-05 10:00', '2026-01-05 09:00:00'],
    ['Europe/Berlin', '2026-07-05 10:00', '2026-07-05 08:00:00'],
    ['Asia/Kolkata', '2026-01-05 00:00', '2026-01-04 18:30:00'],
    ['Pacific/Auckland', '2026-01-05 00:00', '2026-01-04 11:00:00'],
    ['America/Los_Angeles', '2026-03-08 03:00', '2026-03-08 10:00:00'],
    ['UTC', '2026-01-05 23:00', '2026-01-05 23:00:00'],
  ])('of %s: %s is %s in UTC', async (zone, local, instant) => {
    expect(await instants(zone, [local])).toEqual([[`${local}:00`, instant]]);
  });

  it.each([
    ['Europe/Berlin', '2026-10-25', 2, ['2026-10-25 00:00:00', '2026-10-25 01:00:00']],
    ['America/Los_Angeles', '2026-11-01', 1, ['2026-11-01 08:00:00', '2026-11-01 09:00:00']],
    ['Pacific/Auckland', '2026-04-05', 2, ['2026-04-04 13:00:00', '2026-04-04 14:00:00']],
  ])('that occur twice in %s on %s are two instants', async (zone, date, repeated, expected) => {
    const time = `${date} 0${repeated}:00`;
    const found = await instants(zone, [time, time]);
    expect(found.map(([, instant]) => instant)).toEqual(expected);
  });

  it('around a repeated one stay an hour apart, each once', async () => {
    const times = [
      '2026-10-25 00:00',
      '2026-10-25 01:00',
      '2026-10-25 02:00',
      '2026-10-25 02:00',
      '2026-10-25 03:00',
      '2026-10-25 04:00',
    ];
    const found = (await instants('Europe/Berlin', times)).map(([, instant]) => Date.parse(`${instant}Z`));
    expect(found.map((instant, at) => (at === 0 ? 1 : (instant - (found[at - 1] ?? 0)) / 3_600_000))).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('where half an hour is repeated stay apart too', async () => {
    const found = (await instants('Australia/Lord_Howe', ['2026-04-05 00:00', '2026-04-05 01:00', '2026-04-05 02:00'])).map(
      ([, instant]) => instant,
    );
    expect(new Set(found).size).toBe(3);
  });

  it('returned by two passes are one row, and not taken for a repeated hour', async () => {
    const pages = [{ list: [hour('2026-10-25 02:00', '1')] }, { list: [hour('2026-10-25 02:00', '9')], pass: 1 }];
    for (const order of [pages, pages.toReversed()]) {
      const rows = await rowsOf(plan, order, { zone: 'Europe/Berlin', passes: 2 });
      expect(rows.map((row) => [Number(row['spend']), row['stat_time_hour_utc']])).toEqual([[1, '2026-10-25 00:00:00']]);
    }
  });
});

describe('rows of a resource', () => {
  const plan = planResource(campaigns);

  it('hold each key once, the earlier pass winning, whatever unit it came with', async () => {
    const rows = await rowsOf(plan, [
      { list: [{ campaign_id: '1', advertiser_id: 'a', campaign_name: 'later' }], pass: 1 },
      {
        list: [
          { campaign_id: '1', advertiser_id: 'a', campaign_name: 'first' },
          { campaign_id: '2', advertiser_id: 'a' },
        ],
      },
      { list: [{ campaign_id: '1', advertiser_id: 'b', campaign_name: 'other account' }], unit: 2 },
    ]);
    expect(rows.map((row) => [row['advertiser_id'], row['campaign_id'], row['campaign_name']])).toEqual([
      ['a', '1', 'first'],
      ['a', '2', null],
      ['b', '1', 'other account'],
    ]);
  });

  it('know their account where the record does not', async () => {
    const [row] = await rowsOf(plan, [{ list: [{ campaign_id: '1' }] }]);
    expect(row?.['advertiser_id']).toBe('advertiser 1');
  });

  it('have a schedule from the earliest start to the latest end of their ad groups', async () => {
    const group = (campaign: string, start: string | null, end: string | null): unknown => ({
      campaign_id: campaign,
      adgroup_id: '9',
      schedule_start_time: start,
      schedule_end_time: end,
    });
    const rows = await rowsOf(plan, [
      { list: [{ campaign_id: '1' }, { campaign_id: '2' }] },
      {
        list: [
          group('1', '2026-02-01 00:00:00', '2026-03-01 00:00:00'),
          group('1', '2026-01-01 00:00:00', null),
          group('1', null, '2026-04-01 00:00:00'),
        ],
        layout: 1,
      },
      { list: [group('1', '2020-01-01 00:00:00', '2030-01-01 00:00:00')], layout: 1, unit: 2 },
    ]);
    expect(rows.map((row) => [row['schedule_start_time'], row['schedule_end_time']])).toEqual([
      ['2026-01-01 00:00:00', '2026-04-01 00:00:00'],
      [null, null],
    ]);
  });

  it('take no column from what else their ad groups have', async () => {
    const [row] = await rowsOf(plan, [
      { list: [{ campaign_id: '1' }] },
      { list: [{ campaign_id: '1', adgroup_id: '9', adgroup_name: 'not asked for' }], layout: 1 },
    ]);
    expect(Object.keys(row ?? {}).filter((name) => name.startsWith('adgroup'))).toEqual([]);
  });

  it('work their status out, and keep a field of that name beside it', async () => {
    const status = async (record: Readonly<Record<string, string>>): Promise<string | null | undefined> =>
      (await rowsOf(plan, [{ list: [{ campaign_id: '1', ...record }] }]))[0]?.['status'];
    expect(await status({ operation_status: 'ENABLE', secondary_status: 'CAMPAIGN_STATUS_ENABLE' })).toBe('ENABLE');
    expect(await status({ operation_status: 'ENABLE', secondary_status: 'CAMPAIGN_STATUS_DELETE' })).toBe('DELETE');
    expect(await status({ operation_status: 'DELETE' })).toBe('DELETE');
    const [row] = await rowsOf(plan, [{ list: [{ campaign_id: '1', operation_status: 'ENABLE', status: 'a new field' }] }]);
    expect(row).toMatchObject({ status: 'ENABLE', status_api: 'a new field' });
  });

  it('have every column of their table although the API sends nothing but the key', async () => {
    for (const resource of resources) {
      const [id = ''] = resource.primaryKey.filter((name) => name !== 'advertiser_id');
      const own = planResource(resource);
      const [row] = await rowsOf(own, [{ list: [{ advertiser_id: 'a', ...(id === '' ? {} : { [id]: '1' }) }] }]);
      const wanted = own.schema.columns.map((column) => column.name).filter((name) => !name.startsWith('_'));
      expect(Object.keys(row ?? {}), resource.name).toEqual(['_unit', ...wanted]);
    }
  });
});

function never(): never {
  throw new Error('not a report');
}

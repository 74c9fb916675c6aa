import { afterAll, describe, expect, test } from 'vitest';
import type { Simulator } from '../../src/simulator/index.ts';
import type { SimulatorOptions } from '../../src/simulator/options.ts';
import { metrics as catalogue } from '../../src/tiktok/metrics.ts';
import { adReport, advertiserId, allRows, allStatuses, ask, get, type ReportRow, startStill, sumOf } from './calls.ts';

const started: Simulator[] = [];
afterAll(() => Promise.all(started.map((simulator) => simulator.close())));

async function start(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await startStill(options);
  started.push(simulator);
  return simulator;
}

const filter = (field: string, values: readonly string[]) => [
  { field_name: field, filter_type: 'IN', filter_value: JSON.stringify(values) },
];
const idsOf = (rows: readonly ReportRow[], name: string) => [...new Set(rows.map(({ dimensions }) => dimensions[name] ?? ''))];

describe('rows', () => {
  test('are texts throughout, dimensions in the order asked for', async () => {
    const rows = await allRows(await start(), {
      ...adReport,
      dimensions: ['stat_time_day', 'ad_id'],
      metrics: ['impressions', 'spend', 'ad_name'],
    });
    const [row] = rows;
    expect(Object.keys(row?.dimensions ?? {})).toEqual(['stat_time_day', 'ad_id']);
    expect(Object.keys(row?.metrics ?? {})).toEqual(['impressions', 'spend', 'ad_name']);
    expect(row?.dimensions['stat_time_day']).toMatch(/^2025-05-\d\d 00:00:00$/);
    expect(row?.dimensions['ad_id']).toMatch(/^\d{19}$/);
    expect(row?.metrics['spend']).toMatch(/^\d+\.\d{2}$/);
    expect(
      rows
        .flatMap((one) => [...Object.values(one.metrics), ...Object.values(one.dimensions)])
        .every((value) => typeof value === 'string'),
    ).toBe(true);
  });

  test('are left out on days without delivery', async () => {
    const simulator = await start({
      campaigns: 1,
      adGroupsPerCampaign: 1,
      adsPerAdGroup: 1,
      deletedPercent: 0,
      alwaysOn: true,
      deliveryPercent: 50,
    });
    const rows = await allRows(simulator, adReport);
    expect(rows.length).toBeGreaterThan(5);
    expect(rows.length).toBeLessThan(25);
    expect(rows.every(({ metrics }) => Number(metrics['impressions']) > 0)).toBe(true);
  });

  test('come back with zeros for campaigns without delivery when there is no time dimension, but not for ads', async () => {
    const simulator = await start({ deletedPercent: 0, topViewCampaigns: 0 });
    const before = { start_date: '2022-01-01', end_date: '2022-02-01' };
    const campaigns = await allRows(simulator, {
      ...adReport,
      ...before,
      data_level: 'AUCTION_CAMPAIGN',
      dimensions: ['campaign_id'],
    });
    expect(campaigns.map(({ metrics }) => metrics)).toEqual(
      Array(6).fill({ spend: '0.00', impressions: '0', clicks: '0', conversion: '0' }),
    );
    expect(await allRows(simulator, { ...adReport, ...before, dimensions: ['ad_id'] })).toEqual([]);
    expect(
      await allRows(simulator, {
        ...adReport,
        data_level: 'AUCTION_CAMPAIGN',
        dimensions: ['campaign_id', 'country_code'],
        ...before,
      }),
    ).toEqual([]);
  });

  test('have ids that no JavaScript number can hold', async () => {
    const ids = idsOf(await allRows(await start(), adReport), 'ad_id');
    expect(ids.every((id) => String(Number(id)) !== id)).toBe(true);
    expect(new Set(ids.map(Number)).size).toBeLessThan(ids.length);
  });

  test('have whole amounts in currencies without cents', async () => {
    const simulator = await start({ advertisers: [{ id: advertiserId, currency: 'JPY' }] });
    const rows = await allRows(simulator, { ...adReport, metrics: ['spend', 'cpc', 'currency'] });
    expect(rows[0]?.metrics['currency']).toBe('JPY');
    expect(rows.every(({ metrics }) => /^\d+$/.test(`${metrics['spend']}${metrics['cpc']}`))).toBe(true);
  });

  test('say - where a number does not exist', async () => {
    const rows = await allRows(await start(), {
      ...adReport,
      data_level: 'AUCTION_CAMPAIGN',
      dimensions: ['campaign_id', 'stat_time_day'],
      metrics: ['secondary_goal_result', 'cost_per_secondary_goal_result', 'spend'],
    });
    expect(rows[0]?.metrics).toMatchObject({ secondary_goal_result: '-', cost_per_secondary_goal_result: '-' });
  });

  test('show attributes as people read them', async () => {
    const rows = await allRows(await start(), {
      ...adReport,
      metrics: ['placement_type', 'promotion_type', 'billing_event', 'tt_app_id'],
    });
    const placements = new Set(rows.map(({ metrics }) => metrics['placement_type']));
    expect(placements).toContain('TikTok,News Feed App Series,Helo,Pangle');
    expect(placements).toContain('Automatic Placement');
    expect(rows[0]?.metrics['tt_app_id']).toBe('0');
    expect(rows.every(({ metrics }) => ['Clicks', 'Impression'].includes(metrics['billing_event'] ?? ''))).toBe(true);
  });

  test('can be asked for every metric of the catalogue, 100 at a time', async () => {
    const simulator = await start({ campaigns: 1 });
    const names = [...catalogue.values()]
      .filter(
        (metric) =>
          metric.reportTypes.includes('BASIC') && metric.levels.includes('AUCTION_AD') && metric.granularities.includes('day'),
      )
      .filter((metric) => metric.needsDimension === undefined && metric.conflictsWith !== 'ad_id')
      .map(({ name }) => name)
      .filter((name) => name !== 'ad_id');
    expect(names.length).toBeGreaterThan(700);
    for (let from = 0; from < names.length; from += 100) {
      const metrics = names.slice(from, from + 100);
      const { code, message, data } = await get(simulator, 'report/integrated/get/', { ...adReport, metrics });
      expect([code, message]).toEqual([0, 'OK']);
      const [row] = data.list as unknown as readonly ReportRow[];
      expect(Object.keys(row?.metrics ?? {})).toEqual(metrics);
      for (const name of metrics) {
        if (catalogue.get(name)?.attribute === false) expect(`${name} ${row?.metrics[name]}`).toMatch(/ (-|\d+(\.\d+)?)$/);
      }
    }
  });
});

describe('pages', () => {
  test('cover all rows once, and one past the end is empty', async () => {
    const simulator = await start();
    const whole = await allRows(simulator, adReport);
    expect(await allRows(simulator, { ...adReport, page_size: 7 })).toEqual(whole);
    const past = await get(simulator, 'report/integrated/get/', { ...adReport, page_size: 7, page: 9999 });
    expect(past.data.list).toEqual([]);
    expect(past.data.page_info).toEqual({
      page: 9999,
      page_size: 7,
      total_number: whole.length,
      total_page: Math.ceil(whole.length / 7),
    });
  });

  test('have 10 rows by default', async () => {
    const { data } = await get(await start(), 'report/integrated/get/', { ...adReport, page_size: undefined });
    expect([data.list.length, data.page_info.page_size]).toEqual([10, 10]);
  });

  test('can be ordered by a metric', async () => {
    const simulator = await start();
    const spends = (rows: readonly ReportRow[]) => rows.map(({ metrics }) => Number(metrics['spend']));
    const down = spends(await allRows(simulator, { ...adReport, order_field: 'spend' }));
    expect(down).toEqual([...down].sort((a, b) => b - a));
    const up = spends(await allRows(simulator, { ...adReport, order_field: 'spend', order_type: 'ASC' }));
    expect(up).toEqual([...up].sort((a, b) => a - b));
  });
});

describe('totals', () => {
  test('come when asked for and are the sums of all pages', async () => {
    const simulator = await start();
    const parameters = {
      ...adReport,
      metrics: ['spend', 'impressions', 'ctr', 'reach', 'ad_name'],
      enable_total_metrics: 'true',
      page_size: 5,
    };
    const { data } = await get(simulator, 'report/integrated/get/', parameters);
    const rows = await allRows(simulator, parameters);
    const total = data.total_metrics ?? {};
    expect(total).toMatchObject({ ctr: '-', reach: '-', ad_name: '-' });
    expect(sumOf([{ dimensions: {}, metrics: total }], 'spend')).toBe(sumOf(rows, 'spend'));
    expect(total['impressions']).toBe(String(sumOf(rows, 'impressions') / 100n));
  });

  test.each([
    ['not asked for', {}],
    ['an audience', { report_type: 'AUDIENCE', dimensions: ['ad_id', 'age'], metrics: ['spend'], enable_total_metrics: 'true' }],
    ['hours', { dimensions: ['ad_id', 'stat_time_hour'], end_date: '2025-05-01', enable_total_metrics: 'true' }],
    ['a breakdown', { dimensions: ['ad_id', 'country_code'], enable_total_metrics: 'true' }],
  ])('do not come with %s', async (_, parameters) => {
    const { code, data } = await get(await start(), 'report/integrated/get/', { ...adReport, ...parameters });
    expect([code, data.total_metrics]).toEqual([0, undefined]);
  });
});

describe('filters', () => {
  test('by ids keep only what belongs to them, at any level', async () => {
    const simulator = await start();
    const all = await allRows(simulator, { ...adReport, metrics: ['spend', 'campaign_id', 'adgroup_id'] });
    const [campaignId = ''] = all.map(({ metrics }) => metrics['campaign_id'] ?? '');
    const wanted = all.filter(({ metrics }) => metrics['campaign_id'] === campaignId);
    const filtering = filter('campaign_ids', [campaignId]);
    expect(await allRows(simulator, { ...adReport, metrics: ['spend', 'campaign_id', 'adgroup_id'], filtering })).toEqual(wanted);
    const adGroupId = wanted[0]?.metrics['adgroup_id'] ?? '';
    const byCampaign = { ...adReport, data_level: 'AUCTION_CAMPAIGN', dimensions: ['campaign_id', 'stat_time_day'] };
    const part = await allRows(simulator, { ...byCampaign, filtering: filter('adgroup_ids', [adGroupId]) });
    expect(idsOf(part, 'campaign_id')).toEqual([campaignId]);
    expect(sumOf(part, 'spend')).toBeLessThan(sumOf(wanted, 'spend'));
  });

  test('by unknown ids give no rows', async () => {
    const simulator = await start();
    expect(await allRows(simulator, { ...adReport, filtering: filter('ad_ids', ['1234567890123456789']) })).toEqual([]);
  });

  test('find TopView only by its buying type', async () => {
    const simulator = await start();
    const rows = await allRows(simulator, {
      ...adReport,
      filtering: allStatuses('ad_status'),
      metrics: ['spend', 'campaign_id'],
    });
    const topView = await allRows(simulator, {
      ...adReport,
      filtering: filter('buying_type', ['RESERVATION_TOP_VIEW']),
      metrics: ['spend', 'campaign_id'],
    });
    expect(topView.length).toBeGreaterThan(0);
    const campaigns = (list: readonly ReportRow[]) => new Set(list.map(({ metrics }) => metrics['campaign_id']));
    expect([...campaigns(topView)].filter((id) => campaigns(rows).has(id))).toEqual([]);
  });

  test('with topViewInAuctionReports, AUCTION reports hold TopView rows already', async () => {
    const simulator = await start({ topViewInAuctionReports: true });
    const filtering = filter('buying_type', ['RESERVATION_TOP_VIEW']);
    const ids = idsOf(await allRows(simulator, adReport), 'ad_id');
    expect(ids).toEqual(expect.arrayContaining(idsOf(await allRows(simulator, { ...adReport, filtering }), 'ad_id')));
  });
});

describe('the cut of the newest ids', () => {
  test('loses the oldest ads silently, but for a header, and the totals lose them too', async () => {
    const simulator = await start({ reportIdsMax: 10, topViewCampaigns: 0 });
    const parameters = { ...adReport, filtering: allStatuses('ad_status'), enable_total_metrics: 'true' };
    const response = await ask(simulator, 'report/integrated/get/', parameters);
    expect(response.headers.get('x-tt-ads-throttle')).not.toBeNull();
    const rows = await allRows(simulator, parameters);
    const newest = simulator.truth.entities({ advertiserId, resource: 'ads' }).slice(0, 10);
    expect(idsOf(rows, 'ad_id').filter((id) => !newest.includes(id))).toEqual([]);
    const { data } = await get(simulator, 'report/integrated/get/', parameters);
    expect(sumOf([{ dimensions: {}, metrics: data.total_metrics ?? {} }], 'spend')).toBe(sumOf(rows, 'spend'));
    const truth = simulator.truth.totals({ advertiserId, start: '2025-05-01', end: '2025-05-30', dataLevel: 'AUCTION_AD' });
    expect(rows.length).toBeLessThan(truth.rows);
  });

  test('is got round by asking for few ids at a time', async () => {
    const simulator = await start({ reportIdsMax: 10, topViewCampaigns: 0 });
    const ids = simulator.truth.entities({ advertiserId, resource: 'ads' });
    const rows: ReportRow[] = [];
    for (let from = 0; from < ids.length; from += 10) {
      const filtering = [...allStatuses('ad_status'), ...filter('ad_ids', ids.slice(from, from + 10))];
      const response = await ask(simulator, 'report/integrated/get/', { ...adReport, filtering });
      expect(response.headers.get('x-tt-ads-throttle')).toBeNull();
      rows.push(...(await allRows(simulator, { ...adReport, filtering })));
    }
    expect(rows.length).toBe(
      simulator.truth.totals({ advertiserId, start: '2025-05-01', end: '2025-05-30', dataLevel: 'AUCTION_AD' }).rows,
    );
  });

  test('does not touch the account level', async () => {
    const simulator = await start({ reportIdsMax: 1 });
    const response = await ask(simulator, 'report/integrated/get/', {
      ...adReport,
      data_level: 'AUCTION_ADVERTISER',
      dimensions: ['stat_time_day'],
    });
    expect(response.headers.get('x-tt-ads-throttle')).toBeNull();
  });
});

describe('special reports', () => {
  test('upgraded Smart+ creatives are one ad in ad_id_v2', async () => {
    const simulator = await start({ deletedPercent: 0 });
    const metrics = ['spend', 'campaign_automation_type'];
    const creatives = await allRows(simulator, { ...adReport, metrics });
    const ads = await allRows(simulator, { ...adReport, dimensions: ['ad_id_v2', 'stat_time_day'], metrics });
    const smart = (rows: readonly ReportRow[]) =>
      rows.filter(({ metrics: m }) => m['campaign_automation_type']?.startsWith('UPGRADED') === true);
    expect(smart(creatives).length).toBeGreaterThan(smart(ads).length);
    expect(sumOf(ads, 'spend')).toBe(sumOf(creatives, 'spend'));
  });

  test('lifetime sums the whole history, whatever dates say', async () => {
    const simulator = await start();
    const lifetime = {
      ...adReport,
      dimensions: ['ad_id'],
      query_lifetime: 'true',
      filtering: allStatuses('ad_status'),
      end_date: undefined,
    };
    const rows = await allRows(simulator, lifetime);
    const years = ['2023', '2024', '2025'].map((year) =>
      simulator.truth.totals({
        advertiserId,
        start: `${year}-01-01`,
        end: `${year}-12-31`,
        dataLevel: 'AUCTION_AD',
        includeTopView: false,
      }),
    );
    expect(sumOf(rows, 'impressions') / 100n).toBe(BigInt(years.reduce((sum, year) => sum + year.impressions, 0)));
  });

  test('several accounts at once have whole money and say whose each row is', async () => {
    const simulator = await start({ advertisers: [advertiserId, '7000000000002'] });
    const parameters = { ...adReport, advertiser_id: undefined, advertiser_ids: [advertiserId, '7000000000002'] };
    const rows = await allRows(simulator, parameters);
    expect(
      new Set(rows.map(({ metrics }) => `${metrics['advertiser_id']} ${metrics['currency']} ${metrics['timezone']}`)),
    ).toEqual(new Set([`${advertiserId} USD Etc/GMT+8`, '7000000000002 EUR Europe/Berlin']));
    expect(rows.every(({ metrics }) => /^\d+$/.test(metrics['spend'] ?? ''))).toBe(true);
    const withoutId = await allRows(simulator, { ...parameters, dimensions: ['stat_time_day'] });
    expect(withoutId[0]?.metrics).toMatchObject({ spend: '-', currency: '0', timezone: '0', advertiser_id: '0' });
  });

  test('playables have a day as start and end', async () => {
    const parameters = {
      advertiser_id: advertiserId,
      report_type: 'PLAYABLE_MATERIAL',
      metrics: ['spend', 'impressions'],
      page_size: 1000,
    };
    const simulator = await start();
    const day = { start_date: '2025-05-07', end_date: '2025-05-07' };
    const rows = await allRows(simulator, { ...parameters, ...day, dimensions: ['playable_id'] });
    const byCountry = await allRows(simulator, { ...parameters, ...day, dimensions: ['playable_id', 'country_code'] });
    expect(rows.length).toBeGreaterThan(0);
    expect(sumOf(byCountry, 'spend')).toBe(sumOf(rows, 'spend'));
  });

  test('a query over too many cells is 40067 until it is smaller', async () => {
    const simulator = await start({ reportCellsMax: 54 * 8 });
    const wide = await get(simulator, 'report/integrated/get/', adReport);
    expect([wide.code, wide.message.slice(0, 28)]).toEqual([40067, 'Your query is too large, ple']);
    expect((await get(simulator, 'report/integrated/get/', { ...adReport, end_date: '2025-05-07' })).code).toBe(0);
  });

  test('search terms show few impressions as <5', async () => {
    const simulator = await start();
    const rows = await allRows(simulator, {
      ...adReport,
      dimensions: ['ad_id', 'search_terms'],
      metrics: ['impressions'],
      end_date: '2025-05-01',
    });
    const impressions = rows.map((row) => row.metrics['impressions']);
    expect(impressions).toContain('<5');
    expect(impressions.every((text) => text === '<5' || Number(text) >= 5)).toBe(true);
  });
});

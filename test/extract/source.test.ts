import { describe, expect, it } from 'vitest';
import type { FaultRuleInput } from '../../src/simulator/fault-rules.ts';
import { allowedMetrics } from '../../src/tiktok/report-rules.ts';
import { bench, checkOf, expectTruth, reportRequests, reports } from '../support/source-bench.ts';
import { loadedEntities, type ReportAsked, trueEntities } from '../support/truth.ts';
import { contentsOf, queryWarehouse } from '../support/warehouse.ts';

describe('a load', () => {
  it('equals the truth in rows and sums, and a second one changes nothing', async () => {
    const b = await bench({ advertisers: 4, topViewCampaigns: 1, deletedPercent: 25, videos: 130, images: 20 });
    const attributes = { ...reports, resources: 'advertisers,campaigns,ad_groups,ads,videos,images,reports' };
    const told = await b.load(attributes);
    expect(told.outcome.failure).toBeNull();
    expect(told.checks.filter((check) => !check.passed)).toEqual([]);
    await expectTruth(b);
    for (const table of ['campaigns', 'ad_groups', 'ads', 'videos', 'images'] as const)
      expect(await loadedEntities(b.path, 'ads', table), table).toEqual(
        trueEntities(b.simulator, table, true, b.simulator.advertiserIds),
      );
    const before = await contentsOf(b.path, 'ads');
    await b.load(attributes);
    expect(await contentsOf(b.path, 'ads')).toEqual(before);
  });

  it.each([
    [{ data_level: 'AUCTION_ADVERTISER' }, { dataLevel: 'AUCTION_ADVERTISER' }],
    [{ data_level: 'AUCTION_CAMPAIGN' }, { dataLevel: 'AUCTION_CAMPAIGN' }],
    [
      { data_level: 'AUCTION_ADGROUP', dimensions: 'country_code' },
      { dataLevel: 'AUCTION_ADGROUP', breakdowns: ['country_code'] },
    ],
    [{ include_deleted: false }, { includeDeleted: false }],
    [
      { time_granularity: 'hour', start_date: '2026-03-05' },
      { granularity: 'hour', start: '2026-03-05' },
    ],
  ] as const satisfies readonly (readonly [Readonly<Record<string, unknown>>, Partial<ReportAsked>])[])(
    'with %j equals the truth too',
    async (attributes, given) => {
      const b = await bench({ deletedPercent: 30, topViewCampaigns: 1 });
      const told = await b.load({ ...reports, ...attributes });
      expect(told.outcome.failure).toBeNull();
      expect(told.checks.filter((check) => !check.passed && check.severity === 'ERROR')).toEqual([]);
      await expectTruth(b, given);
    },
  );

  it('of more metrics than one call takes equals the truth, with each metric in its column', async () => {
    const b = await bench();
    const metrics = allowedMetrics('BASIC', 'AUCTION_AD', 'day', []).slice(0, 160);
    const told = await b.load({ ...reports, metrics: [...metrics, 'spend', 'impressions', 'clicks', 'conversion'] });
    expect(told.outcome.failure).toBeNull();
    await expectTruth(b);
    const [row] = await queryWarehouse(
      b.path,
      'SELECT count(*) AS rows, count(ad_name) AS names, count(DISTINCT (advertiser_id, ad_id, stat_time_day)) AS keys FROM ads.reports',
    );
    expect(new Set(Object.values(row ?? {})).size).toBe(1);
    const columns = await queryWarehouse(b.path, "SELECT column_name FROM duckdb_columns() WHERE table_name = 'reports'");
    expect(columns.map((column) => String(column['column_name']))).toEqual(
      expect.arrayContaining(metrics.filter((name) => name !== 'advertiser_id')),
    );
  });

  it('of a token that may not read accounts still loads reports, with days in UTC and a warning', async () => {
    const b = await bench({ accountScope: false });
    const told = await b.load(reports);
    expect(told.outcome.failure).toBeNull();
    expect(told.log.join('\n')).toContain('time zones and currencies could not be read');
    await expectTruth(b);
  });

  it('of a token that may not read campaigns still loads reports, TopView among them', async () => {
    const b = await bench({ topViewCampaigns: 2 });
    b.simulator.faults.add([{ match: { path: 'campaign/get/' }, effect: { kind: 'code', code: 40_130 } }]);
    const told = await b.load(reports);
    expect(told.outcome.failure).toBeNull();
    await expectTruth(b);
  });

  it('finds the accounts of the app by itself', async () => {
    const b = await bench({ advertisers: 3 });
    const told = await b.load({ ...reports, advertiser_ids: null, app_id: '7000000000000000000', secret: 'simulated-secret' });
    expect(told.outcome.failure).toBeNull();
    await expectTruth(b);
  });

  it('of more than 100 accounts asks for their settings a hundred at a time, and loads each', async () => {
    const b = await bench({ advertisers: 101, campaigns: 1, adGroupsPerCampaign: 1, adsPerAdGroup: 1 });
    const told = await b.load({ ...reports, resources: 'advertisers,reports' });
    expect(told.outcome.failure).toBeNull();
    expect(b.simulator.stats().callsByPath['advertiser/info/']).toBe(2);
    await expectTruth(b);
    const [row] = await queryWarehouse(b.path, 'SELECT count(*)::INTEGER AS rows FROM ads.advertisers');
    expect(row?.['rows']).toBe(101);
  });
});

describe('faults that pass', () => {
  const kinds: readonly (readonly [string, FaultRuleInput['effect']])[] = [
    ['40100', { kind: 'code', code: 40_100 }],
    ['40016', { kind: 'code', code: 40_016 }],
    ['40133', { kind: 'code', code: 40_133 }],
    ['50000', { kind: 'code', code: 50_000 }],
    ['51010', { kind: 'code', code: 51_010 }],
    ['60001', { kind: 'code', code: 60_001 }],
    ['HTTP 429', { kind: 'http', status: 429 }],
    ['HTTP 502', { kind: 'http', status: 502 }],
    ['a reset', { kind: 'reset' }],
    ['a body cut off', { kind: 'truncate', share: 0.7 }],
    ['a body cut off whose length fits', { kind: 'truncate', share: 0.9, clean: true }],
    ['a slow body', { kind: 'slow', ms: 100, pieces: 5 }],
    ['a connection that hangs', { kind: 'hang' }],
    ['a record that comes twice', { kind: 'duplicate' }],
    ['a record left out', { kind: 'drop' }],
  ];

  it.each(kinds)('%s leaves no trace in the tables', async (_, effect) => {
    const b = await bench({ advertisers: 3 });
    b.simulator.faults.add([
      { match: { path: 'report/integrated/get/' }, after: 1, every: 3, times: 2, effect },
      { match: { path: 'ad/get/' }, times: 1, effect },
    ]);
    const told = await b.load({ ...reports, resources: 'ads,reports' }, { requestTimeoutMs: 400 });
    expect(told.outcome.failure).toBeNull();
    expect(told.checks.filter((check) => !check.passed)).toEqual([]);
    expect(Object.values(b.simulator.stats().faults).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0);
    expect(told.calls.made).toBe(Object.values(told.calls.byReason).reduce((sum, count) => sum + count, 0) + told.calls.retries);
    await expectTruth(b);
    expect(await loadedEntities(b.path, 'ads', 'ads')).toEqual(trueEntities(b.simulator, 'ads', true, b.simulator.advertiserIds));
  });
});

describe('one account that is refused', () => {
  it('fails the run by name, with all others loaded and nothing of it', async () => {
    const ids = Array.from({ length: 50 }, (_, at) => `71000000000${100 + at}`);
    const poisoned = ids[23] ?? '';
    const b = await bench({
      advertisers: ids.map((id) => ({ id, access: id === poisoned ? ('denied' as const) : ('granted' as const) })),
      campaigns: 2,
      adGroupsPerCampaign: 1,
      adsPerAdGroup: 1,
    });
    const told = await b.load({ ...reports, advertiser_ids: ids });
    expect(told.outcome.failure).toMatchObject({ code: '40001', retryable: false, message: expect.stringContaining(poisoned) });
    expect(told.outcome.failure?.message).toContain('1 of 50');
    expect(checkOf(told, 'accounts_loaded')).toMatchObject({ passed: false, severity: 'ERROR' });
    await expectTruth(
      b,
      {},
      ids.filter((id) => id !== poisoned),
    );
  });

  it('is a warning where the configuration wants it skipped', async () => {
    const b = await bench({ advertisers: [{ id: '71' }, { id: '72', access: 'deleted' }] });
    const told = await b.load({ ...reports, advertiser_ids: '71,72', on_advertiser_error: 'skip' });
    expect(told.outcome.failure).toBeNull();
    expect(checkOf(told, 'accounts_loaded')).toMatchObject({
      passed: false,
      severity: 'WARN',
      summary: expect.stringContaining('72'),
    });
    await expectTruth(b, {}, ['71']);
  });

  it('in its reports only still has its other tables, and its failure is on record', async () => {
    const b = await bench();
    const [refused = '', other = ''] = b.simulator.advertiserIds;
    b.simulator.faults.add([
      { match: { path: 'report/integrated/get/', advertiserId: refused }, effect: { kind: 'code', code: 40_001 } },
    ]);
    const told = await b.load({ ...reports, resources: 'campaigns,reports' });
    expect(told.outcome.failure?.message).toContain(refused);
    await expectTruth(b, {}, [other]);
    expect(await loadedEntities(b.path, 'ads', 'campaigns')).toEqual(
      trueEntities(b.simulator, 'campaigns', true, b.simulator.advertiserIds),
    );
    const failed = await queryWarehouse(
      b.path,
      "SELECT DISTINCT advertiser_id, table_name FROM ads._loads WHERE status = 'failed'",
    );
    expect(failed).toEqual([{ advertiser_id: refused, table_name: 'reports' }]);
  });

  it('keeps the rows that an earlier load had of it, also with write_disposition replace', async () => {
    const b = await bench();
    const [refused = ''] = b.simulator.advertiserIds;
    await b.load({ ...reports, write_disposition: 'replace' });
    b.simulator.faults.add([
      { match: { path: 'report/integrated/get/', advertiserId: refused }, effect: { kind: 'code', code: 40_001 } },
    ]);
    await b.load({ ...reports, write_disposition: 'replace', on_advertiser_error: 'skip' });
    await expectTruth(b);
  });
});

describe('write_disposition replace', () => {
  it('leaves only what the last load asked for', async () => {
    const b = await bench();
    await b.load({ ...reports, write_disposition: 'replace' });
    await b.load({ ...reports, write_disposition: 'replace', start_date: '2026-03-01' });
    await expectTruth(b, { start: '2026-03-01' });
  });

  it('keeps what an earlier attempt of the same load committed', async () => {
    const b = await bench();
    const [refused = ''] = b.simulator.advertiserIds;
    b.simulator.faults.add([
      { match: { path: 'report/integrated/get/', advertiserId: refused }, effect: { kind: 'code', code: 40_001 } },
    ]);
    const attributes = { ...reports, write_disposition: 'replace' };
    expect((await b.load(attributes, { loadId: 'one' })).outcome.failure).not.toBeNull();
    b.simulator.faults.clear();
    expect((await b.load(attributes, { loadId: 'one' })).outcome.failure).toBeNull();
    await expectTruth(b);
  });
});

describe('write_disposition append', () => {
  it('keeps every load, and no check calls that an error', async () => {
    const b = await bench();
    await b.load({ ...reports, write_disposition: 'append' });
    const told = await b.load({ ...reports, write_disposition: 'append' });
    const [row] = await queryWarehouse(
      b.path,
      'SELECT count(*)::INTEGER AS rows, count(DISTINCT _load_id)::INTEGER AS loads FROM ads.reports',
    );
    expect(row?.['loads']).toBe(2);
    expect(told.checks.filter((check) => !check.passed && check.severity === 'ERROR')).toEqual([]);
  });
});

describe('a metric that TikTok refuses', () => {
  it('for one account is NULL there, told in a check, and loaded for the others', async () => {
    const b = await bench();
    const [refused = '', other = ''] = b.simulator.advertiserIds;
    b.simulator.faults.add([{ match: { advertiserId: refused }, effect: { kind: 'invalid-metric', metric: 'reach' } }]);
    const told = await b.load({ ...reports, metrics: 'spend,impressions,clicks,conversion,reach' });
    expect(told.outcome.failure).toBeNull();
    expect(checkOf(told, 'accounts_loaded')).toMatchObject({
      passed: false,
      severity: 'WARN',
      summary: expect.stringContaining(`reach of advertiser ${refused}`),
    });
    await expectTruth(b);
    const rows = await queryWarehouse(
      b.path,
      'SELECT advertiser_id, count(reach) > 0 AS filled FROM ads.reports GROUP BY 1 ORDER BY 2',
    );
    expect(rows).toEqual([
      { advertiser_id: refused, filled: false },
      { advertiser_id: other, filled: true },
    ]);
  });

  it('and is the only one of a further call leaves that call out', async () => {
    const b = await bench();
    const metrics = allowedMetrics('BASIC', 'AUCTION_AD', 'day', []);
    const told = await b.load({ ...reports, start_date: '2026-03-05', metrics: metrics.slice(0, 97) });
    const groups = b.simulator
      .stats()
      .requests.filter((request) => request.path === 'report/integrated/get/')
      .map((request) => request.parameters['metrics'] ?? '');
    const smallest = groups.toSorted((a, z) => a.length - z.length)[0] ?? '[]';
    expect(told.outcome.failure).toBeNull();
    expect(groups.length).toBeGreaterThan(2);
    b.simulator.resetStats();
    // The names come from a request that was understood.
    for (const metric of JSON.parse(smallest) as readonly string[])
      b.simulator.faults.add([
        { match: { advertiserId: b.simulator.advertiserIds[0] ?? '' }, effect: { kind: 'invalid-metric', metric } },
      ]);
    expect((await b.load({ ...reports, start_date: '2026-03-05', metrics: metrics.slice(0, 97) })).outcome.failure).toBeNull();
    expect(b.simulator.stats().requests.filter((request) => request.parameters['metrics'] === '[]')).toEqual([]);
    await expectTruth(b, { start: '2026-03-05' });
  });
});

describe('a run that ends midway', () => {
  it('because the token died keeps what it had read, and its retry asks for nothing of that again', async () => {
    const b = await bench({ advertisers: 4 });
    const last = { path: 'report/integrated/get/', advertiserId: b.simulator.advertiserIds.at(-1) ?? '' };
    b.simulator.faults.add([
      { match: last, effect: { kind: 'latency', ms: 1_000 } },
      { match: last, effect: { kind: 'code', code: 40_105 } },
    ]);
    await expect(b.load(reports, { loadId: 'one' })).rejects.toMatchObject({
      code: '40105',
      retryable: false,
    });
    const committed = (
      await queryWarehouse(
        b.path,
        "SELECT concat(advertiser_id, ' ', window_start, '..', window_end) AS scope FROM ads._loads WHERE status = 'committed'",
      )
    ).map((row) => String(row['scope']));
    expect(committed.length).toBeGreaterThan(0);
    b.simulator.faults.clear();
    b.simulator.resetStats();
    const told = await b.load(reports, { loadId: 'one' });
    expect(told.outcome.failure).toBeNull();
    expect(reportRequests(b.simulator).filter((request) => committed.includes(request))).toEqual([]);
    expect(new Set([...reportRequests(b.simulator), ...committed]).size).toBe(8);
    await expectTruth(b);
  });

  it('after windows were halved does not read them again', async () => {
    const b = await bench({ advertisers: 1 });
    b.simulator.faults.add([{ match: { path: 'report/integrated/get/' }, effect: { kind: 'too-large', maxDays: 8 } }]);
    await b.load(reports, { loadId: 'one' });
    b.simulator.resetStats();
    expect((await b.load(reports, { loadId: 'one' })).outcome.failure).toBeNull();
    expect(reportRequests(b.simulator)).toEqual([]);
    await expectTruth(b);
  });

  it('because it was cancelled ends soon, and the next run completes the tables', async () => {
    const b = await bench();
    const controller = new AbortController();
    b.simulator.faults.add([{ match: { path: 'report/integrated/get/' }, after: 1, effect: { kind: 'hang' } }]);
    const running = b.load({ ...reports, resources: 'campaigns,reports' }, { signal: controller.signal });
    setTimeout(() => controller.abort(new Error('cancelled by a person')), 300);
    await expect(running).rejects.toThrow('cancelled by a person');
    b.simulator.faults.clear();
    expect((await b.load({ ...reports, resources: 'campaigns,reports' })).outcome.failure).toBeNull();
    await expectTruth(b);
  });
});

import { describe, expect, it } from 'vitest';
import { bench, checkOf, expectTruth, reports } from '../support/source-bench.ts';
import { loadedEntities, trueEntities } from '../support/truth.ts';
import { queryWarehouse } from '../support/warehouse.ts';

describe('queries that are too large', () => {
  it('are halved until TikTok answers', async () => {
    const b = await bench();
    b.simulator.faults.add([{ match: { path: 'report/integrated/get/' }, effect: { kind: 'too-large', maxDays: 4 } }]);
    const told = await b.load(reports);
    expect(told.outcome.failure).toBeNull();
    expect(told.calls.byReason.split).toBeGreaterThan(10);
    await expectTruth(b);
    expect(told.checks.filter((check) => !check.passed)).toEqual([]);
  });

  it('of a single day are split by ids', async () => {
    const b = await bench({ reportCellsMax: 5, advertisers: 1, campaigns: 3 });
    const told = await b.load({ ...reports, start_date: '2026-03-04' });
    expect(told.outcome.failure).toBeNull();
    await expectTruth(b, { start: '2026-03-04' });
    expect(checkOf(told, 'matches_api_total')).toMatchObject({ passed: true });
  });

  it('of no dates at all are split by ids', async () => {
    const b = await bench({ advertisers: 1 });
    b.simulator.faults.add([
      {
        match: { path: 'report/integrated/get/', parameters: { data_level: 'AUCTION_AD' } },
        times: 1,
        effect: { kind: 'code', code: 40_067 },
      },
    ]);
    const told = await b.load({ ...reports, time_granularity: 'lifetime' });
    expect(told.outcome.failure).toBeNull();
    expect(checkOf(told, 'matches_api_total')).toMatchObject({ passed: true });
    const requests = b.simulator.stats().requests.filter((request) => request.parameters['data_level'] === 'AUCTION_AD');
    expect(requests.slice(1).every((request) => request.parameters['filtering']?.includes('campaign_ids'))).toBe(true);
    const [row] = await queryWarehouse(b.path, 'SELECT count(DISTINCT ad_id)::INTEGER AS ads FROM ads.reports');
    expect(Number(row?.['ads'])).toBeGreaterThan(0);
  });

  it('that cannot be split fail by name, and load nothing halfway', async () => {
    const b = await bench({ reportCellsMax: 0 });
    b.simulator.faults.add([{ match: { path: 'report/integrated/get/' }, effect: { kind: 'code', code: 40_067 } }]);
    const told = await b.load({ ...reports, start_date: '2026-03-05' });
    expect(told.outcome.failure).toMatchObject({ code: '40067' });
    const [row] = await queryWarehouse(b.path, 'SELECT count(*)::INTEGER AS rows FROM ads.reports');
    expect(row?.['rows']).toBe(0);
  });
});

describe('files beyond what a search shows', () => {
  it('are read by the ids that ads carry, and the rest is counted in a warning', async () => {
    const b = await bench({ advertisers: 1, videos: 10_050, fileSearchMax: 10_000, images: 1 });
    const told = await b.load({ resources: 'videos' });
    expect(told.outcome.failure).toBeNull();
    const [row] = await queryWarehouse(b.path, 'SELECT count(*)::INTEGER AS videos FROM ads.videos');
    const loaded = Number(row?.['videos']);
    expect(loaded).toBeGreaterThan(10_000);
    expect(checkOf(told, 'accounts_loaded')).toMatchObject({
      passed: false,
      severity: 'WARN',
      summary: expect.stringContaining('older videos'),
    });
    expect(told.calls.byReason.reach).toBeGreaterThan(0);
  });
});

describe('accounts that are skipped', () => {
  it('do not hide a fault that a later attempt can mend', async () => {
    const b = await bench({ advertisers: 2 });
    const [first] = b.simulator.advertiserIds;
    b.simulator.faults.add([
      { match: { path: 'report/integrated/get/', advertiserId: first ?? '' }, effect: { kind: 'code', code: 50_000 } },
    ]);
    const told = await b.load({ ...reports, on_advertiser_error: 'skip' });
    expect(told.outcome.failure).toMatchObject({ retryable: true });
  });

  it('fail the run all the same when not one is left', async () => {
    const b = await bench({
      advertisers: [
        { id: '71', access: 'denied' },
        { id: '72', access: 'deleted' },
      ],
    });
    const told = await b.load({ ...reports, advertiser_ids: '71,72', on_advertiser_error: 'skip' });
    expect(told.outcome.failure?.message).toContain('None of the 2 account(s)');
  });
});

describe('accounts with more ids than an answer considers', () => {
  it.each(['AUCTION_CAMPAIGN', 'AUCTION_ADGROUP', 'AUCTION_AD', 'AUCTION_ADVERTISER'] as const)(
    'are read in parts at %s, proven by a control read',
    async (dataLevel) => {
      const b = await bench({ reportIdsMax: 3, campaigns: 5 });
      const told = await b.load({ ...reports, data_level: dataLevel, start_date: '2026-03-01' });
      expect(told.outcome.failure).toBeNull();
      await expectTruth(b, { dataLevel, start: '2026-03-01' });
      expect(checkOf(told, 'matches_api_total')).toMatchObject({ passed: true });
    },
  );
});

describe('TopView', () => {
  it.each([true, false])(
    'campaigns count once, whether auction reports hold them too (%s) or not',
    async (topViewInAuctionReports) => {
      const b = await bench({ topViewCampaigns: 2, topViewInAuctionReports });
      const told = await b.load({ ...reports, resources: 'campaigns,reports' });
      expect(told.outcome.failure).toBeNull();
      expect(told.checks.filter((check) => !check.passed)).toEqual([]);
      await expectTruth(b);
    },
  );
});

describe('entities', () => {
  it('that appear while their pages are read are read again, and none is missing', async () => {
    const b = await bench({ advertisers: 1, campaigns: 11, adGroupsPerCampaign: 10, adsPerAdGroup: 11 });
    b.simulator.faults.add([
      { match: { path: 'ad/get/', page: 2 }, times: 1, effect: { kind: 'insert', entity: 'ad', count: 3 } },
    ]);
    const told = await b.load({ resources: 'ads' });
    expect(told.outcome.failure).toBeNull();
    expect(told.calls.byReason.reread).toBeGreaterThan(0);
    const loaded = await loadedEntities(b.path, 'ads', 'ads');
    expect(loaded.get(b.simulator.advertiserIds[0] ?? '')).toHaveLength(1_213);
    expect(loaded).toEqual(trueEntities(b.simulator, 'ads', true, b.simulator.advertiserIds));
  });

  it('that are gone at the source are marked, not left as live', async () => {
    const b = await bench({ advertisers: 1, deletedPercent: 0 });
    await b.load({ resources: 'ads', include_deleted: false });
    const [advertiserId = ''] = b.simulator.advertiserIds;
    const [gone = ''] = b.simulator.truth.entities({ advertiserId, resource: 'ads', includeDeleted: false });
    const answer = await fetch(`${b.simulator.controlUrl}world`, {
      method: 'POST',
      body: JSON.stringify({ advertiserId, delete: 'ad', id: gone }),
    });
    expect(answer.status).toBe(200);
    await b.load({ resources: 'ads', include_deleted: false });
    expect(await queryWarehouse(b.path, 'SELECT ad_id FROM ads.ads WHERE _deleted_at IS NOT NULL')).toEqual([{ ad_id: gone }]);
    await b.load({ resources: 'ads', include_deleted: true });
    const [row] = await queryWarehouse(b.path, `SELECT status FROM ads.ads WHERE ad_id = '${gone}' AND _deleted_at IS NULL`);
    expect(row?.['status']).toBe('DELETE');
  });

  it('beyond what a search reaches come by the ids that ads carry', async () => {
    const b = await bench({ advertisers: 1, videos: 30, fileSearchMax: 20 });
    const told = await b.load({ resources: 'videos' });
    expect(told.outcome.failure).toBeNull();
    const loaded = (await loadedEntities(b.path, 'ads', 'videos')).get(b.simulator.advertiserIds[0] ?? '') ?? [];
    expect(loaded.length).toBeGreaterThanOrEqual(20);
  });
});

import { describe, expect, it } from 'vitest';
import { bench, checkOf, expectTruth, reports } from '../support/source-bench.ts';

describe('the pass for TopView', () => {
  it.each([true, false])(
    'with more ids than an answer considers is read in parts too (in auction reports as well: %s)',
    async (topViewInAuctionReports) => {
      const b = await bench({ reportIdsMax: 3, campaigns: 4, topViewCampaigns: 4, topViewInAuctionReports });
      const told = await b.load({ ...reports, start_date: '2026-02-20' });
      expect(told.outcome.failure).toBeNull();
      await expectTruth(b, { start: '2026-02-20' });
      expect(checkOf(told, 'matches_api_total')).toMatchObject({ passed: true });
    },
  );

  it('reads an account that has nothing else, also where its report is too large for one call', async () => {
    const b = await bench({
      advertisers: 1,
      campaigns: 3,
      topViewCampaigns: 3,
      adGroupsPerCampaign: 2,
      topViewInAuctionReports: true,
      historyStart: '2026-01-20',
      reportCellsMax: 100,
    });
    const told = await b.load({ ...reports, data_level: 'AUCTION_ADGROUP', time_granularity: 'lifetime' });
    expect(told.outcome.failure).toBeNull();
    await expectTruth(b, { dataLevel: 'AUCTION_ADGROUP', granularity: 'none', end: '2026-03-10' });
    expect(checkOf(told, 'matches_api_total')).toMatchObject({ passed: true });
  });

  it('of ad groups is split by lists of a hundred, the most that TikTok gives of them', async () => {
    const b = await bench({
      advertisers: 1,
      reportIdsMax: 120,
      campaigns: 2,
      adGroupsPerCampaign: 75,
      adsPerAdGroup: 1,
      topViewCampaigns: 2,
    });
    const told = await b.load({ ...reports, data_level: 'AUCTION_ADGROUP', start_date: '2026-03-03' });
    expect(told.outcome.failure).toBeNull();
    await expectTruth(b, { dataLevel: 'AUCTION_ADGROUP', start: '2026-03-03' });
    const sizes = b.simulator.stats().requests.filter((request) => request.path === 'adgroup/get/');
    expect(new Set(sizes.map((request) => request.parameters['page_size']))).toEqual(new Set(['100']));
  });
});

describe('the list of ids that a report is split by', () => {
  it('is read again when it moved while it was read, so that no part is forgotten', async () => {
    const b = await bench({
      advertisers: 1,
      reportIdsMax: 5,
      faults: [{ match: { path: 'ad/get/' }, times: 2, effect: { kind: 'drop', count: 4 } }],
    });
    const told = await b.load({ ...reports, start_date: '2026-03-01' });
    expect(told.outcome.failure).toBeNull();
    await expectTruth(b, { start: '2026-03-01' });
    expect(told.calls.byReason.reread).toBeGreaterThanOrEqual(2);
  });
});

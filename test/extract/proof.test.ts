import { describe, expect, it } from 'vitest';
import { allowedMetrics } from '../../src/tiktok/report-rules.ts';
import { bench, checkOf, expectTruth, reports } from '../support/source-bench.ts';
import { queryWarehouse } from '../support/warehouse.ts';

describe('the proof of a report', () => {
  it.each(['none', 'dashes'] as const)(
    'is the account’s own rows where totals are asked for in vain (%s), never a comparison with nothing',
    async (totalMetrics) => {
      const b = await bench({ totalMetrics, topViewCampaigns: 1 });
      const told = await b.load({ ...reports, start_date: '2026-02-20' });
      expect(told.outcome.failure).toBeNull();
      await expectTruth(b, { start: '2026-02-20' });
      expect(checkOf(told, 'matches_api_total')).toMatchObject({ passed: true, figures: { scopes_proven: 2 } });
      expect(told.calls.byReason.control).toBe(2);
    },
  );

  it('stands on spend, impressions and clicks also where a hundred other metrics were asked for before them', async () => {
    const b = await bench({ advertisers: 1, campaigns: 3, topViewCampaigns: 1 });
    const others = allowedMetrics('BASIC', 'AUCTION_AD', 'day', [])
      .filter((name) => name.startsWith('skan_'))
      .slice(0, 105);
    const told = await b.load({ ...reports, start_date: '2026-03-04', metrics: [...others, 'spend'] });
    expect(told.outcome.failure).toBeNull();
    await expectTruth(b, { start: '2026-03-04' });
    expect(checkOf(told, 'matches_api_total')).toMatchObject({ passed: true, figures: { scopes_proven: 1 } });
    expect(told.calls.byReason.control).toBe(0);
  });

  it('of an account without any delivery is that TikTok counts nothing', async () => {
    const b = await bench({ totalMetrics: 'none', campaigns: 1, deliveryPercent: 0 });
    const told = await b.load({ ...reports, data_level: 'AUCTION_CAMPAIGN' });
    expect(told.outcome.failure).toBeNull();
    expect(checkOf(told, 'matches_api_total')).toMatchObject({ passed: true });
  });
});

describe('campaigns made in the TikTok app', () => {
  it.each([true, false])('are loaded with all that is below them (deleted ones too: %s)', async (includeDeleted) => {
    const b = await bench({ promotedCampaigns: 2, deletedPercent: 20 });
    const told = await b.load({ resources: 'campaigns,ad_groups,ads', include_deleted: includeDeleted });
    expect(told.outcome.failure).toBeNull();
    for (const [resource, id] of [
      ['campaigns', 'campaign_id'],
      ['ad_groups', 'adgroup_id'],
      ['ads', 'ad_id'],
    ] as const) {
      const rows = await queryWarehouse(b.path, `SELECT ${id} AS id FROM ads.${resource} ORDER BY id`);
      const true_ = b.simulator.advertiserIds.flatMap((advertiserId) =>
        b.simulator.truth.entities({ advertiserId, resource, includeDeleted }),
      );
      expect(rows.map((row) => row['id'])).toEqual(true_.toSorted());
    }
  });

  it('are among the ids that a large report is split by', async () => {
    const b = await bench({ promotedCampaigns: 2, reportIdsMax: 3, campaigns: 5 });
    const told = await b.load({ ...reports, start_date: '2026-03-01' });
    await expectTruth(b, { start: '2026-03-01' });
    expect(checkOf(told, 'matches_api_total')).toMatchObject({ passed: true });
  });
});

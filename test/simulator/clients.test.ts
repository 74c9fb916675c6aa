import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Simulator } from '../../src/simulator/index.ts';
import { advertiserId, get, startStill } from './calls.ts';

/**
 * Requests in the shapes that other people's clients send in production (the metrics that Airbyte's connector and the Singer tap
 * ask for daily, as the reference lists them). A model of TikTok has to answer them, or to refuse what TikTok refuses of them.
 */
let simulator: Simulator;
beforeAll(async () => {
  simulator = await startStill({ advertisers: [advertiserId, '7000000000002'] });
});
afterAll(() => simulator.close());

const core = [
  ...['spend', 'cpc', 'cpm', 'impressions', 'clicks', 'ctr', 'reach', 'cost_per_1000_reached', 'frequency'],
  ...['video_play_actions', 'video_watched_2s', 'video_watched_6s', 'average_video_play', 'average_video_play_per_user'],
  ...['video_views_p25', 'video_views_p50', 'video_views_p75', 'video_views_p100'],
  ...['profile_visits', 'likes', 'comments', 'shares', 'follows', 'clicks_on_music_disc'],
  ...['real_time_app_install', 'real_time_app_install_cost', 'app_install'],
];
const results = [
  ...['conversion', 'cost_per_conversion', 'conversion_rate'],
  ...['real_time_conversion', 'real_time_cost_per_conversion', 'real_time_conversion_rate'],
  ...['result', 'cost_per_result', 'result_rate', 'real_time_result', 'real_time_cost_per_result', 'real_time_result_rate'],
];
const goals = ['secondary_goal_result', 'cost_per_secondary_goal_result', 'secondary_goal_result_rate'];
const names = [
  ...['campaign_name', 'campaign_id', 'adgroup_name', 'adgroup_id', 'ad_name', 'ad_text', 'placement_type', 'tt_app_id'],
  ...['tt_app_name', 'mobile_app_id', 'promotion_type', 'dpa_target_audience_type'],
];
const events = [
  ...['total_purchase_value', 'total_onsite_shopping_value', 'onsite_shopping', 'vta_purchase', 'vta_conversion'],
  ...['cta_purchase', 'cta_conversion', 'total_pageview', 'complete_payment', 'value_per_complete_payment'],
  ...['total_complete_payment_rate', 'profile_visits_rate', 'purchase', 'purchase_rate', 'registration', 'registration_rate'],
  ...['sales_lead', 'sales_lead_rate', 'cost_per_app_install', 'cost_per_purchase', 'cost_per_registration'],
  ...['cost_per_sales_lead', 'cost_per_total_sales_lead', 'cost_per_total_app_event_add_to_cart'],
  ...['total_app_event_add_to_cart', 'engaged_view', 'engagements', 'paid_engaged_view', 'engaged_view_through_conversions'],
  ...['paid_engagement_engaged_view', 'engaged_view_15s', 'paid_engaged_view_15s', 'paid_engagement_engaged_view_15s'],
];

/** Python's `json.dumps`, with its spaces. */
const pythonJson = (value: readonly unknown[]) => JSON.stringify(value).replaceAll(',', ', ').replaceAll('":', '": ');

const report = {
  service_type: 'AUCTION',
  report_type: 'BASIC',
  data_level: 'AUCTION_AD',
  advertiser_id: advertiserId,
  dimensions: pythonJson(['ad_id', 'stat_time_day']),
  start_date: '2025-05-01',
  end_date: '2025-05-30',
  page_size: 1000,
};
const oldFilters = pythonJson([{ filter_value: ['STATUS_ALL'], field_name: 'ad_status', filter_type: 'IN' }]);
const deleted = (field: string) => pythonJson([{ field_name: field, filter_type: 'IN', filter_value: '["STATUS_ALL"]' }]);

describe("Airbyte's connector", () => {
  const cases: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
    [
      'ads by day',
      { metrics: pythonJson([...names, ...results, ...goals, ...events, ...core]), filtering: deleted('ad_status') },
    ],
    [
      'ads by hour',
      {
        dimensions: pythonJson(['ad_id', 'stat_time_hour']),
        metrics: pythonJson([...names, ...results, ...core]),
        end_date: '2025-05-01',
      },
    ],
    [
      'ads, lifetime',
      {
        dimensions: pythonJson(['ad_id']),
        metrics: pythonJson([...names, ...core]),
        query_lifetime: 'true',
        filters: oldFilters,
      },
    ],
    [
      'the account by day',
      {
        data_level: 'AUCTION_ADVERTISER',
        dimensions: pythonJson(['advertiser_id', 'stat_time_day']),
        metrics: pythonJson(['cash_spend', 'voucher_spend', ...core]),
      },
    ],
    [
      'campaigns by day',
      {
        data_level: 'AUCTION_CAMPAIGN',
        dimensions: pythonJson(['campaign_id', 'stat_time_day']),
        metrics: pythonJson(['campaign_name', ...core]),
        filtering: deleted('campaign_status'),
      },
    ],
    [
      'the audience of ads',
      {
        report_type: 'AUDIENCE',
        dimensions: pythonJson(['ad_id', 'stat_time_day', 'gender', 'age']),
        metrics: pythonJson([...names, ...results, ...core.slice(0, 6)]),
        filters: oldFilters,
      },
    ],
  ];
  test.each(cases)('reads %s', async (_, parameters) => {
    const { code, message, data } = await get(simulator, 'report/integrated/get/', { ...report, ...parameters });
    expect([code, message]).toEqual([0, 'OK']);
    expect(data.list.length).toBeGreaterThan(0);
  });

  test('pages advertiser/info/, which has no pages', async () => {
    const { code, data } = await get(simulator, 'advertiser/info/', {
      advertiser_ids: `["${advertiserId}"]`,
      page: 1,
      page_size: 100,
    });
    expect([code, data.list.length, data.page_info]).toEqual([0, 1, undefined]);
  });

  test('asks for metrics with country that the documents do not list, which an option lets pass', async () => {
    const parameters = {
      ...report,
      dimensions: pythonJson(['ad_id', 'stat_time_day', 'country_code']),
      metrics: ['spend', 'vta_conversion', ...goals],
    };
    expect((await get(simulator, 'report/integrated/get/', parameters)).message).toContain(
      "'vta_conversion', 'secondary_goal_result'",
    );
    const lenient = await startStill({ acceptUndocumentedBreakdowns: true });
    try {
      expect((await get(lenient, 'report/integrated/get/', parameters)).code).toBe(0);
    } finally {
      await lenient.close();
    }
  });
});

describe('the Singer tap', () => {
  test('checks its token without a slash, reads ads and sends a word of v1.2', async () => {
    expect((await get(simulator, 'user/info')).message).toBe('OK');
    const metrics = [...names.slice(0, 6), ...results, ...goals, ...core.slice(0, 24)];
    const { code } = await get(simulator, 'report/integrated/get/', {
      ...report,
      metrics: JSON.stringify(metrics, null, 2),
      lifetime: 'false',
    });
    expect(code).toBe(0);
  });

  test('asks for attributes in AUDIENCE reports that no document lists there, which an option lets pass', async () => {
    const ofCampaigns = ['rf_campaign_type', 'objective_type', 'split_test', 'campaign_budget', 'campaign_dedicate_type'];
    const ofAds = [
      'billing_event',
      'is_smart_creative',
      'opt_status',
      'budget',
      'smart_target',
      'bid_strategy',
      'bid',
      'call_to_action',
    ];
    const audience = { ...report, report_type: 'AUDIENCE', query_lifetime: 'false' };
    const asked = [
      {
        ...audience,
        dimensions: JSON.stringify(['ad_id', 'age', 'gender', 'stat_time_day'], null, 2),
        metrics: [...results, ...ofCampaigns, ...ofAds],
      },
      {
        ...audience,
        data_level: 'AUCTION_CAMPAIGN',
        dimensions: ['campaign_id', 'province_id', 'stat_time_day'],
        metrics: [...results, 'conversion_rate_v2', ...ofCampaigns],
      },
    ];
    const lenient = await startStill({ acceptUndocumentedBreakdowns: true });
    try {
      for (const one of asked) {
        expect((await get(simulator, 'report/integrated/get/', one)).message).toContain("'objective_type', 'split_test'");
        const { code, data } = await get(lenient, 'report/integrated/get/', one);
        expect(code).toBe(0);
        expect(data.list[0]?.['metrics']).toMatchObject({
          objective_type: expect.any(String),
          campaign_budget: expect.any(String),
        });
      }
      const below = { ...asked[1], metrics: ['spend', 'ad_name'] };
      expect((await get(lenient, 'report/integrated/get/', below)).message).toContain('ad_name');
    } finally {
      await lenient.close();
    }
  });

  test('makes a second pass for deleted entities', async () => {
    const parameters = { advertiser_id: advertiserId, page_size: 1000, filtering: '{"primary_status": "STATUS_DELETE"}' };
    expect((await get(simulator, 'ad/get/', parameters)).data.list.length).toBeGreaterThan(0);
  });
});

describe('ingestr', () => {
  const several = {
    ...report,
    advertiser_id: undefined,
    advertiser_ids: [advertiserId, '7000000000002'],
    metrics: ['spend', 'clicks'],
  };

  test('asks for several accounts at once and filters by numbers', async () => {
    expect((await get(simulator, 'report/integrated/get/', several)).data.list.length).toBeGreaterThan(0);
    const [ad = ''] = simulator.truth.entities({ advertiserId, resource: 'ads', includeDeleted: false, includeTopView: false });
    const filtering = [{ field_name: 'ad_ids', filter_type: 'IN', filter_value: `[${ad}]` }];
    const { data } = await get(simulator, 'report/integrated/get/', { ...several, filtering });
    expect(new Set(data.list.map((row) => (row['dimensions'] as Record<string, string>)['ad_id']))).toEqual(new Set([ad]));
  });

  test('is refused its windows of 31 days', async () => {
    expect((await get(simulator, 'report/integrated/get/', { ...several, end_date: '2025-05-31' })).code).toBe(40002);
  });
});

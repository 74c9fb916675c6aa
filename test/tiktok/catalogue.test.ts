import { describe, expect, test } from 'vitest';
import { aliases } from '../../src/tiktok/aliases.ts';
import * as metricSets from '../../src/tiktok/metric-sets.ts';
import { metrics } from '../../src/tiktok/metrics.ts';

const all = [...metrics.values()];
const named = (name: string) => {
  const metric = metrics.get(name);
  if (!metric) throw new Error(`${name} is not in the catalogue`);
  return metric;
};

/** How many metrics each group has, counted in TikTok's lists; a new one is counted here. */
const counts: readonly (readonly [string, number])[] = [
  ['Core', 30],
  ['Core, SKAN', 6],
  ['Video', 16],
  ['Click', 9],
  ['Social / page', 14],
  ['LIVE', 4],
  ['Carousel image', 3],
  ['Interactive add-on', 6],
  ['Instant experience', 8],
  ['App events', 208],
  ['Website events', 99],
  ['TikTok on-site events', 122],
  ['Native Growth', 94],
  ['Offline / CRM events', 99],
  ['Messaging', 6],
  ['Shop', 24],
  ['Attribution split', 30],
  ['SKAN event metrics', 167],
  ['Further names', 75],
  ['Deprecated', 5],
  ['Attributes', 52],
  ['Playable', 9],
];

describe('the metric catalogue', () => {
  test.each(counts)('has all of the group %s: %i', (group, count) => {
    expect(all.filter((metric) => metric.group === group)).toHaveLength(count);
  });

  test('has every name once, and under its own name', () => {
    // A name in two groups would make the map smaller than the sum of its groups.
    expect(metrics.size).toBe(counts.reduce((sum, [, count]) => sum + count, 0));
    expect(all.filter((metric) => metrics.get(metric.name) !== metric)).toEqual([]);
  });

  test('spells names as the API does', () => {
    expect(all.filter(({ name }) => !/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name))).toEqual([]);
  });

  test('lacks the names that people get wrong', () => {
    const wrong = ['conversions', 'results', 'cost', 'cpa', 'video_views', 'conversion_value', 'cpr'];
    expect(wrong.filter((name) => metrics.has(name))).toEqual([]);
  });

  test('describes each metric in one sentence', () => {
    expect(all.filter(({ description }) => !/^[A-Z][^\n]{5,200}\.$/.test(description)).map(({ name }) => name)).toEqual([]);
  });

  test('does not describe two measurements with the same words, where people and events are told apart', () => {
    expect(named('subscribe').description).toBe('People with at least one subscription.');
    expect(named('total_subscribe').description).toBe('Number of subscriptions.');
  });

  test('gives each kind its unit', () => {
    expect(new Set(all.map(({ kind, unit }) => `${kind}: ${unit}`))).toEqual(
      new Set([
        'money: account currency',
        'count: count',
        'percent: percent',
        'decimal: ratio',
        'decimal: seconds',
        'text: text',
        'id: id',
      ]),
    );
  });

  test.each(['average_video_play', 'average_video_play_per_user', 'ix_page_duration_avg', 'ix_average_video_play'])(
    '%s is in seconds',
    (name) => {
      expect(named(name).unit).toBe('seconds');
    },
  );

  test('a name that ends like a rate is a percentage, save the one that is money', () => {
    const rates = all.filter(({ name, kind }) => name.endsWith('_rate') && kind !== 'percent').map(({ name }) => name);
    expect(rates).toEqual(['total_complete_payment_rate']);
    expect(named('total_complete_payment_rate')).toMatchObject({ kind: 'money', additive: true });
  });

  test('every cost and every value is money', () => {
    const costs = all.filter(({ name, kind }) => /(^|_)cost_(per|pre|total)_/.test(name) && kind !== 'money');
    const values = all.filter(({ name, kind }) => /_value(_|$)/.test(name) && kind !== 'money' && !name.includes('roas'));
    expect([...costs, ...values].map(({ name }) => name)).toEqual([]);
  });
});

describe('additivity', () => {
  test.each([
    ...[
      'spend',
      'cash_spend',
      'voucher_spend',
      'billed_cost',
      'impressions',
      'gross_impressions',
      'clicks',
      'conversion',
      'likes',
    ],
    ...[
      'video_play_actions',
      'video_views_p100',
      'total_purchase',
      'total_purchase_value',
      'total_value_per_pageview',
      'app_install',
    ],
    ...[
      'shop_gross_revenue_by_order_submission',
      'ad_impression_ad_revenue_day6',
      'vta_complete_payment_value',
      'skan_total_purchase',
    ],
  ])('%s adds up', (name) => {
    expect(named(name).additive).toBe(true);
  });

  test.each([
    ...['cpc', 'cpm', 'ctr', 'reach', 'frequency', 'cost_per_1000_reached', 'conversion_rate', 'cost_per_conversion', 'result'],
    ...['purchase', 'registration', 'live_unique_views', 'onsite_unique_purchase', 'skan_purchase', 'average_video_play'],
    ...[
      'complete_payment_roas',
      'value_per_total_purchase',
      'avg_value_per_pageview',
      'real_time_app_install_cost',
      'campaign_budget',
    ],
    ...[
      'cost_total_add_payment_info',
      'onsite_value_per_ad_impression_value',
      'campaign_name',
      'associated_adgroup_count',
      'bid',
    ],
  ])('%s does not add up', (name) => {
    expect(named(name).additive).toBe(false);
  });

  test('no rate, ratio, text or attribute adds up', () => {
    const wrong = all.filter(
      ({ additive, kind, attribute }) => additive && (attribute || (kind !== 'count' && kind !== 'money')),
    );
    expect(wrong).toEqual([]);
  });

  test('no average adds up', () => {
    const averages = all.filter(({ name, additive }) => additive && /(^|_)(cost_per|avg|average|unique)_/.test(name));
    expect(averages.map(({ name }) => name)).toEqual([]);
  });
});

describe('where metrics live', () => {
  test('cash and vouchers are split for whole accounts by day only', () => {
    for (const name of ['cash_spend', 'voucher_spend']) {
      expect(named(name)).toMatchObject({ levels: ['AUCTION_ADVERTISER'], granularities: ['day'], reportTypes: ['BASIC'] });
    }
  });

  test('attributes need an id dimension, measurements do not', () => {
    expect(all.filter(({ group, needsIdDimension }) => (group === 'Attributes') !== needsIdDimension)).toEqual([]);
  });

  test('what no report made here can carry says where it lives', () => {
    const homeless = all.filter(({ reportTypes }) => reportTypes.length === 0);
    expect(homeless.map(({ name }) => name)).toHaveLength(9);
    expect(homeless.filter(({ onlyIn }) => !onlyIn)).toEqual([]);
    expect(all.filter(({ onlyIn, reportTypes }) => onlyIn && reportTypes.length > 0)).toEqual([]);
  });

  test('every deprecated name says what to use', () => {
    const names = all.filter(({ deprecated }) => deprecated !== undefined).map(({ name }) => name);
    expect(names.sort()).toEqual(
      [
        'cost_per_page_browse_view',
        'page_browse_view',
        'page_browse_view_rate',
        'pricing_category',
        'product_details_page_browse',
        'skan_conversion_rate',
      ].sort(),
    );
  });

  test('names that only the Smart+ and SKAN lists show are marked as unproven', () => {
    const unproven = new Set(all.filter(({ proven }) => !proven).map(({ group }) => group));
    expect(unproven).toEqual(new Set(['SKAN event metrics', 'Further names', 'Playable']));
    expect(named('skan_app_install').proven).toBe(true);
  });
});

describe('sets and aliases', () => {
  test('every name of every set is in the catalogue, once', () => {
    const { defaultMetricNames, ...sets } = metricSets;
    for (const [set, names] of [...Object.entries(sets), ...Object.entries(defaultMetricNames)]) {
      expect(
        names.filter((name) => !metrics.has(name)),
        set,
      ).toEqual([]);
      expect(names.length, set).toBe(new Set(names).size);
    }
  });

  test('every alias stands for metrics of the catalogue, and is none itself', () => {
    for (const alias of aliases.values()) {
      expect(metrics.has(alias.name), alias.name).toBe(false);
      expect(
        alias.metrics.filter((name) => !metrics.has(name)),
        alias.name,
      ).toEqual([]);
      expect(alias.kind === 'copy', alias.name).toBe(alias.metrics.length === 1);
    }
  });

  test('every spelling of the documented component is a metric or an alias', () => {
    const spellings = [
      ...[
        'spend',
        'cash_spend',
        'voucher_spend',
        'impressions',
        'reach',
        'clicks',
        'ctr',
        'cpc',
        'cpm',
        'conversions',
        'cost_per_conversion',
      ],
      ...[
        'conversion_rate',
        'result',
        'cost_per_result',
        'result_rate',
        'video_play_actions',
        'video_watched_2s',
        'video_watched_6s',
      ],
      ...[
        'average_video_play',
        'average_video_play_per_user',
        'video_views_p25',
        'video_views_p50',
        'video_views_p75',
        'video_views_p100',
      ],
      ...['likes', 'comments', 'shares', 'follows', 'clicks_on_music_disc', 'profile_visits', 'profile_visits_rate', 'cost'],
    ];
    expect(spellings.filter((name) => !metrics.has(name) && !aliases.has(name))).toEqual([]);
  });

  test('a sum adds up what adds up', () => {
    const sources = [...aliases.values()].filter(({ kind }) => kind === 'sum').flatMap((alias) => alias.metrics);
    expect(sources.filter((name) => !named(name).additive)).toEqual([]);
  });
});

test('a few lines of the catalogue read as they did', async () => {
  const names = [
    ...['spend', 'cash_spend', 'ctr', 'reach', 'average_video_play', 'paid_engaged_view', 'single_image_ctr', 'purchase'],
    ...[
      'cost_per_total_registration',
      'total_purchase_roas_day2',
      'website_schedule_rate',
      'onsite_total_purchase_value_calendar_day6',
    ],
    ...['native_growth_cost_per_purchase', 'offline_form_events', 'onsite_on_web_cart', 'cost_per_evta_purchase'],
    ...[
      'skan_total_checkout_value',
      'website_cta_purchase_roas',
      'page_browse_view',
      'ad_name',
      'video_id',
      'playable_cta_click',
    ],
  ];
  const lines = names.map((name) => JSON.stringify(named(name)));
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('../golden/catalogue.jsonl');
});

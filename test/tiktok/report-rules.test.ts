import { describe, expect, test } from 'vitest';
import { defaultMetricNames } from '../../src/tiktok/metric-sets.ts';
import { metrics } from '../../src/tiktok/metrics.ts';
import { type MessageKey, reportMessages } from '../../src/tiktok/report-messages.ts';
import {
  allowedMetrics,
  checkReport,
  defaultMetrics,
  type ReportRequest,
  type RuleViolation,
} from '../../src/tiktok/report-rules.ts';
import { rulesData } from '../../src/tiktok/report-rules-json.ts';
import { dataLevels, granularitiesOf, reportTypes } from '../../src/tiktok/report-types.ts';

function request(changes: Partial<ReportRequest>): ReportRequest {
  return {
    reportType: 'BASIC',
    dataLevel: 'AUCTION_AD',
    granularity: 'day',
    metrics: [],
    aliases: [],
    breakdowns: [],
    ...changes,
  };
}

function audience(changes: Partial<ReportRequest>): ReportRequest {
  return request({ reportType: 'AUDIENCE', breakdowns: ['age', 'gender'], ...changes });
}

function playable(changes: Partial<ReportRequest>): ReportRequest {
  return request({ reportType: 'PLAYABLE_MATERIAL', ...changes });
}

interface RuleCase {
  readonly rule: MessageKey;
  readonly refused: ReportRequest;
  readonly violation: Partial<RuleViolation>;
  readonly legal: ReportRequest;
}

const cases: readonly RuleCase[] = [
  {
    rule: 'granularity',
    refused: audience({ granularity: 'lifetime' }),
    violation: { path: 'time_granularity', message: '"lifetime" is not possible in AUDIENCE reports', allowed: 'day, hour' },
    legal: audience({ granularity: 'hour' }),
  },
  {
    rule: 'granularity',
    refused: playable({ granularity: 'hour' }),
    violation: {
      path: 'time_granularity',
      message: '"hour" is not possible in PLAYABLE_MATERIAL reports',
      allowed: 'day, lifetime',
    },
    legal: playable({ granularity: 'lifetime' }),
  },
  {
    rule: 'dimensionUnknown',
    refused: request({ breakdowns: ['countrycode'] }),
    violation: {
      path: 'dimensions[0]',
      value: 'countrycode',
      message: '"countrycode" is not a dimension',
      suggestion: 'country_code',
    },
    legal: request({ breakdowns: ['country_code'] }),
  },
  {
    rule: 'dimensionOnlyIn',
    refused: audience({ breakdowns: ['bucket_id'] }),
    violation: { path: 'dimensions[0]' },
    legal: audience({ breakdowns: ['behavior_id'] }),
  },
  {
    rule: 'dimensionType',
    refused: request({ breakdowns: ['age'] }),
    violation: { path: 'dimensions[0]', message: '"age" is a dimension of AUDIENCE reports, not of BASIC' },
    legal: audience({ breakdowns: ['age'] }),
  },
  {
    rule: 'dimensionType',
    refused: playable({ breakdowns: ['ad_type'] }),
    violation: {
      message: '"ad_type" is a dimension of BASIC, AUDIENCE reports, not of PLAYABLE_MATERIAL',
      allowed: 'country_code',
    },
    legal: playable({ breakdowns: ['playable_id', 'country_code'] }),
  },
  {
    rule: 'dimensionIdLevel',
    refused: request({ breakdowns: ['campaign_id'] }),
    violation: {
      message: '"campaign_id" is the id of AUCTION_CAMPAIGN; at AUCTION_AD the ids of parents are columns without asking',
      allowed: 'leave it out, or data_level: AUCTION_CAMPAIGN',
    },
    legal: request({ breakdowns: ['ad_id', 'stat_time_day'] }),
  },
  {
    rule: 'dimensionLevel',
    refused: request({ dataLevel: 'AUCTION_ADVERTISER', breakdowns: ['ad_type'] }),
    violation: {
      message: '"ad_type" does not exist at AUCTION_ADVERTISER',
      allowed: 'data_level: AUCTION_CAMPAIGN, AUCTION_ADGROUP, AUCTION_AD',
    },
    legal: request({ dataLevel: 'AUCTION_CAMPAIGN', breakdowns: ['ad_type'] }),
  },
  {
    rule: 'dimensionTime',
    refused: request({ breakdowns: ['stat_time_hour'] }),
    violation: {
      message: '"stat_time_hour" does not go with time_granularity: day',
      allowed: 'leave it out, or time_granularity: hour',
    },
    legal: request({ granularity: 'hour', breakdowns: ['stat_time_hour'] }),
  },
  {
    rule: 'dimensionTime',
    refused: request({ granularity: 'lifetime', breakdowns: ['stat_time_day'] }),
    violation: { message: '"stat_time_day" does not go with time_granularity: lifetime' },
    legal: request({ granularity: 'lifetime' }),
  },
  {
    rule: 'dimensionGranularity',
    refused: request({ granularity: 'lifetime', breakdowns: ['country_code'] }),
    violation: {
      message: '"country_code" is not possible with time_granularity: lifetime',
      allowed: 'time_granularity: day, hour',
    },
    legal: request({ granularity: 'hour', breakdowns: ['country_code'] }),
  },
  {
    rule: 'dimensionGranularity',
    refused: audience({ granularity: 'hour', breakdowns: ['interest_category'] }),
    violation: { message: '"interest_category" is not possible with time_granularity: hour' },
    legal: audience({ breakdowns: ['interest_category'] }),
  },
  {
    rule: 'dimensionExclusive',
    refused: request({ breakdowns: ['ad_id', 'ad_id_v2'] }),
    violation: { path: 'dimensions[1]', message: '"ad_id_v2" cannot stand next to ad_id' },
    legal: request({ breakdowns: ['ad_id_v2'] }),
  },
  {
    rule: 'breakdownsTooMany',
    refused: request({ breakdowns: ['country_code', 'page_id'] }),
    violation: { path: 'dimensions[1]', message: '"page_id" is one breakdown too many' },
    legal: request({ breakdowns: ['page_id', 'page_id'] }),
  },
  {
    rule: 'breakdownsTooMany',
    refused: audience({ breakdowns: ['age', 'platform', 'gender'] }),
    violation: { path: 'dimensions[1]', message: '"platform" is one breakdown too many' },
    legal: audience({ breakdowns: ['gender', 'age'] }),
  },
  {
    rule: 'breakdownMissing',
    refused: audience({ breakdowns: ['ad_id'] }),
    violation: { path: 'dimensions', message: 'AUDIENCE reports need a breakdown' },
    legal: audience({ breakdowns: ['ad_id', 'platform'] }),
  },
  {
    rule: 'metricUnknown',
    refused: request({ metrics: ['spend', 'conversons'] }),
    violation: { path: 'metrics[1]', value: 'conversons', message: '"conversons" is not a metric', suggestion: 'conversion' },
    legal: request({ metrics: ['spend', 'conversion'] }),
  },
  {
    rule: 'metricOnlyIn',
    refused: request({ metrics: ['tiktok_item_id'] }),
    violation: { message: '"tiktok_item_id" exists only in Smart+ material reports, which are not read here' },
    legal: request({ metrics: ['ad_text'] }),
  },
  {
    rule: 'metricType',
    refused: audience({ metrics: ['reach'] }),
    violation: { message: '"reach" does not exist in AUDIENCE reports', allowed: 'report_type: BASIC' },
    legal: audience({ metrics: ['result'], breakdowns: ['country_code'] }),
  },
  {
    rule: 'metricType',
    refused: playable({ metrics: ['video_play_actions'] }),
    violation: { message: '"video_play_actions" does not exist in PLAYABLE_MATERIAL reports' },
    legal: playable({ metrics: ['playable_cta_click', 'currency', 'spend'] }),
  },
  {
    rule: 'metricIdLevel',
    refused: request({ dataLevel: 'AUCTION_CAMPAIGN', metrics: ['campaign_id'] }),
    violation: { message: '"campaign_id" is a column at AUCTION_CAMPAIGN without asking', allowed: 'leave it out' },
    legal: request({ dataLevel: 'AUCTION_ADGROUP', metrics: ['campaign_id'] }),
  },
  {
    rule: 'metricLevel',
    refused: request({ metrics: ['cash_spend'] }),
    violation: {
      path: 'metrics[0]',
      message: '"cash_spend" exists only at AUCTION_ADVERTISER, not at AUCTION_AD',
      allowed: 'data_level: AUCTION_ADVERTISER',
    },
    legal: request({ dataLevel: 'AUCTION_ADVERTISER', metrics: ['cash_spend', 'voucher_spend'] }),
  },
  {
    rule: 'metricLevel',
    refused: request({ dataLevel: 'AUCTION_CAMPAIGN', metrics: ['ad_name'] }),
    violation: { message: '"ad_name" exists only at AUCTION_AD, not at AUCTION_CAMPAIGN' },
    legal: request({ metrics: ['ad_name', 'adgroup_name', 'campaign_name'] }),
  },
  {
    rule: 'metricGranularity',
    refused: request({ dataLevel: 'AUCTION_ADVERTISER', granularity: 'hour', metrics: ['voucher_spend'] }),
    violation: { message: '"voucher_spend" is not possible with time_granularity: hour', allowed: 'time_granularity: day' },
    legal: request({ dataLevel: 'AUCTION_ADVERTISER', granularity: 'day', metrics: ['voucher_spend'] }),
  },
  {
    rule: 'metricGranularity',
    refused: request({ granularity: 'hour', metrics: ['native_growth_active'] }),
    violation: { allowed: 'time_granularity: day, lifetime' },
    legal: request({ granularity: 'lifetime', metrics: ['native_growth_active'] }),
  },
  {
    rule: 'metricNeeds',
    refused: request({ metrics: ['single_image_ctr'] }),
    violation: { message: '"single_image_ctr" exists only with the dimension image_id', allowed: 'dimensions: image_id' },
    legal: request({ metrics: ['single_image_ctr'], breakdowns: ['image_id'] }),
  },
  {
    rule: 'metricNeeds',
    refused: request({ metrics: ['minis_name'], breakdowns: ['page_id'] }),
    violation: { message: '"minis_name" exists only with the dimension minis_id' },
    legal: request({ metrics: ['minis_name'], breakdowns: ['minis_id'] }),
  },
  {
    rule: 'metricPlain',
    refused: request({ metrics: ['paid_engaged_view'], breakdowns: ['custom_event_type'] }),
    violation: { message: '"paid_engaged_view" cannot be split by custom_event_type' },
    legal: request({ metrics: ['paid_engaged_view'] }),
  },
  {
    rule: 'metricBreakdown',
    refused: request({ metrics: ['vta_conversion'], breakdowns: ['country_code'] }),
    violation: {
      message: '"vta_conversion" cannot be split by country_code',
      allowed:
        'spend, cpc, cpm, impressions, clicks, ctr, gross_impressions, conversion, cost_per_conversion, conversion_rate, real_time_conversion, real_time_cost_per_conversion, …',
    },
    legal: request({ metrics: ['purchase', 'reach', 'campaign_name'], breakdowns: ['country_code'] }),
  },
  {
    rule: 'metricBreakdown',
    refused: audience({ metrics: ['result'], breakdowns: ['hashtag'] }),
    violation: { message: '"result" cannot be split by hashtag' },
    legal: audience({ metrics: ['engaged_view', 'conversion_rate_v2'], breakdowns: ['hashtag'] }),
  },
  {
    rule: 'metricConflict',
    refused: request({ metrics: ['ad_id_v2'] }),
    violation: { message: '"ad_id_v2" cannot stand next to ad_id' },
    legal: request({ metrics: ['ad_id_v2'], breakdowns: ['ad_id_v2'] }),
  },
];

describe('each rule', () => {
  test.each(cases)('$rule refuses $refused.metrics $refused.breakdowns $refused.granularity', ({ refused, violation }) => {
    expect(checkReport(refused)).toEqual([expect.objectContaining(violation)]);
  });

  test.each(cases)('$rule lets $legal.metrics $legal.breakdowns $legal.granularity pass', ({ legal }) => {
    expect(checkReport(legal)).toEqual([]);
  });

  test('has a case here', () => {
    expect(Object.keys(reportMessages).filter((key) => !cases.some(({ rule }) => rule === key))).toEqual([]);
  });
});

describe('a report', () => {
  test('is told all its mistakes at once, each where the user wrote it', () => {
    const violations = checkReport(
      request({
        metrics: ['spend', 'conversons', 'cash_spend'],
        aliases: ['konversions'],
        breakdowns: ['age', 'stat_time_hour'],
      }),
    );
    expect(violations.map(({ path }) => path)).toEqual([
      'dimensions[0]',
      'dimensions[1]',
      'metrics[1]',
      'metrics[2]',
      'aliases[0]',
    ]);
  });

  test('with a wrong granularity is not told what would follow from it', () => {
    const violations = checkReport(audience({ granularity: 'lifetime', metrics: ['spend'], breakdowns: ['platform'] }));
    expect(violations.map(({ path }) => path)).toEqual(['time_granularity']);
  });

  test('of playables has no level that could be wrong', () => {
    for (const dataLevel of dataLevels) expect(checkReport(playable({ dataLevel, metrics: ['spend'] }))).toEqual([]);
  });

  test('is offered the metric behind an alias, not the alias', () => {
    expect(checkReport(request({ metrics: ['vidio_views'] }))[0]?.suggestion).toBe('video_play_actions');
    expect(checkReport(request({ metrics: ['conversion_valu'] }))[0]?.suggestion).toBe('conversion_value');
  });

  test('is offered what is legal for it before what is not', () => {
    expect(checkReport(request({ metrics: ['conversion_rate_v'] }))[0]?.suggestion).toBe('conversion_rate_v2');
    const byCountry = checkReport(audience({ metrics: ['conversion_rate_v'], breakdowns: ['country_code'] }));
    expect(byCountry[0]?.suggestion).toBe('conversion_rate');
  });

  test('is offered what is legal elsewhere where nothing legal is near', () => {
    expect(checkReport(request({ metrics: ['cash_spnd'] }))[0]?.suggestion).toBe('cash_spend');
  });

  test('may name an alias among metrics or among aliases', () => {
    expect(checkReport(request({ metrics: ['conversions', 'cost'], aliases: ['results', 'conversion_value'] }))).toEqual([]);
  });

  test('is refused an alias none of whose metrics it can have', () => {
    const [violation] = checkReport(audience({ aliases: ['conversion_value'] }));
    expect(violation).toMatchObject({
      path: 'aliases[0]',
      message: '"conversion_value" (total_complete_payment_rate + total_purchase_value) does not exist in AUDIENCE reports',
    });
  });

  test('may have a sum of which it can have a part', () => {
    const byCountry = request({ breakdowns: ['country_code'], aliases: ['purchases'] });
    expect(checkReport(byCountry)).toEqual([]);
    expect(allowedMetrics('BASIC', 'AUCTION_AD', 'day', ['country_code'])).not.toContain('total_purchase');
  });

  test('is not confused by names that objects have', () => {
    const violations = checkReport(request({ metrics: ['constructor', '__proto__'], breakdowns: ['toString'] }));
    expect(violations.map(({ message }) => message)).toEqual([
      '"toString" is not a dimension',
      '"constructor" is not a metric',
      '"__proto__" is not a metric',
    ]);
  });
});

describe('allowed and default metrics', () => {
  const shapes = reportTypes.flatMap((reportType) =>
    dataLevels.flatMap((dataLevel) =>
      granularitiesOf[reportType].flatMap((granularity) => {
        const breakdowns =
          reportType === 'AUDIENCE' ? [['age', 'gender'], ['country_code'], ['hashtag']] : [[], ['page_id'], ['country_code']];
        return breakdowns.map((names) => request({ reportType, dataLevel, granularity, breakdowns: names }));
      }),
    ),
  );

  test('are legal wherever the dimensions are', () => {
    let legal = 0;
    for (const shape of shapes) {
      if (checkReport(shape).length > 0) continue;
      legal += 1;
      const { reportType, dataLevel, granularity, breakdowns } = shape;
      const allowed = allowedMetrics(reportType, dataLevel, granularity, breakdowns);
      expect(checkReport({ ...shape, metrics: allowed })).toEqual([]);
      expect(checkReport({ ...shape, metrics: defaultMetrics(shape) })).toEqual([]);
      expect(defaultMetrics(shape)).toContain('spend');
    }
    expect(legal).toBeGreaterThan(30);
  });

  test('leave nothing legal out', () => {
    const allowed = new Set(allowedMetrics('BASIC', 'AUCTION_CAMPAIGN', 'day', []));
    const refused = [...metrics.keys()].filter((name) => !allowed.has(name));
    const mistakes = checkReport(request({ dataLevel: 'AUCTION_CAMPAIGN', metrics: refused }));
    expect(mistakes).toHaveLength(refused.length);
  });

  test('leave out of a default set what a level does not have', () => {
    expect(defaultMetrics(request({ dataLevel: 'AUCTION_ADVERTISER' }))).toContain('cash_spend');
    expect(defaultMetrics(request({ dataLevel: 'AUCTION_CAMPAIGN' }))).not.toContain('cash_spend');
    expect(defaultMetrics(request({ dataLevel: 'AUCTION_ADVERTISER', granularity: 'hour' }))).not.toContain('cash_spend');
  });

  test('have no deprecated or unproven name in a BASIC or AUDIENCE default set', () => {
    const names = [...defaultMetricNames.BASIC, ...defaultMetricNames.AUDIENCE];
    expect(names.filter((name) => metrics.get(name)?.deprecated ?? !metrics.get(name)?.proven)).toEqual([]);
  });
});

describe('the rules as JSON', () => {
  test('survive being written and read', () => {
    expect(JSON.parse(JSON.stringify(rulesData()))).toEqual(rulesData());
  });

  test('have a profile for every metric, no two alike', () => {
    const { profiles, metrics: indexes } = rulesData();
    expect(Object.keys(indexes)).toEqual([...metrics.keys()]);
    expect(new Set(profiles.map((profile) => JSON.stringify(profile))).size).toBe(profiles.length);
    expect(new Set(Object.values(indexes)).size).toBe(profiles.length);
  });

  test('fill every placeholder of every message', () => {
    const shown = cases
      .flatMap(({ refused }) => checkReport(refused))
      .flatMap(({ message, allowed }) => [message, allowed ?? '']);
    expect(shown.filter((text) => /[{}]/.test(text))).toEqual([]);
  });
});

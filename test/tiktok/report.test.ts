import { describe, expect, it } from 'vitest';
import { metrics } from '../../src/tiktok/metrics.ts';
import { metricsPerCallMax, type ReportSpec, workOut } from '../../src/tiktok/report.ts';
import { allowedMetrics } from '../../src/tiktok/report-rules.ts';
import { dataLevels } from '../../src/tiktok/report-types.ts';

function spec(given: Partial<ReportSpec> = {}): ReportSpec {
  return {
    name: 'reports',
    table: 'reports',
    reportType: 'BASIC',
    dataLevel: 'AUCTION_AD',
    granularity: 'day',
    metrics: ['spend', 'ctr', 'impressions', 'reach', 'clicks', 'conversion'],
    aliases: [],
    breakdowns: [],
    ...given,
  };
}

const columnsOf = (given: Partial<ReportSpec> = {}): readonly string[] =>
  workOut(spec(given)).schema.columns.map(({ name }) => name);

describe('columns of a report', () => {
  it('come as keys and names, currency, load columns, other metrics, and the four totals last', () => {
    expect(columnsOf()).toEqual([
      'advertiser_id',
      'stat_time_day',
      'campaign_id',
      'campaign_name',
      'adgroup_id',
      'adgroup_name',
      'ad_id',
      'ad_name',
      'currency',
      '_load_id',
      '_loaded_at',
      'ctr',
      'reach',
      'conversion',
      'total_complete_payment_rate',
      'total_purchase_value',
      'conversion_value',
      'impressions',
      'clicks',
      'conversions',
      'spend',
    ]);
  });

  it('end the same way whatever the level, and never name a column twice', () => {
    for (const dataLevel of dataLevels) {
      const columns = columnsOf({ dataLevel });
      expect(columns.slice(-4)).toEqual(['impressions', 'clicks', 'conversions', 'spend']);
      expect(new Set(columns).size).toBe(columns.length);
    }
  });

  it('are named once also where every metric there is was asked for, keys and attributes among them', () => {
    for (const dataLevel of dataLevels) {
      const report = workOut(spec({ dataLevel, metrics: allowedMetrics('BASIC', dataLevel, 'day', []) }));
      const columns = report.schema.columns.map(({ name }) => name);
      expect(
        columns.filter((name, at) => columns.indexOf(name) !== at),
        dataLevel,
      ).toEqual([]);
      expect(report.metricGroups.flat().filter((name) => report.dimensions.includes(name))).toEqual([]);
    }
  });

  it('have the ids and names of the level and of its parents only', () => {
    expect(columnsOf({ dataLevel: 'AUCTION_ADVERTISER' })).not.toContain('campaign_id');
    expect(columnsOf({ dataLevel: 'AUCTION_CAMPAIGN' }).slice(0, 5)).toEqual([
      'advertiser_id',
      'stat_time_day',
      'campaign_id',
      'campaign_name',
      'currency',
    ]);
    expect(columnsOf({ dataLevel: 'AUCTION_ADGROUP' })).not.toContain('ad_id');
  });

  it('put breakdowns behind the names', () => {
    const columns = columnsOf({ reportType: 'AUDIENCE', dataLevel: 'AUCTION_CAMPAIGN', breakdowns: ['age', 'gender'] });
    expect(columns.slice(0, 7)).toEqual([
      'advertiser_id',
      'stat_time_day',
      'campaign_id',
      'campaign_name',
      'age',
      'gender',
      'currency',
    ]);
  });

  it('give an alias that was asked for a column of its own, copied or added up', () => {
    const report = workOut(spec({ aliases: ['cost', 'purchases'] }));
    expect(report.aliasSources.get('cost')).toEqual(['spend']);
    expect(report.aliasSources.get('purchases')).toEqual(['complete_payment', 'total_purchase']);
    expect(report.metricGroups.flat()).toEqual(expect.arrayContaining(['complete_payment', 'total_purchase']));
    const columns = report.schema.columns.map(({ name }) => name);
    expect(columns).toContain('cost');
    expect(columns.indexOf('cost')).toBeLessThan(columns.indexOf('impressions'));
    expect(report.schema.columns.find(({ name }) => name === 'purchases')?.type).toBe('count');
    expect(report.schema.columns.find(({ name }) => name === 'cost')?.type).toBe('decimal');
  });

  it('leave out aliases whose sources the report cannot have', () => {
    const report = workOut(spec({ dataLevel: 'AUCTION_CAMPAIGN', breakdowns: ['country_code'], aliases: ['purchases'] }));
    const allowed = allowedMetrics('BASIC', 'AUCTION_CAMPAIGN', 'day', ['country_code']);
    for (const [name, sources] of report.aliasSources)
      expect(
        sources.filter((one) => !allowed.includes(one)),
        name,
      ).toEqual([]);
    expect(report.schema.columns.map(({ name }) => name)).not.toContain('conversion_value');
  });

  it('have a local hour and its instant in an hourly report', () => {
    const report = workOut(spec({ granularity: 'hour' }));
    expect(report.schema.columns.slice(0, 3).map(({ name, type }) => [name, type])).toEqual([
      ['advertiser_id', 'id'],
      ['stat_time_hour', 'local_timestamp'],
      ['stat_time_hour_utc', 'timestamp'],
    ]);
    expect(report.schema.primaryKey).toEqual(['advertiser_id', 'stat_time_hour', 'stat_time_hour_utc', 'ad_id']);
    expect(report.schema.windowColumn).toBe('stat_time_hour');
  });

  it('are all there among the columns that identify a row', () => {
    for (const given of [
      {},
      { granularity: 'lifetime' },
      { reportType: 'PLAYABLE_MATERIAL' },
      { dataLevel: 'AUCTION_ADVERTISER' },
    ] as const) {
      const { schema } = workOut(spec(given));
      expect(schema.primaryKey.filter((name) => !schema.columns.some((column) => column.name === name))).toEqual([]);
    }
  });
});

describe('requests of a report', () => {
  it('send the id of the level, the time and the breakdowns as dimensions, and the parents as metrics', () => {
    const report = workOut(spec({ dataLevel: 'AUCTION_ADGROUP', breakdowns: ['country_code'] }));
    expect(report.dimensions).toEqual(['adgroup_id', 'stat_time_day', 'country_code']);
    expect(report.metricGroups[0]?.slice(0, 3)).toEqual(['campaign_id', 'campaign_name', 'adgroup_name']);
  });

  it('ask for metrics by their API names, never for an alias, a dimension or the currency', () => {
    const report = workOut(spec({ aliases: ['cost', 'results', 'video_views'] }));
    const asked = report.metricGroups.flat();
    expect(asked.filter((name) => !metrics.has(name))).toEqual([]);
    expect(asked.filter((name) => report.dimensions.includes(name) || name === 'currency')).toEqual([]);
    expect(new Set(asked).size).toBe(asked.length);
  });

  it('cut a long list into calls of at most 100 metrics, names of parents and what is proven in the first', () => {
    const all = allowedMetrics('BASIC', 'AUCTION_AD', 'day', []);
    const proven = ['spend', 'impressions', 'clicks', 'conversion'];
    const report = workOut(spec({ metrics: [...all.filter((name) => !proven.includes(name)), ...proven] }));
    expect(all.length).toBeGreaterThan(2 * metricsPerCallMax);
    expect(report.metricGroups.every((group) => group.length > 0 && group.length <= metricsPerCallMax)).toBe(true);
    expect(report.metricGroups.flat().filter((name) => !all.includes(name))).toEqual([]);
    expect(report.metricGroups.flat()).toEqual(
      expect.arrayContaining(all.filter((name) => !['currency', 'advertiser_id', ...report.dimensions].includes(name))),
    );
    expect(report.metricGroups[0]).toEqual(
      expect.arrayContaining(['campaign_id', 'campaign_name', 'adgroup_id', 'adgroup_name', 'ad_name', ...proven]),
    );
  });

  it.each([
    [{}, 30],
    [{ granularity: 'hour' }, 1],
    [{ granularity: 'lifetime' }, null],
    [{ reportType: 'PLAYABLE_MATERIAL' }, 1],
    [{ reportType: 'PLAYABLE_MATERIAL', granularity: 'lifetime' }, null],
    [{ reportType: 'AUDIENCE', breakdowns: ['age'] }, 30],
  ] as const)('%j covers at most %j days a call', (given, days) => {
    expect(workOut(spec(given)).windowDaysMax).toBe(days);
  });

  it('take the day of playables and of timeless breakdowns from the window', () => {
    expect(workOut(spec({ reportType: 'PLAYABLE_MATERIAL' })).dayFromWindow).toBe(true);
    const timeless = workOut(spec({ reportType: 'AUDIENCE', breakdowns: ['interest_category'] }));
    expect(timeless.dayFromWindow).toBe(true);
    expect(timeless.dimensions).toEqual(['ad_id', 'interest_category']);
    expect(timeless.schema.primaryKey).toEqual(['advertiser_id', 'stat_time_day', 'ad_id', 'interest_category']);
    expect(workOut(spec()).dayFromWindow).toBe(false);
  });
});

describe('identity and proof of a report', () => {
  it('have a signature of type, level, granularity and breakdowns, in whatever order those were named', () => {
    const audience = { reportType: 'AUDIENCE', dataLevel: 'AUCTION_CAMPAIGN' } as const;
    const one = workOut(spec({ ...audience, breakdowns: ['gender', 'age'] })).schema.signature;
    expect(one).toBe(workOut(spec({ ...audience, breakdowns: ['age', 'gender'] })).schema.signature);
    const others = [{}, { dataLevel: 'AUCTION_CAMPAIGN' }, { granularity: 'hour' }, { breakdowns: ['country_code'] }] as const;
    const signatures = [one, ...others.map((given) => workOut(spec(given)).schema.signature)];
    expect(new Set(signatures).size).toBe(signatures.length);
  });

  it('have the same signature whatever the metrics are', () => {
    expect(workOut(spec({ metrics: ['reach'] })).schema.signature).toBe(workOut(spec()).schema.signature);
  });

  it.each([
    [{}, 'total-metrics'],
    [{ granularity: 'lifetime' }, 'total-metrics'],
    [{ granularity: 'hour' }, 'control-read'],
    [{ breakdowns: ['country_code'] }, 'control-read'],
    [{ reportType: 'AUDIENCE', breakdowns: ['age'] }, 'control-read'],
    [{ reportType: 'PLAYABLE_MATERIAL' }, 'none'],
  ] as const)('%j is proven by %s', (given, proof) => {
    expect(workOut(spec(given)).proof).toBe(proof);
  });

  it('name an id dimension that the user chose in place of the usual one', () => {
    const report = workOut(spec({ breakdowns: ['ad_id_v2'] }));
    expect(report.dimensions[0]).toBe('ad_id_v2');
    expect(report.schema.primaryKey).toContain('ad_id_v2');
    expect(report.schema.columns.filter(({ name }) => name === 'ad_id_v2')).toHaveLength(1);
    expect(report.schema.signature).not.toBe(workOut(spec()).schema.signature);
  });
});

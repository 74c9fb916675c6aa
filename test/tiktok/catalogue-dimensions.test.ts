import { describe, expect, test } from 'vitest';
import { dimensions, idDimensionOf, timeDimensionOf } from '../../src/tiktok/dimensions.ts';
import { metrics } from '../../src/tiktok/metrics.ts';
import { levelIds } from '../../src/tiktok/report-types.ts';

const all = [...dimensions.values()];
const breakdownsOf = (type: 'BASIC' | 'AUDIENCE' | 'PLAYABLE_MATERIAL') =>
  all.filter(({ role, reportTypes }) => role === 'breakdown' && reportTypes.includes(type)).map(({ name }) => name);

describe('the dimensions', () => {
  test('of BASIC reports are all fifteen', () => {
    expect(breakdownsOf('BASIC').sort()).toEqual(
      [
        ...['country_code', 'ad_type', 'custom_event_type', 'event_source_id', 'page_id', 'component_name', 'room_id', 'post_id'],
        ...[
          'image_id',
          'video_material_id',
          'minis_id',
          'search_terms',
          'search_keyword',
          'match_type',
          'skan_postback_sequence',
        ],
      ].sort(),
    );
  });

  test('of AUDIENCE reports are all but the one that needs its own metric', () => {
    expect(breakdownsOf('AUDIENCE').sort()).toEqual(
      [
        ...[
          'age',
          'gender',
          'country_code',
          'province_id',
          'dma_id',
          'platform',
          'ac',
          'language',
          'placement',
          'device_brand_id',
        ],
        ...[
          'interest_category',
          'interest_category_tier2',
          'interest_category_tier3',
          'interest_category_tier4',
          'contextual_tag',
        ],
        ...['behavior_id', 'hashtag', 'audience_tags', 'purchase_intention', 'additional_interests', 'ad_type'],
      ].sort(),
    );
    expect(dimensions.get('bucket_id')?.onlyIn).toBeTruthy();
  });

  test('of playables are their country', () => {
    expect(breakdownsOf('PLAYABLE_MATERIAL')).toEqual(['country_code']);
  });

  test('include one id per level', () => {
    for (const [level, id] of Object.entries(levelIds)) {
      expect(dimensions.get(id)).toMatchObject({ role: 'id', levels: [level], columnType: 'id' });
    }
  });

  test('keep ids as text', () => {
    expect(all.filter(({ name, columnType }) => name.endsWith('_id') && columnType !== 'id')).toEqual([]);
  });

  test('name only metrics of the catalogue that their report type has', () => {
    for (const dimension of all) {
      for (const [type, names] of Object.entries(dimension.metricsAllowed ?? {})) {
        const wrong = names.filter((name) => !metrics.get(name)?.reportTypes.some((one) => one === type));
        expect(wrong, `${dimension.name} in ${type}`).toEqual([]);
        expect(dimension.reportTypes, dimension.name).toContain(type);
      }
    }
  });
});

describe('the time dimension', () => {
  test.each([
    ['BASIC', 'day', [], 'stat_time_day'],
    ['BASIC', 'hour', ['country_code'], 'stat_time_hour'],
    ['BASIC', 'lifetime', [], null],
    ['AUDIENCE', 'day', ['age', 'gender'], 'stat_time_day'],
    ['AUDIENCE', 'day', ['interest_category'], null],
    ['AUDIENCE', 'day', ['device_brand_id'], null],
    ['PLAYABLE_MATERIAL', 'day', [], null],
  ] as const)('of %s by %s and %j is %s', (reportType, granularity, breakdowns, expected) => {
    expect(timeDimensionOf({ reportType, granularity, breakdowns })).toBe(expected);
  });
});

describe('the id dimension', () => {
  test.each([
    ['BASIC', 'AUCTION_AD', [], 'ad_id'],
    ['BASIC', 'AUCTION_AD', ['ad_id_v2', 'country_code'], 'ad_id_v2'],
    ['BASIC', 'AUCTION_ADVERTISER', ['country_code'], 'advertiser_id'],
    ['PLAYABLE_MATERIAL', 'AUCTION_AD', ['country_code'], 'playable_id'],
  ] as const)('of %s at %s with %j is %s', (reportType, dataLevel, breakdowns, expected) => {
    expect(idDimensionOf({ reportType, dataLevel, breakdowns })).toBe(expected);
  });
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Simulator } from '../../src/simulator/index.ts';
import { adReport, advertiserId, allStatuses, ask, get, startStill } from './calls.ts';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startStill({ advertisers: [advertiserId, { id: '7000000000002', access: 'denied' }] });
});
afterAll(() => simulator.close());

describe('the edge', () => {
  test('a path without its trailing slash is not found, in plain text', async () => {
    const response = await ask(simulator, 'campaign/get', { advertiser_id: advertiserId });
    expect([response.status, await response.text()]).toEqual([404, '404 page not found']);
    expect(response.headers.get('content-type')).toContain('text/plain');
  });

  test.each(['campaigns/get/', 'file/image/ad/get/', 'report/integrated/get/x/'])('%s is not found', async (path) => {
    expect((await ask(simulator, path)).status).toBe(404);
  });

  test('another version of the API is not found', async () => {
    expect((await fetch(simulator.url.replace('v1.3', 'v1.2'))).status).toBe(404);
  });

  test('user/info is tolerated without its slash', async () => {
    expect((await get(simulator, 'user/info')).code).toBe(0);
  });

  test.each(['POST', 'PUT', 'DELETE'])('%s is no way to read', async (method) => {
    const response = await fetch(`${simulator.url}campaign/get/?advertiser_id=${advertiserId}`, { method });
    expect(response.status).toBe(405);
  });

  test('answers have a log id and no rate-limit headers', async () => {
    const { headers } = await ask(simulator, 'campaign/get/', { advertiser_id: advertiserId });
    expect(headers.get('x-tt-logid')).toMatch(/\d+/);
    expect([...headers.keys()].filter((name) => name.includes('rate') || name === 'retry-after')).toEqual([]);
  });
});

describe('the token', () => {
  test('none at all is 40104, with the text of the live service', async () => {
    const response = await fetch(`${simulator.url}campaign/get/?advertiser_id=${advertiserId}`);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      code: 40104,
      message: 'Access token is null, you should set it in http header with key Access-Token.',
      data: {},
    });
  });

  test.each([
    ['wrong', { 'Access-Token': 'nonsense' }],
    ['prefixed', { 'Access-Token': 'Bearer simulated-access-token' }],
  ])('a %s one is 40105', async (_, headers) => {
    expect((await get(simulator, 'campaign/get/', { advertiser_id: advertiserId }, headers)).code).toBe(40105);
  });

  test('one in the Authorization header or in the query is none', async () => {
    const response = await fetch(`${simulator.url}user/info/?access_token=simulated-access-token`, {
      headers: { Authorization: 'Bearer simulated-access-token' },
    });
    expect(await response.json()).toMatchObject({ code: 40104 });
  });
});

describe('accounts', () => {
  test.each([
    ['denied', '7000000000002', /No permission to operate advertiser 7000000000002/],
    ['unknown', '123', /123 doesn't exist or has been deleted/],
  ])('one that is %s is 40001', async (_, id, text) => {
    for (const path of ['campaign/get/', 'adgroup/get/', 'ad/get/', 'file/video/ad/search/', 'file/image/ad/search/']) {
      const { code, message } = await get(simulator, path, { advertiser_id: id });
      expect([path, code]).toEqual([path, 40001]);
      expect(message).toMatch(text);
    }
    expect((await get(simulator, 'report/integrated/get/', { ...adReport, advertiser_id: id })).code).toBe(40001);
  });

  test('one refused account refuses the whole advertiser/info/', async () => {
    const ids = [advertiserId, '7000000000002'];
    expect((await get(simulator, 'advertiser/info/', { advertiser_ids: ids })).code).toBe(40001);
  });

  test('a wrong secret is 40113', async () => {
    const answer = await get(simulator, 'oauth2/advertiser/get/', { app_id: '7000000000000000000', secret: 'wrong' });
    expect(answer.code).toBe(40113);
  });
});

describe('parameters of lists', () => {
  const cases: readonly (readonly [string, string, Readonly<Record<string, unknown>>, RegExp])[] = [
    ['the account is missing', 'campaign/get/', { advertiser_id: undefined }, /Missing required field\(s\): advertiser_id/],
    ['page 0', 'campaign/get/', { page: 0 }, /page: Must be greater than or equal to 1/],
    ['a page that is no number', 'ad/get/', { page: '1.5' }, /page: Not a valid integer/],
    ['too many campaigns a page', 'campaign/get/', { page_size: 1001 }, /page_size: Must be less than or equal to 1000/],
    ['too many videos a page', 'file/video/ad/search/', { page_size: 101 }, /page_size: .* 100/],
    ['too many images a page', 'file/image/ad/search/', { page_size: 101 }, /page_size: .* 100/],
    [
      'too many TopView ad groups a page',
      'adgroup/get/',
      { page_size: 101, filtering: { buying_types: ['RESERVATION_TOP_VIEW'] } },
      /page_size/,
    ],
    ['a page of none', 'campaign/get/', { page_size: 0 }, /page_size/],
    ['fields that are no JSON', 'campaign/get/', { fields: "['campaign_id']" }, /fields: Not a valid JSON/],
    ['fields that are no list', 'campaign/get/', { fields: '"campaign_id"' }, /fields: Not a valid list/],
    [
      'an unknown field',
      'campaign/get/',
      { fields: ['name'] },
      /one or more value of the param is not acceptable, correct is \['advertiser_id', 'campaign_id'/,
    ],
    ['a filter that is a list', 'ad/get/', { filtering: [] }, /filtering: Not a valid mapping/],
    ['a filter in Python spelling', 'ad/get/', { filtering: "{'primary_status': 'STATUS_ALL'}" }, /filtering: Not a valid JSON/],
    ['an unknown status', 'ad/get/', { filtering: { primary_status: 'DELETED' } }, /filtering.primary_status.*STATUS_ALL/],
    ["another level's status", 'ad/get/', { filtering: { secondary_status: 'CAMPAIGN_STATUS_ALL' } }, /secondary_status/],
    [
      '101 ids',
      'campaign/get/',
      { filtering: { campaign_ids: Array.from({ length: 101 }, String) } },
      /Length must be between 1 and 100/,
    ],
    ['ids that are numbers', 'campaign/get/', { filtering: { campaign_ids: [1] } }, /Not a valid string/],
    [
      'TopView beside others',
      'campaign/get/',
      { filtering: { buying_types: ['AUCTION', 'RESERVATION_TOP_VIEW'] } },
      /cannot be used together/,
    ],
    ['61 videos', 'file/video/ad/info/', { video_ids: Array.from({ length: 61 }, String) }, /between 1 and 60/],
    ['101 images', 'file/image/ad/info/', { image_ids: Array.from({ length: 101 }, String) }, /between 1 and 100/],
    ['no ids', 'advertiser/info/', {}, /Missing required field\(s\): advertiser_ids/],
    ['101 accounts', 'advertiser/info/', { advertiser_ids: Array.from({ length: 101 }, String) }, /between 1 and 100/],
  ];
  test.each(cases)('%s is 40002', async (_, path, parameters, text) => {
    const { code, message } = await get(simulator, path, { advertiser_id: advertiserId, ...parameters });
    expect(message).toMatch(text);
    expect(code).toBe(40002);
  });

  test('unknown parameters are ignored', async () => {
    expect((await get(simulator, 'campaign/get/', { advertiser_id: advertiserId, filters: '{}', lifetime: 'true' })).code).toBe(
      0,
    );
  });
});

describe('parameters of reports', () => {
  const many = (count: number, name: string) => Array.from({ length: count }, (_, index) => `${name}${index}`);
  const campaign = { data_level: 'AUCTION_CAMPAIGN', dimensions: ['campaign_id', 'stat_time_day'] };
  const audience = { report_type: 'AUDIENCE', metrics: ['spend'] };
  const playable = { report_type: 'PLAYABLE_MATERIAL', data_level: undefined, metrics: ['spend'] };
  const cases: readonly (readonly [string, Readonly<Record<string, unknown>>, RegExp])[] = [
    ['the account is missing', { advertiser_id: undefined }, /Missing required field\(s\): advertiser_id/],
    ['the type is missing', { report_type: undefined }, /Missing required field\(s\): report_type/],
    ['the level is missing', { data_level: undefined }, /Missing required field\(s\): data_level/],
    ['the dimensions are missing', { dimensions: undefined }, /Missing required field\(s\): dimensions/],
    ['a date is missing', { end_date: undefined }, /Missing required field\(s\): end_date/],
    ['an unknown level', { data_level: 'AD' }, /data_level: one or more value/],
    ['dimensions in Python spelling', { dimensions: "['ad_id']" }, /dimensions: Not a valid JSON/],
    ['dimensions as plain text', { dimensions: 'ad_id,stat_time_day' }, /dimensions: Not a valid JSON/],
    ['no dimension', { dimensions: [] }, /Length must be between 1 and 4/],
    [
      'five dimensions',
      { dimensions: ['ad_id', 'stat_time_day', 'age', 'gender', 'platform'] },
      /Length must be between 1 and 4/,
    ],
    ['an unknown dimension', { dimensions: ['ad', 'stat_time_day'] }, /Invalid dimension fields: \['ad'\]/],
    [
      "the parent's id as a dimension",
      { dimensions: ['campaign_id', 'stat_time_day'] },
      /data_level AUCTION_AD and dimension campaign_id do not match/,
    ],
    ['two ids', { dimensions: ['ad_id', 'ad_id_v2'] }, /only one ID dimension/],
    ['two times', { dimensions: ['ad_id', 'stat_time_day', 'stat_time_hour'] }, /only one of/],
    ['two breakdowns', { ...audience, dimensions: ['ad_id', 'age', 'platform'] }, /cannot be used together/],
    ['an audience dimension in BASIC', { dimensions: ['ad_id', 'age'] }, /not supported when report_type is BASIC/],
    ['AUDIENCE without one', audience, /needs an audience dimension/],
    ['interests by day', { ...audience, dimensions: ['ad_id', 'stat_time_day', 'interest_category'] }, /cannot be used together/],
    ['playables by day', { ...playable, dimensions: ['playable_id', 'stat_time_day'] }, /PLAYABLE_MATERIAL/],
    ['playables by ad', { ...playable, dimensions: ['ad_id'] }, /PLAYABLE_MATERIAL/],
    ['31 days', { start_date: '2025-05-01', end_date: '2025-05-31' }, /must not exceed 30 days/],
    [
      'two days by hour',
      { dimensions: ['ad_id', 'stat_time_hour'], start_date: '2025-05-01', end_date: '2025-05-02' },
      /must not exceed 1 day/,
    ],
    [
      '366 days without time',
      { dimensions: ['ad_id'], start_date: '2024-05-01', end_date: '2025-05-01' },
      /must not exceed 365 days/,
    ],
    ['dates the wrong way round', { start_date: '2025-05-02', end_date: '2025-05-01' }, /earlier than start_date/],
    ['a date that is none', { start_date: '2025-02-30' }, /start_date: Not a valid date/],
    ['a date with a time', { start_date: '2025-05-01 00:00:00' }, /start_date: Not a valid date/],
    ['page 0', { page: 0 }, /page: Must be/],
    ['1001 rows a page', { page_size: 1001 }, /page_size: Must be/],
    ['101 metrics', { metrics: many(101, 'm') }, /metrics: Length/],
    [
      'unknown metrics, all of them named',
      { metrics: ['spend', 'conversions', 'video_views'] },
      /Invalid metric fields: \['conversions', 'video_views'\]\. $/,
    ],
    [
      'cash below the account',
      { ...campaign, metrics: ['voucher_spend', 'cash_spend'] },
      /Invalid metric fields: \['voucher_spend', 'cash_spend'\]/,
    ],
    ['an ad name at campaign level', { ...campaign, metrics: ['ad_name'] }, /Invalid metric fields: \['ad_name'\]/],
    [
      'reach in AUDIENCE',
      { ...audience, dimensions: ['ad_id', 'age'], metrics: ['reach'] },
      /Invalid metric fields: \['reach'\]/,
    ],
    [
      'an attribute without an id',
      { dimensions: ['stat_time_day'], metrics: ['currency'] },
      /Invalid metric fields: \['currency'\]/,
    ],
    ['lifetime by day', { query_lifetime: 'true' }, /query_lifetime/],
    ['lifetime of an audience', { ...audience, dimensions: ['ad_id', 'age'], query_lifetime: 'true' }, /query_lifetime/],
    ['an order by a name', { metrics: ['spend', 'ad_name'], order_field: 'ad_name' }, /order_field/],
    ['a filter that is an object', { filtering: {} }, /filtering: Not a valid list/],
    [
      'a filter value that is a list',
      { filtering: [{ field_name: 'ad_ids', filter_type: 'IN', filter_value: ['1'] }] },
      /filter_value: Not a valid string/,
    ],
    [
      'a filter value that is no JSON list',
      { filtering: [{ field_name: 'ad_ids', filter_type: 'IN', filter_value: 'x' }] },
      /JSON text of a list/,
    ],
    ['an unknown filter', { filtering: [{ field_name: 'country', filter_type: 'IN', filter_value: '["US"]' }] }, /field_name/],
    [
      "another level's status",
      { filtering: allStatuses('campaign_status') },
      /campaign_status is only supported when data_level is AUCTION_CAMPAIGN/,
    ],
    [
      'ad_ids_v2 without its dimension',
      { filtering: [{ field_name: 'ad_ids_v2', filter_type: 'IN', filter_value: '["1"]' }] },
      /ad_ids_v2/,
    ],
    ['six accounts', { advertiser_ids: many(6, '1') }, /advertiser_ids: Length/],
  ];
  test.each(cases)('%s is 40002', async (_, parameters, text) => {
    const { code, message, data } = await get(simulator, 'report/integrated/get/', { ...adReport, ...parameters });
    expect(message).toMatch(text);
    expect([code, data]).toEqual([40002, {}]);
  });

  test('101 ids in a filter are 40011', async () => {
    const filtering = [{ field_name: 'ad_ids', filter_type: 'IN', filter_value: JSON.stringify(many(101, '9')) }];
    expect((await get(simulator, 'report/integrated/get/', { ...adReport, filtering })).code).toBe(40011);
  });

  const legal: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
    ['30 days', {}],
    ['one day by hour', { dimensions: ['ad_id', 'stat_time_hour'], end_date: '2025-05-01' }],
    ['365 days without time', { dimensions: ['ad_id'], start_date: '2024-06-01', end_date: '2025-05-31' }],
    ['no id', { dimensions: ['stat_time_day'] }],
    ['v1.2 parameters, which do nothing', { lifetime: 'true', filters: '[{}]' }],
    ['age and gender', { ...audience, dimensions: ['ad_id', 'stat_time_day', 'age', 'gender'] }],
    ['country in BASIC', { dimensions: ['ad_id', 'stat_time_day', 'country_code'] }],
    ['parents as metrics', { metrics: ['campaign_id', 'campaign_name', 'adgroup_id', 'adgroup_name', 'ad_name', 'currency'] }],
    [
      'cash of the account',
      { data_level: 'AUCTION_ADVERTISER', dimensions: ['advertiser_id', 'stat_time_day'], metrics: ['cash_spend'] },
    ],
    ['playables', { ...playable, dimensions: ['playable_id'] }],
    ['playables by country', { ...playable, dimensions: ['playable_id', 'country_code'] }],
    ['lifetime', { dimensions: ['ad_id'], query_lifetime: 'true', start_date: undefined, end_date: undefined }],
  ];
  test.each(legal)('%s is fine', async (_, parameters) => {
    const { code, message } = await get(simulator, 'report/integrated/get/', { ...adReport, ...parameters });
    expect([code, message]).toEqual([0, 'OK']);
  });
});

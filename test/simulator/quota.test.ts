import { afterEach, describe, expect, test } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/index.ts';
import type { SimulatorOptions } from '../../src/simulator/options.ts';
import { advertiserId, type Envelope, get, post } from './calls.ts';

/** Real time, turned by hand, so that minutes pass at once. It starts at the beginning of a second, a minute and a day. */
let time = 0;
let simulator: Simulator;

async function start(options: SimulatorOptions = {}): Promise<void> {
  time = Date.parse('2025-06-15T00:00:00Z');
  simulator = await startSimulator({ advertisers: [advertiserId, '7000000000002'], ...options }, () => time);
}
afterEach(() => simulator.close());

async function codes(
  count: number,
  path = 'campaign/get/',
  parameters: object = { advertiser_id: advertiserId },
  headers = {},
): Promise<readonly number[]> {
  const found: number[] = [];
  for (let i = 0; i < count; i += 1) found.push((await get(simulator, path, { ...parameters }, headers)).code);
  return found;
}

const ok = (count: number): readonly number[] => Array(count).fill(0);

describe('the quota of an app', () => {
  test('is ten requests a second, whatever the path, and recovers with the next second', async () => {
    await start();
    expect(await codes(6)).toEqual(ok(6));
    expect(await codes(5, 'ad/get/')).toEqual([0, 0, 0, 0, 40100]);
    time += 999;
    expect(await codes(1)).toEqual([40100]);
    time += 1;
    expect(await codes(10)).toEqual(ok(10));
  });

  test("says so in TikTok's words, inside HTTP 200", async () => {
    await start({ quota: { perSecond: 0 } });
    const { message } = (await get(simulator, 'campaign/get/', { advertiser_id: advertiserId })) satisfies Envelope;
    expect(message).toBe('Due to too many requests, requests from App 7000000000000000000 are temporarily restricted.');
  });

  test('is 600 a minute; who breaks it waits five minutes', async () => {
    await start({ quota: { perSecond: 1_000, perMinute: 30, perAdvertiserSecond: 1_000 } });
    expect(await codes(31)).toEqual([...ok(30), 40100]);
    time += 299_000;
    expect(await codes(1)).toEqual([40100]);
    time += 1_000;
    expect(await codes(1)).toEqual([0]);
  });

  test('is counted per day until midnight UTC', async () => {
    await start({ quota: { perDay: 3 } });
    expect(await codes(4)).toEqual([0, 0, 0, 40100]);
    time = Date.parse('2025-06-15T23:59:59Z');
    expect(await codes(1)).toEqual([40100]);
    time = Date.parse('2025-06-16T00:00:00Z');
    expect(await codes(1)).toEqual([0]);
  });

  test('may be held over any second instead of whole ones', async () => {
    await start({ quota: { window: 'sliding' } });
    time += 900;
    expect(await codes(10)).toEqual(ok(10));
    time += 200;
    expect(await codes(1)).toEqual([40100]);
    time += 800;
    expect(await codes(1)).toEqual([0]);
  });

  test('counts requests with wrong parameters, but none that it refused', async () => {
    await start({ quota: { perSecond: 2, perMinute: 4 } });
    expect(await codes(3, 'campaign/get/', {})).toEqual([40002, 40002, 40100]);
    time += 1_000;
    expect(await codes(3)).toEqual([0, 0, 40100]);
  });

  test('of one app leaves another alone', async () => {
    const app = (n: number) => ({ appId: `app${n}`, secret: 's', accessToken: `token${n}` });
    await start({ apps: [app(1), app(2)], quota: { perSecond: 1 } });
    const ask = { advertiser_id: advertiserId };
    expect(await codes(2, 'campaign/get/', ask, { 'Access-Token': 'token1' })).toEqual([0, 40100]);
    expect(await codes(2, 'campaign/get/', ask, { 'Access-Token': 'token2' })).toEqual([0, 40100]);
  });
});

test('asynchronous reports are made at two a second', async () => {
  await start();
  const create = async () => (await post(simulator, 'report/task/create/', { advertiser_id: advertiserId })).code;
  expect([await create(), await create(), await create()]).toEqual([40002, 40002, 40016]);
  expect(await codes(1)).toEqual([0]);
  time += 1_000;
  expect(await create()).toBe(40002);
});

test('an account takes 20 requests a second per path', async () => {
  await start({ quota: { perSecond: 100 } });
  expect(await codes(21)).toEqual([...ok(20), 40133]);
  expect(await codes(1, 'ad/get/')).toEqual([0]);
  expect(await codes(1, 'campaign/get/', { advertiser_id: '7000000000002' })).toEqual([0]);
  const { message } = await get(simulator, 'campaign/get/', { advertiser_id: advertiserId });
  expect(message).toBe(
    `Advertiser (${advertiserId})'s QPS (21) reaches QPS limit 20 for current path, request is temporarily restricted.`,
  );
});

describe('the sandbox', () => {
  test('takes one request a second, 30 a minute and 1000 a day, for each path', async () => {
    await start({ sandbox: true });
    expect(await codes(2)).toEqual([0, 40100]);
    expect(await codes(1, 'ad/get/')).toEqual([0]);
    for (let second = 1; second < 30; second += 1) {
      time += 1_000;
      expect(await codes(1)).toEqual([0]);
    }
    time += 1_000;
    expect(await codes(1, 'ad/get/')).toEqual([0]);
    time = Date.parse('2025-06-15T00:00:59Z');
    expect(await codes(1)).toEqual([40100]);
  });

  test('has reports of twelve days of December 2020, without totals and without the account level', async () => {
    await start({ sandbox: true, quota: false });
    const report = {
      advertiser_id: advertiserId,
      report_type: 'BASIC',
      data_level: 'AUCTION_CAMPAIGN',
      dimensions: ['campaign_id', 'stat_time_day'],
      start_date: '2020-12-01',
      end_date: '2020-12-30',
      page_size: 1000,
      enable_total_metrics: 'true',
    };
    const { data } = await get(simulator, 'report/integrated/get/', report);
    const days = data.list
      .map((row) => String((row['dimensions'] as Record<string, string>)['stat_time_day']).slice(0, 10))
      .sort();
    expect([days[0], days.at(-1)]).toEqual(['2020-12-08', '2020-12-19']);
    expect(data.total_metrics).toBeUndefined();
    const account = await get(simulator, 'report/integrated/get/', {
      ...report,
      data_level: 'AUCTION_ADVERTISER',
      dimensions: ['advertiser_id'],
    });
    expect([account.code, account.message]).toEqual([
      40009,
      'Unsupported data_level in sandbox environment: AUCTION_ADVERTISER.',
    ]);
  });

  test('has no discovery of accounts and no secondary_status', async () => {
    await start({ sandbox: true, quota: false });
    expect((await get(simulator, 'oauth2/advertiser/get/', { app_id: 'x', secret: 'y' })).code).toBe(40008);
    const { data } = await get(simulator, 'campaign/get/', { advertiser_id: advertiserId });
    expect(data.list[0]).toHaveProperty('operation_status');
    expect(data.list[0]).not.toHaveProperty('secondary_status');
  });
});

describe('the statistics', () => {
  test('count calls by path, account and answer, and the busiest second and minute', async () => {
    await start();
    await codes(11);
    time += 500;
    await codes(2);
    time += 500;
    await codes(3, 'ad/get/');
    const stats = simulator.stats();
    expect(stats).toMatchObject({
      calls: 16,
      callsByPath: { 'campaign/get/': 13, 'ad/get/': 3 },
      callsByAdvertiser: { [advertiserId]: 16 },
      answers: { '0': 13, '40100': 3 },
      throttled: 3,
      maxCallsInSecond: 13,
      maxCallsInMinute: 16,
      maxGrantedInSecond: 10,
    });
    expect(stats.requests.length).toBe(16);
    expect(stats.requests.at(-1)).toMatchObject({
      path: 'ad/get/',
      answer: '0',
      parameters: { advertiser_id: advertiserId },
      at: time,
    });
  });

  test('keep only the newest requests', async () => {
    await start({ quota: false, requestsKept: 5 });
    await codes(23);
    expect(simulator.stats().requests.length).toBe(5);
    expect(simulator.stats().calls).toBe(23);
  });
});

import { afterEach, describe, expect, test } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/index.ts';
import type { SimulatorOptions } from '../../src/simulator/options.ts';
import { adReport, advertiserId, allRows, control, get, hundredths, startStill, sumOf } from './calls.ts';

let simulator: Simulator;
afterEach(() => simulator.close());

async function start(options: SimulatorOptions = {}): Promise<void> {
  simulator = await startStill({ alwaysOn: true, deliveryPercent: 100, deletedPercent: 0, topViewCampaigns: 0, ...options });
}

const accountReport = { ...adReport, data_level: 'AUCTION_ADVERTISER', dimensions: ['advertiser_id', 'stat_time_day'] };
const day = async (date: string) => {
  const rows = await allRows(simulator, { ...accountReport, start_date: date, end_date: date });
  return { spend: sumOf(rows, 'spend'), impressions: sumOf(rows, 'impressions'), conversion: sumOf(rows, 'conversion') };
};

describe('numbers of recent days', () => {
  test('change as time goes on: spend once, conversions for weeks, and then stand still', async () => {
    await start({ now: '2025-06-15T11:00:00Z' });
    const first = await day('2025-06-14');
    await control(simulator, 'POST', 'clock', { advanceDays: 1 });
    const second = await day('2025-06-14');
    expect(second.spend).toBeGreaterThan(first.spend);
    expect(second.impressions).toBe(first.impressions);
    expect(second.conversion).toBeGreaterThan(first.conversion);
    simulator.clock.advance(27 * 86_400_000);
    const settled = await day('2025-06-14');
    expect(settled.spend).toBe(second.spend);
    expect(settled.conversion).toBeGreaterThan(second.conversion);
    simulator.clock.advance(200 * 86_400_000);
    expect(await day('2025-06-14')).toEqual(settled);
  });

  test('of settled days never change', async () => {
    await start();
    const before = await day('2025-04-01');
    simulator.clock.advance(3 * 86_400_000);
    expect(await day('2025-04-01')).toEqual(before);
  });

  test('do not change without restatement', async () => {
    await start({ restatement: false });
    const before = await day('2025-06-14');
    simulator.clock.advance(5 * 86_400_000);
    expect(await day('2025-06-14')).toEqual(before);
  });

  test('by time of conversion count at once', async () => {
    await start();
    const rows = await allRows(simulator, {
      ...accountReport,
      metrics: ['conversion', 'real_time_conversion'],
      start_date: '2025-06-14',
      end_date: '2025-06-14',
    });
    expect(sumOf(rows, 'real_time_conversion')).toBeGreaterThan(sumOf(rows, 'conversion'));
  });
});

describe('today', () => {
  test("is the account's own: ahead of UTC it has begun, behind it has not", async () => {
    const accounts = [
      { id: advertiserId, timezone: 'Pacific/Auckland', currency: 'NZD' },
      { id: '7000000000002', timezone: 'Etc/GMT+8', currency: 'USD' },
    ];
    await start({ advertisers: accounts, now: '2025-06-15T14:00:00Z' });
    const rows = (id: string, date: string) =>
      allRows(simulator, { ...accountReport, advertiser_id: id, start_date: date, end_date: date });
    expect((await rows(advertiserId, '2025-06-16')).length).toBe(1);
    expect((await rows('7000000000002', '2025-06-16')).length).toBe(0);
    expect((await rows('7000000000002', '2025-06-15')).length).toBe(1);
  });

  test('has the hours that are past, in the time of the account', async () => {
    await start({ advertisers: [{ id: advertiserId, timezone: 'Asia/Kolkata', currency: 'INR' }], now: '2025-06-15T06:45:00Z' });
    const parameters = {
      ...accountReport,
      start_date: '2025-06-15',
      end_date: '2025-06-15',
      dimensions: ['advertiser_id', 'stat_time_hour'],
    };
    const hours = (await allRows(simulator, parameters)).map(({ dimensions }) => dimensions['stat_time_hour']);
    expect([hours.length, hours[0], hours.at(-1)]).toEqual([13, '2025-06-15 00:00:00', '2025-06-15 12:00:00']);
    const before = await day('2025-06-15');
    expect(sumOf(await allRows(simulator, parameters), 'spend')).toBe(before.spend);
    simulator.clock.advance(3_600_000);
    expect((await day('2025-06-15')).impressions).toBeGreaterThan(before.impressions);
  });

  test('moves with real time unless it is frozen', async () => {
    let real = Date.parse('2025-06-15T12:00:00Z');
    simulator = await startSimulator({ advertisers: [advertiserId], now: '2024-01-01T00:00:00Z' }, () => real);
    real += 86_400_000;
    expect(new Date(simulator.clock.now()).toISOString()).toBe('2024-01-02T00:00:00.000Z');
  });
});

describe('hours of days that are not 24 hours long', () => {
  const hoursOf = async (timezone: string, date: string) => {
    await start({ advertisers: [{ id: advertiserId, timezone }] });
    const rows = await allRows(simulator, {
      ...accountReport,
      start_date: date,
      end_date: date,
      dimensions: ['advertiser_id', 'stat_time_hour'],
    });
    const whole = simulator.truth.totals({ advertiserId, start: date, end: date, dataLevel: 'AUCTION_ADVERTISER' });
    expect(sumOf(rows, 'spend')).toBe(hundredths(whole.spend));
    return rows.map(({ dimensions }) => Number(dimensions['stat_time_hour']?.slice(11, 13)));
  };
  const all = Array.from({ length: 24 }, (_, hour) => hour);

  test.each([
    ['Europe/Berlin', '2025-03-30', 2],
    ['America/Los_Angeles', '2025-03-09', 2],
    ['Pacific/Auckland', '2024-09-29', 2],
  ])('in %s on %s leave out hour %i, and the day keeps its sum', async (timezone, date, missing) => {
    expect(await hoursOf(timezone, date)).toEqual(all.filter((hour) => hour !== missing));
  });

  test('which come twice are one row', async () => {
    expect(await hoursOf('Europe/Berlin', '2024-10-27')).toEqual(all);
  });
});

describe('the seed', () => {
  test('makes the same world again, and another one a different world', async () => {
    const bodies = async (seed: number) => {
      await start({ seed });
      const texts = [
        await get(simulator, 'ad/get/', { advertiser_id: advertiserId, page_size: 1000 }),
        await get(simulator, 'file/video/ad/search/', { advertiser_id: advertiserId }),
        await get(simulator, 'report/integrated/get/', adReport),
      ];
      await simulator.close();
      return texts.map(({ data }) => data);
    };
    const [first, again, other] = [await bodies(1), await bodies(1), await bodies(2)];
    expect(again).toEqual(first);
    for (const [index, body] of first.entries()) expect(other[index]).not.toEqual(body);
    await start();
  });

  test('an account is the same whether it is listed or found by anyAdvertiser', async () => {
    await start({ advertisers: [{ id: '1234567890', timezone: 'UTC', currency: 'USD' }] });
    const listed = await allRows(simulator, { ...adReport, advertiser_id: '1234567890', metrics: ['impressions'] });
    await simulator.close();
    await start({ advertisers: [], anyAdvertiser: true });
    const found = await allRows(simulator, { ...adReport, advertiser_id: '1234567890', metrics: ['impressions'] });
    expect(found).toEqual(listed);
  });
});

test('a deleted entity disappears from the default list and stays in its history', async () => {
  await start();
  const [campaignId = ''] = simulator.truth.entities({ advertiserId, resource: 'campaigns' });
  await control(simulator, 'POST', 'world', { advertiserId, delete: 'campaign', id: campaignId });
  const list = async (filtering: object) =>
    (await get(simulator, 'campaign/get/', { advertiser_id: advertiserId, filtering })).data.list;
  expect((await list({})).map((record) => record['campaign_id'])).not.toContain(campaignId);
  expect((await list({ primary_status: 'STATUS_DELETE' })).map((record) => record['campaign_id'])).toEqual([campaignId]);
  const ads = (
    await get(simulator, 'ad/get/', {
      advertiser_id: advertiserId,
      filtering: { campaign_ids: [campaignId], primary_status: 'STATUS_ALL' },
    })
  ).data.list;
  expect(new Set(ads.map((record) => record['secondary_status']))).toEqual(new Set(['AD_STATUS_CAMPAIGN_DELETE']));
});

import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import type { Simulator } from '../../src/simulator/index.ts';
import type { TruthRequest } from '../../src/simulator/truth.ts';
import { adReport, advertiserId, allRows, allStatuses, hundredths, startStill, sumOf } from './calls.ts';

const started: Simulator[] = [];
afterAll(() => Promise.all(started.map((simulator) => simulator.close())));

async function start(options: Parameters<typeof startStill>[0] = {}): Promise<Simulator> {
  const simulator = await startStill(options);
  started.push(simulator);
  return simulator;
}

/** Days around the standing clock: long settled ones, recent ones, today, tomorrow. */
const dayText = (offset: number) => new Date(Date.parse('2025-06-15') + offset * 86_400_000).toISOString().slice(0, 10);
const windows = fc
  .tuple(fc.integer({ min: -900, max: 1 }), fc.integer({ min: 0, max: 29 }))
  .map(([start, length]) => ({ start: dayText(start), end: dayText(Math.min(2, start + length)) }));

describe('the same delivery, however it is cut', () => {
  const levels = ['AUCTION_ADVERTISER', 'AUCTION_CAMPAIGN', 'AUCTION_ADGROUP', 'AUCTION_AD'] as const;
  const granularities = ['day', 'hour', 'none'] as const;
  const breakdowns = [
    [],
    ['age'],
    ['gender'],
    ['age', 'gender'],
    ['country_code'],
    ['platform'],
    ['search_terms'],
    ['hashtag'],
  ] as const;
  const worlds = fc.record({
    seed: fc.integer(),
    currency: fc.constantFrom('USD', 'EUR', 'JPY', 'KRW', 'INR'),
    timezone: fc.constantFrom('Etc/GMT+8', 'Europe/Berlin', 'Asia/Kolkata', 'Pacific/Auckland', 'America/Los_Angeles'),
    now: fc
      .integer({ min: 0, max: 47 })
      .map((hours) => new Date(Date.parse('2025-06-14T12:30:00Z') + hours * 3_600_000).toISOString()),
  });
  const cut = fc.record({
    dataLevel: fc.constantFrom(...levels),
    granularity: fc.constantFrom(...granularities),
    breakdowns: fc.constantFrom(...breakdowns),
  });

  test('spend, impressions, clicks and conversions are equal to the cent at every level, by day and hour, over every breakdown', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, windows, cut, async ({ seed, currency, timezone, now }, { start: first, end }, how) => {
        const small = { campaigns: 4, adGroupsPerCampaign: 2, adsPerAdGroup: 2 };
        const simulator = await startStill({ seed, now, advertisers: [{ id: advertiserId, currency, timezone }], ...small });
        try {
          const request: TruthRequest = { advertiserId, start: first, end };
          const { rows: _, ...whole } = simulator.truth.totals({
            ...request,
            dataLevel: 'AUCTION_ADVERTISER',
            granularity: 'none',
          });
          const { rows, ...parts } = simulator.truth.totals({ ...request, ...how, breakdowns: [...how.breakdowns] });
          expect(parts).toEqual(whole);
          expect(rows > 0 || whole.impressions === 0).toBe(true);
        } finally {
          await simulator.close();
        }
      }),
      { numRuns: 60 },
    );
  });

  test('windows side by side add up to the window over both', async () => {
    const simulator = await start({ seed: 5 });
    fc.assert(
      fc.property(windows, fc.nat(), ({ start: first, end }, n) => {
        const days = (Date.parse(end) - Date.parse(first)) / 86_400_000;
        if (days < 1) return;
        const middle = Date.parse(first) + (n % days) * 86_400_000;
        const totals = (from: string, to: string) =>
          simulator.truth.totals({ advertiserId, start: from, end: to, dataLevel: 'AUCTION_AD' });
        const parts = [totals(first, date(middle)), totals(date(middle + 86_400_000), end)];
        const whole = totals(first, end);
        for (const key of ['rows', 'impressions', 'clicks', 'conversion'] as const) {
          expect(parts.reduce((sum, part) => sum + part[key], 0)).toBe(whole[key]);
        }
        expect(parts.reduce((sum, part) => sum + hundredths(part.spend), 0n)).toBe(hundredths(whole.spend));
      }),
    );
  });
});

function date(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}

describe('what the API answers', () => {
  const metrics = [
    'spend',
    'impressions',
    'clicks',
    'conversion',
    'likes',
    'video_views_p25',
    'total_complete_payment_rate',
    'complete_payment',
  ];

  test('has the rows and sums of the truth, with deleted ads and TopView asked for', async () => {
    const simulator = await start();
    const statuses = allStatuses('ad_status');
    const topView = [...statuses, { field_name: 'buying_type', filter_type: 'IN', filter_value: '["RESERVATION_TOP_VIEW"]' }];
    const rows = [
      ...(await allRows(simulator, { ...adReport, filtering: statuses, page_size: 97 })),
      ...(await allRows(simulator, { ...adReport, filtering: topView })),
    ];
    const truth = simulator.truth.totals({ advertiserId, start: '2025-05-01', end: '2025-05-30', dataLevel: 'AUCTION_AD' });
    expect(rows.length).toBe(truth.rows);
    expect(sumOf(rows, 'spend')).toBe(hundredths(truth.spend));
    expect(sumOf(rows, 'impressions')).toBe(BigInt(truth.impressions) * 100n);
    expect(sumOf(rows, 'conversion')).toBe(BigInt(truth.conversion) * 100n);
    const keys = rows.map(({ dimensions }) => `${dimensions['ad_id']}|${dimensions['stat_time_day']?.slice(0, 10)}`).sort();
    expect(keys).toEqual(simulator.truth.keys({ advertiserId, start: '2025-05-01', end: '2025-05-30', dataLevel: 'AUCTION_AD' }));
  });

  test('adds up over further metrics too, from hours and breakdowns to days', async () => {
    const simulator = await start({ seed: 3 });
    const base = { ...adReport, metrics, start_date: '2025-05-07', end_date: '2025-05-07' };
    const byDay = await allRows(simulator, base);
    const byHour = await allRows(simulator, { ...base, dimensions: ['ad_id', 'stat_time_hour'] });
    const byCountry = await allRows(simulator, {
      ...base,
      dimensions: ['ad_id', 'stat_time_day', 'country_code'],
      metrics: metrics.slice(0, 6),
    });
    for (const metric of metrics) expect([metric, sumOf(byHour, metric)]).toEqual([metric, sumOf(byDay, metric)]);
    for (const metric of metrics.slice(0, 6)) expect([metric, sumOf(byCountry, metric)]).toEqual([metric, sumOf(byDay, metric)]);
    expect(sumOf(byDay, 'total_complete_payment_rate')).toBeGreaterThan(0n);
  });

  test('loses the spend of deleted ads by default, and keeps it at the account', async () => {
    const simulator = await start({ topViewCampaigns: 0, deletedPercent: 25 });
    const account = { ...adReport, data_level: 'AUCTION_ADVERTISER', dimensions: ['advertiser_id', 'stat_time_day'] };
    const spend = async (parameters: object) => sumOf(await allRows(simulator, { ...adReport, ...parameters }), 'spend');
    const whole = await spend(account);
    expect(await spend({})).toBeLessThan(whole);
    expect(await spend({ filtering: allStatuses('ad_status') })).toBe(whole);
    const campaign = { data_level: 'AUCTION_CAMPAIGN', dimensions: ['campaign_id', 'stat_time_day'] };
    expect(await spend(campaign)).toBeLessThan(whole);
    expect(await spend({ ...campaign, filtering: allStatuses('campaign_status') })).toBe(whole);
  });

  test('rates agree with the counts beside them', async () => {
    const simulator = await start();
    const rows = await allRows(simulator, {
      ...adReport,
      metrics: ['spend', 'impressions', 'clicks', 'ctr', 'cpc', 'cpm', 'reach', 'frequency'],
    });
    for (const { metrics: m } of rows) {
      const cents = Number(hundredths(m['spend'] ?? ''));
      const [impressions, clicks] = [Number(m['impressions']), Number(m['clicks'])];
      expect(m['ctr']).toBe((Math.round((clicks * 10_000) / impressions) / 100).toFixed(2));
      expect(m['cpc']).toBe(clicks === 0 ? '0.00' : (Math.round(cents / clicks) / 100).toFixed(2));
      expect(Number(m['cpm'])).toBeCloseTo((cents * 10) / impressions, 1);
      expect(Number(m['reach'])).toBeLessThanOrEqual(impressions);
      expect(Number(m['frequency'])).toBeGreaterThanOrEqual(1);
    }
  });
});

import { afterEach, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/folders.ts';
import { endPrograms } from '../support/program.ts';
import { loadUnderQuota, type QuotaLoad, type QuotaUse, quotaUse } from '../support/quota-load.ts';

afterEach(endPrograms);

/** What a machine that does much else cannot help: it delays a request on its way. Such a test is tried again. */
const timing = { retry: 2, timeout: 60_000 };

function load(given: Pick<QuotaLoad, 'processes' | 'callsEach'> & Partial<QuotaLoad>): Promise<QuotaUse> {
  return loadUnderQuota({ attributes: {}, simulator: {}, folder: temporaryFolder('quota'), ...given });
}

function expectAllLoaded({ ended, stats }: QuotaUse): void {
  expect(ended.map(({ code, result }) => ({ code, error: result?.error }))).toEqual(ended.map(() => ({ code: 0, error: null })));
  const told = ended.map(({ result }) => Number(result?.metadata['ads']?.['api_calls']));
  expect(told.reduce((sum, calls) => sum + calls, 0)).toBe(stats.calls);
}

describe('Ten requests a second are never exceeded, and used while work is left', () => {
  test.each([
    { processes: 1, callsEach: 40, window: 'sliding' },
    { processes: 4, callsEach: 12, window: 'fixed' },
    { processes: 4, callsEach: 12, window: 'sliding' },
  ] as const)('by $processes process(es), counted over $window seconds', timing, async ({ processes, callsEach, window }) => {
    const use = await load({ processes, callsEach, simulator: { quota: { perSecond: 10, window } } });
    expectAllLoaded(use);
    expect({ throttled: use.stats.throttled, codes: Object.keys(use.stats.answers) }).toEqual({ throttled: 0, codes: ['0'] });
    expect(use.stats.maxCallsInSecond).toBeLessThanOrEqual(window === 'sliding' ? 10 : 20);
    expect(quotaUse(use, 10)).toBeGreaterThan(0.6);
  });
});

describe('Requests under way follow the latency, so that the quota is used', () => {
  test.each([
    { latencyMs: 50, callsEach: 40, concurrent: 2 },
    { latencyMs: 3_000, callsEach: 44, concurrent: 22 },
  ])('at $latencyMs ms an answer', timing, async ({ latencyMs, callsEach, concurrent }) => {
    const use = await load({ processes: 1, callsEach, simulator: { quota: { perSecond: 10 }, latencyMs } });
    expectAllLoaded(use);
    expect(use.stats.throttled).toBe(0);
    expect(use.stats.maxConcurrent).toBeGreaterThanOrEqual(concurrent);
    expect(quotaUse(use, 10)).toBeGreaterThan(0.6);
  });
});

test('The sandbox gets one request a second', timing, async () => {
  const use = await load({
    processes: 1,
    callsEach: 5,
    attributes: {
      mode: 'sandbox',
      resources: 'campaigns,reports',
      data_level: 'AUCTION_CAMPAIGN',
      time_granularity: 'day',
      start_date: '2020-12-01',
      end_date: '2020-12-20',
    },
    simulator: { sandbox: true },
  });
  expectAllLoaded(use);
  expect({ throttled: use.stats.throttled, most: use.stats.maxCallsInSecond }).toEqual({ throttled: 0, most: 1 });
  expect(use.stats.calls).toBeGreaterThanOrEqual(4);
  expect(use.ended[0]?.result?.tables.find((one) => one.table === 'reports')?.rows).toBeGreaterThan(0);
});

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { startSimulator } from '../../src/simulator/index.ts';
import { temporaryFolder } from '../support/folders.ts';
import { endPrograms, startProgram, until } from '../support/program.ts';
import { loadUnderQuota } from '../support/quota-load.ts';

afterEach(endPrograms);

/** A busy machine may delay a request on its way: then it is tried again. */
const timing = { retry: 2, timeout: 30_000 };

test('A refusal for too many requests holds all processes back for its time, and nothing is lost', async () => {
  const refusals = 3;
  const { ended, stats } = await loadUnderQuota({
    processes: 2,
    callsEach: 16,
    attributes: {},
    simulator: {
      quota: { perSecond: 10 },
      // Another machine with the same app has used it up.
      faults: [{ match: { path: 'report/integrated/get/' }, after: 8, times: refusals, effect: { kind: 'code', code: 40_100 } }],
    },
    folder: temporaryFolder('quota'),
  });
  expect(ended.map(({ code, result }) => ({ code, error: result?.error }))).toEqual(ended.map(() => ({ code: 0, error: null })));
  expect(stats.throttled).toBe(0);
  const told = ended.map(({ result }) => result?.metadata['ads'] ?? {});
  expect(told.reduce((sum, one) => sum + Number(one['api_retries']), 0)).toBe(refusals);
  const waits = told.map((one) => Number(one['api_throttled_seconds']));
  expect(Math.max(...waits)).toBeGreaterThanOrEqual(1);
  const refused = stats.requests.filter((request) => request.answer === '40100');
  const last = Math.max(...refused.map((request) => request.at));
  // What was on its way already when the refusal came is not held back.
  const during = stats.requests.filter(({ at }) => at > last + 150 && at < last + 900);
  expect(during).toEqual([]);
}, 30_000);

test('The quota per minute is kept, and the next process on the machine knows what is left of it', timing, async () => {
  const perMinute = 25;
  const simulator = await startSimulator({
    quota: { perSecond: 10, perMinute },
    advertisers: 1,
    campaigns: 2,
  });
  try {
    const folder = temporaryFolder('quota');
    const attributes = {
      resources: 'reports',
      data_level: 'AUCTION_ADVERTISER',
      time_granularity: 'hour',
      start_date: '2026-01-01',
      end_date: '2026-01-20',
      requests_per_second: 10,
      requests_per_minute: perMinute,
    };
    const start = (name: string) =>
      startProgram({
        simulator,
        folder: join(folder, name),
        attributes,
        environment: { TIKTOK_ADS_STATE_DIR: join(folder, 'state') },
      });
    const first = start('first');
    await until(() => simulator.stats().calls >= perMinute);
    const second = start('second');
    await until(() => second.errors().includes('load '));
    await sleep(3_000);
    expect({ calls: simulator.stats().calls, throttled: simulator.stats().throttled }).toEqual({
      calls: perMinute,
      throttled: 0,
    });
    first.kill('SIGINT');
    second.kill('SIGINT');
    expect([(await first.ended).code, (await second.ended).code]).toEqual([130, 130]);
  } finally {
    await simulator.close();
  }
});

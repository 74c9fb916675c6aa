import fc from 'fast-check';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { addDays } from '../../src/plan/window.ts';
import { startSimulator } from '../../src/simulator/index.ts';
import { temporaryFolder } from '../support/folders.ts';
import { runWhole } from '../support/whole-run.ts';
import { runs, timeLimitMs } from './seeds.ts';

const load = fc.record({
  perSecond: fc.integer({ min: 4, max: 20 }),
  window: fc.constantFrom('fixed' as const, 'sliding' as const),
  latencyMs: fc.record({ min: fc.constant(0), max: fc.integer({ min: 0, max: 400 }) }),
  /** How many seconds of the quota the calls fill. */
  seconds: fc.integer({ min: 2, max: 3 }),
});

// Whole seconds are TikTok's; what a busy machine delays on its way may fall into one with others. Then it is tried again.
test('Whatever the quota and the latency, TikTok never refuses a request for coming too soon', {
  retry: 2,
  timeout: timeLimitMs,
}, async () => {
  await fc.assert(
    fc.asyncProperty(load, async ({ perSecond, window, latencyMs, seconds }) => {
      const simulator = await startSimulator({
        advertisers: 1,
        campaigns: 2,
        quota: { perSecond, window, perMinute: 60_000, perAdvertiserSecond: 1_000 },
        latencyMs,
      });
      try {
        const end = addDays(new Date().toISOString().slice(0, 10), -3);
        const attributes = {
          resources: 'reports',
          data_level: 'AUCTION_ADVERTISER',
          time_granularity: 'hour',
          start_date: addDays(end, 1 - Math.ceil((perSecond * seconds) / 2)),
          end_date: end,
          requests_per_second: perSecond,
        };
        const folder = temporaryFolder('quota');
        const told = await runWhole({ attributes, simulator, folder, loadId: 'load', clock: systemClock });
        const { throttled, calls } = simulator.stats();
        expect(told.outcome.failure).toBeNull();
        expect({ throttled, calls, retries: told.calls.retries }).toEqual({ throttled: 0, calls: told.calls.made, retries: 0 });
      } finally {
        await simulator.close();
      }
    }),
    runs(4),
  );
});

import { expect, test } from 'vitest';
import { startSimulator } from '../../src/simulator/index.ts';
import { temporaryFolder } from '../support/folders.ts';
import { runWhole } from '../support/whole-run.ts';

test('Hundreds of windows in one run are compared with TikTok’s totals within the memory that a run has', async () => {
  const simulator = await startSimulator({ quota: false, restatement: false, advertisers: 1, campaigns: 2, topViewCampaigns: 0 });
  try {
    const hours = { resources: 'reports', data_level: 'AUCTION_ADVERTISER', time_granularity: 'hour' };
    const { checks, outcome } = await runWhole({
      simulator,
      folder: temporaryFolder('windows'),
      loadId: 'windows',
      memoryLimitMb: 128,
      attributes: { ...hours, start_date: '2025-01-01', end_date: '2025-10-27' },
    });
    expect(outcome.results[0]?.scopes).toHaveLength(300);
    expect(checks.filter((check) => !check.passed)).toEqual([]);
  } finally {
    await simulator.close();
  }
}, 60_000);

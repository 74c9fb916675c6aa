import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startSimulator } from '../../src/simulator/index.ts';
import { temporaryFolder } from '../support/folders.ts';
import { loadedEntities, trueEntities } from '../support/truth.ts';
import { databaseName, runWhole } from '../support/whole-run.ts';

/** What a run has unless told otherwise. */
const memoryLimitMb = 128;

test('Accounts loaded one after the other and again into one file fit into the memory of a run, however many columns', async () => {
  const simulator = await startSimulator({
    quota: false,
    advertisers: 3,
    campaigns: 4,
    adGroupsPerCampaign: 2,
    adsPerAdGroup: 2,
  });
  try {
    const folder = temporaryFolder('memory');
    const [first = '', ...others] = simulator.advertiserIds;
    for (const [number, ids] of [[first], others, [first], others, [...simulator.advertiserIds]].entries()) {
      const attributes = { resources: 'campaigns,ad_groups,ads', advertiser_ids: ids };
      const told = await runWhole({ attributes, simulator, folder, loadId: `load ${number}`, memoryLimitMb });
      expect(told.outcome.failure).toBeNull();
    }
    expect(await loadedEntities(join(folder, databaseName), 'ads', 'ad_groups')).toEqual(
      trueEntities(simulator, 'ad_groups', true, simulator.advertiserIds),
    );
  } finally {
    await simulator.close();
  }
}, 60_000);

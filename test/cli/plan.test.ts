import { describe, expect, it, onTestFinished } from 'vitest';
import { planCommand } from '../../src/cli/plan.ts';
import { runLoadCommand } from '../../src/cli/run.ts';
import { startSimulator } from '../../src/simulator/index.ts';
import { commandBench, defsYaml } from '../support/commands.ts';

describe('tiktok-ads plan', () => {
  const year = ['--start', '2024-01-01', '--end', '2024-12-31'];

  it('tells every account and window without a token', async () => {
    const b = commandBench();
    b.write('defs.yaml', defsYaml('advertiser_ids: "71,72"', 'resources: advertisers,campaigns,reports'));
    const { code, stdout, stderr } = await b.run(planCommand, ['--config', 'defs.yaml', ...year, '--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const plan = JSON.parse(stdout);
    expect(plan.accounts).toEqual(['71', '72']);
    const windows = plan.windows.filter((one: { table: string }) => one.table === 'reports');
    expect(windows).toHaveLength(26);
    expect(windows[0]).toEqual({ table: 'reports', advertiser_ids: ['71'], start: '2024-01-01', end: '2024-01-30', calls: 1 });
    // One call for the accounts, which fills their table too; four for each account's campaigns.
    expect(plan.calls_planned).toBe(1 + 2 * 4 + 26);
  });

  it('tells what a run then does', async () => {
    const simulator = await startSimulator({
      advertisers: ['71', '72'],
      quota: false,
      campaigns: 2,
      adGroupsPerCampaign: 1,
      adsPerAdGroup: 1,
    });
    onTestFinished(() => simulator.close());
    const b = commandBench();
    const fast = ['requests_per_second: 1000', 'requests_per_minute: 60000'];
    b.write(
      'defs.yaml',
      defsYaml('advertiser_ids: "71,72"', 'resources: advertisers,campaigns,ad_groups,videos,reports', ...fast),
    );
    const planned = JSON.parse((await b.run(planCommand, ['defs.yaml', ...year, '--json'])).stdout);
    const env = { TOKEN: 'simulated-access-token', TIKTOK_ADS_API_BASE_URL: simulator.url };
    const { metadata } = JSON.parse((await b.run(runLoadCommand, ['defs.yaml', ...year, '--json'], env)).stdout);
    expect(metadata.ads.api_calls_planned).toBe(planned.calls_planned);
    expect(metadata.ads.api_calls).toBe(simulator.stats().calls);
  });

  it('stands for accounts that are found at run time with one line', async () => {
    const b = commandBench();
    b.write('defs.yaml', defsYaml('app_id: "1"', 'secret: "${SECRET}"'));
    const { code, stdout } = await b.run(planCommand, ['defs.yaml', ...year]);
    expect(code).toBe(0);
    expect(stdout).toContain('each account found at run time');
  });

  it('takes the quota of a minute for its time, where that is the smaller one', async () => {
    const b = commandBench();
    b.write('defs.yaml', defsYaml('advertiser_ids: "71"', 'mode: sandbox', 'resources: reports'));
    const plan = JSON.parse(
      (await b.run(planCommand, ['defs.yaml', '--start', '2020-01-01', '--end', '2024-12-31', '--json'])).stdout,
    );
    expect(plan.seconds_at_quota).toBeGreaterThan(plan.calls_planned * 1.5);
  });

  it('says how many days it takes, where a day’s quota is not enough', async () => {
    const b = commandBench();
    b.write('defs.yaml', defsYaml('advertiser_ids: "71"', 'requests_per_day: 10', 'resources: reports'));
    const { stdout } = await b.run(planCommand, ['defs.yaml', ...year]);
    expect(stdout).toContain('That takes 2 days of 10 calls each');
    expect(JSON.parse((await b.run(planCommand, ['defs.yaml', ...year, '--json'])).stdout).days_at_quota).toBe(2);
  });

  it('lists every window when asked', async () => {
    const b = commandBench();
    b.write('defs.yaml', defsYaml('advertiser_ids: "71"'));
    const { stdout } = await b.run(planCommand, ['defs.yaml', ...year, '--windows']);
    expect(stdout).toContain('2024-12-26');
    expect((await b.run(planCommand, ['defs.yaml', ...year])).stdout).not.toContain('2024-12-26');
  });

  it.each([
    [[], 'FILE: is missing'],
    [['missing.yaml'], 'missing.yaml'],
    [['defs.yaml', '--start', '2024-02-30'], '--start: "2024-02-30" is not a date'],
  ])('ends with 2 for %j', async (argv, words) => {
    const b = commandBench();
    b.write('defs.yaml', defsYaml('advertiser_ids: "71"'));
    const { code, stderr } = await b.run(planCommand, argv);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(words) });
  });
});

import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runLoadCommand } from '../../src/cli/run.ts';
import { type Simulator, startSimulator } from '../../src/simulator/index.ts';
import type { SimulatorOptions } from '../../src/simulator/options.ts';
import { type CommandBench, type CommandRun, commandBench, defsYaml } from '../support/commands.ts';
import { queryWarehouse } from '../support/warehouse.ts';

interface Bench extends CommandBench {
  readonly simulator: Simulator;
  readonly load: (...argv: readonly string[]) => Promise<CommandRun>;
}

async function bench(
  attributes: readonly string[] = ['resources: campaigns,reports'],
  options: SimulatorOptions = {},
): Promise<Bench> {
  const simulator = await startSimulator({
    advertisers: [{ id: '71' }, { id: '72', access: 'denied' }],
    quota: false,
    campaigns: 2,
    adGroupsPerCampaign: 1,
    adsPerAdGroup: 1,
    ...options,
  });
  onTestFinished(() => simulator.close());
  const commands = commandBench();
  commands.write(
    'defs.yaml',
    defsYaml('advertiser_ids: "71"', 'requests_per_second: 1000', 'requests_per_minute: 60000', ...attributes),
  );
  const env = { TOKEN: 'simulated-access-token', TIKTOK_ADS_API_BASE_URL: simulator.url };
  return { ...commands, simulator, load: (...argv) => commands.run(runLoadCommand, argv, env) };
}

describe('tiktok-ads run', () => {
  it('loads what the YAML asks for, and prints tables, rows and checks', async () => {
    const b = await bench();
    const { code, stdout, stderr } = await b.load('--config', 'defs.yaml', '--start', '2026-01-01', '--end', '2026-01-31');
    expect({ code, stderr: stderr.includes('✗') }).toEqual({ code: 0, stderr: false });
    expect(stdout).toMatch(/campaigns +2 +1/);
    expect(stdout).toContain('✓ matches_api_total');
    const [row] = await queryWarehouse(
      join(b.folder, 'tiktok_ads_warehouse.duckdb'),
      'SELECT min(stat_time_day)::VARCHAR >= $$2026-01-01$$ AND max(stat_time_day)::VARCHAR <= $$2026-01-31$$ AS within FROM ads.reports',
    );
    expect(row?.['within']).toBe(true);
  });

  it('makes a table where a view named like the asset stood, once that table is asked for', async () => {
    const b = await bench(['resources: reports']);
    const dates = ['--start', '2026-01-01', '--end', '2026-01-02'];
    expect((await b.load('defs.yaml', ...dates)).code).toBe(0);
    const { code, stderr } = await b.load('defs.yaml', ...dates, '--resources', 'ads,reports');
    expect(stderr).not.toContain('✗');
    expect(code).toBe(0);
    const kind = "SELECT table_type FROM information_schema.tables WHERE table_schema = 'ads' AND table_name = 'ads'";
    expect(await queryWarehouse(join(b.folder, 'tiktok_ads_warehouse.duckdb'), kind)).toEqual([{ table_type: 'BASE TABLE' }]);
  });

  it('gives one JSON object on standard output, and messages on standard error', async () => {
    const b = await bench();
    const { code, stdout, stderr } = await b.load('defs.yaml', '--start', '2026-01-01', '--end', '2026-01-31', '--json');
    expect(code).toBe(0);
    const told = JSON.parse(stdout);
    expect(told).toMatchObject({
      error: null,
      tables: [{ table: 'campaigns', rows: 2, accounts: 1, failures: 0 }, { table: 'reports' }],
    });
    expect(told.load_id).toMatch(/^[0-9a-f]{32}$/);
    expect(told.metadata.ads.spend_total).toBeTypeOf('number');
    expect(stderr).toContain(told.load_id);
  });

  it('loads only the named resources', async () => {
    const b = await bench();
    const { stdout } = await b.load('defs.yaml', '--resources', 'campaigns', '--json');
    expect(JSON.parse(stdout).tables.map((one: { table: string }) => one.table)).toEqual(['campaigns']);
  });

  it('continues a load that did not end, without asking again for what it committed', async () => {
    const b = await bench();
    const dates = ['--start', '2026-01-01', '--end', '2026-01-31'];
    const first = JSON.parse((await b.load('defs.yaml', ...dates, '--json')).stdout);
    b.simulator.resetStats();
    const again = await b.load('defs.yaml', ...dates, '--resume', first.load_id, '--json');
    expect(again.code).toBe(0);
    expect(JSON.parse(again.stdout).load_id).toBe(first.load_id);
    expect(Object.keys(b.simulator.stats().callsByPath)).toEqual(['advertiser/info/']);
  });

  it('ends with 1 where an account is refused, names it, and keeps the others', async () => {
    const b = await bench(['resources: campaigns']);
    b.write('both.yaml', defsYaml('advertiser_ids: "71,72"', 'resources: campaigns'));
    const { code, stdout, stderr } = await b.load('both.yaml');
    expect(code).toBe(1);
    expect(stderr).toContain('72');
    expect(stderr).toContain('→');
    expect(stdout).toMatch(/campaigns +2 +1/);
  });

  it('gives one JSON object also where an account is refused', async () => {
    const b = await bench();
    b.write('both.yaml', defsYaml('advertiser_ids: "71,72"', 'resources: campaigns'));
    const { code, stdout } = await b.load('both.yaml', '--json');
    expect(code).toBe(1);
    const told = JSON.parse(stdout);
    expect(told.tables).toHaveLength(1);
    expect(told.error).toMatchObject({ kind: 'source', code: '40001' });
  });

  it.each([
    [['defs.yaml', '--start', 'yesterday'], '--start: "yesterday" is not a date'],
    [['defs.yaml', '--start', '2026-02-01', '--end', '2026-01-01'], '--end (end_date): "2026-01-01" is before start_date'],
    [
      ['defs.yaml', '--resources', 'campains'],
      '--resources (resources[0]): "campains" is not a resource. Did you mean campaigns?',
    ],
    [['no-such-file.yaml'], 'no-such-file.yaml'],
    [['defs.yaml', '--asset', 'other'], 'other'],
    [[], '--config'],
    [['--unknown'], '--unknown'],
  ])('ends with 2 for %j, before any request', async (argv, words) => {
    const b = await bench();
    const { code, stdout, stderr } = await b.load(...argv);
    expect(code).toBe(2);
    expect(`${stdout}${stderr}`).toContain(words);
    expect(b.simulator.stats().calls).toBe(0);
  });

  it('names the variable that is not set, and never shows one that is', async () => {
    const b = await bench();
    const missing = await b.run(runLoadCommand, ['defs.yaml'], {});
    expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining('TOKEN') });
    b.simulator.faults.add([{ effect: { kind: 'code', code: 40_105 } }]);
    const refused = await b.run(runLoadCommand, ['defs.yaml'], {
      TOKEN: 'canary-token',
      TIKTOK_ADS_API_BASE_URL: b.simulator.url,
    });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('40105');
    expect(refused.stderr).toContain('cannot be refreshed');
    expect(`${refused.stdout}${refused.stderr}`).not.toContain('canary');
  });

  it('ends with 130 when cancelled', async () => {
    const b = await bench();
    b.simulator.faults.add([{ effect: { kind: 'hang' } }]);
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('cancelled')), 100);
    const env = { TOKEN: 'simulated-access-token', TIKTOK_ADS_API_BASE_URL: b.simulator.url };
    const { code, stderr } = await b.run(runLoadCommand, ['defs.yaml'], env, controller.signal);
    expect({ code, stderr }).toEqual({
      code: 130,
      stderr: expect.stringMatching(/nothing is half-written.* --resume [0-9a-f]{32}\./),
    });
  });

  it('explains itself', async () => {
    const { code, stdout } = await commandBench().run(runLoadCommand, ['--help']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('Usage: tiktok-ads run') });
  });
});

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { doctorCommand } from '../../src/cli/doctor.ts';
import type { FaultRuleInput } from '../../src/simulator/fault-rules.ts';
import { startSimulator } from '../../src/simulator/index.ts';
import type { SimulatorOptions } from '../../src/simulator/options.ts';
import { commandBench, defsYaml } from '../support/commands.ts';
import { page, sendJson, startScriptedServer } from '../support/scripted-server.ts';
import { queryWarehouse } from '../support/warehouse.ts';

interface Finding {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly fix: string;
}

async function examine(
  given: {
    readonly options?: SimulatorOptions;
    readonly faults?: readonly FaultRuleInput[];
    readonly attributes?: readonly string[];
    readonly token?: string;
  } = {},
) {
  const simulator = await startSimulator({
    advertisers: [{ id: '71' }, { id: '72', access: 'denied' }],
    quota: false,
    ...given.options,
    faults: [...(given.faults ?? [])],
  });
  onTestFinished(() => simulator.close());
  const b = commandBench();
  const fast = ['requests_per_second: 1000', 'requests_per_minute: 60000'];
  b.write('defs.yaml', defsYaml('advertiser_ids: "71"', ...fast, ...(given.attributes ?? [])));
  const env = { TOKEN: given.token ?? 'simulated-access-token', TIKTOK_ADS_API_BASE_URL: simulator.url };
  const { code, stdout } = await b.run(doctorCommand, ['--config', 'defs.yaml', '--json'], env);
  const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: readonly Finding[] };
  const plain = (await b.run(doctorCommand, ['defs.yaml'], env)).stdout;
  return { code, ok, findings, plain, folder: b.folder, failed: findings.filter((one) => !one.ok) };
}

describe('tiktok-ads doctor', () => {
  it('finds nothing wrong where nothing is, and leaves no trace in the warehouse', async () => {
    const { code, ok, findings, plain, folder } = await examine();
    expect({ code, ok }).toEqual({ code: 0, ok: true });
    expect(findings.map((one) => one.what)).toEqual(
      expect.arrayContaining(['configuration', 'token and accounts', 'scope: reports', 'destination duckdb']),
    );
    expect(plain).toContain('ok');
    expect(await queryWarehouse(join(folder, 'tiktok_ads_warehouse.duckdb'), 'SELECT table_name FROM duckdb_tables()')).toEqual(
      [],
    );
  });

  it('says that the token is dead and how to get another, and never shows it', async () => {
    const { code, failed, plain } = await examine({ token: 'canary-token' });
    expect(code).toBe(1);
    expect(failed[0]).toMatchObject({
      what: 'token and accounts',
      detail: expect.stringContaining('40105'),
      fix: expect.stringContaining('new access token'),
    });
    expect(plain).not.toContain('canary');
    expect(plain).toContain('→');
  });

  it('names each account that is refused', async () => {
    const { code, failed } = await examine({
      attributes: ['on_advertiser_error: skip'],
      options: { advertisers: [{ id: '71', access: 'denied' }] },
    });
    expect(code).toBe(1);
    expect(failed.map((one) => `${one.what} ${one.detail}`).join('\n')).toContain('71');
  });

  it('names the scope that is missing', async () => {
    const { failed } = await examine({ faults: [{ match: { path: 'ad/get/' }, effect: { kind: 'code', code: 40_130 } }] });
    expect(failed.map((one) => one.what)).toEqual(['scope: ads']);
    expect(failed[0]?.fix).toContain('developer portal');
  });

  it('tells the quota that runs keep to, and that TikTok’s answers tell none', async () => {
    const { findings, plain } = await examine({ attributes: ['requests_per_day: 50000'] });
    expect(findings.find((one) => one.what === 'quota')?.detail).toBe(
      "runs keep to 1,000 requests a second, 60,000 a minute, 50,000 a day; TikTok's answers do not say what the app may ask or has left",
    );
    expect(plain).toContain('50,000 a day');
  });

  it('says that TikTok gave no count where it gave none, instead of 0', async () => {
    const server = await startScriptedServer((response, { path }) =>
      sendJson(
        response,
        path.endsWith('advertiser/info/')
          ? { code: 0, message: 'OK', data: { list: [{ advertiser_id: '71', timezone: 'UTC', currency: 'USD' }] } }
          : path.endsWith('ad/get/')
            ? { code: 0, message: 'OK', data: { list: [] } }
            : page([{}]),
      ),
    );
    onTestFinished(() => server.close());
    const b = commandBench();
    b.write('defs.yaml', defsYaml('advertiser_ids: "71"'));
    const { stdout } = await b.run(doctorCommand, ['defs.yaml', '--json'], { TOKEN: 'x', TIKTOK_ADS_API_BASE_URL: server.url });
    const details = Object.fromEntries(
      (JSON.parse(stdout) as { findings: readonly Finding[] }).findings.map((one) => [one.what, one.detail]),
    );
    expect(details['scope: ads']).toBe('answered; TikTok gave no count in account 71');
    expect(details['scope: campaigns']).toBe('1 record(s) in account 71');
  });

  it('names what is wrong with the destination', async () => {
    const { code, failed } = await examine({
      attributes: ['destination_config: {credentials: "/proc/no/such/folder/x.duckdb"}'],
    });
    expect(code).toBe(1);
    expect(failed.map((one) => one.what)).toEqual(['destination duckdb']);
    expect(failed[0]?.fix).not.toBe('');
  });

  it('ends with 2 where the configuration is wrong, without calling anyone', async () => {
    const b = commandBench();
    b.write('defs.yaml', defsYaml('advertiser_ids: "71"', 'destination: duckbd'));
    const { code, stdout } = await b.run(doctorCommand, ['defs.yaml'], { TOKEN: 'x' });
    expect({ code, stdout }).toEqual({ code: 2, stdout: expect.stringContaining('duckbd') });
    expect((await b.run(doctorCommand, [])).code).toBe(2);
    expect(existsSync(join(b.folder, 'state'))).toBe(false);
  });
});

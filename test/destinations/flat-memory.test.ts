import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startSimulator } from '../../src/simulator/index.ts';
import { temporaryFolder } from '../support/folders.ts';
import { executable } from '../support/program.ts';

/** More memory that ten times the rows may take. One more row may take none, but garbage is not collected at the same moments. */
const growthMbMax = 100;

test.runIf(existsSync('/proc/self/status'))(
  'Ten times the rows take hardly more memory, counted by the kernel for a process of its own',
  async () => {
    const small = await peakMb(2, 30);
    const large = await peakMb(12, 50);
    expect(small.rows * 10).toBe(large.rows);
    expect(large.peakMb - small.peakMb, `${small.peakMb} MB and ${large.peakMb} MB`).toBeLessThan(growthMbMax);
  },
  120_000,
);

async function peakMb(campaigns: number, days: number): Promise<{ readonly rows: number; readonly peakMb: number }> {
  const account = { id: '7000000000001', campaigns, adGroupsPerCampaign: 20, adsPerAdGroup: 15, timezone: 'UTC' };
  const always = { alwaysOn: true, deliveryPercent: 100, deletedPercent: 0, topViewCampaigns: 0 };
  const simulator = await startSimulator({ quota: false, anyToken: true, advertisers: [{ ...account, ...always }] });
  try {
    const folder = temporaryFolder('flat');
    const end = new Date(Date.UTC(2025, 0, days)).toISOString().slice(0, 10);
    writeFileSync(
      join(folder, 'defs.yaml'),
      `type: dagster_component_templates.TikTokAdsIngestionComponent
attributes:
  asset_name: flat
  access_token: token
  advertiser_ids: "${account.id}"
  resources: reports
  data_level: AUCTION_AD
  start_date: "2025-01-01"
  end_date: "${end}"
  requests_per_second: 1000
  requests_per_minute: 60000
`,
    );
    const program = spawn(process.execPath, [executable, 'run', '--config', 'defs.yaml', '--json'], {
      cwd: folder,
      env: { ...process.env, TIKTOK_ADS_API_BASE_URL: simulator.url, TIKTOK_ADS_STATE_DIR: folder, TIKTOK_ADS_TEMP_DIR: folder },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let peakKb = 0;
    const timer = setInterval(() => {
      try {
        const status = readFileSync(`/proc/${program.pid}/status`, 'utf8');
        peakKb = Math.max(peakKb, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
      } catch {
        clearInterval(timer);
      }
    }, 10);
    let output = '';
    for await (const part of program.stdout) output += String(part);
    clearInterval(timer);
    const told = JSON.parse(output.trim().split('\n').at(-1) ?? '{}');
    expect(told.error ?? null).toBeNull();
    return { rows: told.tables[0].rows, peakMb: Math.round(peakKb / 1_000) };
  } finally {
    await simulator.close();
  }
}

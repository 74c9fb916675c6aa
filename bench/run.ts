/** Benchmarks of the built executable against the simulator: `npm run bench -- [--case NAME] [--large]`. See bench/README.md. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Statistics } from '../src/simulator/statistics.ts';

const root = resolve(import.meta.dirname, '..');
const accountId = '7000000000001';
const metrics =
  'spend,impressions,clicks,ctr,cpc,cpm,reach,frequency,conversion,cost_per_conversion,conversion_rate,video_play_actions,video_watched_2s,video_watched_6s';

interface Case {
  readonly name: string;
  readonly what: string;
  /** Ads of the account; rows are ads × days. */
  readonly campaigns: number;
  readonly days: number;
  readonly latencyMs: number;
  /** Requests a second that the simulator allows and the executable is told of; null: no quota. */
  readonly perSecond: number | null;
  readonly large?: boolean;
}

const adsPerCampaign = 20 * 15;
const cases: readonly Case[] = [
  {
    name: 'throughput',
    what: '270,000 ad days, no quota, from HTTP to the DuckDB table, checks included',
    campaigns: 30,
    days: 30,
    latencyMs: 0,
    perSecond: null,
  },
  { name: 'memory', what: '2,700,000 ad days, no quota', campaigns: 100, days: 90, latencyMs: 0, perSecond: null },
  {
    name: 'memory-large',
    what: '9,900,000 ad days, no quota',
    campaigns: 100,
    days: 330,
    latencyMs: 0,
    perSecond: null,
    large: true,
  },
  {
    name: 'quota',
    what: '270,000 ad days, 10 requests a second, answers after 0.5 s',
    campaigns: 30,
    days: 30,
    latencyMs: 500,
    perSecond: 10,
  },
  { name: 'start', what: 'one page: process start to first request', campaigns: 1, days: 1, latencyMs: 0, perSecond: null },
];

const { values } = parseArgs({ options: { case: { type: 'string' }, large: { type: 'boolean' } } });
const chosen = cases.filter((one) => (values.case ? one.name === values.case : !one.large || values.large));
console.log(
  '| case | rows | seconds | rows/s | peak MB | calls | to first request |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |',
);
for (const one of chosen) console.log(await measure(one));

/** One load in a process of its own; a line of the table. */
async function measure(one: Case): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'tiktok-ads-bench-'));
  const simulator = spawn(process.execPath, [join(root, 'bench', 'simulate.ts'), JSON.stringify(world(one))], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const url = (await firstLine(simulator)).trim();
    writeFileSync(join(folder, 'defs.yaml'), yaml(one));
    const begun = Date.now();
    const program = spawn(process.execPath, [join(root, 'dist', 'main.mjs'), 'run', '--config', 'defs.yaml', '--json'], {
      cwd: folder,
      env: { ...process.env, TIKTOK_ACCESS_TOKEN: folder, TIKTOK_ADS_API_BASE_URL: url, TIKTOK_ADS_STATE_DIR: folder },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const peak = watchMemory(program);
    const output = await all(program);
    const seconds = (Date.now() - begun) / 1_000;
    const told = JSON.parse(output.trim().split('\n').at(-1) ?? '{}');
    if (told.error) throw new Error(`${one.name}: ${told.error.message}`);
    // The simulator's own statistics; their shape is `Statistics` of src/simulator.
    const stats = (await (await fetch(`${new URL(url).origin}/_control/stats`)).json()) as Pick<
      Statistics,
      'firstCallAt' | 'calls'
    >;
    const rows = told.tables[0].rows;
    const first = (((stats.firstCallAt ?? begun) - begun) / 1_000).toFixed(2);
    return `| ${one.name}: ${one.what} | ${rows} | ${seconds.toFixed(1)} | ${Math.round(rows / seconds)} | ${peak()} | ${stats.calls} | ${first} s |`;
  } finally {
    simulator.stdin?.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

function world({ campaigns, latencyMs, perSecond }: Case): unknown {
  const account = {
    id: accountId,
    campaigns,
    adGroupsPerCampaign: 20,
    adsPerAdGroup: 15,
    timezone: 'UTC',
    displayTimezone: 'UTC',
    currency: 'USD',
  };
  return {
    advertisers: [{ ...account, alwaysOn: true, deliveryPercent: 100, deletedPercent: 0, topViewCampaigns: 0 }],
    anyToken: true,
    reportIdsMax: campaigns * adsPerCampaign,
    latencyMs,
    quota: perSecond === null ? false : { perSecond, perMinute: perSecond * 60 },
  };
}

function yaml({ days, perSecond }: Case): string {
  const start = new Date(Date.UTC(2025, 0, 1)).toISOString().slice(0, 10);
  const end = new Date(Date.UTC(2025, 0, days)).toISOString().slice(0, 10);
  const quota = perSecond ?? 1_000;
  return `type: dagster_component_templates.TikTokAdsIngestionComponent
attributes:
  asset_name: bench
  access_token: "\${TIKTOK_ACCESS_TOKEN}"
  advertiser_ids: "${accountId}"
  resources: reports
  data_level: AUCTION_AD
  metrics: ${metrics}
  start_date: "${start}"
  end_date: "${end}"
  requests_per_second: ${quota}
  requests_per_minute: ${quota * 60}
  destination: duckdb
`;
}

/** The most memory that a process had, in MB, as the kernel counts it. */
function watchMemory(program: ChildProcess): () => number {
  let peakKb = 0;
  const timer = setInterval(() => {
    try {
      peakKb = Math.max(peakKb, Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${program.pid}/status`, 'utf8'))?.[1] ?? 0));
    } catch {
      clearInterval(timer);
    }
  }, 20);
  return () => {
    clearInterval(timer);
    return Math.round(peakKb / 1_000);
  };
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((done) => child.stdout?.once('data', (data) => done(String(data))));
}

async function all(child: ChildProcess): Promise<string> {
  let text = '';
  for await (const part of child.stdout ?? []) text += String(part);
  return text;
}

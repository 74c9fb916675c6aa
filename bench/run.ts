/** Benchmarks of the built executable against the simulator: `npm run bench -- [--case NAME] [--large] [--against ingestr] [--rounds N]`. See bench/README.md. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Statistics } from '../src/simulator/statistics.ts';
import { ingestrCommand, ingestrEnvironment, ingestrRows } from './ingestr.ts';

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

const { values } = parseArgs({
  options: {
    case: { type: 'string' },
    large: { type: 'boolean' },
    against: { type: 'string' },
    rounds: { type: 'string', default: '1' },
  },
});
if (values.against !== undefined && values.against !== 'ingestr') throw new Error('--against knows ingestr only.');
const chosen = cases.filter((one) => (values.case ? one.name === values.case : !one.large || values.large));
console.log(
  '| case | tool | rows | seconds | rows/s | CPU s | peak MB | calls | to first request | load before |\n| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
);
for (const one of chosen) {
  const compared = values.against !== undefined && (one.name === 'throughput' || one.name === 'quota');
  const ratios: { readonly speed: number; readonly memory: number }[] = [];
  for (let round = 0; round < Number(values.rounds); round += 1) {
    const ours = await measure(one, 'tiktok-ads');
    console.log(line(one, ours));
    if (!compared) continue;
    const theirs = await measure(one, 'ingestr');
    console.log(line(one, theirs));
    if (ours.rows !== theirs.rows) throw new Error(`${one.name}: ${ours.rows} rows against ${theirs.rows}.`);
    ratios.push({ speed: theirs.seconds / ours.seconds, memory: theirs.peakMb / ours.peakMb });
  }
  for (const { speed, memory } of ratios)
    console.log(`\n${one.name}: ${speed.toFixed(2)} × as fast as ingestr, with 1/${memory.toFixed(2)} of its memory.`);
}

type Tool = 'tiktok-ads' | 'ingestr';

interface Figures {
  readonly tool: Tool;
  readonly rows: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMb: number;
  readonly calls: number;
  readonly firstSeconds: number;
  /** Of the machine, in the minute before: what else was going on. */
  readonly loadBefore: number;
}

/** One load in a process of its own. */
async function measure(one: Case, tool: Tool): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'tiktok-ads-bench-'));
  const simulator = spawn(process.execPath, [join(root, 'bench', 'simulate.ts'), JSON.stringify(world(one))], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const url = (await firstLine(simulator)).trim();
    writeFileSync(join(folder, 'defs.yaml'), yaml(one));
    const [command, ...parameters] =
      tool === 'ingestr'
        ? ingestrCommand({ url, accountId, metrics, ...datesOf(one) })
        : [process.execPath, join(root, 'dist', 'main.mjs'), 'run', '--config', 'defs.yaml', '--json'];
    const loadBefore = loadavg()[0] ?? 0;
    const begun = Date.now();
    const program = spawn(command ?? '', parameters, {
      cwd: folder,
      env: {
        ...process.env,
        ...ingestrEnvironment,
        TIKTOK_ACCESS_TOKEN: folder,
        TIKTOK_ADS_API_BASE_URL: url,
        TIKTOK_ADS_STATE_DIR: folder,
      },
      stdio: ['ignore', 'pipe', tool === 'ingestr' ? 'inherit' : 'ignore'],
    });
    const usage = watch(program);
    const output = await all(program);
    const seconds = (Date.now() - begun) / 1_000;
    // The simulator's own statistics; their shape is `Statistics` of src/simulator.
    const stats = (await (await fetch(`${new URL(url).origin}/_control/stats`)).json()) as Pick<
      Statistics,
      'firstCallAt' | 'calls'
    >;
    const firstSeconds = ((stats.firstCallAt ?? begun) - begun) / 1_000;
    const rows = tool === 'ingestr' ? ingestrRows(folder) : rowsTold(one, output);
    return { tool, rows, seconds, ...usage(), calls: stats.calls, firstSeconds, loadBefore };
  } finally {
    simulator.stdin?.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Of the executable's last line. */
function rowsTold(one: Case, output: string): number {
  const told = JSON.parse(output.trim().split('\n').at(-1) ?? '{}');
  if (told.error) throw new Error(`${one.name}: ${told.error.message}`);
  return told.tables[0].rows;
}

function line(one: Case, figures: Figures): string {
  const { tool, rows, seconds, cpuSeconds, peakMb, calls, firstSeconds, loadBefore } = figures;
  return `| ${one.name}: ${one.what} | ${tool} | ${rows} | ${seconds.toFixed(1)} | ${Math.round(rows / seconds)} | ${cpuSeconds.toFixed(1)} | ${peakMb} | ${calls} | ${firstSeconds.toFixed(2)} s | ${loadBefore.toFixed(1)} |`;
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

function datesOf({ days }: Case): { readonly start: string; readonly end: string } {
  const date = (day: number): string => new Date(Date.UTC(2025, 0, day)).toISOString().slice(0, 10);
  return { start: date(1), end: date(days) };
}

function yaml(one: Case): string {
  const { start, end } = datesOf(one);
  const { perSecond } = one;
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

/** The most memory that a process had and the processor time it took, as the kernel counts them. */
function watch(program: ChildProcess): () => Pick<Figures, 'peakMb' | 'cpuSeconds'> {
  let peakKb = 0;
  let ticks = 0;
  const timer = setInterval(() => {
    try {
      peakKb = Math.max(peakKb, Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${program.pid}/status`, 'utf8'))?.[1] ?? 0));
      // Behind the name in brackets stand, from the third field on, state, parent …; the 14th and 15th are user and system time.
      const fields = readFileSync(`/proc/${program.pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
      ticks = Math.max(ticks, Number(fields[11]) + Number(fields[12]));
    } catch {
      clearInterval(timer);
    }
  }, 10);
  return () => {
    clearInterval(timer);
    return { peakMb: Math.round(peakKb / 1_000), cpuSeconds: ticks / 100 };
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

/**
 * What becomes of a load under each fault: rows and sums loaded against the simulated truth, calls made against calls planned, and how much of
 * the quota one and four processes use. `node bench/faults.ts [--quota-only | --faults-only]` prints two tables in Markdown.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Simulator, startSimulator } from '../src/simulator/index.ts';
import type { SimulatorOptions } from '../src/simulator/options.ts';
import { type Ended, startProgram, until } from '../test/support/program.ts';
import { loadUnderQuota, quotaUse } from '../test/support/quota-load.ts';
import { loadedFigures, type ReportAsked, trueFigures } from '../test/support/truth.ts';
import { queryWarehouse } from '../test/support/warehouse.ts';
import { accountsOf, callsPlanned, databaseName, runWhole, type Told } from '../test/support/whole-run.ts';

const reports = 'report/integrated/get/';
const asked: ReportAsked = {
  table: 'reports',
  dataLevel: 'AUCTION_AD',
  granularity: 'day',
  breakdowns: [],
  includeDeleted: true,
  start: '2025-12-01',
  end: '2026-01-29',
};

interface Case {
  readonly name: string;
  readonly options?: SimulatorOptions;
  /** Runs of the same load that end early before the one that is measured; the calls of all are counted together. */
  readonly interrupted?: 'token revoked';
  readonly requestTimeoutMs?: number;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

type Faults = NonNullable<SimulatorOptions['faults']>;

function withFaults(...faults: Faults): SimulatorOptions {
  return { faults };
}

const cases: readonly Case[] = [
  { name: 'none' },
  { name: '40100, the app asks too often', options: withFaults({ every: 7, effect: { kind: 'code', code: 40_100 } }) },
  { name: '40016, an endpoint is asked too often', options: withFaults({ every: 9, effect: { kind: 'code', code: 40_016 } }) },
  { name: '40133, an account is asked too often', options: withFaults({ every: 6, effect: { kind: 'code', code: 40_133 } }) },
  {
    name: '50000 and 51010, faults inside TikTok',
    options: withFaults(
      { every: 5, effect: { kind: 'code', code: 50_000 } },
      { every: 8, effect: { kind: 'code', code: 51_010 } },
    ),
  },
  { name: '60001, maintenance', options: withFaults({ after: 6, times: 5, effect: { kind: 'code', code: 60_001 } }) },
  {
    name: 'HTML from the edge: 429, 502, 504',
    options: withFaults(
      ...[429, 502, 504].map((status, at): Faults[number] => ({ every: 7 + at * 2, effect: { kind: 'http', status } })),
    ),
  },
  { name: 'connection reset', options: withFaults({ every: 4, effect: { kind: 'reset' } }) },
  { name: 'body cut off', options: withFaults({ every: 5, effect: { kind: 'truncate' } }) },
  {
    name: 'body cut off, with a length that fits',
    options: withFaults({ every: 5, effect: { kind: 'truncate', clean: true, share: 0.7 } }),
  },
  { name: 'body in pieces', options: withFaults({ every: 3, effect: { kind: 'slow', ms: 150, pieces: 20 } }) },
  { name: 'connection hangs', options: withFaults({ after: 8, times: 2, effect: { kind: 'hang' } }), requestTimeoutMs: 1_500 },
  {
    name: 'a report hangs until it is asked in halves',
    options: withFaults({
      match: { path: reports, parameters: { start_date: asked.start, end_date: '2025-12-30' } },
      effect: { kind: 'hang' },
    }),
    requestTimeoutMs: 1_500,
  },
  {
    name: 'records come twice',
    options: withFaults({ match: { path: reports }, after: 2, times: 2, effect: { kind: 'duplicate' } }),
  },
  {
    name: 'records are missing from a page',
    options: withFaults({ match: { path: reports }, after: 3, times: 2, effect: { kind: 'drop', count: 3 } }),
  },
  {
    name: '40067, the query is too large',
    options: withFaults({ match: { path: reports }, effect: { kind: 'too-large', maxDays: 9 } }),
  },
  { name: '40067 for every day of all ads', options: { reportCellsMax: 70 } },
  {
    name: 'a campaign is made between two pages',
    options: {
      advertisers: [{ id: '7100000000000000010', campaigns: 1_100, adGroupsPerCampaign: 1, adsPerAdGroup: 1 }],
      faults: [{ match: { path: 'campaign/get/', page: 2 }, times: 1, effect: { kind: 'insert' } }],
    },
    // Lists of other entities, read before it was made, are right without it.
    attributes: { resources: 'campaigns,reports' },
  },
  { name: 'only the newest 20 ids considered', options: { reportIdsMax: 20 } },
  {
    name: 'a metric refused for one account',
    options: withFaults({
      match: { advertiserId: '7100000000000000011' },
      effect: { kind: 'invalid-metric', metric: 'video_play_actions' },
    }),
    attributes: { metrics: 'spend,impressions,clicks,conversion,video_play_actions' },
  },
  {
    name: 'one of four accounts refused, skipped',
    options: { advertisers: [...accountList(), { id: '7100000000000000099', access: 'denied' }] },
    attributes: { on_advertiser_error: 'skip' },
  },
  {
    name: 'token revoked midway, then a new one, same load',
    options: withFaults({ match: { path: reports }, after: 4, times: 1, effect: { kind: 'revoke' } }),
    interrupted: 'token revoked',
  },
];

function accountList() {
  const zones = ['Etc/GMT+8', 'Europe/Berlin', 'Asia/Tokyo'];
  const currencies = ['USD', 'EUR', 'JPY'];
  return zones.map((timezone, at) => ({ id: `71000000000000000${10 + at}`, timezone, currency: currencies[at] ?? 'USD' }));
}

const world: SimulatorOptions = {
  now: '2026-03-10T05:00:00Z',
  frozen: true,
  quota: false,
  seed: 7,
  historyStart: '2025-06-01',
  advertisers: accountList(),
  campaigns: 8,
  adGroupsPerCampaign: 3,
  adsPerAdGroup: 3,
};

async function faultRow(one: Case): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'faults-'));
  const simulator = await startSimulator({ ...world, ...one.options });
  try {
    const attributes = {
      resources: 'campaigns,ad_groups,ads,reports',
      data_level: asked.dataLevel,
      start_date: asked.start,
      end_date: asked.end,
      ...one.attributes,
    };
    const given = { attributes, simulator, folder, loadId: 'load', requestTimeoutMs: one.requestTimeoutMs ?? 20_000 };
    let callsBefore = 0;
    if (one.interrupted) {
      await runWhole(given).catch(() => undefined);
      callsBefore = simulator.stats().calls;
      await fetch(`${simulator.controlUrl}reset`, { method: 'POST' });
    }
    const told = await runWhole(given);
    const ids = simulator.advertiserIds.filter((id) => simulator.world.account(id)?.access === 'granted');
    const compared = await comparison(simulator, { path: join(folder, databaseName), ids, resources: attributes.resources });
    const planned = callsPlanned(
      given,
      accountsOf(simulator).filter((account) => ids.includes(account.id)),
    );
    return [one.name, ...compared, ...callColumns(told, planned, simulator.stats().calls, callsBefore)];
  } finally {
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Loaded {
  readonly path: string;
  readonly ids: readonly string[];
  readonly resources: string;
}

/** Rows of all tables' keys and the report's sums, and how far they are from the truth: per account, so that nothing cancels out. */
async function comparison(simulator: Simulator, { path, ids, resources }: Loaded): Promise<readonly string[]> {
  const loaded = await loadedFigures(path, 'ads', asked);
  const truth = trueFigures(simulator, asked, ids);
  const far = (metric: 'rows' | 'spend' | 'impressions' | 'clicks' | 'conversion'): number =>
    [...new Set([...loaded.keys(), ...truth.keys()])].reduce(
      (sum, id) => sum + Math.abs(Number(loaded.get(id)?.[metric] ?? 0) - Number(truth.get(id)?.[metric] ?? 0)),
      0,
    );
  const keys = ids.reduce((sum, id) => {
    const mine = new Set(loaded.get(id)?.keys);
    const right = truth.get(id)?.keys ?? [];
    return sum + right.filter((key) => !mine.has(key)).length + Math.max(0, mine.size - right.length);
  }, 0);
  let entities = 0;
  for (const [table, id] of [
    ['campaigns', 'campaign_id'],
    ['ad_groups', 'adgroup_id'],
    ['ads', 'ad_id'],
  ] as const) {
    if (!resources.split(',').includes(table)) continue;
    const [row] = await queryWarehouse(path, `SELECT count(DISTINCT ${id}) AS n FROM ads.${table} WHERE _deleted_at IS NULL`);
    const right = ids.reduce((sum, advertiserId) => sum + simulator.truth.entities({ advertiserId, resource: table }).length, 0);
    entities += Math.abs(Number(row?.['n']) - right);
  }
  const rows = [...loaded.values()].reduce((sum, one) => sum + one.rows, 0);
  const rightRows = [...truth.values()].reduce((sum, one) => sum + one.rows, 0);
  const differences = [far('rows') + keys, far('spend'), far('impressions'), far('clicks'), far('conversion'), entities];
  return [`${rows} / ${rightRows}`, differences.join(' · ')];
}

/** The executable as a process of its own, killed as soon as it has committed something, then started again with the same load. */
async function killedRow(): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'faults-'));
  const { now: _now, frozen: _frozen, ...lasting } = world;
  const simulator = await startSimulator({ ...lasting, restatement: false });
  try {
    const attributes = {
      resources: 'campaigns,ad_groups,ads,reports',
      data_level: asked.dataLevel,
      start_date: asked.start,
      end_date: asked.end,
    };
    const given = { simulator, folder, attributes, words: ['--resume', 'load'] };
    const killed = startProgram(given);
    await until(() => killed.errors().includes('✓'));
    killed.kill('SIGKILL');
    await killed.ended;
    const before = simulator.stats().calls;
    simulator.resetStats();
    const ended = await startProgram(given).ended;
    const compared = await comparison(simulator, {
      path: join(folder, databaseName),
      ids: simulator.advertiserIds,
      resources: attributes.resources,
    });
    const planned = callsPlanned({ ...given, loadId: 'load' }, accountsOf(simulator));
    return [
      'kill -9 while it loads, then the same load',
      ...compared,
      ...callColumns(toldBy(ended), planned, simulator.stats().calls, before),
    ];
  } finally {
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function toldBy({ result }: Ended): Pick<Told, 'calls' | 'checks'> {
  const metadata = result?.metadata['ads'] ?? {};
  return {
    checks: (result?.checks ?? []) as Told['checks'],
    calls: {
      made: Number(metadata['api_calls']),
      retries: Number(metadata['api_retries']),
      byReason: metadata['api_calls_by_reason'] as Told['calls']['byReason'],
    },
  };
}

function callColumns(
  { calls, checks }: Pick<Told, 'calls' | 'checks'>,
  planned: number,
  served: number,
  before: number,
): readonly string[] {
  const { further_page: further, split, reread, control, probe, reach } = calls.byReason;
  const explained = calls.byReason.planned + further + split + reread + control + probe + reach + calls.retries;
  const failed = checks.filter((check) => !check.passed).map((check) => check.name);
  return [
    String(planned),
    `${calls.made}${before > 0 ? ` (+ ${before} before)` : ''}`,
    [further, probe, split, reread, control, calls.retries].join(' · '),
    `${calls.made - explained} · ${served - calls.made}`,
    failed.length === 0 ? 'all pass' : `${failed.join(', ')} warn`,
  ];
}

async function quotaRow(processes: number, window: 'fixed' | 'sliding', latencyMs: number): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'quota-'));
  try {
    const callsEach = Math.ceil(300 / processes);
    const use = await loadUnderQuota({
      processes,
      callsEach,
      attributes: {},
      simulator: { quota: { perSecond: 10, window }, latencyMs },
      folder,
    });
    const loaded = use.ended.filter(({ code }) => code === 0).length;
    return [
      String(processes),
      window,
      String(latencyMs),
      String(use.stats.calls),
      use.seconds.toFixed(1),
      `${(quotaUse(use, 10) * 100).toFixed(1)} %`,
      String(use.stats.maxCallsInSecond),
      String(use.stats.throttled),
      `${loaded} of ${processes}`,
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function print(cells: readonly string[]): void {
  console.log(`| ${cells.join(' | ')} |`);
}

function heading(cells: readonly string[]): void {
  print(cells);
  print(cells.map(() => '---'));
}

const only = process.argv[2];
if (only !== '--quota-only') {
  heading([
    'fault',
    'report rows, loaded / true',
    'difference: rows and keys · spend · impressions · clicks · conversions · entities',
    'calls planned',
    'calls made',
    'further pages · TopView · splits · read again · control totals · retries',
    'unexplained · unserved',
    'checks',
  ]);
  for (const one of cases) print(await faultRow(one));
  print(await killedRow());
}
if (only !== '--faults-only') {
  console.log();
  heading([
    'processes',
    'seconds counted',
    'latency, ms',
    'calls',
    'seconds',
    'quota used',
    'most calls in any second',
    'throttled',
    'loads complete',
  ]);
  for (const [processes, window, latencyMs] of [
    [1, 'sliding', 0],
    [4, 'sliding', 0],
    [1, 'fixed', 0],
    [4, 'fixed', 0],
    [1, 'sliding', 50],
    [1, 'sliding', 3_000],
    [4, 'sliding', 3_000],
  ] as const)
    print(await quotaRow(processes, window, latencyMs));
}

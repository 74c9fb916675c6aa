import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { doctorCommand } from '../../src/cli/doctor.ts';
import { sumDecimals } from '../../src/decimal.ts';
import { openDestination } from '../../src/destinations/index.ts';
import { openStaging } from '../../src/extract/staging.ts';
import { type Simulator, startSimulator } from '../../src/simulator/index.ts';
import { commandBench } from '../support/commands.ts';
import { type LoadTarget, loadTargets, type StartedTarget } from '../support/destinations.ts';
import { sharedFolder } from '../support/folders.ts';
import { endPrograms, startProgram, until } from '../support/program.ts';
import { runWhole } from '../support/whole-run.ts';

/** Figures of one table that have to be the same wherever it lies. */
interface TableFigures {
  readonly rows: number;
  readonly spend: string;
  readonly impressions: string;
  readonly conversions: string;
  readonly keys: readonly string[];
}

type Contents = Readonly<Record<string, TableFigures>>;

const dates = { start_date: '2024-03-01', end_date: '2024-03-06' } as const;
const attributes = {
  resources: ['advertisers', 'campaigns', 'ads', 'reports'],
  data_level: 'AUCTION_AD',
  metrics: ['spend', 'impressions', 'conversions'],
  reports: [{ name: 'by_country', data_level: 'AUCTION_CAMPAIGN', dimensions: ['country_code'], metrics: ['spend', 'clicks'] }],
  ...dates,
} as const;
/** Keys of each table without the account's id, which stands in all of them. */
const keys: Readonly<Record<string, readonly string[]>> = {
  advertisers: ['advertiser_id'],
  campaigns: ['campaign_id', 'campaign_name'],
  ads: ['ad_id', 'ad_name'],
  reports: ['stat_time_day', 'ad_id', 'campaign_name'],
  report_by_country: ['stat_time_day', 'campaign_id', 'country_code'],
};
const stages = ['first load', 'second load', 'restatement', 'added metric', 'kill and retry'] as const;

const folder = sharedFolder('everywhere');
const targets = loadTargets(() => folder);
/** What the first of the targets, DuckDB, held after each stage. */
const expected = new Map<string, Contents>();

describe.each(targets.map((target) => [target.title, target] as const))('Into %s', (_title, target) => {
  let simulator: Simulator;
  let started: StartedTarget;
  beforeAll(async () => {
    started = await target.start();
    simulator = await startSimulator({
      quota: false,
      seed: 7,
      advertisers: 2,
      campaigns: 2,
      adGroupsPerCampaign: 1,
      adsPerAdGroup: 2,
      now: '2024-03-06T20:00:00Z',
      frozen: true,
    });
  });
  afterAll(async () => {
    endPrograms();
    await simulator?.close();
    await started?.stop();
  });

  test.each(stages)(
    'the same account gives the same rows, sums and keys after: %s',
    async (stage) => {
      await apply(stage, target, simulator, started);
      const found = await contentsOf(target, started);
      if (!expected.has(stage)) expected.set(stage, found);
      expect(found).toEqual(expected.get(stage));
      expect(found['reports']?.rows).toBeGreaterThan(20);
      const before = expected.get(stages[stages.indexOf(stage) - 1] ?? '');
      if (stage === 'second load' || stage === 'added metric') expect(found).toEqual(before);
      if (stage === 'restatement') expect(found['reports']?.spend).not.toBe(before?.['reports']?.spend);
    },
    60_000,
  );

  test('doctor finds the warehouse in order and says where it is', async () => {
    const { run, write } = commandBench();
    const env = { TOKEN: 'simulated-access-token', TIKTOK_ADS_API_BASE_URL: simulator.url };
    // JSON is YAML.
    const given = { asset_name: 'ads', access_token: '${TOKEN}', advertiser_ids: simulator.advertiserIds, ...started.attributes };
    write('defs.yaml', JSON.stringify({ type: 'dagster_component_templates.TikTokAdsIngestionComponent', attributes: given }));
    const { stdout } = await run(doctorCommand, ['defs.yaml', '--json'], env);
    const { findings } = JSON.parse(stdout) as { readonly findings: readonly Readonly<Record<string, unknown>>[] };
    const found = findings.find((one) => one['what'] === `destination ${target.destination}`);
    expect(found).toMatchObject({ ok: true, detail: expect.stringContaining('tables can be made, written and dropped') });
  });
});

async function apply(stage: (typeof stages)[number], target: LoadTarget, simulator: Simulator, started: StartedTarget) {
  const place = join(folder, target.destination);
  mkdirSync(place, { recursive: true });
  const wanted = { ...attributes, ...started.attributes };
  if (stage === 'restatement') simulator.clock.advance(5 * 86_400_000);
  if (stage !== 'kill and retry') {
    const metrics = stage === 'added metric' ? { metrics: [...attributes.metrics, 'reach', 'video_play_actions'] } : {};
    // What these stages change is the reports; the other tables stay, and are compared all the same.
    const resources = stage === 'restatement' || stage === 'added metric' ? { resources: ['reports'] } : {};
    const given = { ...wanted, ...metrics, ...resources };
    const { checks } = await runWhole({ simulator, folder: place, loadId: stage, attributes: given });
    expect(checks.filter((check) => !check.passed && check.name !== 'schema_unchanged')).toEqual([]);
    return;
  }
  // Dates beside those that are there: what the killed run had begun must not show.
  const given = {
    simulator,
    folder: place,
    attributes: { ...wanted, start_date: '2024-02-20', end_date: '2024-03-06' },
    words: ['--resume', 'killed-load'],
  };
  simulator.faults.add([{ match: { path: 'report/integrated/get/' }, after: 3, effect: { kind: 'hang' } }]);
  const killed = startProgram(given);
  await until(() => killed.errors().includes('campaigns') && simulator.faults.read()[0]?.hits !== 0, 40_000);
  killed.kill('SIGKILL');
  expect(await killed.ended).toMatchObject({ signal: 'SIGKILL' });
  simulator.faults.clear();
  expect(await startProgram(given).ended).toMatchObject({ code: 0, result: { error: null } });
}

/** Sums and keys of every table, by the destination's own session. */
async function contentsOf({ destination }: LoadTarget, started: StartedTarget): Promise<Contents> {
  const staging = await openStaging({
    parent: folder,
    processId: process.pid,
    memoryLimitMb: 128,
    threads: 1,
    isAlive: () => true,
  });
  const config = started.attributes['destination_config'] as Readonly<Record<string, unknown>>; // As `loadTargets` writes it.
  const directory = join(staging.directory, 'destination');
  mkdirSync(directory, { recursive: true });
  const session = await openDestination(
    destination,
    { config, url: null, datasetName: 'ads', directory: folder },
    {
      staging: staging.loadConnection,
      directory,
      signal: new AbortController().signal,
      now: Date.now,
      log: () => undefined,
    },
  );
  try {
    const contents: Record<string, TableFigures> = {};
    for (const [table, names] of Object.entries(keys)) {
      const columns = await session.columnsOf(table);
      const has = (name: string): boolean => columns?.some((column) => column.name.toLowerCase() === name) ?? false;
      const wanted = ['advertiser_id', ...names, 'spend', 'impressions', 'conversions'].filter(has);
      const rows = await session.query({
        sql: `SELECT ${wanted.map(session.dialect.identifier).join(', ')} FROM ${session.qualified(table)}`,
      });
      contents[table] = {
        rows: rows.length,
        spend: sumDecimals(rows.map((row) => String(row['spend'] ?? 0))),
        impressions: sumDecimals(rows.map((row) => String(row['impressions'] ?? 0))),
        conversions: sumDecimals(rows.map((row) => String(row['conversions'] ?? 0))),
        keys: rows.map((row) => ['advertiser_id', ...names].map((name) => String(row[name]).slice(0, 40)).join('|')).sort(),
      };
    }
    return contents;
  } finally {
    await session.close();
    await staging.close();
  }
}

/**
 * How fast a staged table is loaded, from the staging database to the commit, with no source in the way: `node bench/destinations.ts
 * [--rows N] [NAME …]` prints a table in Markdown. What is emulated says so: its figure is that of the emulator.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { destinationNamed } from '../src/destinations/index.ts';
import { stagingType } from '../src/extract/rows.ts';
import { load } from '../src/load/load.ts';
import { type Column, loadColumns, type TableSchema } from '../src/table.ts';
import { openBench } from '../test/contract/destination-fixtures.ts';
import { loadTargets } from '../test/support/destinations.ts';

const argv = process.argv.slice(2);
const rowsAt = argv.indexOf('--rows');
const rowCount = rowsAt < 0 ? 500_000 : Number(argv[rowsAt + 1]);
const named = argv.filter((word, at) => !word.startsWith('--') && (rowsAt < 0 || at !== rowsAt + 1));
/** An emulator's speed says little, so that fewer rows do. */
const emulatedRowsMax = 50_000;

const metrics = ['spend', 'cpc', 'cpm', 'ctr', 'impressions', 'clicks', 'reach', 'conversion', 'likes', 'shares'];
const texts = ['campaign_id', 'campaign_name', 'adgroup_id', 'ad_id'];
const columns: readonly Column[] = [
  { name: 'advertiser_id', type: 'id' },
  { name: 'stat_time_day', type: 'date' },
  ...texts.map((name): Column => ({ name, type: name.endsWith('_id') ? 'id' : 'text' })),
  ...metrics.map((name, at): Column => ({ name, type: at < 4 ? 'decimal' : 'count' })),
];
const table: TableSchema = {
  name: 'reports',
  description: 'Benchmark.',
  columns: [...columns, ...loadColumns],
  primaryKey: ['advertiser_id', 'stat_time_day', 'ad_id'],
  windowColumn: 'stat_time_day',
  signature: 'bench',
};
const window = { start: '2024-01-01', end: '2024-01-30' };

console.log('| destination | rows | first load, rows/s | same window again, rows/s |\n| --- | ---: | ---: | ---: |');
const folder = mkdtempSync(join(tmpdir(), 'bench-destinations-'));
for (const target of loadTargets(() => folder)) {
  if (named.length > 0 && !named.includes(target.destination)) continue;
  const isReal = target.destination === 'duckdb' || target.destination === 'postgres';
  const rows = isReal ? rowCount : Math.min(rowCount, emulatedRowsMax);
  const started = await target.start();
  // As `loadTargets` writes it.
  const config = started.attributes['destination_config'] as Readonly<Record<string, unknown>>;
  const bench = await openBench({
    definition: destinationNamed(target.destination),
    given: { config, url: null, datasetName: 'bench', directory: folder },
  });
  await bench.session.ensureSchema();
  const relation = '"memory"."main"."bench"';
  const values = metrics.map(
    (name, at) =>
      `(${at < 4 ? `(i * ${at + 3}) % 99991 / 100` : `(i * ${at}) % 9973`})::${stagingType(at < 4 ? 'decimal' : 'count')} AS ${name}`,
  );
  await bench.connection.run(
    `CREATE TABLE ${relation} AS SELECT '7000000000000000001' AS advertiser_id, DATE '2024-01-01' + (i % 30)::INTEGER AS stat_time_day, ` +
      `(1780000000000000000 + i % 100)::VARCHAR AS campaign_id, 'Campaign ' || i % 100 AS campaign_name, (1780000000000100000 + i % 1000)::VARCHAR AS adgroup_id, ` +
      `(1780000000001000000 + i)::VARCHAR AS ad_id, ${values.join(', ')} FROM range(${rows}) AS numbers(i)`,
  );
  const speeds: string[] = [];
  for (const loadId of ['first', 'second']) {
    const before = performance.now();
    await load(bench.session, {
      table,
      staged: { relation, columns, rowCount: rows, keysAreUnique: true },
      write: { disposition: 'merge', strategy: 'delete-insert' },
      scopes: [
        {
          advertiserId: '7000000000000000001',
          window,
          rows,
          apiRows: rows,
          apiTotals: null,
          proof: 'none',
          startedAt: new Date().toISOString(),
        },
      ],
      loadId,
      loadedAt: new Date().toISOString(),
      runId: null,
      markMissing: false,
    });
    speeds.push(Math.round((rows / (performance.now() - before)) * 1000).toLocaleString('en'));
  }
  console.log(`| ${target.title} | ${rows.toLocaleString('en')} | ${speeds.join(' | ')} |`);
  await bench.close();
  await started.stop();
}
rmSync(folder, { recursive: true, force: true });

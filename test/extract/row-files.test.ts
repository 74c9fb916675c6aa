import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { RowLayout } from '../../src/extract/rows.ts';
import type { Staging } from '../../src/extract/staging.ts';
import { testStaging } from '../support/staging.ts';

const layout: RowLayout = {
  name: 'rows_ads',
  records: 'list',
  framing: 'report-rows',
  keepsUnknown: true,
  reserved: [],
  fields: [
    { column: 'ad_id', path: ['dimensions', 'ad_id'], type: 'id', dashIsNull: false },
    { column: 'ad_name', path: ['metrics', 'ad_name'], type: 'text', dashIsNull: true },
    { column: 'spend', path: ['metrics', 'spend'], type: 'decimal', dashIsNull: true },
  ],
};
/** Enough for a file of more than 4 MB, whose rows do not go into the table. */
const rowCount = 20_000;
const name = `Ünï\u0000cødé 🎬 "quoted" \\ | ${'x'.repeat(200)}`;

async function append(
  staging: Staging,
  { unit, pass = 0, metrics = {} }: { unit: number; pass?: number; metrics?: Readonly<Record<string, string>> },
): Promise<void> {
  const list = Array.from({ length: rowCount }, (_, at) => ({
    dimensions: { ad_id: `${unit}000000${at}` },
    metrics: { ad_name: name, spend: '0.10', ...metrics },
  }));
  const body = Buffer.from(JSON.stringify({ code: 0, message: 'OK', data: { list } }));
  await staging.append(layout, { unit, pass, page: 1, records: rowCount, body });
  await staging.flush(layout);
}

function filesOf(staging: Staging): readonly string[] {
  return readdirSync(staging.directory).filter((file) => file.endsWith('.parquet'));
}

async function counted(staging: Staging, view: string): Promise<readonly (readonly number[])[]> {
  const rows = await staging.rows(`SELECT _unit, _pass, count(*) AS rows FROM ${view} GROUP BY ALL ORDER BY ALL`);
  return rows.map((row) => [Number(row['_unit']), Number(row['_pass']), Number(row['rows'])]);
}

it('Rows of large files are whole, to the last odd character', async () => {
  const staging = await testStaging();
  await append(staging, { unit: 1 });
  expect(filesOf(staging)).toHaveLength(1);
  const [row] = await staging.rows(
    'SELECT count(*) AS rows, count(DISTINCT ad_id) AS ids, min(ad_name) AS first, max(ad_name) AS last, sum(spend)::VARCHAR AS spend FROM rows_ads',
  );
  expect({ ...row, rows: Number(row?.['rows']), ids: Number(row?.['ids']) }).toEqual({
    rows: rowCount,
    ids: rowCount,
    first: name,
    last: name,
    spend: '2000.000000',
  });
});

it('Columns found later, and wider ones, hold for rows of earlier files too', async () => {
  const staging = await testStaging();
  await append(staging, { unit: 1 });
  await append(staging, { unit: 2, metrics: { fresh: 'f', spend: '0.1234567' } });
  const rows = await staging.rows(
    'SELECT _unit, any_value(fresh) AS fresh, max(spend)::VARCHAR AS spend FROM rows_ads GROUP BY ALL ORDER BY ALL',
  );
  expect(rows.map((row) => [row['_unit'], row['fresh'], row['spend']])).toEqual([
    [1, null, '0.100000000'],
    [2, 'f', '0.123456700'],
  ]);
  expect(staging.untyped()).toEqual([]);
});

it('What is discarded of a unit or a pass takes its files along, and no others', async () => {
  const staging = await testStaging();
  for (const [unit, pass] of [
    [1, 0],
    [1, 1],
    [2, 0],
  ] as const)
    await append(staging, { unit, pass });
  await staging.discard(layout, [1], 1);
  expect(await counted(staging, 'rows_ads')).toEqual([
    [1, 0, rowCount],
    [2, 0, rowCount],
  ]);
  expect(filesOf(staging)).toHaveLength(2);
  await staging.discard(layout, [1, 2]);
  expect(await counted(staging, 'rows_ads')).toEqual([]);
  expect(filesOf(staging)).toEqual([]);
});

it('A view of some units stays whole on another connection while the rows of others are discarded', async () => {
  const staging = await testStaging();
  await append(staging, { unit: 1 });
  await append(staging, { unit: 2 });
  await staging.createView('of_one', layout, [1]);
  await staging.loadConnection.run('BEGIN TRANSACTION');
  const count = async (): Promise<number> =>
    Number((await staging.loadConnection.runAndReadAll('SELECT count(*) FROM of_one WHERE _unit = 1')).getRows()[0]?.[0]);
  expect(await count()).toBe(rowCount);
  await staging.discard(layout, [2]);
  expect(await count()).toBe(rowCount);
  await staging.loadConnection.run('ROLLBACK');
});

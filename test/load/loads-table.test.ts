import { expect, test } from 'vitest';
import { duckdb } from '../../src/destinations/duckdb.ts';
import { ensureLoadsTable, knowingLoadsTable, loadsTable } from '../../src/load/loads-table.ts';
import { openBench } from '../contract/destination-fixtures.ts';
import { temporaryFolder } from '../support/folders.ts';

test('A run looks for _loads until it is there, and then asks the warehouse no more', async () => {
  const given = {
    config: { credentials: 'warehouse.duckdb' },
    url: null,
    datasetName: 'ads',
    directory: temporaryFolder('loads-table'),
  };
  const { session, close } = await openBench({ definition: duckdb, given });
  try {
    const asked: string[] = [];
    const columnsOf = (table: string): ReturnType<typeof session.columnsOf> => {
      asked.push(table);
      return session.columnsOf(table);
    };
    const knowing = knowingLoadsTable({ ...session, columnsOf });
    for (let table = 0; table < 4; table += 1) await ensureLoadsTable(knowing);
    expect(asked).toEqual([loadsTable.name, loadsTable.name]);
    expect((await knowing.columnsOf(loadsTable.name))?.map(({ name }) => name)).toEqual(
      loadsTable.columns.map(({ name }) => name),
    );
    await knowing.columnsOf('reports');
    expect(asked.at(-1)).toBe('reports');
  } finally {
    await close();
  }
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { duckdb } from '../../src/destinations/duckdb.ts';
import { destinationContract } from '../contract/destination.ts';
import { openBench } from '../contract/destination-fixtures.ts';

const directory = mkdtempSync(join(tmpdir(), 'duckdb-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('DuckDB', () => {
  destinationContract({
    definition: duckdb,
    given: (datasetName) => ({ config: { credentials: `${datasetName}-file.duckdb` }, url: null, datasetName, directory }),
    nestedSpend: 'metrics.spend',
    narrowInteger: 'INTEGER',
    floatingPoint: 'DOUBLE',
    shortText: 'VARCHAR(20)',
  });
});

test.each(['plain', 'quo"ted', "apo'strophe", 'dot.ted', 'with space', 'líne\nbreak', 'select', 'UPPER'])(
  'DuckDB tells the columns of a table named %j, and that another is not there',
  async (name) => {
    const given = { config: { credentials: 'names-file.duckdb' }, url: null, datasetName: 'names', directory };
    const { session, close } = await openBench({ definition: duckdb, given });
    try {
      await session.ensureSchema();
      expect(await session.columnsOf(name)).toBeNull();
      await session.execute([{ sql: `CREATE TABLE ${session.qualified(name)} (spend DECIMAL(18,6))` }]);
      expect(await session.columnsOf(name)).toMatchObject([{ name: 'spend', type: 'decimal' }]);
      expect(await session.columnsOf(name.toLowerCase())).toHaveLength(1);
    } finally {
      await close();
    }
  },
);

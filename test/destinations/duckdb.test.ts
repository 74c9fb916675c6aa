import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe } from 'vitest';
import { duckdb } from '../../src/destinations/duckdb.ts';
import { destinationContract } from '../contract/destination.ts';

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

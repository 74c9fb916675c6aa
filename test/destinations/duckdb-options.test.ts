import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, describe, expect, test } from 'vitest';
import { duckdb } from '../../src/destinations/duckdb.ts';
import { destinationOptions } from '../../src/destinations/index.ts';
import { ConfigError, DestinationError } from '../../src/errors.ts';
import { load } from '../../src/load/load.ts';
import { ensureViews } from '../../src/load/views.ts';
import {
  advertiser,
  deleteInsert,
  january,
  openBench,
  reportColumns,
  reports,
  request,
  scope,
} from '../contract/destination-fixtures.ts';

const directory = mkdtempSync(join(tmpdir(), 'duckdb-options-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const given = (config: Record<string, unknown> | null, url: string | null = null) => ({
  config,
  url,
  datasetName: 'ads',
  directory: '/project',
});

function openFile(path: string, datasetName = 'ads') {
  return openBench({ definition: duckdb, given: { config: { credentials: path }, url: null, datasetName, directory } });
}

describe('The DuckDB file', () => {
  test.each([
    [null, null, '/project/tiktok_ads_warehouse.duckdb'],
    [{ credentials: 'some.duckdb' }, null, '/project/some.duckdb'],
    [{ credentials: '/data/some.duckdb' }, null, '/data/some.duckdb'],
    [{ credentials: 'duckdb:///some.duckdb' }, null, '/project/some.duckdb'],
    [{ credentials: 'duckdb:////data/so%20me.duckdb' }, null, '/data/so me.duckdb'],
    [{ credentials: { database: 'some.duckdb' } }, null, '/project/some.duckdb'],
    [{ path: 'folder/some.db' }, null, '/project/folder/some.db'],
    [null, 'duckdb:///some.duckdb', '/project/some.duckdb'],
  ])('named by %j and the URL %j is %s', (config, url, path) => {
    expect(destinationOptions('duckdb', given(config, url))).toEqual({ path, dataset: 'ads', lock_timeout_seconds: 600 });
  });

  test('takes its options from the mapping or from the URL', () => {
    expect(destinationOptions('duckdb', given({ path: 'a.duckdb', lock_timeout_seconds: '5' }))).toMatchObject({
      lock_timeout_seconds: 5,
    });
    const url = 'duckdb:///a.duckdb?lock_timeout_seconds=7';
    expect(destinationOptions('duckdb', given(null, url))).toMatchObject({ path: '/project/a.duckdb', lock_timeout_seconds: 7 });
  });

  test.each([
    [{ credentials: 'md:my_db' }, /MotherDuck/],
    [{ credentials: ':memory:' }, /memory/],
    [{ credentials: 'postgresql://me:hidden@host/db' }, /not the path of a DuckDB file/],
    [{ credentials: 'ads.duckdb' }, /ambiguous/],
    [{ credentials: 'some.duckdb', threads: 5 }, /threads/],
    [{ credentials: 'some.duckdb', lock_timeout_seconds: 'soon' }, /lock_timeout_seconds/],
    [{ path: 7 }, /path/],
  ])('is refused before anything runs when given as %j', (config, words) => {
    const refused = () => destinationOptions('duckdb', given(config));
    expect(refused).toThrow(ConfigError);
    expect(refused).toThrow(words);
    expect(refused).not.toThrow(/hidden/);
  });

  test('that a newer DuckDB made is refused with advice', async () => {
    const path = join(directory, 'newer.duckdb');
    writeFileSync(path, gunzipSync(readFileSync(join(import.meta.dirname, 'duckdb-2.duckdb.gz'))));
    await expect(openFile(path)).rejects.toMatchObject({
      code: 'duckdb_newer_format',
      hint: expect.stringContaining('STORAGE_VERSION'),
    });
  });

  test('whose directory is missing, that is a directory, or that is no database is refused in words', async () => {
    writeFileSync(join(directory, 'words.duckdb'), 'these are words, '.repeat(1000));
    mkdirSync(join(directory, 'folder.duckdb'));
    await expect(openFile('nowhere/some.duckdb')).rejects.toMatchObject({ code: 'duckdb_no_directory', retryable: false });
    await expect(openFile('words.duckdb')).rejects.toMatchObject({ code: 'duckdb_not_a_database' });
    await expect(openFile('folder.duckdb')).rejects.toMatchObject({ code: 'duckdb_not_a_database' });
  });

  test('that may not be written is refused in words', async () => {
    const locked = join(directory, 'locked');
    mkdirSync(locked);
    chmodSync(locked, 0o500);
    // Root may write everywhere but in the kernel's own file system.
    const path = process.getuid?.() === 0 ? '/sys/some.duckdb' : join(locked, 'some.duckdb');
    await expect(openFile(path)).rejects.toMatchObject({ code: 'duckdb_not_writable' });
  });

  test('says which statement DuckDB refused', async () => {
    const { session, close } = await openFile('refused.duckdb');
    await expect(session.query({ sql: 'SELECT * FROM nowhere' })).rejects.toThrow(DestinationError);
    await expect(session.query({ sql: 'SELECT * FROM nowhere' })).rejects.toThrow(/SELECT \* FROM nowhere/);
    await close();
  });

  test('is free between statements, and its views hold under whatever name it is opened', async () => {
    const { session, stage, close } = await openFile('free.duckdb');
    const staged = await stage(reportColumns, [[advertiser, '2024-01-01', '11', '3', '1.50']]);
    await load(session, request({ table: reports, staged, write: deleteInsert, scopes: [scope(advertiser, january, 1)] }));
    const columns = reportColumns.map((column) => column.name);
    const nested = { table: 'reports', columns, dimensions: ['campaign_id'], metrics: ['spend'] };
    await ensureViews(session, { reports: [nested], assetView: { name: 'mine', table: 'reports', columns } });

    const other = await DuckDBInstance.create(join(directory, 'free.duckdb'));
    const connection = await other.connect();
    const reader = await connection.runAndReadAll(
      'SELECT metrics.spend::VARCHAR, (SELECT count(*) FROM ads.mine) FROM ads.reports_nested',
    );
    expect(reader.getRows()).toEqual([['1.500000', 1n]]);
    const comments = await connection.runAndReadAll(
      "SELECT comment FROM duckdb_columns() WHERE table_name = 'reports' AND column_name = 'clicks'",
    );
    expect(comments.getRows()).toEqual([['Clicks.']]);
    connection.closeSync();
    other.closeSync();
    await close();
  });
});

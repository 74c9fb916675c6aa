import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { load } from '../../src/load/load.ts';
import { type Span, unloadTable } from '../../src/load/unload.ts';
import { type Column, loadColumns, type TableSchema } from '../../src/table.ts';
import {
  advertiser,
  type Bench,
  campaigns,
  deleteInsert,
  january,
  otherAdvertiser,
  reportColumns,
  reports,
  request,
  scope,
  upsert,
} from './destination-fixtures.ts';

/** Part of what every destination promises: a table comes back as a Parquet file of exact values. */
export function unloadContract(bench: () => Bench): void {
  const unloaded = async (table: TableSchema, spans: readonly Span[] | null) => {
    const directory = mkdtempSync(join(tmpdir(), 'unload-'));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    const file = join(directory, "the 'value'.parquet");
    const { rows, columns } = await unloadTable(bench().session, table, { spans, file });
    const reader = await bench().connection.runAndReadAll(`SELECT * FROM '${file.replaceAll("'", "''")}'`);
    expect(reader.columnNames()).toEqual(columns);
    expect(reader.currentRowCount).toBe(rows);
    const types = Object.fromEntries(reader.columnNames().map((name, at) => [name, String(reader.columnType(at))]));
    return { columns, types, rows: reader.getRowObjectsJson() };
  };
  const everyType: readonly Column[] = [
    { name: 'advertiser_id', type: 'id' },
    { name: 'words', type: 'text' },
    { name: 'whole', type: 'count' },
    { name: 'money', type: 'decimal' },
    { name: 'large', type: 'wide_decimal' },
    { name: 'truth', type: 'boolean' },
    { name: 'day', type: 'date' },
    { name: 'instant', type: 'timestamp' },
    { name: 'clock', type: 'local_timestamp' },
    { name: 'list', type: 'json' },
    { name: 'select', type: 'text' },
  ];
  const odd: TableSchema = {
    ...campaigns,
    name: 'odd',
    columns: [...everyType, ...loadColumns],
    primaryKey: ['advertiser_id', 'words'],
  };
  const stageReports = async (rows: readonly (readonly string[])[]) => {
    const staged = await bench().stage(reportColumns, rows);
    const scopes = [scope(advertiser, january, rows.length), scope(otherAdvertiser, january)];
    await load(bench().session, request({ table: reports, staged, write: deleteInsert, scopes }));
  };
  const days = (found: { readonly rows: readonly Readonly<Record<string, unknown>>[] }) =>
    found.rows.map((row) => `${String(row['advertiser_id']).slice(-1)} ${row['stat_time_day']}`).toSorted();

  describe('the value', () => {
    test('has the exact values and types of the table', async () => {
      const list = { a: [1, '"x"', null], b: 'line\nline', ü: {} };
      const words = `a'b"c\\d,e;f\ng\th\r\n🎉 ﷽ NULL \\N`;
      const staged = await bench().stage(everyType, [
        [
          '7123456789012345678',
          words,
          '9007199254740993',
          '-0.01',
          '12345678901234567890.123456789',
          'true',
          '2024-02-29',
          '2024-02-29 23:59:59.5',
          '2024-03-31 02:30:00',
          JSON.stringify(list),
          'x'.repeat(50_000),
        ],
        ['0000000000000000002', '', '-1', '123456789012.123456', '0', 'false', '1999-12-31', null, null, '[]', ''],
        ['0000000000000000003', 'all null', null, null, null, null, null, null, null, null, null],
      ]);
      await load(bench().session, request({ table: odd, staged, write: upsert, scopes: [scope(advertiser, null)] }));

      const { rows, types } = await unloaded(odd, null);
      expect(types).toMatchObject({
        advertiser_id: 'VARCHAR',
        words: 'VARCHAR',
        whole: 'BIGINT',
        money: expect.stringMatching(/^DECIMAL\(/),
        large: 'DECIMAL(38,9)',
        truth: 'BOOLEAN',
        day: 'DATE',
        instant: 'TIMESTAMP',
        clock: 'TIMESTAMP',
        list: 'VARCHAR',
        _loaded_at: 'TIMESTAMP',
      });
      const plain = rows
        .map(({ _load_id: _, _loaded_at: __, _deleted_at: ___, ...row }) => ({
          ...row,
          money: row['money'] === null ? null : String(row['money']).replace(/\.?0+$/, ''),
          large: row['large'] === null ? null : String(row['large']).replace(/\.?0+$/, ''),
          list: row['list'] === null ? null : JSON.parse(String(row['list'])),
        }))
        .toSorted((one, other) => String(other['advertiser_id' as never]).localeCompare(String(one['advertiser_id' as never])));
      expect(plain).toEqual([
        {
          advertiser_id: '7123456789012345678',
          words,
          whole: '9007199254740993',
          money: '-0.01',
          large: '12345678901234567890.123456789',
          truth: true,
          day: '2024-02-29',
          instant: '2024-02-29 23:59:59.5',
          clock: '2024-03-31 02:30:00',
          list,
          select: 'x'.repeat(50_000),
        },
        {
          advertiser_id: '0000000000000000003',
          words: 'all null',
          ...{
            whole: null,
            money: null,
            large: null,
            truth: null,
            day: null,
            instant: null,
            clock: null,
            list: null,
            select: null,
          },
        },
        {
          advertiser_id: '0000000000000000002',
          words: '',
          whole: '-1',
          money: '123456789012.123456',
          large: '0',
          truth: false,
          day: '1999-12-31',
          instant: null,
          clock: null,
          list: [],
          select: '',
        },
      ]);
    });

    test('holds the accounts and days that are asked for, and no others', async () => {
      await stageReports([
        [advertiser, '2024-01-01', '11', '1', '1.50'],
        [advertiser, '2024-01-02', '11', '2', '2.50'],
        [advertiser, '2024-01-31', '11', '3', '3.50'],
        [otherAdvertiser, '2024-01-02', '21', '4', '4.50'],
      ]);
      expect(days(await unloaded(reports, null))).toEqual(['1 2024-01-01', '1 2024-01-02', '1 2024-01-31', '2 2024-01-02']);
      const span = (account: string | null, start: string | null, end: string | null): Span => ({ account, start, end });
      const second = ['2024-01-02T00:00:00', '2024-01-03T00:00:00'] as const;
      expect(days(await unloaded(reports, [span(null, ...second)]))).toEqual(['1 2024-01-02', '2 2024-01-02']);
      expect(days(await unloaded(reports, [span(otherAdvertiser, null, null)]))).toEqual(['2 2024-01-02']);
      const some = [
        span(advertiser, ...second),
        span(otherAdvertiser, ...second),
        span(advertiser, '2024-01-31T00:00:00', '2024-02-01T00:00:00'),
      ];
      expect(days(await unloaded(reports, some))).toEqual(['1 2024-01-02', '1 2024-01-31', '2 2024-01-02']);
      // An hour of a table of days is its day.
      expect(days(await unloaded(reports, [span(advertiser, '2024-01-31T05:00:00', '2024-01-31T06:00:00')]))).toEqual([
        '1 2024-01-31',
      ]);
      expect(days(await unloaded(reports, []))).toEqual([]);
    });

    test('is an empty file of the same types where there are no rows', async () => {
      await stageReports([]);
      const { rows, types, columns } = await unloaded(reports, [{ account: advertiser, start: null, end: null }]);
      expect(rows).toEqual([]);
      expect(columns).toEqual(reports.columns.map((column) => column.name));
      expect(types).toMatchObject({ advertiser_id: 'VARCHAR', stat_time_day: 'DATE', clicks: 'BIGINT' });
    });

    test('keeps the reading order although a column came later', async () => {
      await stageReports([[advertiser, '2024-01-01', '11', '1', '1.50']]);
      const reach: Column = { name: 'reach', type: 'count' };
      const [, , , , spend] = reportColumns;
      const columns = [
        ...reportColumns.slice(0, 3),
        reach,
        ...(reportColumns[3] ? [reportColumns[3]] : []),
        ...(spend ? [spend] : []),
      ];
      const table: TableSchema = { ...reports, columns: [...loadColumns, ...columns] };
      const staged = await bench().stage(columns, [[advertiser, '2024-01-02', '11', '7', '2', '2.50']]);
      const later = { table, staged, write: deleteInsert, scopes: [scope(advertiser, january)], loadId: 'load-2' };
      await load(bench().session, request(later));
      const found = await unloaded(table, null);
      expect(found.columns.slice(-3)).toEqual(['reach', 'clicks', 'spend']);
      expect(found.rows[0]).toMatchObject({ reach: '7', clicks: '2' });
    });

    test('says that there is no table, and what to do', async () => {
      const missing = unloadTable(bench().session, reports, { spans: null, file: '/nowhere/x.parquet' });
      await expect(missing).rejects.toMatchObject({
        code: 'no_table',
        message: expect.stringMatching(/^There is no table .*reports\.$/i),
        hint: expect.stringContaining('Materialize the asset first'),
      });
    });

    test('comes as it was although it is far longer than what is held at once', async () => {
      const count = 5000;
      const relation = '"memory"."main"."many"';
      await bench().connection.run(
        `CREATE TABLE ${relation} AS SELECT '${advertiser}' AS advertiser_id, DATE '2024-01-01' + CAST(n % 31 AS INTEGER) AS stat_time_day, ` +
          `CAST(n AS VARCHAR) AS campaign_id, n AS clicks, CAST(n / 4 AS DECIMAL(18,6)) AS spend FROM range(${count}) AS r(n)`,
      );
      const staged = { relation, columns: reportColumns, rowCount: count, keysAreUnique: true };
      await load(bench().session, request({ table: reports, staged, write: deleteInsert, scopes: [scope(advertiser, january)] }));
      const { rows } = await unloaded(reports, null);
      const sum = rows.reduce((total, row) => total + Number(row['clicks']), 0);
      expect([rows.length, new Set(rows.map((row) => row['campaign_id'])).size, sum]).toEqual([
        count,
        count,
        (count * (count - 1)) / 2,
      ]);
    });
  });
}

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DestinationDefinition, GivenCredentials } from '../../src/destinations/destination.ts';
import { statement } from '../../src/destinations/dialect.ts';
import { ConfigError, DestinationError } from '../../src/errors.ts';
import {
  countDuplicateKeys,
  countRows,
  countWindowRows,
  distinctValues,
  previewRows,
  scopeFigures,
} from '../../src/load/inspect.ts';
import { load } from '../../src/load/load.ts';
import { committedScopes, recordFailure, tableSignature } from '../../src/load/loads-table.ts';
import { ensureViews } from '../../src/load/views.ts';
import { type Column, loadColumns, type TableSchema } from '../../src/table.ts';
import {
  advertiser,
  append,
  type Bench,
  campaignColumns,
  campaigns,
  deleteInsert,
  february,
  january,
  openBench,
  otherAdvertiser,
  replace,
  reportColumns,
  reports,
  request,
  rowsOf,
  scope,
  upsert,
} from './destination-fixtures.ts';
import { unloadContract } from './unload.ts';

/** A destination under test: its definition, and credentials for a dataset that no other test uses. */
export interface DestinationSubject {
  readonly definition: DestinationDefinition;
  readonly given: (dataset: string) => GivenCredentials;
  /** How a user would read `metrics.spend` of a nested view. */
  readonly nestedSpend: string;
  /** The type a user might have given a column of whole numbers by hand, narrower than ours. */
  readonly narrowInteger: string;
  /** The type a user might have given it for fractions, of floating point. */
  readonly floatingPoint: string;
  /** A type for texts of 20 characters at most. */
  readonly shortText: string;
  /** False for an emulator that does not keep two writers apart, as the service does. */
  readonly keepsWritersApart?: boolean;
  /** False for a stand-in that takes shorter names than the service. */
  readonly takesLongNames?: boolean;
}

let datasets = 0;

/** What every destination promises. Call it inside a `describe` that names the server it runs on. */
export function destinationContract(subject: DestinationSubject): void {
  const { definition } = subject;
  let dataset = '';
  let bench: Bench;
  beforeEach(async () => {
    datasets += 1;
    dataset = `contract_${process.pid}_${datasets}`;
    bench = await openBench({ definition, given: subject.given(dataset) });
  });
  afterEach(async () => {
    await bench.close();
  });

  const loadReports = async (rows: readonly (readonly string[])[], given: Partial<Parameters<typeof request>[0]> = {}) => {
    const staged = await bench.stage(reportColumns, rows);
    return load(
      bench.session,
      request({ table: reports, staged, write: deleteInsert, scopes: [scope(advertiser, january, rows.length)], ...given }),
    );
  };
  const loadCampaigns = async (
    rows: readonly (readonly (string | null)[])[],
    given: Partial<Parameters<typeof request>[0]> = {},
  ) => {
    const staged = await bench.stage(campaignColumns, rows);
    const scopes = [scope(advertiser, null, rows.length)];
    return load(bench.session, request({ table: campaigns, staged, write: upsert, scopes, markMissing: true, ...given }));
  };
  const reportRows = () => rowsOf(bench.session, 'reports', ['advertiser_id', 'stat_time_day', 'campaign_id', 'clicks', 'spend']);
  const campaignRows = () => rowsOf(bench.session, 'campaigns', ['campaign_id', 'name', 'budget', '_deleted_at']);

  describe('values', () => {
    test('come back as they were, whatever they hold', async () => {
      const columns: readonly Column[] = [
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
      ];
      const table: TableSchema = {
        ...campaigns,
        name: 'odd',
        columns: [...columns, ...loadColumns],
        primaryKey: ['advertiser_id', 'words'],
      };
      const long = 'ü'.repeat(20_000);
      const list = '{"a":[1,"\\"x\\"",null],"b":"line\\nline"}';
      const rows = [
        [
          '1000000000000000001',
          long,
          '9007199254740993',
          '-0.01',
          '12345678901234567890.123456789',
          'true',
          '2024-02-29',
          '2024-02-29 23:59:59',
          '2024-03-31 02:30:00',
          list,
        ],
        [
          '1000000000000000002',
          `a'b"c\\d,e;f\ng\th\r\n🎉 ﷽ NULL \\N`,
          '-1',
          '123456789012.123456',
          '0',
          'false',
          '1999-12-31',
          '1970-01-01 00:00:00',
          '2024-10-27 02:30:00.5',
          '[]',
        ],
        ['1000000000000000003', '', '0', '0', '0.000000001', null, null, null, null, null],
        ['1000000000000000004', 'all null', null, null, null, null, null, null, null, null],
      ];
      const staged = await bench.stage(columns, rows);
      await load(bench.session, request({ table, staged, write: upsert, scopes: [scope(advertiser, null)] }));

      const found = await rowsOf(
        bench.session,
        'odd',
        columns.map((column) => column.name),
      );
      const parsed = found.map((row) =>
        row.map((value, at) => (columns[at]?.type === 'json' && value !== null ? JSON.parse(String(value)) : value)),
      );
      expect(parsed).toEqual([
        [
          '1000000000000000001',
          long,
          9007199254740993n,
          '-0.01',
          '12345678901234567890.123456789',
          true,
          '2024-02-29',
          '2024-02-29 23:59:59',
          '2024-03-31 02:30:00',
          JSON.parse(list),
        ],
        [
          '1000000000000000002',
          `a'b"c\\d,e;f\ng\th\r\n🎉 ﷽ NULL \\N`,
          -1,
          '123456789012.123456',
          '0',
          false,
          '1999-12-31',
          '1970-01-01 00:00:00',
          '2024-10-27 02:30:00.5',
          [],
        ],
        ['1000000000000000003', '', 0, '0', '0.000000001', null, null, null, null, null],
        ['1000000000000000004', 'all null', null, null, null, null, null, null, null, null],
      ]);
    });

    test('keep their types in the table, so that the next load finds nothing to change', async () => {
      await loadReports([[advertiser, '2024-01-05', '11', '3', '1.50']]);
      const again = await loadReports([[advertiser, '2024-01-05', '11', '3', '1.50']], { loadId: 'load-2' });
      expect(again).toMatchObject({ created: false, addedColumns: [], widenedColumns: [], rowsLoaded: 1 });
      const columns = await bench.session.columnsOf('reports');
      expect(columns?.map((column) => column.name)).toEqual(reports.columns.map((column) => column.name));
      expect(columns?.every((column) => column.type !== null)).toBe(true);
    });

    const namesKept = async (names: readonly string[]): Promise<void> => {
      const columns: readonly Column[] = [
        { name: 'advertiser_id', type: 'id' },
        ...names.map((name) => ({ name, type: 'text' as const, description: `Column ${name}; isn't it?` })),
      ];
      const table: TableSchema = {
        ...campaigns,
        name: 'table',
        columns: [...columns, ...loadColumns],
        primaryKey: ['advertiser_id', names[0] ?? ''],
      };
      for (const loadId of ['load-1', 'load-2']) {
        const staged = await bench.stage(columns, [[advertiser, ...names.map((name) => `value of ${name}`)]]);
        const result = await load(
          bench.session,
          request({ table, staged, write: upsert, scopes: [scope(advertiser, null)], loadId }),
        );
        expect(result.addedColumns).toEqual([]);
      }
      expect(await rowsOf(bench.session, 'table', names)).toEqual([names.map((name) => `value of ${name}`)]);
    };

    test('can be columns whose names are reserved words or hold odd characters', async () => {
      await namesKept(['select', 'order', 'group', 'a"b', 'a`b', 'with space', 'Ünïcode', '2nd']);
    });

    test.skipIf(subject.takesLongNames === false)('can be columns whose names are too long and begin alike', async () => {
      await namesKept([`${'long_'.repeat(60)}1`, `${'long_'.repeat(60)}2`]);
    });
  });

  describe('merge by key', () => {
    test('replaces rows of the same key and keeps the others', async () => {
      await loadCampaigns([
        [advertiser, '1', 'one', '10'],
        [advertiser, '2', 'two', '20'],
      ]);
      await loadCampaigns([[otherAdvertiser, '1', 'other', '5']], { scopes: [scope(otherAdvertiser, null)], loadId: 'load-2' });
      await loadCampaigns(
        [
          [advertiser, '2', 'two, changed', '21'],
          [advertiser, '3', 'three', null],
        ],
        { loadId: 'load-3', markMissing: false },
      );
      expect(await campaignRows()).toEqual([
        ['1', 'one', '10', null],
        ['1', 'other', '5', null],
        ['2', 'two, changed', '21', null],
        ['3', 'three', null, null],
      ]);
    });

    test('marks what is gone at the source, keeps the first mark, and clears it when it comes back', async () => {
      const [one, two, other] = [
        [advertiser, '1', 'one', '10'],
        [advertiser, '2', 'two', '20'],
        [otherAdvertiser, '9', 'other', '5'],
      ];
      await loadCampaigns([one ?? [], two ?? []]);
      await loadCampaigns([other ?? []], { scopes: [scope(otherAdvertiser, null)], loadId: 'load-2' });
      await loadCampaigns([two ?? []], { loadId: 'load-3', loadedAt: '2024-03-02T00:00:00Z' });
      expect(await campaignRows()).toEqual([
        ['1', 'one', '10', '2024-03-02 00:00:00'],
        ['2', 'two', '20', null],
        ['9', 'other', '5', null],
      ]);
      await loadCampaigns([], { loadId: 'load-4', loadedAt: '2024-03-03T00:00:00Z' });
      expect((await campaignRows()).map((row) => row.at(-1))).toEqual(['2024-03-02 00:00:00', '2024-03-03 00:00:00', null]);
      await loadCampaigns([one ?? []], { loadId: 'load-5', loadedAt: '2024-03-04T00:00:00Z' });
      expect((await campaignRows()).map((row) => row.at(-1))).toEqual([null, '2024-03-03 00:00:00', null]);
    });

    test('loads one row of a key that comes twice, and counts the other', async () => {
      const result = await loadCampaigns([
        [advertiser, '1', 'alpha', '10'],
        [advertiser, '1', 'beta', '10'],
        [advertiser, '2', 'two', '20'],
      ]);
      expect(result).toMatchObject({ rowsLoaded: 2, duplicateRows: 1 });
      expect(await campaignRows()).toEqual([
        ['1', 'beta', '10', null],
        ['2', 'two', '20', null],
      ]);
    });
  });

  describe('merge by window', () => {
    const first = [
      [advertiser, '2024-01-01', '11', '3', '1.50'],
      [advertiser, '2024-01-31', '11', '4', '2.50'],
    ];

    test('gives the same table when the same window is loaded twice', async () => {
      await loadReports(first);
      const once = await reportRows();
      await loadReports(first, { loadId: 'load-2' });
      expect(await reportRows()).toEqual(once);
      expect(once).toHaveLength(2);
    });

    test('deletes rows that the window no longer has, both edges included, and nothing outside', async () => {
      await loadReports(first);
      await loadReports([[advertiser, '2024-02-01', '11', '7', '7']], {
        scopes: [scope(advertiser, february)],
        loadId: 'load-2',
      });
      await loadReports([[otherAdvertiser, '2024-01-15', '21', '9', '9']], {
        scopes: [scope(otherAdvertiser, january)],
        loadId: 'load-3',
      });
      await loadReports([[advertiser, '2024-01-10', '12', '1', '1']], { loadId: 'load-4' });
      expect((await reportRows()).map((row) => [row[1], row[2]])).toEqual([
        ['2024-01-10', '12'],
        ['2024-02-01', '11'],
        ['2024-01-15', '21'],
      ]);
    });

    test('empties a window for which the source has no rows any more', async () => {
      await loadReports(first);
      const result = await loadReports([], { loadId: 'load-2' });
      expect(result.rowsLoaded).toBe(0);
      expect(await reportRows()).toEqual([]);
      expect(await committedScopes(bench.session, 'load-2')).toMatchObject([{ table: 'reports', window: january, rows: 0 }]);
    });

    test('cuts a column of times at the edges of its days', async () => {
      const columns = reportColumns.map((column) =>
        column.name === 'stat_time_day' ? { name: 'stat_time_hour', type: 'local_timestamp' as const } : column,
      );
      const table: TableSchema = {
        ...reports,
        columns: [...columns, ...loadColumns],
        primaryKey: ['advertiser_id', 'stat_time_hour', 'campaign_id'],
        windowColumn: 'stat_time_hour',
      };
      const day = { start: '2024-01-02', end: '2024-01-02' };
      const rows = ['2024-01-01 23:00:00', '2024-01-02 00:00:00', '2024-01-02 23:00:00', '2024-01-03 00:00:00'].map((time) => [
        advertiser,
        time,
        '11',
        '1',
        '1',
      ]);
      const staged = await bench.stage(columns, rows);
      await load(bench.session, request({ table, staged, write: deleteInsert, scopes: [scope(advertiser, january)] }));
      await load(
        bench.session,
        request({
          table,
          staged: await bench.stage(columns, []),
          write: deleteInsert,
          scopes: [scope(advertiser, day)],
          loadId: 'load-2',
        }),
      );
      expect(await rowsOf(bench.session, 'reports', ['stat_time_hour'])).toEqual([
        ['2024-01-01 23:00:00'],
        ['2024-01-03 00:00:00'],
      ]);
    });

    test('loads one row of a key that comes twice, and counts the other', async () => {
      const result = await loadReports([...first, [advertiser, '2024-01-01', '11', '2', '1.50']]);
      expect(result).toMatchObject({ rowsLoaded: 2, duplicateRows: 1 });
      expect(await countDuplicateKeys(bench.session, reports)).toBe(0);
    });
  });

  describe('replace and append', () => {
    test('replace takes out the windows and accounts it loads and no others', async () => {
      await loadReports([[advertiser, '2024-01-01', '11', '3', '1.50']]);
      await loadReports([[advertiser, '2024-02-01', '11', '3', '1.50']], {
        scopes: [scope(advertiser, february)],
        loadId: 'load-2',
      });
      await loadReports([[advertiser, '2024-01-02', '12', '4', '2']], { write: replace, loadId: 'load-3' });
      expect((await reportRows()).map((row) => row[1])).toEqual(['2024-01-02', '2024-02-01']);
    });

    test('replace of a table without windows takes out all rows of the accounts it loads', async () => {
      await loadCampaigns([[advertiser, '1', 'one', '10']]);
      await loadCampaigns([[otherAdvertiser, '9', 'other', '5']], { scopes: [scope(otherAdvertiser, null)], loadId: 'load-2' });
      await loadCampaigns([[advertiser, '2', 'two', '20']], { write: replace, loadId: 'load-3', markMissing: false });
      expect((await campaignRows()).map((row) => row[0])).toEqual(['2', '9']);
    });

    test('replace of the whole table takes out everything', async () => {
      await loadReports([[otherAdvertiser, '2024-02-01', '11', '3', '1.50']], { scopes: [scope(otherAdvertiser, february)] });
      await loadReports([[advertiser, '2024-01-02', '12', '4', '2']], { write: replace, wholeTable: true, loadId: 'load-2' });
      expect((await reportRows()).map((row) => row[1])).toEqual(['2024-01-02']);
    });

    test('append keeps what is there, and repeats nothing within one load id', async () => {
      const rows = [[advertiser, '2024-01-01', '11', '3', '1.50']];
      await loadReports(rows, { write: append });
      await loadReports(rows, { write: append });
      expect(await countRows(bench.session, 'reports')).toBe(1);
      await loadReports(rows, { write: append, loadId: 'load-2' });
      expect(await countRows(bench.session, 'reports')).toBe(2);
      expect(await countDuplicateKeys(bench.session, reports)).toBe(1);
      expect(await countRows(bench.session, '_loads')).toBe(2);
    });
  });

  describe('schema changes', () => {
    test('adds a new column, with nulls in the rows that are there', async () => {
      await loadReports([[advertiser, '2024-01-01', '11', '3', '1.50']]);
      const columns = [...reportColumns, { name: 'new_metric', type: 'count' as const, description: 'Came later.' }];
      const table = { ...reports, columns: [...columns, ...loadColumns] };
      const staged = await bench.stage(columns, [[advertiser, '2024-02-01', '11', '3', '1.50', '42']]);
      const result = await load(
        bench.session,
        request({ table, staged, write: deleteInsert, scopes: [scope(advertiser, february)], loadId: 'load-2' }),
      );
      expect(result).toMatchObject({ addedColumns: ['new_metric'], widenedColumns: [], created: false });
      expect(await rowsOf(bench.session, 'reports', ['stat_time_day', 'new_metric'])).toEqual([
        ['2024-01-01', null],
        ['2024-02-01', 42],
      ]);
    });

    test('takes columns that were found on the way, and widens those that a value did not fit, by what is staged', async () => {
      const found = [
        ...reportColumns.map((column) => (column.name === 'spend' ? { ...column, type: 'wide_decimal' as const } : column)),
        { name: 'found', type: 'json' as const },
      ];
      const row = [advertiser, '2024-01-01', '11', '3', '98765432109876543.123456789', '["x"]'];
      for (const loadId of ['load-1', 'load-2']) {
        const staged = await bench.stage(found, [row]);
        const scopes = [scope(advertiser, january)];
        await load(bench.session, request({ table: reports, staged, write: deleteInsert, scopes, loadId }));
      }
      expect(await rowsOf(bench.session, 'reports', ['spend'])).toEqual([['98765432109876543.123456789']]);
      const columns = await bench.session.columnsOf('reports');
      expect(columns?.map((column) => column.name).slice(-4)).toEqual(['spend', 'found', '_load_id', '_loaded_at']);
    });

    test('keeps columns that the source no longer has', async () => {
      await loadReports([[advertiser, '2024-01-01', '11', '3', '1.50']]);
      const columns = reportColumns.filter((column) => column.name !== 'clicks');
      const staged = await bench.stage(columns, [[advertiser, '2024-02-01', '11', '2']]);
      const table = { ...reports, columns: [...columns, ...loadColumns] };
      await load(
        bench.session,
        request({ table, staged, write: deleteInsert, scopes: [scope(advertiser, february)], loadId: 'load-2' }),
      );
      expect(await rowsOf(bench.session, 'reports', ['stat_time_day', 'clicks'])).toEqual([
        ['2024-01-01', 3],
        ['2024-02-01', null],
      ]);
    });

    test('widens a column that a new value does not fit, and keeps it wide', async () => {
      await loadReports([[advertiser, '2024-01-01', '11', '3', '1.50']]);
      const wide = reportColumns.map((column) =>
        column.name === 'clicks' || column.name === 'spend' ? { ...column, type: 'wide_decimal' as const } : column,
      );
      const table = { ...reports, columns: [...wide, ...loadColumns] };
      const staged = await bench.stage(wide, [[advertiser, '2024-01-02', '11', '4.25', '98765432109876543.123456789']]);
      const february2 = [scope(advertiser, { start: '2024-01-02', end: '2024-01-02' })];
      const result = await load(
        bench.session,
        request({ table, staged, write: deleteInsert, scopes: february2, loadId: 'load-2' }),
      );
      expect(result.widenedColumns).toContain('clicks');
      const back = await loadReports([[advertiser, '2024-02-01', '11', '5', '3']], {
        scopes: [scope(advertiser, february)],
        loadId: 'load-3',
      });
      expect(back.widenedColumns).toEqual([]);
      expect(await rowsOf(bench.session, 'reports', ['stat_time_day', 'clicks', 'spend'])).toEqual([
        ['2024-01-01', '3', '1.5'],
        ['2024-01-02', '4.25', '98765432109876543.123456789'],
        ['2024-02-01', '5', '3'],
      ]);
    });

    test('widens numbers to text where the source sends words, and loads numbers into it ever after', async () => {
      await loadReports([[advertiser, '2024-01-01', '11', '3', '1.50']]);
      const columns = reportColumns.map((column) => (column.name === 'clicks' ? { ...column, type: 'text' as const } : column));
      const table = { ...reports, columns: [...columns, ...loadColumns] };
      const staged = await bench.stage(columns, [[advertiser, '2024-02-01', '11', 'many', '2']]);
      const result = await load(
        bench.session,
        request({ table, staged, write: deleteInsert, scopes: [scope(advertiser, february)], loadId: 'load-2' }),
      );
      expect(result.widenedColumns).toEqual(['clicks']);
      await loadReports([[otherAdvertiser, '2024-01-01', '11', '5', '3']], {
        scopes: [scope(otherAdvertiser, january)],
        loadId: 'load-3',
      });
      expect(await rowsOf(bench.session, 'reports', ['clicks'])).toEqual([['3'], ['5'], ['many']]);
    });

    test.skipIf(definition.dialect.finishTypeChange === null)(
      'goes on with a change of type that was cut short anywhere',
      async () => {
        const { dialect } = bench.session;
        const columns = reportColumns.map((column) => (column.name === 'clicks' ? { ...column, type: 'text' as const } : column));
        const steps = dialect.changeType('', { name: 'clicks', type: 'text' }, 'count').length;
        for (let done = 1; done < steps; done += 1) {
          const name = `reports_${done}`;
          const table = { ...reports, name };
          await loadReports([[advertiser, '2024-01-01', '11', '3', '1.50']], { table, loadId: 'load-1' });
          const change = dialect.changeType(bench.session.qualified(name), { name: 'clicks', type: 'text' }, 'count');
          await bench.session.execute(change.slice(0, done));
          const staged = await bench.stage(columns, [[advertiser, '2024-02-01', '11', 'many', '2']]);
          const wide = { ...table, columns: [...columns, ...loadColumns] };
          await load(
            bench.session,
            request({ table: wide, staged, write: deleteInsert, scopes: [scope(advertiser, february)], loadId: 'load-2' }),
          );
          expect(await rowsOf(bench.session, name, ['stat_time_day', 'clicks'])).toEqual([
            ['2024-01-01', '3'],
            ['2024-02-01', 'many'],
          ]);
          const names = (await bench.session.columnsOf(name))?.map((column) => column.name);
          expect([...(names ?? [])].sort()).toEqual(reports.columns.map((column) => column.name).sort());
        }
      },
    );

    test('brings back a column whose type was changed by hand', async () => {
      await loadReports([[advertiser, '2024-01-01', '11', '3', '1.50']]);
      const target = bench.session.qualified('reports');
      const clicks = bench.session.dialect.identifier('clicks');
      await bench.session.execute([
        { sql: `ALTER TABLE ${target} DROP COLUMN ${clicks}` },
        { sql: `ALTER TABLE ${target} ADD COLUMN ${clicks} ${subject.narrowInteger}` },
      ]);
      const result = await loadReports([[advertiser, '2024-01-01', '11', '9000000000', '1.50']], { loadId: 'load-2' });
      expect(result.widenedColumns).toEqual(['clicks']);
      expect(await rowsOf(bench.session, 'reports', ['clicks'])).toEqual([[9_000_000_000]]);
    });

    /** Gives a column another type, as somebody might in an editor, with the values that an expression gives. */
    const changeByHand = async (table: string, column: string, type: string, expression: string): Promise<void> => {
      const [target, name, other] = [
        bench.session.qualified(table),
        ...[column, 'by_hand'].map(bench.session.dialect.identifier),
      ];
      for (const sql of [
        `ALTER TABLE ${target} ADD COLUMN ${other} ${type}`,
        `UPDATE ${target} SET ${other} = CAST(${expression} AS ${type}) WHERE 1 = 1`,
        `ALTER TABLE ${target} DROP COLUMN ${name}`,
        `ALTER TABLE ${target} RENAME COLUMN ${other} TO ${name}`,
      ]) {
        await bench.session.execute([{ sql }]);
      }
    };

    test('keeps the values of a column whose type was changed by hand, where the right type holds them', async () => {
      await loadReports([[advertiser, '2024-01-01', '11', '3', '1.50']]);
      const { identifier } = bench.session.dialect;
      await changeByHand('reports', 'clicks', subject.narrowInteger, identifier('clicks'));
      await changeByHand('reports', 'spend', subject.floatingPoint, identifier('spend'));
      const next = [[advertiser, '2024-02-01', '11', '9000000000', '0.000001']];
      const result = await loadReports(next, { scopes: [scope(advertiser, february)], loadId: 'load-2' });
      expect([...result.widenedColumns].sort()).toEqual(['clicks', 'spend']);
      expect(await rowsOf(bench.session, 'reports', ['stat_time_day', 'clicks', 'spend'])).toEqual([
        ['2024-01-01', 3, '1.5'],
        ['2024-02-01', 9_000_000_000, '0.000001'],
      ]);
      expect(await rowsOf(bench.session, '_loads', ['load_id', 'status'])).toEqual([
        ['load-1', 'committed'],
        ['load-2', 'committed'],
      ]);
    });

    test('rounds no amount for want of places in a column that was given two of them by hand', async () => {
      await loadReports([[advertiser, '2024-01-01', '11', '3', '1.50']]);
      await changeByHand('reports', 'spend', 'NUMERIC(10, 2)', bench.session.dialect.identifier('spend'));
      const next = [[advertiser, '2024-02-01', '11', '4', '98765432109.000001']];
      await loadReports(next, { scopes: [scope(advertiser, february)], loadId: 'load-2' });
      expect(await rowsOf(bench.session, 'reports', ['stat_time_day', 'spend'])).toEqual([
        ['2024-01-01', '1.5'],
        ['2024-02-01', '98765432109.000001'],
      ]);
    });

    test('widens a text that was made too short by hand', async () => {
      await loadCampaigns([[advertiser, '1', 'one', '10']]);
      await changeByHand('campaigns', 'name', subject.shortText, bench.session.dialect.identifier('name'));
      const long = 'a name of more than twenty characters';
      await loadCampaigns([[advertiser, '2', long, '10']], { loadId: 'load-2', markMissing: false });
      expect(await campaignRows()).toEqual([
        ['1', 'one', '10', null],
        ['2', long, '10', null],
      ]);
    });

    test('refuses a type changed by hand whose values would be lost, before it changes anything, and says how to repair it', async () => {
      const row = [advertiser, '2024-01-01', '11', '3', '1.50'];
      await loadReports([row]);
      await changeByHand('reports', 'clicks', subject.floatingPoint, `${bench.session.dialect.identifier('clicks')} + 0.75`);
      const error: unknown = await loadReports([row], { loadId: 'load-2' }).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ name: 'DestinationError', code: 'column_type', retryable: false });
      const { message, hint } = error as DestinationError; // Just looked at.
      expect(message).toMatch(/reports.*clicks/i);
      expect(message.toLowerCase()).toContain(` is ${subject.floatingPoint.toLowerCase()}`);
      expect(message).toContain(` should be ${bench.session.dialect.types.count}`);
      const kept = await rowsOf(bench.session, 'reports', ['clicks', '_load_id']);
      expect(kept.map(([clicks, loadId]) => [Number(clicks), loadId])).toEqual([[3.75, 'load-1']]);
      expect(await rowsOf(bench.session, '_loads', ['load_id'])).toEqual([['load-1']]);

      await bench.session.execute([{ sql: /`(ALTER TABLE .*)`\.$/.exec(String(hint))?.[1] ?? '' }]);
      expect(await loadReports([row], { loadId: 'load-2' })).toMatchObject({ addedColumns: ['clicks'] });
      expect(await rowsOf(bench.session, 'reports', ['clicks', 'spend', '_load_id'])).toEqual([[3, '1.5', 'load-2']]);
      expect(await rowsOf(bench.session, '_loads', ['load_id', 'status'])).toEqual([
        ['load-1', 'committed'],
        ['load-2', 'committed'],
      ]);
    });

    test('refuses to mix two kinds of rows in one table, and says what to do', async () => {
      await loadReports([[advertiser, '2024-01-01', '11', '3', '1.50']]);
      const before = await reportRows();
      const other = loadReports([[advertiser, '2024-01-01', '12', '3', '1.50']], {
        table: { ...reports, signature: 'BASIC AUCTION_AD day' },
        loadId: 'load-2',
      });
      await expect(other).rejects.toSatisfy((error) => error instanceof ConfigError && error.hint?.includes('reports') === true);
      expect(await reportRows()).toEqual(before);
      expect(await tableSignature(bench.session, 'reports')).toBe(reports.signature);
      expect(await tableSignature(bench.session, 'campaigns')).toBeNull();
    });

    test('leaves a table alone that it did not make', async () => {
      await bench.session.ensureSchema();
      await bench.session.execute([
        {
          sql: `CREATE TABLE ${bench.session.qualified('reports')} (${bench.session.dialect.identifier('mine')} ${bench.session.dialect.types.text})`,
        },
      ]);
      await expect(loadReports([])).rejects.toThrow(/was not made by this component/);
    });
  });

  describe('transactions', () => {
    test('that fail at any statement leave every table as it was', async () => {
      await loadCampaigns([[advertiser, '1', 'one', '10']]);
      const before = [await campaignRows(), await countRows(bench.session, '_loads')];
      const { dialect, qualified } = bench.session;
      const insert = statement(
        dialect,
        (bind) => `INSERT INTO ${qualified('campaigns')} (${dialect.identifier('campaign_id')}) SELECT ${bind('2', 'id')}`,
      );
      const remove = { sql: `DELETE FROM ${qualified('_loads')} WHERE 1 = 1` };
      const bad = statement(
        dialect,
        (bind) =>
          `INSERT INTO ${qualified('campaigns')} (${dialect.identifier('budget')}) SELECT ${bind('no number', 'decimal')}`,
      );
      for (const statements of [
        [bad],
        [insert, bad],
        [insert, remove, bad],
        [bad, insert],
        [insert, remove, { sql: 'SELECT no_such_column' }],
      ]) {
        await expect(bench.session.transaction(statements)).rejects.toBeInstanceOf(DestinationError);
        expect([await campaignRows(), await countRows(bench.session, '_loads')]).toEqual(before);
      }
      await loadCampaigns([[advertiser, '2', 'two', '20']], { loadId: 'load-2' });
      expect(await countRows(bench.session, 'campaigns')).toBe(2);
    });

    test.skipIf(subject.keepsWritersApart === false)('of two sessions at once both succeed, and neither loses rows', async () => {
      const other = await openBench({ definition, given: subject.given(dataset) });
      try {
        const rows = (id: string, day: string) => [[id, day, '11', '3', '1.50']];
        const loads = [bench, other].flatMap((own, at) =>
          [0, 1, 2].map(async (turn) => {
            const id = `80000000000000000${at}${turn}`;
            const staged = await own.stage(reportColumns, rows(id, '2024-01-01'));
            return load(
              own.session,
              request({
                table: reports,
                staged,
                write: deleteInsert,
                scopes: [scope(id, january, 1)],
                loadId: `load-${at}-${turn}`,
              }),
            );
          }),
        );
        await Promise.all(loads);
        expect(await countRows(bench.session, 'reports')).toBe(6);
        expect(await countRows(other.session, '_loads')).toBe(6);
      } finally {
        await other.close();
      }
    });

    test.skipIf(subject.keepsWritersApart === false)(
      'of two sessions that upsert the same keys at once leave each key once',
      async () => {
        const other = await openBench({ definition, given: subject.given(dataset) });
        try {
          await loadCampaigns([]);
          const loads = [bench, other].flatMap((own, at) =>
            [0, 1, 2].map(async (turn) => {
              const staged = await own.stage(campaignColumns, [[advertiser, '1', `name ${at} ${turn}`, '1']]);
              return load(
                own.session,
                request({
                  table: campaigns,
                  staged,
                  write: upsert,
                  scopes: [scope(advertiser, null, 1)],
                  loadId: `load-${at}-${turn}`,
                }),
              );
            }),
          );
          await Promise.all(loads);
          expect(await countRows(bench.session, 'campaigns')).toBe(1);
        } finally {
          await other.close();
        }
      },
    );

    test('that begin after another run has committed the same window lose nothing of either', async () => {
      const other = await openBench({ definition, given: subject.given(dataset) });
      try {
        const own = await bench.stage(reportColumns, [[advertiser, '2024-01-01', '11', '3', '1.50']]);
        const others = await other.stage(reportColumns, [
          [advertiser, '2024-01-01', '11', '1', '1'],
          [advertiser, '2024-01-02', '12', '1', '1'],
        ]);
        await loadReports([[advertiser, '2024-02-01', '11', '9', '9']], { scopes: [scope(advertiser, february, 1)] });
        const wanted = { table: reports, write: deleteInsert, scopes: [scope(advertiser, january, 1)] };
        // This run has looked at the table and staged its rows when the other one comes and goes.
        const overtaken = {
          ...bench.session,
          transaction: async (statements: Parameters<typeof bench.session.transaction>[0]) => {
            await load(other.session, request({ ...wanted, staged: others, loadId: 'load-2' }));
            await bench.session.transaction(statements);
          },
        };
        await load(overtaken, request({ ...wanted, staged: own, loadId: 'load-3' }));
        expect((await reportRows()).map((row) => row.slice(1, 4))).toEqual([
          ['2024-01-01', '11', 3],
          ['2024-02-01', '11', 9],
        ]);
        expect(await rowsOf(bench.session, '_loads', ['load_id', 'status'])).toEqual([
          ['load-1', 'committed'],
          ['load-2', 'committed'],
          ['load-3', 'committed'],
        ]);
      } finally {
        await other.close();
      }
    });

    test('of a retry and of the first attempt, which was thought dead and went on, leave each row once', async () => {
      const other = await openBench({ definition, given: subject.given(dataset) });
      try {
        const rows = [[advertiser, '2024-01-01', '11', '3', '1.50']];
        const [own, others] = [await bench.stage(reportColumns, rows), await other.stage(reportColumns, rows)];
        await loadReports([], { loadId: 'load-0', scopes: [scope(advertiser, february, 0)] });
        const wanted = { table: reports, write: append, scopes: [scope(advertiser, january, 1)], loadId: 'load-1' };
        const first = {
          ...bench.session,
          stage: async (...staged: Parameters<typeof bench.session.stage>) => {
            await load(other.session, request({ ...wanted, staged: others }));
            return bench.session.stage(...staged);
          },
        };
        await load(first, request({ ...wanted, staged: own }));
        expect(await reportRows()).toHaveLength(1);
        expect(await rowsOf(bench.session, '_loads', ['load_id', 'status'])).toEqual([
          ['load-0', 'committed'],
          ['load-1', 'committed'],
        ]);
      } finally {
        await other.close();
      }
    });

    test('are refused once the run was cancelled', async () => {
      await loadCampaigns([[advertiser, '1', 'one', '10']]);
      bench.abort.abort(new Error('cancelled'));
      await expect(loadCampaigns([[advertiser, '2', 'two', '10']])).rejects.toThrow(/cancelled/);
    });
  });

  describe('the loads table', () => {
    test('holds one row per account and window, in the same transaction as the rows', async () => {
      const scopes = [scope(advertiser, january, 1), scope(advertiser, february, 0), scope(otherAdvertiser, january, 0)];
      await loadReports([[advertiser, '2024-01-01', '11', '3', '1.50']], { scopes });
      await loadCampaigns([], { scopes: [{ ...scope(advertiser, null), apiRows: null, apiTotals: null, proof: 'none' }] });
      const committed = await committedScopes(bench.session, 'load-1');
      expect(committed).toHaveLength(4);
      expect(committed).toContainEqual({
        table: 'reports',
        advertiserId: advertiser,
        window: january,
        rows: 1,
        apiRows: 1,
        apiTotals: { spend: '12.34', clicks: '5' },
        proof: 'total_metrics',
      });
      expect(committed).toContainEqual({
        table: 'campaigns',
        advertiserId: advertiser,
        window: null,
        rows: 0,
        apiRows: null,
        apiTotals: null,
        proof: 'none',
      });
      expect(await committedScopes(bench.session, 'load-2')).toEqual([]);
    });

    test('keeps failures beside commits, and takes neither for the other', async () => {
      const failure = {
        loadId: 'load-1',
        table: 'reports',
        advertiserId: advertiser,
        window: january,
        startedAt: '2024-03-01T00:00:00Z',
        failedAt: '2024-03-01T00:01:00Z',
      };
      await recordFailure(bench.session, {
        ...failure,
        error: "It's gone: 40105\nagain",
        runId: null,
        signature: 'another kind',
      });
      expect(await committedScopes(bench.session, 'load-1')).toEqual([]);
      expect(await rowsOf(bench.session, '_loads', ['status', 'error'])).toEqual([['failed', "It's gone: 40105\nagain"]]);
      await loadReports([[advertiser, '2024-01-01', '11', '3', '1.50']]);
      expect(await tableSignature(bench.session, 'reports')).toBe(reports.signature);
    });

    test('takes more scopes than fit into one statement', async () => {
      const scopes = Array.from({ length: 230 }, (_, at) => scope(`9${String(at).padStart(18, '0')}`, january));
      await loadReports([], { scopes });
      expect(await committedScopes(bench.session, 'load-1')).toHaveLength(230);
    });
  });

  describe('views', () => {
    const rows = [[advertiser, '2024-01-01', '11', '3', '1.50']];
    const order = ['advertiser_id', 'stat_time_day', 'campaign_id', 'clicks', 'spend'];
    const views = {
      reports: [
        {
          table: 'reports',
          columns: order,
          dimensions: ['stat_time_day', 'campaign_id'],
          metrics: ['clicks', 'spend', 'not_there'],
        },
      ],
      assetView: { name: 'tiktok_ads_data', table: 'reports', columns: order },
    };

    test('show the report table nested and under the name of the asset, in the given order', async () => {
      await loadReports(rows);
      expect(await ensureViews(bench.session, views)).toEqual(['reports_nested', 'tiktok_ads_data']);
      const nested = await bench.session.query({
        sql: `SELECT ${subject.nestedSpend} AS spend FROM ${bench.session.qualified('reports_nested')}`,
      });
      expect(nested.map((row) => Number(row['spend']))).toEqual([1.5]);
      const [flat] = await previewRows(bench.session, 'tiktok_ads_data', { limit: 5, loadId: 'load-1' });
      expect(Object.keys(flat ?? {})).toEqual([...order, '_load_id', '_loaded_at']);
    });

    test('follow a table that got new columns and wider types', async () => {
      await loadReports(rows);
      await ensureViews(bench.session, views);
      const columns = [
        ...reportColumns.map((column) => (column.name === 'clicks' ? { ...column, type: 'wide_decimal' as const } : column)),
        { name: 'new_metric', type: 'count' as const },
      ];
      const staged = await bench.stage(columns, [[advertiser, '2024-02-01', '11', '3', '1.50', '42']]);
      const table = { ...reports, columns: [...columns, ...loadColumns] };
      await load(
        bench.session,
        request({ table, staged, write: deleteInsert, scopes: [scope(advertiser, february)], loadId: 'load-2' }),
      );
      const wider = { ...views, assetView: { ...views.assetView, columns: ['advertiser_id', 'new_metric', 'clicks', 'spend'] } };
      expect(await ensureViews(bench.session, wider)).toEqual(['reports_nested', 'tiktok_ads_data']);
      expect(await rowsOf(bench.session, 'tiktok_ads_data', ['new_metric', 'clicks'])).toHaveLength(2);
      expect(await previewRows(bench.session, 'reports_nested', { limit: 5, loadId: null })).toHaveLength(2);
    });

    test('give way to a table of ours that is loaded under their name', async () => {
      await loadReports(rows);
      await ensureViews(bench.session, { ...views, assetView: { ...views.assetView, name: 'campaigns' } });
      expect(await bench.session.kindOf('campaigns')).toBe('view');
      const staged = await bench.stage(campaignColumns, [[advertiser, '11', 'Spring', '5']]);
      const wanted = request({ table: campaigns, staged, write: upsert, scopes: [scope(advertiser, null)] });
      await load(bench.session, { ...wanted, displacesView: true });
      expect(await bench.session.kindOf('campaigns')).toBe('table');
      expect(await rowsOf(bench.session, 'campaigns', ['campaign_id', 'name'])).toEqual([['11', 'Spring']]);
      expect(await rowsOf(bench.session, 'reports', ['campaign_id'])).toHaveLength(1);
    });

    test('leave a table alone that has the name of the asset', async () => {
      await loadReports(rows);
      expect(await ensureViews(bench.session, { reports: [], assetView: { ...views.assetView, name: 'reports' } })).toEqual([]);
      expect(await bench.session.kindOf('reports')).toBe('table');
      expect(await bench.session.kindOf('nothing')).toBeNull();
      expect(
        await ensureViews(bench.session, {
          reports: [{ table: 'nothing', columns: [], dimensions: [], metrics: [] }],
          assetView: null,
        }),
      ).toEqual([]);
    });
  });

  describe('inspection', () => {
    test('gives exact sums and counts per account and window, and zero where there is nothing', async () => {
      await loadReports(
        [
          [advertiser, '2024-01-01', '11', '1', '0.1'],
          [advertiser, '2024-01-31', '11', '2', '0.2'],
          [advertiser, '2024-02-01', '11', '4', '100000000000.01'],
          [otherAdvertiser, '2024-01-31', '21', '8', '5'],
        ],
        { scopes: [scope(advertiser, january), scope(advertiser, february), scope(otherAdvertiser, january)] },
      );
      const asked = [
        { advertiserId: advertiser, window: january },
        { advertiserId: advertiser, window: february },
        { advertiserId: otherAdvertiser, window: february },
        { advertiserId: advertiser, window: null },
      ];
      const figures = await scopeFigures(bench.session, reports, asked, ['clicks', 'spend']);
      expect(figures.map(({ rows, sums }) => [rows, sums['clicks'], sums['spend']])).toEqual([
        [2, '3', '0.3'],
        [1, '4', '100000000000.01'],
        [0, '0', '0'],
        [3, '7', '100000000000.31'],
      ]);
      expect(await countWindowRows(bench.session, reports, january, null)).toBe(3);
      expect(await countWindowRows(bench.session, reports, january, otherAdvertiser)).toBe(1);
      expect(await countWindowRows(bench.session, reports, null, null)).toBe(4);
      expect(await countRows(bench.session, 'nothing')).toBe(0);
      expect(await distinctValues(bench.session, 'reports', ['advertiser_id', 'campaign_id'])).toEqual([
        { advertiser_id: advertiser, campaign_id: '11' },
        { advertiser_id: otherAdvertiser, campaign_id: '21' },
      ]);
    });
  });

  unloadContract(() => bench);
}

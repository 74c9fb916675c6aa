import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Statement } from '../../src/destinations/destination.ts';
import type { Dialect } from '../../src/destinations/dialect.ts';
import { destinations } from '../../src/destinations/index.ts';
import { type WriteRequest, writeStatements } from '../../src/load/dispositions.ts';
import { selectFigures } from '../../src/load/inspect.ts';
import {
  committedStatements,
  insertLoads,
  loadsColumns,
  loadsTable,
  selectCommitted,
  selectHistory,
} from '../../src/load/loads-table.ts';
import { flatSelect, nestedSelect } from '../../src/load/views.ts';
import { type Column, loadColumns, type TableSchema } from '../../src/table.ts';
import {
  advertiser,
  append,
  campaignColumns,
  campaigns,
  deleteInsert,
  february,
  january,
  otherAdvertiser,
  replace,
  reportColumns,
  reports,
  request,
  scope,
  upsert,
} from '../contract/destination-fixtures.ts';

/** `npm run update` sets it: the statements of now are written as the reviewed ones, and the diff is the review. */
const isUpdate = process.env['UPDATE_GOLDEN'] === '1';

const everyType: readonly Column[] = [
  { name: 'advertiser_id', type: 'id', description: "The account's id." },
  { name: 'order', type: 'text' },
  { name: 'whole', type: 'count' },
  { name: 'money', type: 'decimal' },
  { name: 'large', type: 'wide_decimal' },
  { name: 'truth', type: 'boolean' },
  { name: 'day', type: 'date' },
  { name: 'instant', type: 'timestamp' },
  { name: 'clock', type: 'local_timestamp' },
  { name: 'list', type: 'json' },
  { name: 'a_name_that_is_too_long_'.repeat(15), type: 'text' },
];

const odd: TableSchema = {
  name: 'odd "name"',
  description: "Every type; isn't it?",
  columns: [...everyType, ...loadColumns],
  primaryKey: ['advertiser_id', 'order'],
  windowColumn: 'day',
  signature: 'odd',
};

/** Every statement that a load can make, as one text for each case. */
function casesOf(dialect: Dialect): Readonly<Record<string, readonly Statement[]>> {
  const qualified = (table: string): string => `${dialect.identifier('schema')}.${dialect.identifier(table)}`;
  const naming = { dialect, qualified };
  const staged = (columns: readonly Column[]) => ({ relation: '', columns, rowCount: 2 });
  const scopes = [scope(advertiser, january, 2), scope(otherAdvertiser, january, 0), scope(advertiser, february, 0)];
  const source = dialect.identifier('staged');
  const common = { source, hasDuplicates: false, repeated: false };
  const reportLoad: WriteRequest = {
    ...request({ table: reports, staged: staged(reportColumns), write: deleteInsert, scopes }),
    ...common,
  };
  const campaignLoad: WriteRequest = {
    ...request({
      table: campaigns,
      staged: staged(campaignColumns),
      write: upsert,
      scopes: scopes.map((one) => ({ ...one, window: null })),
    }),
    ...common,
  };
  const wide = reports.columns.map((column) =>
    column.name === 'clicks' ? { ...column, type: 'wide_decimal' as const } : column,
  );
  const row = Object.fromEntries(loadsColumns.map((column) => [column.name, null]));
  const figures = { table: 'reports', loadId: 'load-1' };
  return {
    'create-schema': [dialect.createSchema(dialect.identifier('schema'))],
    'create-table': [...dialect.createTable(qualified(odd.name), odd), ...dialect.createTable(qualified('_loads'), loadsTable)],
    'create-table-entities': dialect.createTable(qualified('campaigns'), campaigns),
    'add-columns': dialect.addColumns(qualified(odd.name), everyType),
    'widen-count-to-decimal': dialect.changeType(qualified('reports'), { name: 'clicks', type: 'wide_decimal' }, 'count'),
    'widen-count-to-text': dialect.changeType(qualified('reports'), { name: 'clicks', type: 'text' }, 'count'),
    'finish-type-change': dialect.finishTypeChange?.(qualified('reports'), { name: 'clicks', type: 'text' }, 'count') ?? [],
    'convert-unknown-type': dialect.changeType(qualified('reports'), { name: 'clicks', type: 'count' }, null),
    'merge-upsert': writeStatements(naming, campaignLoad),
    'merge-upsert-duplicates': writeStatements(naming, { ...campaignLoad, hasDuplicates: true }),
    'merge-upsert-mark-missing': writeStatements(naming, { ...campaignLoad, markMissing: true }),
    'merge-upsert-nothing-staged': writeStatements(naming, { ...campaignLoad, markMissing: true, source: null }),
    'merge-delete-insert': writeStatements(naming, reportLoad),
    'merge-delete-insert-duplicates': writeStatements(naming, { ...reportLoad, hasDuplicates: true }),
    'merge-delete-insert-wider-table': writeStatements(naming, { ...reportLoad, table: { ...reports, columns: wide } }),
    'merge-delete-insert-nothing-staged': writeStatements(naming, { ...reportLoad, source: null }),
    replace: writeStatements(naming, { ...reportLoad, write: replace }),
    'replace-without-window': writeStatements(naming, { ...campaignLoad, write: replace }),
    'replace-whole-table': writeStatements(naming, { ...reportLoad, write: replace, wholeTable: true }),
    append: writeStatements(naming, { ...reportLoad, write: append }),
    'append-repeated': writeStatements(naming, { ...reportLoad, write: append, repeated: true }),
    'loads-committed': committedStatements(naming, reportLoad, false),
    'loads-committed-repeated': committedStatements(
      naming,
      { ...reportLoad, scopes: [...scopes, scope(advertiser, null)] },
      true,
    ),
    'loads-failed': [insertLoads(dialect, qualified('_loads'), [{ ...row } as Parameters<typeof insertLoads>[2][number]])],
    'loads-read': [selectCommitted(dialect, qualified('_loads'), 'load-1'), selectHistory(dialect, qualified('_loads'), figures)],
    'figures-by-window': [selectFigures(naming, reports, scopes, ['clicks', 'spend'])],
    'figures-without-window': [selectFigures(naming, campaigns, [{ advertiserId: advertiser, window: null }], ['budget'])],
    'view-nested': dialect.createView(
      qualified('reports_nested'),
      nestedSelect(dialect, qualified('reports'), {
        table: 'reports',
        columns: ['advertiser_id', 'stat_time_day', 'campaign_id', 'clicks', 'spend', '_load_id'],
        dimensions: ['stat_time_day', 'campaign_id'],
        metrics: ['clicks', 'spend'],
      }),
    ),
    'view-asset': dialect.createView(qualified('mine'), flatSelect(dialect, qualified('reports'), ['stat_time_day', 'order'])),
    'drop-view': [dialect.dropView(qualified('mine'))],
    'lock-table': [dialect.lockTable(qualified('reports'))].flatMap((lock) => (lock === null ? [] : [lock])),
  };
}

function asText(statements: readonly Statement[]): string {
  const texts = statements.map(({ sql, parameters = [] }) => {
    const values = parameters.length === 0 ? '' : `-- ${JSON.stringify(parameters)}\n`;
    return `${sql};\n${values}`;
  });
  return texts.length === 0 ? '-- nothing to do\n' : texts.join('\n');
}

describe.each(destinations.map(({ name, dialect }) => [name, dialect] as const))('The SQL of %s', (name, dialect) => {
  const cases = casesOf(dialect);
  const folder = join(import.meta.dirname, '..', 'golden', 'sql', name);

  test.each(Object.keys(cases))('for %s is the one that was reviewed', (which) => {
    const text = asText(cases[which] ?? []);
    const file = join(folder, `${which}.sql`);
    if (isUpdate) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(file, text);
    }
    const reviewed = existsSync(file) ? readFileSync(file, 'utf8') : 'no SQL is reviewed yet: `npm run update` writes it';
    expect(text).toBe(reviewed);
  });

  test('has no reviewed case that is gone', () => {
    const present = existsSync(folder) ? readdirSync(folder) : [];
    const gone = present.filter((file) => !Object.hasOwn(cases, basename(file, '.sql')));
    if (isUpdate) for (const file of gone) rmSync(join(folder, file));
    expect(present.filter((file) => !isUpdate || !gone.includes(file)).sort()).toEqual(
      Object.keys(cases)
        .map((which) => `${which}.sql`)
        .sort(),
    );
  });

  test('marks parameters in the order of their values, as many as there are', () => {
    for (const { sql, parameters = [] } of Object.values(cases).flat()) {
      const marks = sql.match(/\$\d+|(?<=[( ])\?|@parameter_\d+/g) ?? [];
      expect(marks, sql).toEqual(parameters.map((_, at) => dialect.placeholder(at + 1)));
    }
  });
});

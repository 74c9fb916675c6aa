import type { Session, Statement } from '../destinations/destination.ts';
import { type Bind, type Dialect, statement } from '../destinations/dialect.ts';
import type { ColumnType, TableSchema } from '../table.ts';
import type { LoadRequest } from './load.ts';
import { type ScopeGroup, scopeGroups } from './scopes.ts';
import { dayAfter, sqlTimestamp } from './sql-time.ts';

export interface WriteRequest extends LoadRequest {
  /** Where the staged rows are read from, or null if there are none. */
  readonly source: string | null;
  readonly hasDuplicates: boolean;
  /** This load id has committed rows of this table before. */
  readonly repeated: boolean;
}

type Naming = Pick<Session, 'dialect' | 'qualified'>;

/** The statements of one transaction that bring the staged rows into the table. DELETE and INSERT, which every warehouse can. */
export function writeStatements({ dialect, qualified }: Naming, request: WriteRequest): readonly Statement[] {
  const target = qualified(request.table.name);
  const groups = scopeGroups(request.scopes);
  const insert = request.source === null ? [] : [insertStaged(dialect, target, request, request.source)];
  const missing = request.markMissing && hasColumn(request.table, '_deleted_at') ? markMissing(dialect, target, request) : [];
  switch (request.write.disposition) {
    case 'append':
      return [
        ...(request.repeated ? groups.map((group) => deleteScope(dialect, target, request, group, request.loadId)) : []),
        ...insert,
      ];
    case 'replace':
      if (request.wholeTable === true) return [deleteEverything(target), ...insert];
      return [...groups.map((group) => deleteScope(dialect, target, request, group, null)), ...insert];
    case 'merge':
      switch (request.write.strategy) {
        case 'delete-insert':
          return [...groups.map((group) => deleteScope(dialect, target, request, group, null)), ...insert];
        case 'upsert':
          return [
            ...(request.source === null ? [] : [deleteStagedKeys(dialect, target, request.table, request.source)]),
            ...insert,
            ...missing,
          ];
      }
  }
}

/** With a condition that is always true, since some warehouses take no DELETE without one. */
function deleteEverything(target: string): Statement {
  return { sql: `DELETE FROM ${target} WHERE 1 = 1` };
}

/** Deletes a window of some advertisers; with a load id, only what that load wrote. */
export function deleteScope(
  dialect: Dialect,
  target: string,
  { table }: { readonly table: TableSchema },
  group: ScopeGroup,
  loadId: string | null,
): Statement {
  return statement(dialect, (bind) => {
    const conditions = [
      `${dialect.identifier('advertiser_id')} IN (${group.advertiserIds.map((id) => bind(id, 'id')).join(', ')})`,
      ...windowConditions(dialect, table, group, bind),
      ...(loadId === null ? [] : [`${dialect.identifier('_load_id')} = ${bind(loadId, 'id')}`]),
    ];
    return `DELETE FROM ${target} WHERE ${conditions.join(' AND ')}`;
  });
}

/** The dates of a window as a half-open range, so that a column of times is cut as a column of dates is. */
export function windowConditions(
  dialect: Dialect,
  table: TableSchema,
  { window }: Pick<ScopeGroup, 'window'>,
  bind: Bind,
): readonly string[] {
  if (table.windowColumn === null || window === null) return [];
  const column = dialect.identifier(table.windowColumn);
  const type = columnType(table, table.windowColumn);
  return [`${column} >= ${bind(window.start, type)}`, `${column} < ${bind(dayAfter(window.end), type)}`];
}

export function deleteStagedKeys(dialect: Dialect, target: string, table: TableSchema, source: string): Statement {
  return { sql: `DELETE FROM ${target} WHERE EXISTS (${stagedKey(dialect, table, source)})` };
}

/** Marks rows of the loaded advertisers whose keys are gone at the source; a key that comes back is inserted without the mark. */
function markMissing(dialect: Dialect, target: string, request: WriteRequest): readonly Statement[] {
  return scopeGroups(request.scopes.map((scope) => ({ ...scope, window: null }))).map((group) =>
    statement(dialect, (bind) => {
      // Bound first because it stands first: marks without numbers go by the order of the text.
      const time = bind(sqlTimestamp(request.loadedAt), 'timestamp');
      const deletedAt = dialect.identifier('_deleted_at');
      const conditions = [
        `${dialect.identifier('advertiser_id')} IN (${group.advertiserIds.map((id) => bind(id, 'id')).join(', ')})`,
        `${deletedAt} IS NULL`,
        ...(request.source === null ? [] : [`NOT EXISTS (${stagedKey(dialect, request.table, request.source)})`]),
      ];
      return `UPDATE ${target} SET ${deletedAt} = ${time} WHERE ${conditions.join(' AND ')}`;
    }),
  );
}

/** A correlated look-up of the target's key among the staged ones, renamed so that no name can mean both. */
function stagedKey(dialect: Dialect, table: TableSchema, source: string): string {
  const keys = table.primaryKey.map((name, at) => ({
    column: dialect.identifier(name),
    staged: dialect.identifier(`staged_key_${at + 1}`),
  }));
  const renamed = keys.map(({ column, staged }) => `${column} AS ${staged}`).join(', ');
  const equal = keys.map(({ column, staged }) => `${staged} = ${column}`).join(' AND ');
  return `SELECT 1 FROM (SELECT ${renamed} FROM ${source}) AS staged_keys WHERE ${equal}`;
}

/** Inserts the staged rows with the load's own columns; of several rows with one key only one, if there are such. */
export function insertStaged(dialect: Dialect, target: string, request: WriteRequest, source: string): Statement {
  const { table, staged, write, hasDuplicates } = request;
  const types = new Map(table.columns.map((column) => [dialect.nameKey(column.name), column.type]));
  return statement(dialect, (bind) => {
    const columns = staged.columns.map((column) => {
      const name = dialect.identifier(column.name);
      const type = types.get(dialect.nameKey(column.name)) ?? column.type;
      return { name, value: dialect.fromStaged(name, column.type, type) };
    });
    const set = [
      { name: dialect.identifier('_load_id'), value: bind(request.loadId, 'id') },
      { name: dialect.identifier('_loaded_at'), value: bind(sqlTimestamp(request.loadedAt), 'timestamp') },
    ];
    const all = [...columns, ...set];
    const from = hasDuplicates && write.disposition !== 'append' ? firstOfEachKey(dialect, table, staged, source) : source;
    return `INSERT INTO ${target} (${all.map(({ name }) => name).join(', ')}) SELECT ${all.map(({ value }) => value).join(', ')} FROM ${from}`;
  });
}

/** Ordered by every column, so that the same rows give the same choice whatever order they came in. */
function firstOfEachKey(dialect: Dialect, table: TableSchema, staged: LoadRequest['staged'], source: string): string {
  const keys = table.primaryKey.map(dialect.identifier).join(', ');
  const order = staged.columns
    .filter((column) => column.type !== 'json')
    .map((column) => `${dialect.identifier(column.name)} DESC`)
    .join(', ');
  const position = dialect.identifier('row_of_key');
  const numbered = `SELECT *, ROW_NUMBER() OVER (PARTITION BY ${keys} ORDER BY ${order}) AS ${position} FROM ${source}`;
  return `(SELECT * FROM (${numbered}) AS numbered_rows WHERE ${position} = 1) AS first_rows`;
}

function hasColumn(table: TableSchema, name: string): boolean {
  return table.columns.some((column) => column.name === name);
}

function columnType(table: TableSchema, name: string): ColumnType {
  return table.columns.find((column) => column.name === name)?.type ?? 'date';
}

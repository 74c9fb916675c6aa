import type { Session, SqlValue, Statement } from '../destinations/destination.ts';
import { statement } from '../destinations/dialect.ts';
import type { ColumnType, Hours, TableSchema, Window } from '../table.ts';
import { windowConditions } from './dispositions.ts';
import { inChunks } from './scopes.ts';
import { dayAfter } from './sql-time.ts';

/** One advertiser in one window; null means all dates. */
export interface Scope {
  readonly advertiserId: string;
  readonly window: Window | null;
  /** Some hours of the window; they count in tables by the hour only. */
  readonly hours?: Hours | null;
}

export interface ScopeFigures extends Scope {
  readonly rows: number;
  /** Sum of each asked column as exact decimal text; '0' where there are no rows. */
  readonly sums: Readonly<Record<string, string>>;
}

/** Rows now in the table; 0 if there is no table. */
export async function countRows(session: Session, table: string): Promise<number> {
  if ((await session.columnsOf(table)) === null) return 0;
  const [row] = await session.query({ sql: `SELECT COUNT(*) AS row_count FROM ${session.qualified(table)}` });
  return Number(row?.['row_count'] ?? 0);
}

/** Rows of the table whose date lies in the window, all advertisers or one. */
export async function countWindowRows(
  session: Session,
  table: TableSchema,
  window: Window | null,
  advertiserId: string | null,
): Promise<number> {
  if ((await session.columnsOf(table.name)) === null) return 0;
  const counted = statement(session.dialect, (bind) => {
    const conditions = [
      ...(advertiserId === null ? [] : [`${session.dialect.identifier('advertiser_id')} = ${bind(advertiserId, 'id')}`]),
      ...windowConditions(session.dialect, table, { window }, bind),
    ];
    const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
    return `SELECT COUNT(*) AS row_count FROM ${session.qualified(table.name)}${where}`;
  });
  const [row] = await session.query(counted);
  return Number(row?.['row_count'] ?? 0);
}

/** Rows and sums of each scope as the table holds them now, in the order of the scopes; with a load id, of that load's rows only. */
export async function scopeFigures(
  session: Session,
  table: TableSchema,
  scopes: readonly Scope[],
  columns: readonly string[],
  loadId: string | null = null,
): Promise<readonly ScopeFigures[]> {
  const figures: ScopeFigures[] = [];
  for (const chunk of inChunks(scopes, scopesPerQuery)) {
    const rows = await session.query(selectFigures(session, table, chunk, columns, loadId));
    const byNumber = new Map(rows.map((row) => [Number(row['scope_number']), row]));
    for (const [number, scope] of chunk.entries()) {
      const row = byNumber.get(number);
      const sums = Object.fromEntries(columns.map((column, at) => [column, plainDecimal(row?.[`sum_${at}`] ?? null)]));
      figures.push({ ...scope, rows: Number(row?.['row_count'] ?? 0), sums });
    }
  }
  return figures;
}

/** Each scope is a SELECT of its own in a UNION, for which DuckDB keeps a buffer of 256 KB or two: 150 of them filled its memory. */
const scopesPerQuery = 50;

/** One pass over the table for all scopes: they are joined as rows of their own. */
export function selectFigures(
  { dialect, qualified }: Pick<Session, 'dialect' | 'qualified'>,
  table: TableSchema,
  scopes: readonly Scope[],
  columns: readonly string[],
  loadId: string | null = null,
): Statement {
  const name = dialect.identifier;
  // As text, since some drivers make a floating point number of a sum.
  const sum = (column: string): string =>
    dialect.cast(`SUM(${dialect.cast(name(column), null, 'wide_decimal')})`, 'wide_decimal', 'text');
  const sums = columns.map((column, at) => `, ${sum(column)} AS ${name(`sum_${at}`)}`);
  const dated = table.columns.find((column) => column.name === table.windowColumn) ?? null;
  return statement(dialect, (bind) => {
    const rows = scopes.map((scope, number) => {
      const { advertiserId } = scope;
      const values = [`${number} AS ${name('scope_number')}`, `${bind(advertiserId, 'id')} AS ${name('scope_advertiser')}`];
      const dates =
        dated === null
          ? []
          : boundsOf(scope, dated.type).map(
              (bound, at) => `${bind(bound, dated.type)} AS ${name(at === 0 ? 'scope_first' : 'scope_after')}`,
            );
      return `SELECT ${[...values, ...dates].join(', ')}`;
    });
    const within =
      dated === null
        ? ''
        : ` AND (${name('scope_first')} IS NULL OR (${name(dated.name)} >= ${name('scope_first')} AND ${name(dated.name)} < ${name('scope_after')}))`;
    return (
      `SELECT ${name('scope_number')}, COUNT(*) AS ${name('row_count')}${sums.join('')} FROM ${qualified(table.name)} ` +
      `JOIN (${rows.join(' UNION ALL ')}) AS scopes ON ${name('advertiser_id')} = ${name('scope_advertiser')}${within} ` +
      // Bound last because it stands last: marks without numbers go by the order of the text.
      (loadId === null ? '' : `WHERE ${name('_load_id')} = ${bind(loadId, 'id')} `) +
      `GROUP BY ${name('scope_number')}`
    );
  });
}

/** The first moment of a scope and the first one after it; null: no limit. */
function boundsOf({ window, hours }: Scope, type: ColumnType): readonly [string | null, string | null] {
  if (window === null) return [null, null];
  if (!hours || type === 'date') return [window.start, dayAfter(window.end)];
  return [hours.start.replace('T', ' '), hours.end.replace('T', ' ')];
}

/** Keys that stand on more than one row of the table. */
export async function countDuplicateKeys(session: Session, table: TableSchema): Promise<number> {
  if ((await session.columnsOf(table.name)) === null) return 0;
  let duplicates = 0;
  for (const window of await windowsToGroup(session, table)) {
    const [row] = await session.query(selectDuplicates(session, table, window));
    duplicates += Number(row?.['duplicates'] ?? 0);
  }
  return duplicates;
}

function selectDuplicates({ dialect, qualified }: Session, table: TableSchema, window: Window | null): Statement {
  const keys = table.primaryKey.map(dialect.identifier).join(', ');
  return statement(dialect, (bind) => {
    const conditions = windowConditions(dialect, table, { window }, bind);
    const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
    const repeated = `SELECT 1 AS one FROM ${qualified(table.name)}${where} GROUP BY ${keys} HAVING COUNT(*) > 1`;
    return `SELECT COUNT(*) AS duplicates FROM (${repeated}) AS repeated`;
  });
}

/**
 * Dates whose rows may be grouped together: where the session has a limit, whole days up to that many rows. Two rows of one key are of one
 * day, so nothing is missed. `[null]`: all rows at once.
 */
async function windowsToGroup(session: Session, table: TableSchema): Promise<readonly (Window | null)[]> {
  const { groupedRowsMax, dialect } = session;
  if (groupedRowsMax === undefined || table.windowColumn === null || !table.primaryKey.includes(table.windowColumn))
    return [null];
  const day = dialect.cast(dialect.identifier(table.windowColumn), null, 'date');
  const days = await session.query({
    sql: `SELECT ${dialect.cast('day', 'date', 'text')} AS day, row_count FROM (SELECT ${day} AS day, COUNT(*) AS row_count FROM ${session.qualified(table.name)} GROUP BY ${day}) AS days ORDER BY day`,
  });
  // A row without a date is in no window.
  if (days.some((row) => row['day'] === null)) return [null];
  const windows: { start: string; end: string; rows: number }[] = [];
  for (const row of days) {
    const [date, rows] = [String(row['day']), Number(row['row_count'])];
    const last = windows.at(-1);
    if (last && last.rows + rows <= groupedRowsMax) {
      last.end = date;
      last.rows += rows;
    } else windows.push({ start: date, end: date, rows });
  }
  return windows.length <= 1 ? [null] : windows;
}

/** Some rows of the table, or of what one load wrote to it. */
export async function previewRows(
  session: Session,
  table: string,
  { limit, loadId }: { readonly limit: number; readonly loadId: string | null },
): Promise<readonly Readonly<Record<string, SqlValue>>[]> {
  const select = statement(session.dialect, (bind) => {
    const where = loadId === null ? '' : ` WHERE ${session.dialect.identifier('_load_id')} = ${bind(loadId, 'id')}`;
    return `SELECT * FROM ${session.qualified(table)}${where} LIMIT ${Math.max(0, Math.trunc(limit))}`;
  });
  return session.query(select);
}

/** The distinct values of some columns, as texts. */
export async function distinctValues(
  session: Session,
  table: string,
  columns: readonly string[],
): Promise<readonly Readonly<Record<string, SqlValue>>[]> {
  if ((await session.columnsOf(table)) === null) return [];
  const names = columns.map(session.dialect.identifier).join(', ');
  return session.query({ sql: `SELECT DISTINCT ${names} FROM ${session.qualified(table)} ORDER BY ${names}` });
}

/** One spelling for one number: no trailing zeros, no exponent. */
function plainDecimal(value: SqlValue): string {
  if (value === null) return '0';
  const text = String(value);
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

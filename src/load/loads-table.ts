import type { Session, SqlValue, Statement, StoredColumn } from '../destinations/destination.ts';
import { type Dialect, statement } from '../destinations/dialect.ts';
import type { Column, TableSchema, Window } from '../table.ts';
import type { LoadRequest } from './load.ts';
import { inChunks, type ScopeGroup, scopeGroups } from './scopes.ts';
import { sqlTimestamp } from './sql-time.ts';

export const loadsColumns = [
  { name: 'load_id', type: 'id', description: 'Load; joins to _load_id of the loaded rows.' },
  { name: 'table_name', type: 'text', description: 'Table that was loaded.' },
  { name: 'advertiser_id', type: 'id', description: 'Account whose rows were loaded.' },
  {
    name: 'window_start',
    type: 'date',
    description: 'First date loaded, in the account’s zone; null where a load covers all dates.',
  },
  { name: 'window_end', type: 'date', description: 'Last date loaded, in the account’s zone.' },
  {
    name: 'status',
    type: 'text',
    description: 'committed: written in the same transaction as the rows; failed: nothing was written.',
  },
  { name: 'rows', type: 'count', description: 'Rows loaded.' },
  { name: 'api_rows', type: 'count', description: 'Rows as the API counted them, where it did.' },
  { name: 'api_totals', type: 'json', description: 'The API’s own sums by metric, where it gives them.' },
  { name: 'proof', type: 'text', description: 'How the totals were obtained.' },
  { name: 'signature', type: 'text', description: 'What kind of rows the table holds.' },
  { name: 'error', type: 'text', description: 'Why a failed load failed.' },
  { name: 'run_id', type: 'text', description: 'Dagster run.' },
  { name: 'started_at', type: 'timestamp', description: 'Start of the extraction, UTC.' },
  { name: 'committed_at', type: 'timestamp', description: 'Time of the commit, or of the failure, UTC.' },
] as const satisfies readonly Column[];

export const loadsTable: TableSchema = {
  name: '_loads',
  description: 'One row per load, table, advertiser and window: audit trail, state and resume point.',
  columns: loadsColumns,
  primaryKey: ['load_id', 'table_name', 'advertiser_id', 'window_start', 'window_end', 'status'],
  windowColumn: null,
  signature: '_loads',
};

type LoadsRow = Readonly<Record<(typeof loadsColumns)[number]['name'], SqlValue>>;

/** A part of a load that is in the warehouse for good. */
export interface CommittedScope {
  readonly table: string;
  readonly advertiserId: string;
  readonly window: Window | null;
  readonly rows: number;
  readonly apiRows: number | null;
  readonly apiTotals: Readonly<Record<string, string>> | null;
  readonly proof: string;
}

/** A session that looks for `_loads` until it is there, and not again before each table: every look is a question to the warehouse. */
export function knowingLoadsTable(session: Session): Session {
  let known: readonly StoredColumn[] | null = null;
  return {
    ...session,
    columnsOf: async (table) => {
      if (table !== loadsTable.name) return session.columnsOf(table);
      known ??= await session.columnsOf(table);
      return known;
    },
  };
}

export async function ensureLoadsTable(session: Session): Promise<void> {
  const existing = await session.columnsOf(loadsTable.name);
  if (existing !== null) return;
  await session.ensureSchema();
  await session.execute(session.dialect.createTable(session.qualified(loadsTable.name), loadsTable));
}

/** What this load id has committed so far: a retry skips it. */
export async function committedScopes(session: Session, loadId: string): Promise<readonly CommittedScope[]> {
  if ((await session.columnsOf(loadsTable.name)) === null) return [];
  const rows = await session.query(selectCommitted(session.dialect, session.qualified(loadsTable.name), loadId));
  return rows.map((row) => ({
    table: String(row['table_name']),
    advertiserId: String(row['advertiser_id']),
    window: row['window_start'] == null ? null : { start: String(row['window_start']), end: String(row['window_end']) },
    rows: Number(row['rows'] ?? 0),
    apiRows: row['api_rows'] == null ? null : Number(row['api_rows']),
    apiTotals: parseTotals(row['api_totals'] ?? null),
    proof: String(row['proof'] ?? ''),
  }));
}

/** What kind of rows a table holds, or null if it does not exist or nothing was committed to it. */
export async function tableSignature(session: Session, table: string): Promise<string | null> {
  if ((await session.columnsOf(loadsTable.name)) === null || (await session.columnsOf(table)) === null) return null;
  return (await readHistory(session, { table, loadId: '' })).signature;
}

export interface History {
  /** Of the latest commit, or null if there was none. */
  readonly signature: string | null;
  /** The load id has committed something to the table already. */
  readonly repeatsLoad: boolean;
}

export async function readHistory(
  session: Session,
  asked: { readonly table: string; readonly loadId: string },
): Promise<History> {
  const rows = await session.query(selectHistory(session.dialect, session.qualified(loadsTable.name), asked));
  return {
    signature: rows[0]?.['signature'] == null ? null : String(rows[0]['signature']),
    repeatsLoad: rows.some((row) => Number(row['repeats']) > 0),
  };
}

export interface FailedScope {
  readonly loadId: string;
  readonly table: string;
  readonly advertiserId: string;
  readonly window: Window | null;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly failedAt: string;
  readonly error: string;
  readonly runId: string | null;
  readonly signature: string | null;
}

/** Keeps a failed attempt, in a transaction of its own. */
export async function recordFailure(session: Session, failed: FailedScope): Promise<void> {
  await ensureLoadsTable(session);
  const row: LoadsRow = {
    load_id: failed.loadId,
    table_name: failed.table,
    advertiser_id: failed.advertiserId,
    window_start: failed.window?.start ?? null,
    window_end: failed.window?.end ?? null,
    status: 'failed',
    rows: 0,
    api_rows: null,
    api_totals: null,
    proof: null,
    signature: failed.signature,
    error: failed.error,
    run_id: failed.runId,
    started_at: sqlTimestamp(failed.startedAt),
    committed_at: sqlTimestamp(failed.failedAt),
  };
  await session.transaction([insertLoads(session.dialect, session.qualified(loadsTable.name), [row])]);
}

/** The rows of `_loads` that belong into the transaction of a load. A scope committed before under this load id is overwritten. */
export function committedStatements(
  session: Pick<Session, 'dialect' | 'qualified'>,
  request: LoadRequest,
  repeated: boolean,
): readonly Statement[] {
  const target = session.qualified(loadsTable.name);
  const rows = request.scopes.map(
    (scope): LoadsRow => ({
      load_id: request.loadId,
      table_name: request.table.name,
      advertiser_id: scope.advertiserId,
      window_start: scope.window?.start ?? null,
      window_end: scope.window?.end ?? null,
      status: 'committed',
      rows: scope.rows,
      api_rows: scope.apiRows,
      api_totals: scope.apiTotals === null ? null : JSON.stringify(scope.apiTotals),
      proof: scope.proof,
      signature: request.table.signature,
      error: null,
      run_id: request.runId,
      started_at: sqlTimestamp(scope.startedAt),
      committed_at: sqlTimestamp(request.loadedAt),
    }),
  );
  return [
    ...(repeated ? scopeGroups(request.scopes).map((group) => deleteCommitted(session.dialect, target, request, group)) : []),
    ...inChunks(rows, rowsPerStatement).map((chunk) => insertLoads(session.dialect, target, chunk)),
  ];
}

const rowsPerStatement = 100;

/** SELECTs joined by UNION ALL: JSON is parsed by a function in some warehouses, which VALUES does not take. */
export function insertLoads(dialect: Dialect, target: string, rows: readonly LoadsRow[]): Statement {
  const names = loadsColumns.map((column) => dialect.identifier(column.name)).join(', ');
  return statement(dialect, (bind) => {
    const selects = rows.map((row) => `SELECT ${loadsColumns.map((column) => bind(row[column.name], column.type)).join(', ')}`);
    return `INSERT INTO ${target} (${names}) ${selects.join(' UNION ALL ')}`;
  });
}

export function deleteCommitted(
  dialect: Dialect,
  target: string,
  request: LoadRequest,
  { advertiserIds, window }: ScopeGroup,
): Statement {
  const name = dialect.identifier;
  return statement(dialect, (bind) => {
    const conditions = [
      `${name('load_id')} = ${bind(request.loadId, 'id')}`,
      `${name('table_name')} = ${bind(request.table.name, 'text')}`,
      `${name('status')} = ${bind('committed', 'text')}`,
      `${name('advertiser_id')} IN (${advertiserIds.map((id) => bind(id, 'id')).join(', ')})`,
      ...(window === null
        ? [`${name('window_start')} IS NULL`]
        : [`${name('window_start')} = ${bind(window.start, 'date')}`, `${name('window_end')} = ${bind(window.end, 'date')}`]),
    ];
    return `DELETE FROM ${target} WHERE ${conditions.join(' AND ')}`;
  });
}

export function selectHistory(
  dialect: Dialect,
  target: string,
  asked: { readonly table: string; readonly loadId: string },
): Statement {
  const name = dialect.identifier;
  return statement(
    dialect,
    (bind) =>
      `SELECT ${name('signature')}, SUM(CASE WHEN ${name('load_id')} = ${bind(asked.loadId, 'id')} THEN 1 ELSE 0 END) AS ${name('repeats')}, ` +
      `MAX(${name('committed_at')}) AS ${name('latest')} FROM ${target} ` +
      `WHERE ${name('table_name')} = ${bind(asked.table, 'text')} AND ${name('status')} = ${bind('committed', 'text')} ` +
      `GROUP BY ${name('signature')} ORDER BY ${name('latest')} DESC`,
  );
}

export function selectCommitted(dialect: Dialect, target: string, loadId: string): Statement {
  const columns = ['table_name', 'advertiser_id', 'window_start', 'window_end', 'rows', 'api_rows', 'api_totals', 'proof'];
  const name = dialect.identifier;
  return statement(
    dialect,
    (bind) =>
      `SELECT ${columns.map(name).join(', ')} FROM ${target} ` +
      `WHERE ${name('load_id')} = ${bind(loadId, 'id')} AND ${name('status')} = ${bind('committed', 'text')}`,
  );
}

export function parseTotals(text: SqlValue): Readonly<Record<string, string>> | null {
  if (text === null) return null;
  const parsed: unknown = JSON.parse(String(text));
  if (parsed === null || typeof parsed !== 'object') return null;
  return Object.fromEntries(Object.entries(parsed).map(([name, total]) => [name, String(total)]));
}

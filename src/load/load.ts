import type { Session, StagedTable } from '../destinations/destination.ts';
import type { Dialect } from '../destinations/dialect.ts';
import { ConfigError, DestinationError } from '../errors.ts';
import type { Column, TableSchema, Window, Write } from '../table.ts';
import { writeStatements } from './dispositions.ts';
import { committedStatements, ensureLoadsTable, readHistory } from './loads-table.ts';
import { commonType, migrate } from './migrate.ts';

/** What a load replaces and proves: one advertiser in one window (null: all its rows), with the figures kept in `_loads`. */
export interface LoadScope {
  readonly advertiserId: string;
  readonly window: Window | null;
  /** Rows staged for this scope. */
  readonly rows: number;
  /** Rows as the API counted them, where it did. */
  readonly apiRows: number | null;
  /** The API's own sums by metric, as decimal texts. */
  readonly apiTotals: Readonly<Record<string, string>> | null;
  /** How the totals were obtained, one word. */
  readonly proof: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Newer loads have replaced some of these dates since, so that the totals need not be the table's any more. */
  readonly replacedInPart?: boolean;
}

export interface LoadRequest {
  readonly table: TableSchema;
  /** Typed columns, without those the load sets itself (`_load_id`, `_loaded_at`, `_deleted_at`). */
  readonly staged: StagedTable;
  readonly write: Write;
  readonly scopes: readonly LoadScope[];
  readonly loadId: string;
  /** ISO 8601, UTC. */
  readonly loadedAt: string;
  readonly runId: string | null;
  /** Rows of the scopes' advertisers whose keys are not staged get `_deleted_at`. Only for tables that have the column. */
  readonly markMissing: boolean;
  /** A `replace` takes out every row of the table, not only the scopes' own. */
  readonly wholeTable?: boolean;
  /** A view of ours may stand under the table's name, from a time when this table was not asked for; it gives way. */
  readonly displacesView?: boolean;
}

export interface LoadResult {
  readonly table: string;
  readonly rowsLoaded: number;
  /** Staged rows left out because another row of this load has the same key. */
  readonly duplicateRows: number;
  readonly addedColumns: readonly string[];
  readonly widenedColumns: readonly string[];
  readonly created: boolean;
}

/** A lost connection or another session's interference is tried again at once: a load repeats nothing that it has done. */
const attemptsMax = 3;
const passing = ['connection_lost', 'conflict'];

/**
 * Loads one table: schema first, then everything else in one transaction, so that the table is as it was or as it should be.
 * Throws ConfigError if the table holds another kind of rows, DestinationError if the warehouse refuses.
 */
export async function load(session: Session, request: LoadRequest): Promise<LoadResult> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await loadOnce(session, request, attempt > 1);
    } catch (error) {
      if (attempt === attemptsMax || !(error instanceof DestinationError)) throw error;
      // Another run may have made a view under this name between our look and our table.
      const passes = passing.includes(error.code ?? '') || (await isOurView(session, request).catch(() => false));
      if (!passes) throw error;
    }
  }
}

async function isOurView(session: Session, { table, displacesView }: LoadRequest): Promise<boolean> {
  return displacesView === true && (await session.kindOf(table.name)) === 'view';
}

/** `again`: an attempt before this one may have been committed after all, unseen. */
async function loadOnce(session: Session, request: LoadRequest, again: boolean): Promise<LoadResult> {
  const { staged } = request;
  const table = withStagedColumns(session.dialect, request.table, staged.columns);
  await ensureLoadsTable(session);
  if (await isOurView(session, request)) await session.execute([session.dialect.dropView(session.qualified(table.name))]);
  const existing = await session.columnsOf(table.name);
  const asked = { table: table.name, loadId: request.loadId };
  const history = await readHistory(session, asked);
  if (existing !== null) refuseStrangers(session, table, { columns: existing, signature: history.signature });
  const migration = await migrate(session, table, existing);

  const source = staged.rowCount === 0 ? null : await session.stage(staged, migration.table);
  try {
    const duplicateRows = source === null || staged.keysAreUnique === true ? 0 : await duplicatesIn(session, source, request);
    const lock = session.dialect.lockTable(session.qualified(table.name));
    // Staging takes its time; meanwhile another attempt of this load, which was thought dead, may have been committed.
    const overtaken = source !== null && !history.repeatsLoad && (await readHistory(session, asked)).repeatsLoad;
    const repeated = history.repeatsLoad || again || overtaken;
    await session.transaction([
      ...(lock === null ? [] : [lock]),
      ...writeStatements(session, { ...request, table: migration.table, source, hasDuplicates: duplicateRows > 0, repeated }),
      ...committedStatements(session, request, repeated),
    ]);
    return {
      table: table.name,
      rowsLoaded: staged.rowCount - duplicateRows,
      duplicateRows,
      addedColumns: migration.addedColumns,
      widenedColumns: migration.widenedColumns,
      created: existing === null,
    };
  } finally {
    // What became of the load is decided; a staging table that cannot be dropped now goes with its session or by its age.
    if (source !== null) await session.unstage(source).catch(() => undefined);
  }
}

/** The table with what the staged rows have beyond it: columns found on the way, and values that need a wider type. */
function withStagedColumns(dialect: Dialect, table: TableSchema, staged: readonly Column[]): TableSchema {
  const types = new Map(staged.map((column) => [column.name, column.type]));
  const declared = table.columns.map((column) => {
    const type = types.get(column.name);
    return type === undefined ? column : { ...column, type: commonType(dialect, column.type, type) };
  });
  const names = new Set(table.columns.map((column) => column.name));
  const found = staged.filter((column) => !names.has(column.name));
  const setByLoad = declared.filter((column) => column.name.startsWith('_'));
  return { ...table, columns: [...declared.filter((column) => !column.name.startsWith('_')), ...found, ...setByLoad] };
}

interface Found {
  readonly columns: readonly { readonly name: string }[];
  readonly signature: string | null;
}

/** A table that we did not make, or that holds other rows than these, is left alone. */
function refuseStrangers(session: Session, table: TableSchema, found: Found): void {
  const name = session.displayName(table.name);
  if (!found.columns.some((column) => column.name.toLowerCase() === '_load_id')) {
    throw new DestinationError(`The table ${name} exists and was not made by this component: it has no column _load_id.`, {
      code: 'foreign_table',
      hint: 'Set `dataset_name` to another schema, or rename that table.',
    });
  }
  if (found.signature === null || found.signature === table.signature) return;
  const message = `the table ${name} holds rows of "${found.signature}", and this run would write rows of "${table.signature}" into it`;
  throw new ConfigError(`Two kinds of rows cannot share one table: ${message}.`, {
    code: 'signature_mismatch',
    hint:
      'Give this report a table of its own: as an entry of `reports` with a `name`, or as another asset with its own `asset_name` or `dataset_name`. ' +
      `To start over with the new kind, drop the table ${name} first.`,
    issues: [{ path: 'data_level', message, allowed: found.signature }],
  });
}

/** Staged rows beyond the first of each key. An append keeps every row. */
async function duplicatesIn(session: Session, source: string, { table, write }: LoadRequest): Promise<number> {
  if (write.disposition === 'append' || table.primaryKey.length === 0) return 0;
  const keys = table.primaryKey.map(session.dialect.identifier).join(', ');
  const repeated = `SELECT COUNT(*) AS copies FROM ${source} GROUP BY ${keys} HAVING COUNT(*) > 1`;
  const [row] = await session.query({ sql: `SELECT SUM(copies - 1) AS duplicates FROM (${repeated}) AS repeated` });
  return Number(row?.['duplicates'] ?? 0);
}

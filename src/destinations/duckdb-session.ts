import { basename } from 'node:path';
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { DuckDBDecimalValue } from '@duckdb/node-api';
import { DestinationError, IngestError } from '../errors.ts';
import type { ConnectEnvironment, Session, SqlValue, Statement } from './destination.ts';
import { quoteIdentifier, storedColumn } from './dialect.ts';
import { catalogName, type DuckDbOptions } from './duckdb.ts';
import { duckdbDialect } from './duckdb-dialect.ts';
import { diskFull, isDiskFull, openDuckDbFile } from './duckdb-file.ts';
import { copyToParquet, selectRows } from './unload.ts';

type Row = Readonly<Record<string, SqlValue>>;

/**
 * A session on a DuckDB file, inside the staging database's own process: the file is attached to it while something runs, so
 * that staged rows are read where they lie and the file's lock is held briefly.
 */
export async function openDuckDb(options: DuckDbOptions, environment: ConnectEnvironment): Promise<Session> {
  const file = openDuckDbFile({ path: options.path, lockTimeoutMs: options.lock_timeout_seconds * 1000, environment });
  const schema = duckdbDialect.identifier(options.dataset);
  const qualifiedInView = (table: string): string => `${schema}.${duckdbDialect.identifier(table)}`;
  const run = (work: (connection: DuckDBConnection) => Promise<Row[]>): Promise<readonly Row[]> => file.use(work);
  const query = (statement: Statement): Promise<readonly Row[]> => run((connection) => read(connection, statement));
  const transaction = async (statements: readonly Statement[]): Promise<void> => {
    if (statements.length > 0) await file.use((connection) => alone(() => inTransaction(connection, statements)));
  };
  const alone = environment.alone ?? ((work) => work());
  const inSchema = { catalog: file.catalog, schema: options.dataset };
  await file.use(async () => undefined);

  return {
    dialect: duckdbDialect,
    groupedRowsMax: 500_000,
    qualified: (table) => `${quoteIdentifier(file.catalog)}.${qualifiedInView(table)}`,
    qualifiedInView,
    ensureSchema: async () => {
      await run((connection) => read(connection, duckdbDialect.createSchema(`${quoteIdentifier(file.catalog)}.${schema}`)));
    },
    kindOf: async (name) => {
      const [row] = await query(selectKind({ ...inSchema, name }));
      return row === undefined ? null : row['table_type'] === 'VIEW' ? 'view' : 'table';
    },
    columnsOf: async (table) => {
      const rows = await query(selectColumns({ ...inSchema, name: table }));
      if (rows.length === 0) return null;
      return rows.map((row) => storedColumn(duckdbDialect, String(row['column_name']), String(row['data_type'])));
    },
    // DDL is transactional here, and one commit is much faster than one for each of a hundred comments.
    execute: transaction,
    transaction,
    releaseViews: async () => undefined,
    query,
    stage: async (staged) => staged.relation,
    unstage: async () => undefined,
    unload: async (request) => {
      const source = `${quoteIdentifier(file.catalog)}.${qualifiedInView(request.table)}`;
      const [written] = await query(copyToParquet(selectRows(duckdbDialect, source, request), request.file));
      return Number(written?.['count'] ?? 0);
    },
    uri: (table) => `duckdb://${options.path}#${options.dataset}.${table}`,
    displayName: (table) => `${catalogName(basename(options.path))}.${options.dataset}.${table}`,
    close: file.close,
  };
}

async function inTransaction(connection: DuckDBConnection, statements: readonly Statement[]): Promise<void> {
  await read(connection, { sql: 'BEGIN TRANSACTION' });
  try {
    for (const statement of statements) await read(connection, statement);
    await read(connection, { sql: 'COMMIT' });
  } catch (error) {
    // After a failed COMMIT there is no transaction left to roll back; the first error is the one to tell.
    await connection.run('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

async function read(connection: DuckDBConnection, { sql, parameters = [] }: Statement): Promise<Row[]> {
  try {
    const reader = await connection.runAndReadAll(sql, parameters.length === 0 ? undefined : [...parameters]);
    const names = reader.deduplicatedColumnNames().map((name) => name.toLowerCase());
    return reader.getRows().map((row) => Object.fromEntries(row.map((value, at) => [names[at] ?? '', plain(value)])));
  } catch (error) {
    throw refused(error, sql);
  }
}

function plain(value: DuckDBValue | undefined): SqlValue {
  if (value === null || value === undefined) return null;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  const text = String(value);
  return value instanceof DuckDBDecimalValue && text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

function refused(error: unknown, sql: string): IngestError {
  if (error instanceof IngestError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const words = sql.length > 200 ? `${sql.slice(0, 200)}…` : sql;
  return new DestinationError(`DuckDB refused a statement: ${message} (statement: ${words})`, {
    code: 'duckdb_refused',
    retryable: /^(IO|Connection|Out of Memory|Interrupt)\b/i.test(message),
    ...(isDiskFull(message) ? diskFull : {}),
    cause: error,
  });
}

interface Place {
  readonly catalog: string;
  readonly schema: string;
  readonly name: string;
}

const placeParameters = ({ catalog, schema, name }: Place): readonly SqlValue[] => [catalog, schema, name];

export function selectColumns(place: Place): Statement {
  return {
    sql:
      'SELECT column_name, data_type FROM duckdb_columns() WHERE database_name = $1 ' +
      'AND lower(schema_name) = lower($2) AND lower(table_name) = lower($3) ORDER BY column_index',
    parameters: placeParameters(place),
  };
}

export function selectKind(place: Place): Statement {
  return {
    sql:
      'SELECT table_type FROM information_schema.tables WHERE table_catalog = $1 ' +
      'AND lower(table_schema) = lower($2) AND lower(table_name) = lower($3)',
    parameters: placeParameters(place),
  };
}

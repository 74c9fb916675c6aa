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
  const inCatalog = (name: string): string => `${quoteIdentifier(file.catalog)}.${name}`;
  const qualified = (table: string): string => inCatalog(qualifiedInView(table));
  const query = (statement: Statement): Promise<readonly Row[]> => file.read((connection) => read(connection, statement));
  const transaction = async (statements: readonly Statement[]): Promise<void> => {
    if (statements.length > 0) await file.write((connection) => alone(() => inTransaction(connection, statements)));
  };
  const alone = environment.alone ?? ((work) => work());
  const inSchema = { catalog: file.catalog, schema: options.dataset };
  await file.read(async () => undefined);

  return {
    dialect: duckdbDialect,
    groupedRowsMax: 500_000,
    qualified,
    qualifiedInView,
    ensureSchema: async () => {
      await file.write((connection) => read(connection, duckdbDialect.createSchema(inCatalog(schema))));
    },
    kindOf: async (name) => {
      const [row] = await query(selectKind({ ...inSchema, name }));
      return row === undefined ? null : row['table_type'] === 'VIEW' ? 'view' : 'table';
    },
    columnsOf: async (table) => {
      const rows = await query(describeTable(qualified(table))).catch((error: unknown) => {
        if (isMissing(error)) return null;
        throw error;
      });
      return rows?.map((row) => storedColumn(duckdbDialect, String(row['column_name']), String(row['column_type']))) ?? null;
    },
    // DDL is transactional here, and one commit is much faster than one for each of a hundred comments.
    execute: transaction,
    transaction,
    releaseViews: async () => undefined,
    query,
    stage: async (staged) => staged.relation,
    unstage: async () => undefined,
    unload: async (request) => {
      const [written] = await query(copyToParquet(selectRows(duckdbDialect, qualified(request.table), request), request.file));
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

/** Looks one table up, unlike `duckdb_columns()`, which goes through every column of every database. Refused if there is no such table. */
export function describeTable(qualifiedName: string): Statement {
  return { sql: `DESCRIBE ${qualifiedName}` };
}

function isMissing(error: unknown): boolean {
  // As `refused` keeps what DuckDB said.
  const cause = error instanceof IngestError ? error.cause : null;
  return cause instanceof Error && /^Catalog Error: (Table|Schema) with name .* does not exist/s.test(cause.message);
}

export function selectKind({ catalog, schema, name }: Place): Statement {
  return {
    sql:
      'SELECT table_type FROM information_schema.tables WHERE table_catalog = $1 ' +
      'AND lower(table_schema) = lower($2) AND lower(table_name) = lower($3)',
    parameters: [catalog, schema, name],
  };
}

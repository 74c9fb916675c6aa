import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConnectEnvironment, Session, SqlValue, StagedTable, Statement } from './destination.ts';
import { storedColumn } from './dialect.ts';
import { exportParquet } from './export.ts';
import type { SnowflakeOptions } from './snowflake.ts';
import { openConnection, type Row, type Run } from './snowflake-connection.ts';
import { snowflakeDialect as dialect, stagedAsText } from './snowflake-dialect.ts';
import { refuseLongTexts } from './text-limits.ts';
import { rowsToParquet, selectRows, writeCsv } from './unload.ts';

/** Of a VARCHAR without a length, and of JSON, which waits as one. */
const textBytesMax = { id: 16_777_216, text: 16_777_216, json: 16_777_216 } as const;

const stagingPrefix = '_STAGED_';
/** A staging table that is older was left behind by a run that was killed. */
const leftoverMs = 24 * 3600 * 1000;

/**
 * A session on Snowflake. Staged rows go as Parquet into the own stage of a transient table and from there into the table by COPY,
 * which needs no right but to create tables. DDL commits by itself there, so all of it comes before a transaction.
 */
export async function openSnowflake(options: SnowflakeOptions, environment: ConnectEnvironment): Promise<Session> {
  const connection = await openConnection(options, environment);
  const database = dialect.identifier(options.database);
  const schema = `${database}.${dialect.identifier(options.dataset)}`;
  const qualified = (table: string): string => `${schema}.${dialect.identifier(table)}`;
  const query = (statement: Statement): Promise<readonly Row[]> => connection.exclusive((run) => run(statement));
  const stored = (name: string): string => unquoted(dialect.identifier(name));
  const place = (name: string): readonly SqlValue[] => [stored(options.dataset), stored(name)];

  const dropLeftovers = async (): Promise<void> => {
    const tables = await query(selectStaged(database, stored(options.dataset)));
    const tooOld = tables
      .map((row) => String(row['table_name']))
      .filter((name) => environment.now() - startedAt(name) > leftoverMs);
    for (const name of tooOld) await query({ sql: `DROP TABLE IF EXISTS ${schema}.${dialect.identifier(name)}` });
  };
  let cleaned = false;

  return {
    dialect,
    qualified,
    qualifiedInView: qualified,
    ensureSchema: async () => {
      const [existing] = await query(selectSchema(database, stored(options.dataset)));
      if (existing === undefined) await query(dialect.createSchema(schema));
    },
    kindOf: async (name) => {
      const [row] = await query(selectKind(database, place(name)));
      return row === undefined ? null : row['table_type'] === 'VIEW' ? 'view' : 'table';
    },
    columnsOf: async (table) => {
      const rows = await query(selectColumns(database, place(table)));
      return rows.length === 0
        ? null
        : rows.map((row) => storedColumn(dialect, String(row['column_name']).toLowerCase(), nativeType(row)));
    },
    execute: (statements) =>
      connection.exclusive(async (run) => {
        for (const statement of statements) await run(statement);
      }),
    transaction: async (statements) => {
      if (statements.length > 0) await connection.exclusive((run) => inTransaction(run, statements));
    },
    releaseViews: async () => undefined,
    query,
    stage: async (staged, table) => {
      const tableName = `${options.dataset}.${dialect.storedName(table.name)}`.toUpperCase();
      await refuseLongTexts(environment, staged, { product: 'Snowflake', tableName, bytesMax: textBytesMax });
      if (!cleaned) await dropLeftovers();
      cleaned = true;
      const name = stagingName(environment.now());
      return connection.exclusive((run) => stage(run, environment, { staged, schema, name }));
    },
    unstage: async (name) => {
      await query({ sql: `DROP TABLE IF EXISTS ${name}` });
    },
    unload: (request) =>
      rowsToParquet(environment, request, (csv) =>
        connection.exclusive((_, stream) =>
          stream(selectRows(dialect, qualified(request.table), request), (rows) => writeCsv(rows, csv)),
        ),
      ),
    uri: (table) => `snowflake://${options.account}/${options.database}/${options.dataset}/${table}`,
    displayName: (table) => `${options.database}.${options.dataset}.${dialect.storedName(table)}`.toUpperCase(),
    close: connection.close,
  };
}

async function inTransaction(run: Run, statements: readonly Statement[]): Promise<void> {
  await run({ sql: 'BEGIN' });
  try {
    for (const statement of statements) await run(statement);
    await run({ sql: 'COMMIT' });
  } catch (error) {
    // A session that is gone is rolled back by the service; the first error is the one to tell.
    await run({ sql: 'ROLLBACK' }).catch(() => undefined);
    throw error;
  }
}

interface StageRequest {
  readonly staged: StagedTable;
  readonly schema: string;
  readonly name: string;
}

async function stage(run: Run, environment: ConnectEnvironment, { staged, schema, name }: StageRequest): Promise<string> {
  const table = `${schema}.${dialect.identifier(name)}`;
  const file = join(environment.directory, `${name}.parquet`);
  try {
    await exportParquet(environment.staging, staged, {
      file,
      asText: stagedAsText,
      storedName: (column) => unquoted(dialect.identifier(column)),
    });
    await run(createStaged(table, staged));
    await run(putFile(file, `${schema}.%${name}`));
    await run(copyStaged(table, `${schema}.%${name}`));
    return table;
  } finally {
    await rm(file, { force: true });
  }
}

/** Tells its time, so that what a killed run left behind can be known; needs no quotes, which the name of its stage may not have. */
function stagingName(nowMs: number): string {
  return `${stagingPrefix}${Math.floor(nowMs / 1000)}_${randomBytes(6).toString('hex').toUpperCase()}`;
}

export function createStaged(table: string, staged: Pick<StagedTable, 'columns'>): Statement {
  const columns = staged.columns.map((column) => `${dialect.identifier(column.name)} ${dialect.stagedTypes[column.type]}`);
  return { sql: `CREATE TRANSIENT TABLE ${table} (${columns.join(', ')})` };
}

/** Into the stage that every table has, which goes when the table goes. */
export function putFile(file: string, stageName: string): Statement {
  return { sql: `PUT 'file://${file.replaceAll("'", "\\'")}' @${stageName} AUTO_COMPRESS = FALSE` };
}

export function copyStaged(table: string, stageName: string): Statement {
  return {
    sql:
      `COPY INTO ${table} FROM @${stageName} FILE_FORMAT = (TYPE = PARQUET) ` +
      'MATCH_BY_COLUMN_NAME = CASE_SENSITIVE ON_ERROR = ABORT_STATEMENT',
  };
}

/** The time in a staging table's name, in milliseconds; now or later for a name that is not ours. */
function startedAt(name: string): number {
  const seconds = /^_STAGED_(\d+)_/.exec(name)?.[1];
  return seconds === undefined ? Number.POSITIVE_INFINITY : Number(seconds) * 1000;
}

export function selectStaged(database: string, schema: string): Statement {
  return {
    sql: `SELECT table_name FROM ${database}.information_schema.tables WHERE table_schema = ? AND STARTSWITH(table_name, ?)`,
    parameters: [schema, stagingPrefix],
  };
}

export function selectSchema(database: string, schema: string): Statement {
  return { sql: `SELECT schema_name FROM ${database}.information_schema.schemata WHERE schema_name = ?`, parameters: [schema] };
}

export function selectKind(database: string, parameters: readonly SqlValue[]): Statement {
  return {
    sql: `SELECT table_type FROM ${database}.information_schema.tables WHERE table_schema = ? AND table_name = ?`,
    parameters,
  };
}

export function selectColumns(database: string, parameters: readonly SqlValue[]): Statement {
  return {
    sql:
      `SELECT column_name, data_type, numeric_precision, numeric_scale, character_maximum_length FROM ${database}.information_schema.columns ` +
      'WHERE table_schema = ? AND table_name = ? ORDER BY ordinal_position',
    parameters,
  };
}

function nativeType(row: Row): string {
  const type = String(row['data_type']);
  const length = Number(row['character_maximum_length'] ?? 0);
  if (type === 'TEXT' && length > 0 && length < textBytesMax.text) return `VARCHAR(${length})`;
  return type === 'NUMBER' ? `NUMBER(${row['numeric_precision']},${row['numeric_scale']})` : type;
}

function unquoted(identifier: string): string {
  return identifier.slice(1, -1).replaceAll('""', '"');
}

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConnectEnvironment, Session, SqlValue, StagedTable, Statement } from './destination.ts';
import { quoteIdentifier, storedColumn } from './dialect.ts';
import { exportCsv } from './export.ts';
import type { PostgresOptions } from './postgres.ts';
import { type Exclusive, openConnection, type Row } from './postgres-connection.ts';
import { postgresDialect as dialect, madeHere } from './postgres-dialect.ts';
import { rowsToParquet, selectRowsText } from './unload.ts';

/** A session on a PostgreSQL server. Staged rows go into temporary tables by COPY, so that nothing stays if the session dies. */
export async function openPostgres(options: PostgresOptions, environment: ConnectEnvironment): Promise<Session> {
  const connection = await openConnection({
    product: 'PostgreSQL',
    options,
    environment,
    settings: [
      "SET TIME ZONE 'UTC'",
      'SET client_min_messages = warning',
      `SET lock_timeout = ${Math.round(options.lock_timeout_seconds * 1000)}`,
    ],
  });
  const schemaName = dialect.storedName(options.dataset);
  const schema = dialect.identifier(options.dataset);
  const qualified = (table: string): string => `${schema}.${dialect.identifier(table)}`;
  const query = (statement: Statement): Promise<readonly Row[]> => connection.exclusive(({ run }) => run(statement));
  const place = (name: string): readonly SqlValue[] => [schemaName, dialect.storedName(name)];
  let stagedTables = 0;

  return {
    dialect,
    qualified,
    qualifiedInView: qualified,
    ensureSchema: async () => {
      const [existing] = await query(selectSchema(schemaName));
      if (existing === undefined)
        await connection.exclusive((own) => inTransaction(own, [lockSchema(schemaName), dialect.createSchema(schema)]));
    },
    kindOf: async (name) => {
      const [row] = await query(selectKind(place(name)));
      return row === undefined ? null : row['kind'] === 'v' || row['kind'] === 'm' ? 'view' : 'table';
    },
    columnsOf: async (table) => {
      const rows = await query(selectColumns(place(table)));
      if (rows.length === 0) return null;
      return rows.map((row) => storedColumn(dialect, String(row['name']), String(row['type'])));
    },
    execute: async (statements) => {
      if (statements.length === 0) return;
      // DDL is transactional. Two sessions that create the same table at once would trip over each other without the lock.
      await connection.exclusive((own) => inTransaction(own, [lockSchema(schemaName), ...statements]));
    },
    transaction: async (statements) => {
      if (statements.length > 0) await connection.exclusive((own) => inTransaction(own, statements));
    },
    releaseViews: async (table) => {
      const views = await query(selectOwnViews([...place(table), madeHere]));
      await connection.exclusive((own) =>
        inTransaction(
          own,
          views.map((row) => dialect.dropView(qualified(String(row['name'])))),
        ),
      );
    },
    query,
    stage: (staged) => {
      stagedTables += 1;
      const name = `_staged_${stagedTables}`;
      return connection.exclusive((own) => stage(own, environment, staged, name));
    },
    unstage: async (name) => {
      await query({ sql: `DROP TABLE IF EXISTS ${name}` });
    },
    unload: (request) =>
      rowsToParquet(environment, request, (csv) =>
        connection.exclusive(({ copyOut }) =>
          // COPY takes no parameters.
          copyOut(`COPY (${selectRowsText(dialect, qualified(request.table), request)}) TO STDOUT (FORMAT csv)`, csv),
        ),
      ),
    uri: (table) => `postgresql://${options.host}:${options.port}/${options.database}/${options.dataset}/${table}`,
    displayName: (table) => `${options.database}.${schemaName}.${dialect.storedName(table)}`,
    close: connection.close,
  };
}

export async function inTransaction({ run }: Pick<Exclusive, 'run'>, statements: readonly Statement[]): Promise<void> {
  await run({ sql: 'BEGIN' });
  try {
    for (const statement of statements) await run(statement);
    await run({ sql: 'COMMIT' });
  } catch (error) {
    // Where the connection is gone the server has rolled back by itself; the first error is the one to tell.
    await run({ sql: 'ROLLBACK' }).catch(() => undefined);
    throw error;
  }
}

async function stage(
  { run, copy }: Exclusive,
  environment: ConnectEnvironment,
  staged: StagedTable,
  name: string,
): Promise<string> {
  const table = `pg_temp.${quoteIdentifier(name)}`;
  const file = join(environment.directory, `${name}.csv`);
  try {
    await exportCsv(environment.staging, staged, file);
    await run(createStaged(table, staged));
    await copy(`COPY ${table} FROM STDIN (FORMAT csv)`, file);
    return table;
  } finally {
    await rm(file, { force: true });
  }
}

export function createStaged(table: string, staged: StagedTable): Statement {
  const columns = staged.columns.map((column) => `${dialect.identifier(column.name)} ${dialect.stagedTypes[column.type]}`);
  return { sql: `CREATE TEMP TABLE ${table} (${columns.join(', ')})` };
}

/** Held until the transaction ends; named after the product so that it meets no lock of anybody else's. */
export function lockSchema(schema: string): Statement {
  return { sql: "SELECT pg_advisory_xact_lock(hashtext('dagster-tiktok-ads'), hashtext($1))", parameters: [schema] };
}

export function selectSchema(schema: string): Statement {
  return { sql: 'SELECT 1 AS found FROM pg_catalog.pg_namespace WHERE nspname = $1', parameters: [schema] };
}

export function selectKind(place: readonly SqlValue[]): Statement {
  return {
    sql:
      'SELECT c.relkind AS kind FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace ' +
      "WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p', 'f', 'v', 'm')",
    parameters: place,
  };
}

export function selectColumns(place: readonly SqlValue[]): Statement {
  return {
    sql:
      'SELECT a.attname AS name, pg_catalog.format_type(a.atttypid, a.atttypmod) AS type FROM pg_catalog.pg_attribute a ' +
      'JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace ' +
      "WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p', 'f', 'v', 'm') AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
    parameters: place,
  };
}

/** Our views on a table: parameters are schema, table and the comment that marks them. */
export function selectOwnViews(parameters: readonly SqlValue[]): Statement {
  return {
    sql:
      'SELECT DISTINCT v.relname AS name FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid ' +
      'JOIN pg_catalog.pg_class v ON v.oid = r.ev_class JOIN pg_catalog.pg_class t ON t.oid = d.refobjid ' +
      'JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace AND n.oid = v.relnamespace ' +
      "WHERE d.classid = 'pg_catalog.pg_rewrite'::regclass AND v.relkind = 'v' AND v.oid <> t.oid AND n.nspname = $1 AND t.relname = $2 " +
      "AND pg_catalog.obj_description(v.oid, 'pg_class') = $3",
    parameters,
  };
}

import { randomBytes } from 'node:crypto';
import type { ConnectEnvironment, Session, SqlValue, StagedTable, Statement } from './destination.ts';
import { quoteIdentifier, storedColumn } from './dialect.ts';
import { type Exclusive, openConnection, type Row } from './postgres-connection.ts';
import { madeHere } from './postgres-dialect.ts';
import { selectColumns, selectKind, selectOwnViews, selectSchema } from './postgres-session.ts';
import type { RedshiftOptions } from './redshift.ts';
import { redshiftDialect as dialect } from './redshift-dialect.ts';
import { redshiftErrors } from './redshift-errors.ts';
import { insertStagedRows } from './redshift-insert.ts';
import { inBoundedTransaction } from './redshift-lock.ts';
import { copyThroughS3 } from './redshift-s3.ts';
import { removeLeftovers } from './redshift-s3-leftovers.ts';
import { refuseLongTexts } from './text-limits.ts';
import { rowsToParquet, selectRows, writeCsv } from './unload.ts';

/** JSON waits as text until it is parsed. */
const textBytesMax = { id: 256, text: 65_535, json: 65_535 } as const;

/** A session on Redshift. Staged rows go through S3 into temporary tables by COPY, or row by row where no bucket is named. */
export async function openRedshift(options: RedshiftOptions, environment: ConnectEnvironment): Promise<Session> {
  const connection = await openConnection({
    product: 'Redshift',
    options,
    environment,
    settings: ["SET TIMEZONE TO 'UTC'"],
    errors: redshiftErrors(options),
  });
  const schemaName = dialect.storedName(options.dataset);
  const schema = dialect.identifier(options.dataset);
  const qualified = (table: string): string => `${schema}.${dialect.identifier(table)}`;
  const query = (statement: Statement): Promise<readonly Row[]> => connection.exclusive(({ run }) => run(statement));
  const place = (name: string): readonly SqlValue[] => [schemaName, dialect.storedName(name)];
  const transaction = async (statements: readonly Statement[]): Promise<void> => {
    if (statements.length > 0) await connection.exclusive((own) => inBoundedTransaction(own, statements, options));
  };
  let cleaned = false;
  if (options.s3_staging === undefined && environment.readOnly !== true) {
    environment.log('Redshift: no `s3_staging` is set, so rows are inserted by statements, which is much slower than COPY.');
  }

  return {
    dialect,
    qualified,
    qualifiedInView: qualified,
    ensureSchema: async () => {
      const [existing] = await query(selectSchema(schemaName));
      if (existing === undefined) await query(dialect.createSchema(schema));
    },
    kindOf: async (name) => {
      const [row] = await query(selectKind(place(name)));
      return row === undefined ? null : row['kind'] === 'v' || row['kind'] === 'm' ? 'view' : 'table';
    },
    columnsOf: async (table) => {
      const rows = await query(selectColumns(place(table)));
      return rows.length === 0 ? null : rows.map((row) => storedColumn(dialect, String(row['name']), String(row['type'])));
    },
    execute: transaction,
    transaction,
    releaseViews: async (table) => {
      const views = await query(selectOwnViews([...place(table), madeHere]));
      await transaction(views.map((row) => dialect.dropView(qualified(String(row['name'])))));
    },
    query,
    stage: async (staged, table) => {
      const tableName = `${schemaName}.${dialect.storedName(table.name)}`;
      await refuseLongTexts(environment, staged, { product: 'Redshift', tableName, bytesMax: textBytesMax });
      if (!cleaned && options.s3_staging !== undefined)
        await removeLeftovers({ options, address: options.s3_staging, environment });
      cleaned = true;
      return connection.exclusive((own) => stage(own, { staged, options, environment }));
    },
    unstage: async (name) => {
      await query({ sql: `DROP TABLE IF EXISTS ${name}` });
    },
    // Rows come over the connection: UNLOAD would need a bucket, and the right to write it, of one who only reads.
    unload: (request) =>
      rowsToParquet(environment, request, (csv) =>
        connection.exclusive(({ stream }) =>
          stream(selectRows(dialect, qualified(request.table), request), (rows) => writeCsv(rows, csv)),
        ),
      ),
    uri: (table) => `redshift://${options.host}:${options.port}/${options.database}/${options.dataset}/${table}`,
    displayName: (table) => `${options.database}.${schemaName}.${dialect.storedName(table)}`,
    close: connection.close,
  };
}

interface StageRequest {
  readonly staged: StagedTable;
  readonly options: RedshiftOptions;
  readonly environment: ConnectEnvironment;
}

async function stage(own: Exclusive, { staged, options, environment }: StageRequest): Promise<string> {
  const table = quoteIdentifier(`_staged_${randomBytes(6).toString('hex')}`);
  await own.run(createStaged(table, staged));
  const request = { run: own.run, staged, table, environment };
  if (options.s3_staging === undefined) await insertStagedRows(request);
  else await copyThroughS3({ ...request, options, address: options.s3_staging });
  return table;
}

/** Ends with the session. */
export function createStaged(table: string, staged: Pick<StagedTable, 'columns'>): Statement {
  const columns = staged.columns.map((column) => `${dialect.identifier(column.name)} ${dialect.stagedTypes[column.type]}`);
  return { sql: `CREATE TEMP TABLE ${table} (${columns.join(', ')})` };
}

import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BigQuery, type Job, type Table } from '@google-cloud/bigquery';
import { DestinationError } from '../errors.ts';
import type { BigQueryOptions } from './bigquery.ts';
import { authOf } from './bigquery-auth.ts';
import { bigqueryDialect as dialect, stagedAsText, storedName } from './bigquery-dialect.ts';
import { bigqueryError, statusOf } from './bigquery-errors.ts';
import type { ConnectEnvironment, Session, SqlValue, StagedTable, Statement, UnloadRequest } from './destination.ts';
import { storedColumn } from './dialect.ts';
import { exportParquet } from './export.ts';
import { rowsToParquet, selectRows, writeCsv } from './unload.ts';

type Row = Readonly<Record<string, SqlValue>>;

const resultOptions = { wrapIntegers: { integerTypeCastFunction: wholeNumber } };

/**
 * A session on BigQuery. Staged rows go as Parquet by a load job into a table that expires by itself; a transaction is one script,
 * which the service undoes as a whole if it fails. DDL is barred from transactions there, so it comes before.
 */
export async function openBigQuery(options: BigQueryOptions, environment: ConnectEnvironment): Promise<Session> {
  const client = clientFor(options);
  const project = await projectOf(client);
  const dataset = client.dataset(storedName(options.dataset));
  const schema = `\`${project}\`.${dialect.identifier(options.dataset)}`;
  const qualified = (table: string): string => `${schema}.${dialect.identifier(table)}`;
  const { signal } = environment;
  let location = options.location;

  const attempt = async <T>(work: () => Promise<T>, sql: string | null): Promise<T> => {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      throw bigqueryError(error, project, sql);
    }
  };
  const withJob = <T>(statement: Statement, work: (job: Job) => Promise<T>): Promise<T> =>
    attempt(async () => {
      const [job] = await client.createQueryJob({ ...jobOf(statement), ...(location === undefined ? {} : { location }) });
      const cancel = (): void => void job.cancel().catch(() => undefined);
      signal.addEventListener('abort', cancel, { once: true });
      try {
        return await work(job);
      } finally {
        signal.removeEventListener('abort', cancel);
      }
    }, statement.sql);
  const run = (statement: Statement): Promise<readonly Row[]> =>
    withJob(statement, async (job) => {
      const [rows] = await job.getQueryResults(resultOptions);
      return rows.map(plainRow);
    });
  const patiently = (statement: Statement): Promise<readonly Row[]> => untilFree(() => run(statement), { options, environment });
  const found = <T>(work: () => Promise<T>): Promise<T | null> =>
    attempt(async () => {
      try {
        return await work();
      } catch (error) {
        if (statusOf(error) === 404) return null;
        throw error;
      }
    }, null);
  const datasetMetadata = () => found(async () => (await dataset.getMetadata())[0]);

  location = (await datasetMetadata())?.location ?? location;

  return {
    dialect,
    qualified,
    qualifiedInView: qualified,
    ensureSchema: async () => {
      if ((await datasetMetadata()) === null) await run(createDataset(schema, location));
      location = (await datasetMetadata())?.location ?? location;
    },
    kindOf: async (name) => {
      const metadata = await found(async () => (await dataset.table(storedName(name)).getMetadata())[0]);
      return metadata === null ? null : String(metadata.type).includes('VIEW') ? 'view' : 'table';
    },
    columnsOf: async (table) => {
      const metadata = await found(async () => (await dataset.table(storedName(table)).getMetadata())[0]);
      if (metadata === null) return null;
      const fields: readonly Field[] = metadata.schema?.fields ?? [];
      return fields.map((field) => storedColumn(dialect, field.name, nativeType(field)));
    },
    execute: async (statements) => {
      for (const statement of statements) await patiently(statement);
    },
    transaction: async (statements) => {
      if (statements.length > 0) await patiently(asScript(statements));
    },
    releaseViews: async () => undefined,
    query: run,
    stage: (staged) => {
      const name = `_staged_${environment.now()}_${randomBytes(6).toString('hex')}`;
      return stage({ staged, name, table: dataset.table(name), qualified: qualified(name) }, environment, { run, attempt });
    },
    unstage: async (name) => {
      await run({ sql: `DROP TABLE IF EXISTS ${name}` });
    },
    unload: (request) =>
      rowsToParquet(environment, request, (csv) =>
        withJob(selectRows(dialect, qualified(request.table), request), (job) => writeCsv(rowsOf(job, request), csv)),
      ),
    uri: (table) => `bigquery://${project}/${storedName(options.dataset)}/${storedName(table)}`,
    displayName: (table) => `${project}.${storedName(options.dataset)}.${storedName(table)}`,
    close: async () => undefined,
  };
}

/** A column as the service's API describes it. */
interface Field {
  readonly name: string;
  readonly type: string;
  readonly mode?: string;
  readonly precision?: string;
  readonly scale?: string;
  readonly maxLength?: string;
}

/** Names of types in the API that SQL does not know. */
const namesInSql: Readonly<Record<string, string>> = { FLOAT: 'FLOAT64', INTEGER: 'INT64', BOOLEAN: 'BOOL', RECORD: 'STRUCT' };

/** Parameters that are not ours make it another type: the service rounds numbers to a narrower scale without a word. */
function nativeType({ type, mode, precision, scale, maxLength }: Field): string {
  const name = namesInSql[type] ?? type;
  const ours = precision === '38' && scale === '9';
  const parameters = maxLength ?? (precision === undefined || ours ? undefined : [precision, scale ?? 0].join(', '));
  const full = parameters === undefined ? name : `${name}(${parameters})`;
  return mode === 'REPEATED' ? `ARRAY<${full}>` : full;
}

function clientFor(options: BigQueryOptions): BigQuery {
  const { authClient, projectId } = authOf(options);
  const project = options.project_id ?? projectId;
  return new BigQuery({
    userAgent: 'dagster-tiktok-ads',
    ...(project === null ? {} : { projectId: project }),
    ...(options.api_endpoint === undefined ? {} : { apiEndpoint: options.api_endpoint }),
    ...(authClient === null ? {} : { authClient }),
  });
}

async function projectOf(client: BigQuery): Promise<string> {
  try {
    return await client.getProjectId();
  } catch (error) {
    throw bigqueryError(error, null, null);
  }
}

interface Patience {
  readonly options: BigQueryOptions;
  readonly environment: ConnectEnvironment;
}

/**
 * The service refuses the second of two sessions at once, where others make it wait: so this waits, up to the limit. What is thrown then is
 * not a conflict any more, so that nobody waits as long once more.
 */
async function untilFree<T>(work: () => Promise<T>, { options, environment }: Patience): Promise<T> {
  const { now, signal, log } = environment;
  const startedAt = now();
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const passes = error instanceof DestinationError && error.code === 'conflict';
      if (!passes) throw error;
      if (now() - startedAt >= options.lock_timeout_seconds * 1000) throw stillLocked(error, options);
      if (attempt === 5) log(`Waiting for BigQuery: ${error.message}`);
      const spread = ((now() * 31 + attempt * 17) % 100) / 100;
      await sleep(Math.min(10_000, 100 * 2 ** attempt) * (0.5 + spread), undefined, { signal });
    }
  }
}

function stillLocked(error: DestinationError, { lock_timeout_seconds: seconds }: BigQueryOptions): DestinationError {
  return new DestinationError(`${error.message}; so it went on for ${seconds} s`, {
    code: 'destination_locked',
    retryable: true,
    hint:
      "Let the other job finish, or find it by `SELECT job_id, user_email, query FROM `region-…`.INFORMATION_SCHEMA.JOBS WHERE state = 'RUNNING'`; " +
      '`lock_timeout_seconds` in `destination_config` sets how long to try.',
    cause: error,
  });
}

interface StageRequest {
  readonly staged: StagedTable;
  readonly name: string;
  readonly table: Table;
  readonly qualified: string;
}

interface Running {
  readonly run: (statement: Statement) => Promise<readonly Row[]>;
  readonly attempt: <T>(work: () => Promise<T>, sql: string | null) => Promise<T>;
}

async function stage(request: StageRequest, environment: ConnectEnvironment, { run, attempt }: Running): Promise<string> {
  const file = join(environment.directory, `${request.name}.parquet`);
  try {
    await exportParquet(environment.staging, request.staged, { file, asText: stagedAsText, storedName });
    await run(createStaged(request.qualified, request.staged));
    await attempt(() => request.table.load(file, { sourceFormat: 'PARQUET', writeDisposition: 'WRITE_APPEND' }), null);
    return request.qualified;
  } finally {
    await rm(file, { force: true });
  }
}

/** Goes by itself after a day, should the run be killed before it drops it. */
export function createStaged(table: string, staged: Pick<StagedTable, 'columns'>): Statement {
  const columns = staged.columns.map((column) => `${dialect.identifier(column.name)} ${dialect.stagedTypes[column.type]}`);
  const expiry = 'OPTIONS(expiration_timestamp=TIMESTAMP_ADD(CURRENT_TIMESTAMP(), INTERVAL 1 DAY))';
  return { sql: `CREATE TABLE ${table} (${columns.join(', ')}) ${expiry}` };
}

export function createDataset(schema: string, location: string | undefined): Statement {
  const options = location === undefined ? '' : ` OPTIONS(location=${dialect.literal(location)})`;
  return { sql: `CREATE SCHEMA IF NOT EXISTS ${schema}${options}` };
}

/** All statements as one script in one transaction; each one's parameters get names of their own. */
export function asScript(statements: readonly Statement[]): Statement {
  const own = statements.map(({ sql }, at) => sql.replace(/@parameter_(\d+)/g, `@parameter_${at + 1}_$1`));
  return {
    sql: ['BEGIN TRANSACTION', ...own, 'COMMIT TRANSACTION'].map((sql) => `${sql};`).join('\n'),
    parameters: statements.flatMap(({ parameters = [] }) => parameters),
  };
}

/** All values go as texts, which SQL casts; a null needs its type told. */
function jobOf({ sql, parameters = [] }: Statement) {
  const names = [...new Set(sql.match(/(?<=@)parameter_[\d_]+/g) ?? [])];
  const values = names.map((name, at) => [name, parameters[at] == null ? null : String(parameters[at])] as const);
  return {
    query: sql,
    ...(names.length === 0
      ? {}
      : { params: Object.fromEntries(values), types: Object.fromEntries(names.map((name) => [name, 'STRING'])) }),
  };
}

/** Page by page, as they are taken. */
async function* rowsOf(job: Job, { columns }: UnloadRequest): AsyncGenerator<readonly SqlValue[]> {
  const names = columns.map(({ name }) => storedName(name).toLowerCase());
  for await (const row of job.getQueryResultsStream(resultOptions)) {
    const values = plainRow(row);
    yield names.map((name) => values[name] ?? null);
  }
}

function wholeNumber(text: string): number | bigint {
  return Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text);
}

function plainRow(row: Readonly<Record<string, unknown>>): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name.toLowerCase(), plain(value)]));
}

/** Decimals, dates and times come as objects of the driver's: as text, in the same form everywhere. */
function plain(value: unknown): SqlValue {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean' || typeof value === 'number' || typeof value === 'bigint' || typeof value === 'string')
    return value;
  if (typeof value === 'object' && 'value' in value) {
    const text = String(value.value);
    return text.includes('T')
      ? text
          .replace('T', ' ')
          .replace(/Z$/, '')
          .replace(/\.0*$|(?<=\.\d*?)0+$/, '')
      : text;
  }
  if (typeof value === 'object' && 'toFixed' in value && typeof value.toFixed === 'function') return String(value.toFixed());
  return JSON.stringify(value);
}

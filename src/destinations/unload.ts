import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ConnectEnvironment, SqlValue, Statement, UnloadRequest } from './destination.ts';
import { type Bind, type Dialect, quoteIdentifier, statement } from './dialect.ts';
import { duckdbDialect } from './duckdb-dialect.ts';

/** A row group waits in memory until it is whole; smaller ones keep that at some tens of megabytes for the widest tables. */
const rowGroupRows = 20_480;
/** Text gathered before it is written. */
const writeBytes = 1 << 18;
/** Longest line of a CSV file. DuckDB reads through a buffer, by default sixteen times as large, which is more memory than a run has. */
const lineBytesMax = 8 << 20;
const bufferBytes = 16 << 20;

/** The rows that are asked for, values as parameters. */
export function selectRows(dialect: Dialect, source: string, request: Pick<UnloadRequest, 'columns' | 'where'>): Statement {
  return statement(dialect, (bind) => selectText(dialect, source, request, bind));
}

/** The same as one text, for commands that take no parameters: values stand in it as quoted literals. */
export function selectRowsText(dialect: Dialect, source: string, request: Pick<UnloadRequest, 'columns' | 'where'>): string {
  const bind: Bind = (value, type) => dialect.bound(value === null ? 'NULL' : dialect.literal(String(value)), type);
  return selectText(dialect, source, request, bind);
}

function selectText(
  dialect: Dialect,
  source: string,
  { columns, where }: Pick<UnloadRequest, 'columns' | 'where'>,
  bind: Bind,
): string {
  const condition = where(bind);
  const names = columns.map((column) => dialect.identifier(column.name));
  return `SELECT ${names.join(', ')} FROM ${source}${condition === null ? '' : ` WHERE ${condition}`}`;
}

/** Runs a query of DuckDB's into a Parquet file; the answer's one column is the number of rows. */
export function copyToParquet({ sql, parameters = [] }: Statement, file: string): Statement {
  const options = `FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${rowGroupRows}`;
  return { sql: `COPY (${sql}) TO ${quoted(file)} (${options})`, parameters };
}

/** Rows as they come from a warehouse's driver, through a CSV file, into a Parquet file. Gives their number. */
export async function rowsToParquet(
  { staging, directory }: Pick<ConnectEnvironment, 'staging' | 'directory'>,
  request: UnloadRequest,
  write: (csv: string) => Promise<void>,
): Promise<number> {
  const csv = join(directory, `unloaded_${randomBytes(6).toString('hex')}.csv`);
  try {
    await write(csv);
    const written = await staging.runAndReadAll(copyToParquet({ sql: selectCsv(csv, request.columns) }, request.file).sql);
    return Number(written.getRows()[0]?.[0] ?? 0);
  } finally {
    await rm(csv, { force: true });
  }
}

/** The rows of a CSV file without a header, where nulls are nothing and empty texts are quoted. */
function selectCsv(file: string, columns: UnloadRequest['columns']): string {
  const types = columns.map(({ name, type }) => `${quoted(name)}: ${quoted(duckdbDialect.types[type ?? 'text'])}`);
  const names = columns.map(({ name }) => quoteIdentifier(name));
  return (
    `SELECT ${names.join(', ')} FROM read_csv(${quoted(file)}, columns = {${types.join(', ')}}, auto_detect = false, header = false, ` +
    "delim = ',', quote = '\"', escape = '\"', nullstr = '', allow_quoted_nulls = false, parallel = false, " +
    `max_line_size = ${lineBytesMax}, buffer_size = ${bufferBytes})`
  );
}

/** Writes rows as such a CSV file while they come. */
export async function writeCsv(rows: AsyncIterable<readonly SqlValue[]>, file: string): Promise<void> {
  await pipeline(csvText(rows), createWriteStream(file));
}

async function* csvText(rows: AsyncIterable<readonly SqlValue[]>): AsyncGenerator<string> {
  let text = '';
  for await (const row of rows) {
    text += `${row.map(csvValue).join(',')}\n`;
    if (text.length < writeBytes) continue;
    yield text;
    text = '';
  }
  yield text;
}

function csvValue(value: SqlValue): string {
  return value === null ? '' : typeof value === 'string' ? `"${value.replaceAll('"', '""')}"` : String(value);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

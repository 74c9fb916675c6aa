import type { DuckDBValue } from '@duckdb/node-api';
import type { ConnectEnvironment, SqlValue, StagedTable, Statement } from './destination.ts';
import { quoteIdentifier } from './dialect.ts';
import type { Exclusive } from './postgres-connection.ts';

/** Parameters that one statement may have, by the protocol's 16 bits less some. */
const parametersMax = 32_000;
const rowsMax = 1_000;
/** Redshift takes statements of 16 MB at most; half of that leaves room for how it writes the values. */
const bytesMax = 8_000_000;
/** Of a parameter's mark and its length, as they are sent. */
const bytesPerValue = 12;

export interface InsertRequest {
  readonly run: Exclusive['run'];
  readonly staged: StagedTable;
  readonly table: string;
  readonly environment: ConnectEnvironment;
}

type InsertedRow = readonly SqlValue[];

/** Fills the staging table by statements of many rows; values go as texts, which the table's types read. */
export async function insertStagedRows({ run, staged, table, environment }: InsertRequest): Promise<void> {
  const texts = staged.columns.map((column) => `CAST(${quoteIdentifier(column.name)} AS VARCHAR)`).join(', ');
  const result = await environment.staging.stream(`SELECT ${texts} FROM ${staged.relation}`);
  const rowsPerStatement = Math.max(1, Math.min(rowsMax, Math.floor(parametersMax / staged.columns.length)));
  let waiting: InsertedRow[] = [];
  let waitingBytes = 0;
  const send = async (): Promise<void> => {
    environment.signal.throwIfAborted();
    await run(insertRows(table, waiting));
    [waiting, waitingBytes] = [[], 0];
  };
  for await (const chunk of result.yieldRows()) {
    for (const row of chunk) {
      const values = row.map(asText);
      const bytes = bytesOf(values);
      if (waiting.length > 0 && waitingBytes + bytes > bytesMax) await send();
      waiting.push(values);
      waitingBytes += bytes;
      if (waiting.length >= rowsPerStatement) await send();
    }
  }
  if (waiting.length > 0) await send();
}

export function insertRows(table: string, rows: readonly InsertedRow[]): Statement {
  const marks = rows.map((row, number) => `(${row.map((_, column) => `$${number * row.length + column + 1}`).join(', ')})`);
  return { sql: `INSERT INTO ${table} VALUES ${marks.join(', ')}`, parameters: rows.flat() };
}

function bytesOf(row: InsertedRow): number {
  return row.reduce<number>((bytes, value) => bytes + bytesPerValue + (value === null ? 0 : Buffer.byteLength(String(value))), 0);
}

function asText(value: DuckDBValue): SqlValue {
  return value === null ? null : String(value);
}

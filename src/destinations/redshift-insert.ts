import type { DuckDBValue } from '@duckdb/node-api';
import type { ConnectEnvironment, SqlValue, StagedTable, Statement } from './destination.ts';
import { quoteIdentifier } from './dialect.ts';
import type { Exclusive } from './postgres-connection.ts';

/** Parameters that one statement may have, by the protocol's 16 bits less some. */
const parametersMax = 32_000;
const rowsMax = 1_000;

export interface InsertRequest {
  readonly run: Exclusive['run'];
  readonly staged: StagedTable;
  readonly table: string;
  readonly environment: ConnectEnvironment;
}

/** Fills the staging table by statements of many rows; values go as texts, which the table's types read. */
export async function insertStagedRows({ run, staged, table, environment }: InsertRequest): Promise<void> {
  const texts = staged.columns.map((column) => `CAST(${quoteIdentifier(column.name)} AS VARCHAR)`).join(', ');
  const result = await environment.staging.stream(`SELECT ${texts} FROM ${staged.relation}`);
  const rowsPerStatement = Math.max(1, Math.min(rowsMax, Math.floor(parametersMax / staged.columns.length)));
  let waiting: (readonly SqlValue[])[] = [];
  for await (const chunk of result.yieldRows()) {
    waiting.push(...chunk.map((row) => row.map(asText)));
    while (waiting.length >= rowsPerStatement) {
      environment.signal.throwIfAborted();
      await run(insertRows(table, waiting.slice(0, rowsPerStatement)));
      waiting = waiting.slice(rowsPerStatement);
    }
  }
  if (waiting.length > 0) await run(insertRows(table, waiting));
}

export function insertRows(table: string, rows: readonly (readonly SqlValue[])[]): Statement {
  const marks = rows.map((row, number) => `(${row.map((_, column) => `$${number * row.length + column + 1}`).join(', ')})`);
  return { sql: `INSERT INTO ${table} VALUES ${marks.join(', ')}`, parameters: rows.flat() };
}

function asText(value: DuckDBValue): SqlValue {
  return value === null ? null : String(value);
}

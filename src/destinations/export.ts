import type { DuckDBConnection } from '@duckdb/node-api';
import type { Column, ColumnType } from '../table.ts';
import type { StagedTable } from './destination.ts';
import { quoteIdentifier } from './dialect.ts';

/** Writes staged rows as CSV without a header: nulls are nothing, empty texts are quoted. */
export async function exportCsv(staging: DuckDBConnection, staged: StagedTable, file: string): Promise<void> {
  await staging.run(copyTo(staged, file, "FORMAT csv, HEADER false, NULLSTR ''", withoutNul));
}

/** Writes staged rows as Parquet; columns bear the names that the warehouse gives them, and types of `asText` are written as text. */
export async function exportParquet(staging: DuckDBConnection, staged: StagedTable, request: ParquetRequest): Promise<void> {
  const value = ({ name, type }: Column): string =>
    request.asText.includes(type) ? `CAST(${quoteIdentifier(name)} AS VARCHAR)` : quoteIdentifier(name);
  await staging.run(copyTo(staged, request.file, 'FORMAT parquet, COMPRESSION zstd', value, request.storedName));
}

export interface ParquetRequest {
  readonly file: string;
  readonly asText: readonly ColumnType[];
  readonly storedName: (name: string) => string;
}

function copyTo(
  staged: StagedTable,
  file: string,
  format: string,
  value: (column: Column) => string,
  storedName: (name: string) => string = (name) => name,
): string {
  const columns = staged.columns.map((column) => `${value(column)} AS ${quoteIdentifier(storedName(column.name))}`);
  return `COPY (SELECT ${columns.join(', ')} FROM ${staged.relation}) TO '${file.replaceAll("'", "''")}' (${format})`;
}

/** The character NUL cannot be stored by the warehouses that read CSV: it is left out, also where JSON escapes it. */
function withoutNul(column: Column): string {
  const name = quoteIdentifier(column.name);
  switch (column.type) {
    case 'id':
    case 'text':
      return `replace(${name}, chr(0), '')`;
    case 'json':
      return `regexp_replace(CAST(${name} AS VARCHAR), '(^|[^\\\\])((\\\\\\\\)*)\\\\u0000', '\\1\\2', 'g')`;
    default:
      return name;
  }
}

import { DuckDBInstance } from '@duckdb/node-api';

export type WarehouseRow = Readonly<Record<string, unknown>>;

/** Rows of a DuckDB file that nobody else holds; values as JSON has them, decimals and large integers as text. */
export async function queryWarehouse(path: string, sql: string): Promise<readonly WarehouseRow[]> {
  const instance = await DuckDBInstance.create(path, { access_mode: 'READ_ONLY' });
  try {
    const connection = await instance.connect();
    try {
      return (await connection.runAndReadAll(sql)).getRowObjectsJson();
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
}

/** Every table of a schema as sorted texts of its rows, without what a load stamps on them. */
export async function contentsOf(path: string, schema: string): Promise<Readonly<Record<string, readonly string[]>>> {
  const tables = await queryWarehouse(
    path,
    `SELECT table_name FROM duckdb_tables() WHERE schema_name = '${schema}' AND table_name <> '_loads' ORDER BY 1`,
  );
  const contents: Record<string, readonly string[]> = {};
  for (const { table_name: table } of tables) {
    const rows = await queryWarehouse(path, `SELECT * EXCLUDE (_load_id, _loaded_at) FROM ${schema}."${table}"`);
    contents[String(table)] = rows.map((row) => JSON.stringify(row)).sort();
  }
  return contents;
}

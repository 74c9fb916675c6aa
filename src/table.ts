/**
 * What source and destination share: logical column types, columns, tables, and how a table is written.
 * Nothing here knows TikTok or a warehouse.
 */

/**
 * id: text that identifies (never a number) · text · count: whole number, 64 bit · decimal: money, rates, ratios, exact, at least 12 digits
 * before and 6 behind the point · wide_decimal: 29 before and 9 behind, used only for a column that a value did not fit · boolean · date · timestamp: instant in UTC · local_timestamp: wall-clock time of the account's zone · json: list or object.
 */
export type ColumnType =
  | 'id'
  | 'text'
  | 'count'
  | 'decimal'
  | 'wide_decimal'
  | 'boolean'
  | 'date'
  | 'timestamp'
  | 'local_timestamp'
  | 'json';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** Shown in Dagster and written as the column's comment in the warehouse. */
  readonly description?: string;
}

export interface TableSchema {
  /** Table name without its schema, e.g. `reports`. */
  readonly name: string;
  readonly description: string;
  /** In table order. `_load_id` and `_loaded_at` (and `_deleted_at` on entities) are among them, declared by the source. */
  readonly columns: readonly Column[];
  /** Names of the columns that identify a row. */
  readonly primaryKey: readonly string[];
  /** The date column that windows cut by, or null where a load replaces all rows of its advertisers. */
  readonly windowColumn: string | null;
  /** What the table holds, as one text; two loads with different signatures may not share a table (`_loads.signature`). */
  readonly signature: string;
}

/** A closed range of dates `YYYY-MM-DD`, both ends included, in the account's own zone. */
export interface Window {
  readonly start: string;
  readonly end: string;
}

/** A half-open range of hours `YYYY-MM-DDTHH:MM:SS` of the account's own clock; empty where both are the same. */
export interface Hours {
  readonly start: string;
  readonly end: string;
}

/** How the configuration asks for rows to be written. */
export type WriteDisposition = 'merge' | 'replace' | 'append';

/** How a merge is done: by key, or by deleting the window first. */
export type MergeStrategy = 'upsert' | 'delete-insert';

export interface Write {
  readonly disposition: WriteDisposition;
  readonly strategy: MergeStrategy;
}

/** Columns every table ends its keys with. Values are set by the load, not by the source. */
export const loadColumns = [
  { name: '_load_id', type: 'id', description: 'Load that wrote this row; joins to _loads.load_id.' },
  { name: '_loaded_at', type: 'timestamp', description: 'Time this row was written, UTC.' },
] as const satisfies readonly Column[];

/** Set on entities that are no longer returned by the source. */
export const deletedAtColumn = {
  name: '_deleted_at',
  type: 'timestamp',
  description: 'Time a load first found this entity gone at the source, UTC; null while it is there.',
} as const satisfies Column;

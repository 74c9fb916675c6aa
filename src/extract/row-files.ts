import { quoteName, quoteText, type RowField, type RowLayout, stagingType } from './rows.ts';

/**
 * Typed rows of one unit and pass in a Parquet file. Large parts wait like this: a table of the staging database takes half as much time
 * again for the same rows, since it looks for the best compression of each column, and keeps up to 100 MB more in memory.
 */
export interface RowFile {
  readonly path: string;
  readonly unit: number;
  readonly pass: number;
  /** The columns it has; the layout may have got more of them, and wider ones, since it was written. */
  readonly fields: readonly RowField[];
}

/** Rows that are held in memory before they are written. */
const rowGroupRows = 30_720;

/** Writes what a SELECT gives as a file of rows: unit, pass, page, then the fields, in this order. */
export function copyRows(select: string, fields: readonly RowField[], path: string): string {
  const names = ['_unit', '_pass', '_page', ...fields.map((field) => quoteName(field.column))].join(', ');
  return `COPY (SELECT * FROM (${select}) AS typed_rows(${names})) TO ${quoteText(path)} (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE ${rowGroupRows})`;
}

/** All rows of a layout, those of its table and those of its files, as a view with the layout's present columns. */
export function createRowsView(view: string, layout: RowLayout, table: string, files: readonly RowFile[]): string {
  const selects = bySchema(files).map((alike) => selectFiles(layout, alike));
  const names = layout.fields.map((field) => quoteName(field.column));
  const rows = [`SELECT _unit, _pass, _page, ${names.join(', ')} FROM ${quoteName(table)}`, ...selects];
  return `CREATE OR REPLACE VIEW ${quoteName(view)} AS ${rows.join(' UNION ALL ')}`;
}

function selectFiles(layout: RowLayout, [first, ...others]: readonly [RowFile, ...RowFile[]]): string {
  const present = new Set(first.fields.map((field) => field.column));
  const values = layout.fields.map(({ column, type }) =>
    present.has(column) ? `CAST(${quoteName(column)} AS ${stagingType(type)})` : `CAST(NULL AS ${stagingType(type)})`,
  );
  const paths = [first, ...others].map((file) => quoteText(file.path)).join(', ');
  return `SELECT _unit, _pass, _page, ${values.join(', ')} FROM read_parquet([${paths}])`;
}

/** Files with the same columns are read as one. */
function bySchema(files: readonly RowFile[]): readonly (readonly [RowFile, ...RowFile[]])[] {
  const groups = new Map<string, [RowFile, ...RowFile[]]>();
  for (const file of files) {
    const schema = JSON.stringify(file.fields.map(({ column, type }) => [column, type]));
    const group = groups.get(schema);
    if (group) group.push(file);
    else groups.set(schema, [file]);
  }
  return [...groups.values()];
}

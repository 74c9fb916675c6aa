import type { ColumnType } from '../table.ts';
import type { PageFile } from './page-files.ts';

/** Where a column's value lies in a record, and how it is written there. */
export interface RowField {
  readonly column: string;
  /** Keys from the record down, e.g. `['metrics', 'spend']`. */
  readonly path: readonly [string] | readonly [string, string];
  readonly type: ColumnType;
  readonly format?: 'unix-seconds';
  /** `"-"` says "not available" in reports (docs 1740302848100353); elsewhere it is a text. */
  readonly dashIsNull: boolean;
}

/** How the records of one kind of answer become rows; one staging table holds the rows of one layout. */
export interface RowLayout {
  /** Name of the staging table, unique within a run. */
  readonly name: string;
  /** The array of records inside `data`. */
  readonly records: string;
  readonly fields: readonly RowField[];
  /**
   * `report-rows`: records are `{"dimensions":{…},"metrics":{…}}` with the same keys in every row of a page. `objects`: any objects,
   * each with keys of its own.
   */
  readonly framing: 'report-rows' | 'objects';
  /** Fields that nobody declared become columns; not where another layout of the same table finds them, or where a record serves a few fields only. */
  readonly keepsUnknown: boolean;
  /** Columns that the table has beside the fields: no field found on the way may take such a name. */
  readonly reserved: readonly string[];
}

/** DuckDB's name for a type in the staging database. */
export function stagingType(type: ColumnType): string {
  switch (type) {
    case 'id':
    case 'text':
      return 'VARCHAR';
    case 'count':
      return 'BIGINT';
    case 'decimal':
      // 18 digits fit 64 bits: reading 268,000 rows takes a fifth of the time that 38 digits take.
      return 'DECIMAL(18,6)';
    case 'wide_decimal':
      return 'DECIMAL(38,9)';
    case 'boolean':
      return 'BOOLEAN';
    case 'date':
      return 'DATE';
    case 'timestamp':
    case 'local_timestamp':
      return 'TIMESTAMP';
    case 'json':
      return 'JSON';
  }
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Columns of a layout's staging table: which unit, pass and page a row came from, then the fields. */
export function createRowsTable(table: string, layout: RowLayout): string {
  const fields = layout.fields.map((field) => `${quoteName(field.column)} ${stagingType(field.type)}`);
  return `CREATE TABLE ${quoteName(table)} (_unit INTEGER, _pass INTEGER, _page INTEGER, ${fields.join(', ')})`;
}

/** `strict` fails on a value that its type cannot hold exactly; `lenient` makes it NULL. */
export type Typing = 'strict' | 'lenient';

/** The typed rows of a file of answers: unit, pass, page, then the fields. */
export function selectTyped(layout: RowLayout, file: PageFile, typing: Typing): string {
  const values = layout.fields.map((field) => typedValue(field, typing));
  const { origin, source } = recordsOf(layout, file);
  return `SELECT ${origin}, ${values.join(', ')} FROM ${source}`;
}

/** Number of values per column that `lenient` typing would make NULL, and an example; one row a column that has any. */
export function untypedValues(layout: RowLayout, file: PageFile): string {
  const { source } = recordsOf(layout, file);
  const perField = layout.fields
    .filter((field) => field.type !== 'id' && field.type !== 'text' && field.type !== 'json')
    .map((field) => {
      const raw = rawText(field);
      return `SELECT ${quoteText(field.column)} AS column_name, count(*) AS values_lost, any_value(${raw}) AS example
        FROM ${source} WHERE ${raw} IS NOT NULL AND (${typedValue(field, 'lenient')}) IS NULL`;
    });
  return perField.length === 0 ? 'SELECT 1 WHERE false' : `SELECT * FROM (${perField.join(' UNION ALL ')}) WHERE values_lost > 0`;
}

/** Names of the decimal columns that some value of a file has too many digits for. */
export function narrowColumns(layout: RowLayout, file: PageFile): string {
  const { source } = recordsOf(layout, file);
  const perField = layout.fields
    .filter((field) => field.type === 'decimal')
    .map((field) => {
      const narrow = `TRY_CAST(${rawText(field)} AS ${stagingType('decimal')})`;
      const wide = `TRY_CAST(${rawText(field)} AS ${stagingType('wide_decimal')})`;
      return `SELECT ${quoteText(field.column)} AS column_name FROM ${source} WHERE ${wide} IS NOT NULL AND ${wide} IS DISTINCT FROM ${narrow} HAVING count(*) > 0`;
    });
  return perField.length === 0 ? 'SELECT 1 WHERE false' : perField.join(' UNION ALL ');
}

/** What the records of a file have in common, as one JSON text: each key with its type's name, a list, or an object; null if there are none. */
export function structureOfRecords(layout: RowLayout, file: PageFile): string {
  return `SELECT json_group_structure(o)::VARCHAR AS structure FROM (${objectsOf(layout, file)}) WHERE json_type(o) = 'OBJECT'`;
}

/** The objects whose keys are looked at, as `o`. */
function objectsOf(layout: RowLayout, file: PageFile): string {
  if (file.kind === 'records')
    return `SELECT json AS o FROM read_json_objects(${quoteText(file.path)}, format = 'newline_delimited', maximum_object_size = ${file.lineBytesMax + 64})`;
  const list = `body.data.${quoteName(layout.records)}`;
  const objects = layout.framing === 'objects' ? `unnest(${list})` : `json_extract(${list}[1], '$.metrics')`;
  return `SELECT ${objects} AS o FROM ${readPages(layout, file, 'JSON')}`;
}

/** Records as `r`, and where they came from: unit, pass and page. */
function recordsOf(layout: RowLayout, file: PageFile): { readonly origin: string; readonly source: string } {
  switch (file.kind) {
    case 'pages':
      return {
        origin: 'u, p, n',
        source: `(SELECT u, p, n, unnest(body.data.${quoteName(layout.records)}) AS r FROM ${readPages(layout, file, recordType(layout.fields))})`,
      };
    case 'records': {
      const members = recordMembers(layout.fields).map(([name, type]) => `${quoteName(name)}: ${quoteText(type)}`);
      return { origin: `${file.unit}, ${file.pass}, 0`, source: `${readJson(file, members.join(', '))} AS r` };
    }
  }
}

function readPages(layout: RowLayout, file: PageFile, record: string): string {
  const body = `STRUCT(data STRUCT(${quoteName(layout.records)} ${record}[]))`;
  return readJson(file, `u: 'INTEGER', p: 'INTEGER', n: 'INTEGER', body: ${quoteText(body)}`);
}

function readJson(file: PageFile, columns: string): string {
  // What is a little longer than the longest line: DuckDB's read buffers are a multiple of it.
  return `read_json(${quoteText(file.path)}, format = 'newline_delimited', records = true, maximum_object_size = ${file.lineBytesMax + 64}, columns = {${columns}})`;
}

/** The DuckDB type that a record is read as: every scalar as the text it was, so that no digit is lost before it is typed. */
function recordType(fields: readonly RowField[]): string {
  return `STRUCT(${recordMembers(fields)
    .map(([name, type]) => `${quoteName(name)} ${type}`)
    .join(', ')})`;
}

function recordMembers(fields: readonly RowField[]): readonly (readonly [string, string])[] {
  const groups = new Map<string, string[]>();
  for (const field of fields) {
    const members = groups.get(field.path[0]) ?? [];
    groups.set(field.path[0], members);
    if (field.path.length === 2) members.push(`${quoteName(field.path[1])} VARCHAR`);
  }
  return [...groups].map(([name, inner]) => [name, inner.length > 0 ? `STRUCT(${inner.join(', ')})` : 'VARCHAR']);
}

function rawText(field: RowField): string {
  const value = `r.${field.path.map(quoteName).join('.')}`;
  if (field.dashIsNull) return `nullif(${value}, '-')`;
  return field.type === 'text' || field.type === 'id' ? value : `nullif(${value}, '')`;
}

function typedValue(field: RowField, typing: Typing): string {
  const raw = rawText(field);
  const cast = typing === 'strict' ? 'CAST' : 'TRY_CAST';
  switch (field.type) {
    case 'id':
    case 'text':
      return raw;
    case 'json':
      // What is no JSON is a text, which JSON can hold too.
      return `CASE WHEN ${raw} = 'null' THEN NULL WHEN json_valid(${raw}) THEN ${raw}::JSON ELSE to_json(${raw}) END`;
    case 'decimal':
    case 'wide_decimal': {
      if (typing === 'lenient') return `TRY_CAST(${raw} AS ${stagingType(field.type)})`;
      const digits = field.type === 'decimal' ? 6 : 9;
      // A cast rounds silently; more digits than the type has must be noticed. Only numbers, which reports do not have, come with exponents.
      const exponent = field.dashIsNull ? '' : ` OR contains(lower(${raw}), 'e')`;
      // Most values are too short for that, and looking at the length costs nothing.
      return `CASE WHEN (strlen(${raw}) > ${digits + 1} AND instr(${raw}, '.') > 0 AND length(${raw}) - instr(${raw}, '.') > ${digits})${exponent} THEN error('more digits than the type holds')::VARCHAR::${stagingType(field.type)}
        ELSE CAST(${raw} AS ${stagingType(field.type)}) END`;
    }
    case 'timestamp':
      if (field.format === 'unix-seconds') return `make_timestamp(${cast}(${raw} AS BIGINT) * 1000000)`;
      return `${cast}(${raw} AS TIMESTAMP)`;
    case 'date':
      // Reports write a day as midnight of it.
      return `${cast}(substr(${raw}, 1, 10) AS DATE)`;
    case 'count': {
      // Some breakdowns write whole numbers with a point ("1.0"). A cast of "1.5" would round, so that point becomes what no number has.
      const whole = `replace(regexp_replace(${raw}, '\\.0+$', ''), '.', '?')`;
      if (typing === 'strict')
        return `CASE WHEN instr(${raw}, '.') > 0 THEN CAST(${whole} AS BIGINT) ELSE CAST(${raw} AS BIGINT) END`;
      return `TRY_CAST(${whole} AS BIGINT)`;
    }
    case 'boolean':
    case 'local_timestamp':
      return `${cast}(${raw} AS ${stagingType(field.type)})`;
  }
}

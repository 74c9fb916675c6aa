import { createHash } from 'node:crypto';
import type { Column, ColumnType, TableSchema } from '../table.ts';
import { type Dialect, defineDialect, typeChangeByCopy } from './dialect.ts';

const identifierBytesMax = 300;
/** Longest descriptions that the service takes: of a column, and of a table. */
const columnDescriptionMax = 1024;
const tableDescriptionMax = 16_384;

const types = {
  id: 'STRING',
  text: 'STRING',
  count: 'INT64',
  decimal: 'NUMERIC(38,9)',
  wide_decimal: 'NUMERIC(38,9)',
  boolean: 'BOOL',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
  local_timestamp: 'DATETIME',
  json: 'JSON',
} as const;

/** Letters, digits and underscores are allowed everywhere; a name with others gets them replaced and a hash of itself behind. */
export function storedName(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9_]/g, '_').replace(/^(?=\d)/, '_');
  if (plain === name && name.length <= identifierBytesMax) return name;
  const suffix = `_${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
  return plain.slice(0, identifierBytesMax - suffix.length) + suffix;
}

const identifier = (name: string): string => `\`${storedName(name)}\``;

/** JSON's way of writing a text is one that GoogleSQL reads. */
const literal = (text: string): string => JSON.stringify(text);

const common = defineDialect({
  name: 'bigquery',
  types,
  // As the service's API names them.
  nativeTypes: {
    string: 'text',
    integer: 'count',
    int64: 'count',
    numeric: 'wide_decimal',
    boolean: 'boolean',
    bool: 'boolean',
    date: 'date',
    timestamp: 'timestamp',
    datetime: 'local_timestamp',
    json: 'json',
  },
  identifierBytesMax,
  caseSensitive: false,
  overrides: { identifier, literal },
});

const cast: Dialect['cast'] = (expression, from, to) => {
  if (to === 'json') return `PARSE_JSON(${expression}, wide_number_mode => 'round')`;
  if (from === 'json') return `TO_JSON_STRING(${expression})`;
  return `CAST(${expression} AS ${types[to]})`;
};

/** These wait as text: Parquet has no JSON, and times would need options to be read as what they are. */
export const stagedAsText: readonly ColumnType[] = ['json', 'timestamp', 'local_timestamp'];

const options = (description: string | undefined, max: number): string =>
  description === undefined ? '' : ` OPTIONS(description=${literal(description.slice(0, max))})`;
const typed = (column: Column): string =>
  `${identifier(column.name)} ${types[column.type]}${options(column.description, columnDescriptionMax)}`;

const byCopy = typeChangeByCopy({ ...common, cast }, (table, from, to) => ({
  sql: `ALTER TABLE ${table} RENAME COLUMN ${from} TO ${to}`,
}));

export const bigqueryDialect: Dialect = {
  ...common,
  ...byCopy,
  changeType: (table, column, from) => {
    // Whole numbers become decimal ones in place; the service changes no other type so.
    const inPlace = from === 'count' && types[column.type] === 'NUMERIC(38,9)';
    if (!inPlace) return byCopy.changeType(table, column, from);
    return [{ sql: `ALTER TABLE ${table} ALTER COLUMN ${identifier(column.name)} SET DATA TYPE ${types[column.type]}` }];
  },
  storedName,
  nameKey: (name) => storedName(name).toLowerCase(),
  cast,
  stagedTypes: { ...types, json: 'STRING', timestamp: 'STRING', local_timestamp: 'STRING' },
  fromStaged: (expression, from, to) => {
    const stagedType = stagedAsText.includes(from) ? 'text' : from;
    return types[stagedType] === types[to] ? expression : cast(expression, stagedType, to);
  },
  // Named, since the statements of a transaction go as one script.
  placeholder: (position) => `@parameter_${position}`,
  bound: (placeholder, type) => cast(placeholder, null, type),
  object: (fields) => `STRUCT(${fields.map((field) => `${field.expression} AS ${identifier(field.name)}`).join(', ')})`,
  createTable: (table, schema) => [
    {
      sql:
        `CREATE TABLE IF NOT EXISTS ${table} (${schema.columns.map(typed).join(', ')})${partition(schema)}${cluster(schema)}` +
        options(schema.description, tableDescriptionMax),
    },
  ],
  // One statement for all: the service takes few changes of one table in a short time.
  addColumns: (table, columns) =>
    columns.length === 0
      ? []
      : [{ sql: `ALTER TABLE ${table} ${columns.map((column) => `ADD COLUMN IF NOT EXISTS ${typed(column)}`).join(', ')}` }],
};

/** By day, so that a question about some days reads and pays for those only. */
function partition({ windowColumn, columns }: TableSchema): string {
  if (windowColumn === null) return '';
  const name = identifier(windowColumn);
  const type = columns.find((column) => column.name === windowColumn)?.type;
  switch (type) {
    case 'timestamp':
      return ` PARTITION BY TIMESTAMP_TRUNC(${name}, DAY)`;
    case 'local_timestamp':
      return ` PARTITION BY DATETIME_TRUNC(${name}, DAY)`;
    default:
      return ` PARTITION BY ${name}`;
  }
}

function cluster({ columns }: TableSchema): string {
  return columns.some((column) => column.name === 'advertiser_id') ? ` CLUSTER BY ${identifier('advertiser_id')}` : '';
}

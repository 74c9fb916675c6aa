import type { ColumnType } from '../table.ts';
import { type Dialect, defineDialect, quoteIdentifier, shortenIdentifier, typeChangeByCopy } from './dialect.ts';
import { madeHere } from './postgres-dialect.ts';

const identifierBytesMax = 127;

const types = {
  id: 'VARCHAR(256)',
  text: 'VARCHAR(65535)',
  count: 'BIGINT',
  decimal: 'DECIMAL(18,6)',
  wide_decimal: 'DECIMAL(38,9)',
  boolean: 'BOOLEAN',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
  local_timestamp: 'TIMESTAMP',
  json: 'SUPER',
} as const;

/** In lower case: the service takes names so, quoted or not. */
const storedName = (name: string): string => shortenIdentifier(name.toLowerCase(), identifierBytesMax);
const identifier = (name: string): string => quoteIdentifier(storedName(name));

const common = defineDialect({
  name: 'redshift',
  types,
  nativeTypes: {
    'character varying(256)': 'id',
    'character varying(65535)': 'text',
    bigint: 'count',
    'numeric(18,6)': 'decimal',
    'numeric(38,9)': 'wide_decimal',
    boolean: 'boolean',
    date: 'date',
    'timestamp without time zone': 'timestamp',
    super: 'json',
  },
  identifierBytesMax,
  caseSensitive: false,
  overrides: { identifier },
});

const cast: Dialect['cast'] = (expression, from, to) => {
  if (to === 'json') return `JSON_PARSE(${expression})`;
  if (from === 'json') return `JSON_SERIALIZE(${expression})`;
  return `CAST(${expression} AS ${types[to]})`;
};

/** These wait as text: Parquet has no JSON, and COPY is strict about times. */
export const stagedAsText: readonly ColumnType[] = ['json', 'timestamp', 'local_timestamp'];

const byCopy = typeChangeByCopy({ ...common, cast }, (table, from, to) => ({
  sql: `ALTER TABLE ${table} RENAME COLUMN ${from} TO ${to}`,
}));

export const redshiftDialect: Dialect = {
  ...common,
  storedName,
  nameKey: storedName,
  cast,
  stagedTypes: { ...types, json: types.text, timestamp: types.text, local_timestamp: types.text },
  fromStaged: (expression, from, to) => {
    const stagedType = stagedAsText.includes(from) ? 'text' : from;
    return types[stagedType] === types[to] ? expression : cast(expression, stagedType, to);
  },
  bound: (placeholder, type) => cast(placeholder, null, type),
  object: (fields) => `OBJECT(${fields.map((field) => `${common.literal(field.name)}, ${field.expression}`).join(', ')})`,
  createTable: (table, schema) => {
    const [create, ...comments] = common.createTable(table, schema);
    // Sorted as the usual question goes: some days of some accounts. How rows are spread the service decides by their number.
    const sort = schema.windowColumn === null ? schema.primaryKey : [schema.windowColumn, 'advertiser_id'];
    const sortKey = sort.length === 0 ? '' : ` COMPOUND SORTKEY (${sort.map(identifier).join(', ')})`;
    return create === undefined ? [] : [{ sql: `${create.sql} DISTSTYLE AUTO${sortKey}` }, ...comments];
  },
  // There is no IF NOT EXISTS for columns: of two sessions that add the same one, the second reads the table again.
  addColumns: (table, columns) =>
    common.addColumns(table, columns).map(({ sql }) => ({ sql: sql.replace('ADD COLUMN IF NOT EXISTS', 'ADD COLUMN') })),
  // DDL is transactional, so no change can be cut short.
  changeType: (table, column, from) =>
    byCopy.changeType(table, column, from).map(({ sql }) => ({ sql: sql.replace('ADD COLUMN IF NOT EXISTS', 'ADD COLUMN') })),
  finishTypeChange: null,
  createView: (view, select) => [
    ...common.createView(view, select),
    { sql: `COMMENT ON VIEW ${view} IS ${common.literal(madeHere)}` },
  ],
  lockTable: (table) => ({ sql: `LOCK TABLE ${table}` }),
};

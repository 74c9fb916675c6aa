import { type Dialect, defineDialect, quoteIdentifier, shortenIdentifier } from './dialect.ts';

const identifierBytesMax = 63;
const name = (text: string): string => quoteIdentifier(shortenIdentifier(text, identifierBytesMax));

const types = {
  id: 'TEXT',
  text: 'TEXT',
  count: 'BIGINT',
  decimal: 'NUMERIC(38,9)',
  wide_decimal: 'NUMERIC(38,9)',
  boolean: 'BOOLEAN',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
  local_timestamp: 'TIMESTAMP',
  json: 'JSONB',
} as const;

/** A function takes at most 100 arguments, two for each field. */
const fieldsPerObject = 50;

/** The comment by which a view is known to be ours. */
export const madeHere = 'Made by dagster-tiktok-ads; it is made anew after each load.';

const common = defineDialect({
  name: 'postgres',
  types,
  nativeTypes: {
    text: 'text',
    'character varying': 'text',
    bigint: 'count',
    'numeric(38,9)': 'wide_decimal',
    boolean: 'boolean',
    date: 'date',
    'timestamp without time zone': 'timestamp',
    jsonb: 'json',
  },
  identifierBytesMax,
  caseSensitive: true,
});

export const postgresDialect: Dialect = {
  ...common,
  createTable: (table, schema) => {
    // What a load deletes it finds by account and date; what it merges, by key.
    const columns = schema.windowColumn === null ? schema.primaryKey : ['advertiser_id', schema.windowColumn];
    const index = `CREATE INDEX IF NOT EXISTS ${name(`${schema.name}_by_account`)} ON ${table} (${columns.map(name).join(', ')})`;
    return [...common.createTable(table, schema), ...(columns.length === 0 ? [] : [{ sql: index }])];
  },
  changeType: (table, column) => [
    {
      sql: `ALTER TABLE ${table} ALTER COLUMN ${name(column.name)} TYPE ${types[column.type]} USING CAST(${name(column.name)} AS ${types[column.type]})`,
    },
  ],
  object: (fields) => {
    const parts = Array.from({ length: Math.max(1, Math.ceil(fields.length / fieldsPerObject)) }, (_, at) => {
      const some = fields.slice(at * fieldsPerObject, (at + 1) * fieldsPerObject);
      return `JSONB_BUILD_OBJECT(${some.map((field) => `${common.literal(field.name)}, ${field.expression}`).join(', ')})`;
    });
    return parts.join(' || ');
  },
  createView: (view, select) => [
    ...common.createView(view, select),
    { sql: `COMMENT ON VIEW ${view} IS ${common.literal(madeHere)}` },
  ],
  lockTable: (table) => ({ sql: `LOCK TABLE ${table} IN SHARE ROW EXCLUSIVE MODE` }),
};

import type { ColumnType } from '../table.ts';
import { type Dialect, defineDialect, quoteIdentifier, shortenIdentifier, typeChangeByCopy } from './dialect.ts';

const identifierBytesMax = 255;

const types = {
  id: 'VARCHAR',
  text: 'VARCHAR',
  count: 'NUMBER(38,0)',
  decimal: 'NUMBER(38,9)',
  wide_decimal: 'NUMBER(38,9)',
  boolean: 'BOOLEAN',
  date: 'DATE',
  timestamp: 'TIMESTAMP_NTZ',
  local_timestamp: 'TIMESTAMP_NTZ',
  json: 'VARIANT',
} as const;

/** In upper case, as Snowflake stores names that are written without quotes, so that users need none. */
const identifier = (name: string): string => quoteIdentifier(shortenIdentifier(name, identifierBytesMax).toUpperCase());

/** A backslash escapes in Snowflake's texts. */
const literal = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;

const common = defineDialect({
  name: 'snowflake',
  types,
  nativeTypes: {
    text: 'text',
    'number(38,0)': 'count',
    'number(38,9)': 'wide_decimal',
    boolean: 'boolean',
    date: 'date',
    timestamp_ntz: 'timestamp',
    variant: 'json',
  },
  identifierBytesMax,
  caseSensitive: false,
  overrides: { identifier, literal },
});

const cast: Dialect['cast'] = (expression, from, to) => {
  if (to === 'json') return `PARSE_JSON(${expression})`;
  if (from === 'json') return `TO_JSON(${expression})`;
  return `CAST(${expression} AS ${types[to]})`;
};

/** These wait as text: COPY would take JSON for one long text, and times need options to be read as what they are. */
export const stagedAsText: readonly ColumnType[] = ['json', 'timestamp', 'local_timestamp'];

const withComment = (comment: string | undefined): string => (comment === undefined ? '' : ` COMMENT ${literal(comment)}`);

export const snowflakeDialect: Dialect = {
  ...common,
  ...typeChangeByCopy({ ...common, cast }, (table, from, to) => ({ sql: `ALTER TABLE ${table} RENAME COLUMN ${from} TO ${to}` })),
  cast,
  stagedTypes: { ...types, json: 'VARCHAR', timestamp: 'VARCHAR', local_timestamp: 'VARCHAR' },
  fromStaged: (expression, from, to) => {
    const stagedType = stagedAsText.includes(from) ? 'text' : from;
    return types[stagedType] === types[to] ? expression : cast(expression, stagedType, to);
  },
  placeholder: () => '?',
  bound: (placeholder, type) => (type === 'json' ? `PARSE_JSON(${placeholder})` : `CAST(${placeholder} AS ${types[type]})`),
  object: (fields) =>
    `OBJECT_CONSTRUCT_KEEP_NULL(${fields.map((field) => `${literal(field.name)}, ${field.expression}`).join(', ')})`,
  // What was granted on the view stays granted.
  createView: (view, select) => [{ sql: `CREATE OR REPLACE VIEW ${view} COPY GRANTS AS ${select}` }],
  createTable: (table, schema) => {
    const columns = schema.columns.map(
      (column) => `${identifier(column.name)} ${types[column.type]}${withComment(column.description)}`,
    );
    // The usual question is about some days of some accounts.
    const cluster =
      schema.windowColumn === null ? '' : ` CLUSTER BY (${identifier(schema.windowColumn)}, ${identifier('advertiser_id')})`;
    return [
      { sql: `CREATE TABLE IF NOT EXISTS ${table} (${columns.join(', ')})${cluster} COMMENT = ${literal(schema.description)}` },
    ];
  },
  addColumns: (table, columns) =>
    columns.map((column) => ({
      sql: `ALTER TABLE ${table} ADD COLUMN IF NOT EXISTS ${identifier(column.name)} ${types[column.type]}${withComment(column.description)}`,
    })),
};

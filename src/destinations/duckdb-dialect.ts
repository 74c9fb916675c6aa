import { type Dialect, defineDialect } from './dialect.ts';

/** DECIMAL(18) is written twice as fast as DECIMAL(38); a column that a value does not fit becomes a wide one. */
export const duckdbDialect: Dialect = defineDialect({
  name: 'duckdb',
  types: {
    id: 'VARCHAR',
    text: 'VARCHAR',
    count: 'BIGINT',
    decimal: 'DECIMAL(18,6)',
    wide_decimal: 'DECIMAL(38,9)',
    boolean: 'BOOLEAN',
    date: 'DATE',
    timestamp: 'TIMESTAMP',
    local_timestamp: 'TIMESTAMP',
    json: 'JSON',
  },
  nativeTypes: {
    varchar: 'text',
    bigint: 'count',
    'decimal(18,6)': 'decimal',
    'decimal(38,9)': 'wide_decimal',
    boolean: 'boolean',
    date: 'date',
    timestamp: 'timestamp',
    json: 'json',
  },
  identifierBytesMax: 1000,
  caseSensitive: false,
});

import { createHash } from 'node:crypto';
import type { Column, ColumnType, TableSchema } from '../table.ts';
import type { SqlValue, Statement, StoredColumn } from './destination.ts';

/**
 * How a warehouse spells SQL, as a value: facts and pure functions. Identifiers reach SQL only through `identifier`, values only
 * as parameters; `literal` is for DDL, where no warehouse takes parameters. Table and view names come already qualified.
 */
export interface Dialect {
  readonly name: string;
  readonly types: Readonly<Record<ColumnType, string>>;
  /** The logical type of a type name as the warehouse's own catalogue spells it; null for one that we would not have made. */
  readonly columnType: (native: string) => ColumnType | null;
  /** The name a table or column gets in the warehouse: itself, or shortened with a hash where it is too long. */
  readonly storedName: (name: string) => string;
  /** Equal for two names that the warehouse takes for one. */
  readonly nameKey: (name: string) => string;
  readonly identifier: (name: string) => string;
  readonly literal: (text: string) => string;
  /** The mark of the n-th parameter, counted from 1. */
  readonly placeholder: (position: number) => string;
  /** A parameter as a value of this type. Timestamps are bound as `YYYY-MM-DD HH:MM:SS[.fff]`, JSON as its text. */
  readonly bound: (placeholder: string, type: ColumnType) => string;
  readonly cast: (expression: string, from: ColumnType | null, to: ColumnType) => string;
  /** Types of the columns of a staging table, where values may wait in a form that is easier to load. */
  readonly stagedTypes: Readonly<Record<ColumnType, string>>;
  /** A staged value of type `from` as a value of the table's type `to`. */
  readonly fromStaged: (expression: string, from: ColumnType, to: ColumnType) => string;
  /** A struct or object of named values, in this order. */
  readonly object: (fields: readonly { readonly name: string; readonly expression: string }[]) => string;
  readonly createSchema: (schema: string) => Statement;
  /** Creates the table if it does not exist, with comments. */
  readonly createTable: (table: string, schema: TableSchema) => readonly Statement[];
  readonly addColumns: (table: string, columns: readonly Column[]) => readonly Statement[];
  /** Makes an existing column hold `column.type`, keeping its values. */
  readonly changeType: (table: string, column: Column, from: ColumnType | null) => readonly Statement[];
  /**
   * What is left to do if a change of type was cut short and the old values still lie under `setAsideName`; null where a change
   * is one statement or one transaction, so that this cannot be.
   */
  readonly finishTypeChange: ((table: string, column: Column, from: ColumnType | null) => readonly Statement[]) | null;
  readonly createView: (view: string, select: string) => readonly Statement[];
  readonly dropView: (view: string) => Statement;
  /** Keeps other writers off a table until the transaction ends; null where the warehouse does so by itself. */
  readonly lockTable: (table: string) => Statement | null;
}

/** What one dialect differs in. Everything else is common SQL. */
export interface DialectFacts {
  readonly name: string;
  readonly types: Readonly<Record<ColumnType, string>>;
  /** Native type names in lower case, as the warehouse's catalogue spells them. */
  readonly nativeTypes: Readonly<Record<string, ColumnType>>;
  readonly identifierBytesMax: number;
  readonly caseSensitive: boolean;
  readonly overrides?: Partial<Dialect>;
}

export function defineDialect(facts: DialectFacts): Dialect {
  const storedName = (name: string): string => shortenIdentifier(name, facts.identifierBytesMax);
  const identifier = facts.overrides?.identifier ?? ((name: string): string => quoteIdentifier(storedName(name)));
  const literal = facts.overrides?.literal ?? quoteText;
  const typed = (column: Column): string => `${identifier(column.name)} ${facts.types[column.type]}`;
  const comments = (table: string, columns: readonly Column[]): readonly Statement[] =>
    columns.flatMap((column) =>
      column.description === undefined
        ? []
        : [{ sql: `COMMENT ON COLUMN ${table}.${identifier(column.name)} IS ${literal(column.description)}` }],
    );
  const castTo = (expression: string, to: ColumnType): string => `CAST(${expression} AS ${facts.types[to]})`;

  return {
    name: facts.name,
    types: facts.types,
    stagedTypes: facts.types,
    fromStaged: (expression, from, to) => (facts.types[from] === facts.types[to] ? expression : castTo(expression, to)),
    finishTypeChange: null,
    columnType: (native) => facts.nativeTypes[native.toLowerCase()] ?? null,
    storedName,
    nameKey: (name) => (facts.caseSensitive ? storedName(name) : storedName(name).toLowerCase()),
    identifier,
    literal,
    placeholder: (position) => `$${position}`,
    bound: castTo,
    cast: (expression, _from, to) => castTo(expression, to),
    object: (fields) => `STRUCT_PACK(${fields.map((field) => `${identifier(field.name)} := ${field.expression}`).join(', ')})`,
    createSchema: (schema) => ({ sql: `CREATE SCHEMA IF NOT EXISTS ${schema}` }),
    createTable: (table, schema) => [
      { sql: `CREATE TABLE IF NOT EXISTS ${table} (${schema.columns.map(typed).join(', ')})` },
      { sql: `COMMENT ON TABLE ${table} IS ${literal(schema.description)}` },
      ...comments(table, schema.columns),
    ],
    addColumns: (table, columns) => [
      ...columns.map((column) => ({ sql: `ALTER TABLE ${table} ADD COLUMN IF NOT EXISTS ${typed(column)}` })),
      ...comments(table, columns),
    ],
    changeType: (table, column) => [
      { sql: `ALTER TABLE ${table} ALTER COLUMN ${identifier(column.name)} TYPE ${facts.types[column.type]}` },
    ],
    createView: (view, select) => [{ sql: `CREATE OR REPLACE VIEW ${view} AS ${select}` }],
    dropView: (view) => ({ sql: `DROP VIEW IF EXISTS ${view}` }),
    lockTable: () => null,
    ...facts.overrides,
  };
}

/** Where a column's values wait while its type is changed by a warehouse that cannot do so in place. */
export function setAsideName(column: string): string {
  return `${column}__set_aside`;
}

/**
 * A change of type for warehouses that cannot change it in place: the column is set aside, made anew, filled and dropped. Each
 * statement is final by itself; `finish` can be repeated until all is done.
 */
export function typeChangeByCopy(
  dialect: Pick<Dialect, 'identifier' | 'cast' | 'types'>,
  rename: (table: string, from: string, to: string) => Statement,
): Pick<Dialect, 'changeType'> & { readonly finishTypeChange: Dialect['changeType'] } {
  const finishTypeChange: Dialect['changeType'] = (table, column, from) => {
    const [name, aside] = [dialect.identifier(column.name), dialect.identifier(setAsideName(column.name))];
    return [
      { sql: `ALTER TABLE ${table} ADD COLUMN IF NOT EXISTS ${name} ${dialect.types[column.type]}` },
      { sql: `UPDATE ${table} SET ${name} = ${dialect.cast(aside, from, column.type)} WHERE ${name} IS NULL` },
      { sql: `ALTER TABLE ${table} DROP COLUMN ${aside}` },
    ];
  };
  return {
    finishTypeChange,
    changeType: (table, column, from) => [
      rename(table, dialect.identifier(column.name), dialect.identifier(setAsideName(column.name))),
      ...finishTypeChange(table, column, from),
    ],
  };
}

/** Gives a parameter's place in the text and keeps its value, so that the two cannot get out of step. */
export type Bind = (value: SqlValue, type: ColumnType) => string;

/** One statement whose parameters are numbered in the order in which `text` binds them. */
export function statement(dialect: Dialect, text: (bind: Bind) => string): Statement {
  const parameters: SqlValue[] = [];
  const sql = text((value, type) => dialect.bound(dialect.placeholder(parameters.push(value)), type));
  return { sql, parameters };
}

export function storedColumn(dialect: Dialect, name: string, nativeType: string): StoredColumn {
  return { name, type: dialect.columnType(nativeType), nativeType };
}

/** Two logical types that the warehouse stores alike, such as id and text. */
export function storedAlike(dialect: Dialect, one: ColumnType, other: ColumnType): boolean {
  return dialect.types[one] === dialect.types[other];
}

/** Cuts at a character's edge and ends in eight hexadecimal digits of the whole name, so that two long names stay two. */
export function shortenIdentifier(name: string, bytesMax: number): string {
  if (Buffer.byteLength(name) <= bytesMax) return name;
  const suffix = `_${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
  let kept = '';
  for (const character of name) {
    if (Buffer.byteLength(kept + character) > bytesMax - suffix.length) break;
    kept += character;
  }
  return kept + suffix;
}

export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

import type { DuckDBConnection } from '@duckdb/node-api';
import type { z } from 'zod';
import type { Column, ColumnType, TableSchema } from '../table.ts';
import type { Bind, Dialect } from './dialect.ts';

/**
 * The contract every warehouse keeps. A destination file exports one `DestinationDefinition`; its driver is imported inside
 * `connect`, so that one destination never needs another's. `src/load` composes loads from these parts and knows no names.
 */
export interface DestinationDefinition {
  readonly name: string;
  /** One line for `--help`, the README and the component's documentation. */
  readonly summary: string;
  /** The fields `destination_config` may have, credentials included. Parsed once, at the edge. */
  readonly options: z.ZodType;
  /** Other names that `optionsFrom` takes: for which option each stands, or null if its value is not judged by itself. */
  readonly otherNames: Readonly<Record<string, string | null>>;
  /** Turns `destination_config`, or a credentials URL, or nothing, into options to parse. Throws ConfigError with the parameter's name. */
  readonly optionsFrom: (given: GivenCredentials) => unknown;
  readonly capabilities: Capabilities;
  readonly dialect: Dialect;
  /** Opens one session. Throws DestinationError whose message names what was refused (host, right, parameter), never a secret. */
  readonly connect: (options: unknown, environment: ConnectEnvironment) => Promise<Session>;
}

/** What the user wrote in YAML about the destination, with `${VAR}` already resolved. */
export interface GivenCredentials {
  readonly config: Readonly<Record<string, unknown>> | null;
  /** From `destination_credentials_url` or the variable named by `destination_credentials_env_var`. */
  readonly url: string | null;
  readonly datasetName: string;
  /** The process's working directory: relative file paths are meant from here. */
  readonly directory: string;
}

/** Facts about a warehouse. Code asks these, never its name. */
export interface Capabilities {
  /** What a staging file looks like, or `in-place` if the staging database's rows can be read by SQL directly. */
  readonly stagingFormat: 'in-place' | 'parquet' | 'csv';
  /** MERGE may run inside a transaction together with other statements. */
  readonly mergeInTransaction: boolean;
  /** DDL may run inside a transaction and is undone by a rollback. */
  readonly transactionalDdl: boolean;
  /** Longest identifier, in bytes. */
  readonly identifierBytesMax: number;
  /** Longest text value, in bytes, or null if practically unlimited. */
  readonly textBytesMax: number | null;
  /** Column comments can be written. */
  readonly columnComments: boolean;
}

/** One SQL text and the values of its parameters, in order. Values never stand in the text. */
export interface Statement {
  readonly sql: string;
  readonly parameters?: readonly SqlValue[];
}

export type SqlValue = string | number | bigint | boolean | null;

/** Rows waiting in the staging database, typed as `columns` say; a table or view of that DuckDB. */
export interface StagedTable {
  /** Qualified and quoted name inside the staging database. */
  readonly relation: string;
  /** The relation may have more columns than these; only these are loaded. */
  readonly columns: readonly Column[];
  readonly rowCount: number;
  /** Whoever staged the rows has seen to it that no key comes twice, so the load need not look. */
  readonly keysAreUnique?: boolean;
}

/** Rows of one table or view of the dataset that go into a Parquet file. */
export interface UnloadRequest {
  /** Name without its schema. */
  readonly table: string;
  /** The columns in the file's order, as `columnsOf` gives them; one of unknown type is written as text. */
  readonly columns: readonly { readonly name: string; readonly type: ColumnType | null }[];
  /** The condition that rows meet, its values bound; null: all rows. */
  readonly where: (bind: Bind) => string | null;
  /** Path of the file; written over if it exists. */
  readonly file: string;
}

export interface ConnectEnvironment {
  /**
   * The staging database. Its SQL engine does all row work. Nobody else may use this connection while the session is open (a
   * transaction would take in their statements), so staged relations are not temporary ones.
   */
  readonly staging: DuckDBConnection;
  /** An empty folder for this session's files; removed by whoever gave it. */
  readonly directory: string;
  readonly signal: AbortSignal;
  /** Time in milliseconds since 1970. */
  readonly now: () => number;
  /** Says what a session is waiting for, for people; called rarely. */
  readonly log: (message: string) => void;
  /** Nothing will be written: what does not exist is not made, and whoever reads at the same time is let in. */
  readonly readOnly?: boolean;
  /** Does work that needs much of this process's memory while no rows are typed, which needs as much. Absent: nothing else goes on. */
  readonly alone?: <T>(work: () => Promise<T>) => Promise<T>;
}

/** A column as the warehouse holds it. */
export interface StoredColumn {
  readonly name: string;
  /** Null for a type that we would not have made. */
  readonly type: ColumnType | null;
  /** The type as the warehouse's SQL spells it. */
  readonly nativeType: string;
}

/** One open connection. Everything that waits ends when the environment's signal is aborted. */
export interface Session {
  readonly dialect: Dialect;
  /** Rows that one query may group, where that takes memory of this process; absent: a server sees to it. */
  readonly groupedRowsMax?: number;
  /** Schema-qualified quoted name of a table of the dataset. */
  readonly qualified: (table: string) => string;
  /** The same for use inside the text of a view, which must hold under whatever name the database is opened later. */
  readonly qualifiedInView: (table: string) => string;
  /** Creates the dataset's schema unless it exists; one that exists needs no right to create schemas. */
  readonly ensureSchema: () => Promise<void>;
  /** What bears this name in the dataset. */
  readonly kindOf: (name: string) => Promise<'table' | 'view' | null>;
  /** Columns of a table in table order, or null if it does not exist. */
  readonly columnsOf: (table: string) => Promise<readonly StoredColumn[] | null>;
  /** Runs DDL, each statement on its own, before a transaction begins. */
  readonly execute: (statements: readonly Statement[]) => Promise<void>;
  /** Runs all statements in one transaction: all or none. Resolves after the commit. An empty list does nothing. */
  readonly transaction: (statements: readonly Statement[]) => Promise<void>;
  /** Drops views of ours that would keep a column of this table from changing its type; `ensureViews` makes them again. */
  readonly releaseViews: (table: string) => Promise<void>;
  /** Column names in lower case; decimals, dates and times as text, whole numbers as number where exact, else bigint. */
  readonly query: (statement: Statement) => Promise<readonly Readonly<Record<string, SqlValue>>[]>;
  /** Brings staged rows to where the warehouse's SQL can read them; gives the name to read from. */
  readonly stage: (staged: StagedTable, table: TableSchema) => Promise<string>;
  /** Drops what `stage` made. Never throws for something already gone. */
  readonly unstage: (name: string) => Promise<void>;
  /** Writes rows into a Parquet file as they come, in types of the staging database; memory stays flat. Gives their number. */
  readonly unload: (request: UnloadRequest) => Promise<number>;
  /** Where the dataset lies, for people and for `dagster/uri`; no secrets. */
  readonly uri: (table: string) => string;
  /** `database.schema.table` as the warehouse's users write it, for `dagster/table_name`. */
  readonly displayName: (table: string) => string;
  readonly close: () => Promise<void>;
}

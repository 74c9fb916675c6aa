import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type {
  DestinationDefinition,
  GivenCredentials,
  Session,
  SqlValue,
  StagedTable,
} from '../../src/destinations/destination.ts';
import { quoteIdentifier } from '../../src/destinations/dialect.ts';
import { duckdbDialect } from '../../src/destinations/duckdb-dialect.ts';
import type { LoadRequest, LoadScope } from '../../src/load/load.ts';
import { type Column, deletedAtColumn, loadColumns, type TableSchema, type Window } from '../../src/table.ts';

/** What a test needs of one open session, its own staging database included. */
export interface Bench {
  readonly session: Session;
  readonly connection: DuckDBConnection;
  readonly logged: string[];
  readonly abort: AbortController;
  /** Puts rows, as texts or null, into a staging table typed as the columns say. */
  readonly stage: (columns: readonly Column[], rows: readonly (readonly (string | null)[])[]) => Promise<StagedTable>;
  readonly close: () => Promise<void>;
}

export interface BenchRequest {
  readonly definition: DestinationDefinition;
  readonly given: GivenCredentials;
  /** Time in milliseconds since 1970; by default the real one. */
  readonly now?: () => number;
}

export async function openBench({ definition, given, now = Date.now }: BenchRequest): Promise<Bench> {
  const directory = await mkdtemp(join(tmpdir(), 'destination-'));
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  const staging = await instance.connect();
  const closeStaging = async (): Promise<void> => {
    staging.closeSync();
    connection.closeSync();
    instance.closeSync();
    await rm(directory, { recursive: true, force: true });
  };
  const logged: string[] = [];
  const abort = new AbortController();
  const options = definition.options.parse(definition.optionsFrom(given));
  const log = (message: string): void => {
    logged.push(message);
  };
  const environment = { staging, directory, signal: abort.signal, now, log };
  const session = await definition.connect(options, environment).catch(async (error: unknown) => {
    await closeStaging();
    throw error;
  });
  let tables = 0;
  return {
    session,
    connection,
    logged,
    abort,
    stage: async (columns, rows) => {
      tables += 1;
      const relation = `"memory"."main"."staged_${tables}"`;
      const typed = columns.map((column) => `${quoteIdentifier(column.name)} ${duckdbDialect.types[column.type]}`);
      await connection.run(`CREATE TABLE ${relation} (${typed.join(', ')})`);
      for (const row of rows) {
        const marks = row.map((_, at) => `$${at + 1}`).join(', ');
        await connection.run(`INSERT INTO ${relation} VALUES (${marks})`, [...row]);
      }
      return { relation, columns, rowCount: rows.length };
    },
    close: async () => {
      await session.close();
      await closeStaging();
    },
  };
}

export const advertiser = '7000000000000000001';
export const otherAdvertiser = '7000000000000000002';
export const january: Window = { start: '2024-01-01', end: '2024-01-31' };
export const february: Window = { start: '2024-02-01', end: '2024-02-29' };

export const campaignColumns: readonly Column[] = [
  { name: 'advertiser_id', type: 'id', description: 'Account.' },
  { name: 'campaign_id', type: 'id', description: 'Campaign’s id; the account’s "own".' },
  { name: 'name', type: 'text' },
  { name: 'budget', type: 'decimal', description: "Day's budget; 50%." },
];

export const campaigns: TableSchema = {
  name: 'campaigns',
  description: "One row per campaign; the advertiser's own.",
  columns: [...campaignColumns, ...loadColumns, deletedAtColumn],
  primaryKey: ['advertiser_id', 'campaign_id'],
  windowColumn: null,
  signature: 'campaigns',
};

export const reportColumns: readonly Column[] = [
  { name: 'advertiser_id', type: 'id', description: 'Account.' },
  { name: 'stat_time_day', type: 'date', description: 'Day in the account’s zone.' },
  { name: 'campaign_id', type: 'id', description: 'Campaign.' },
  { name: 'clicks', type: 'count', description: 'Clicks.' },
  { name: 'spend', type: 'decimal', description: 'Money spent.' },
];

export const reports: TableSchema = {
  name: 'reports',
  description: 'One row per campaign and day.',
  columns: [...reportColumns, ...loadColumns],
  primaryKey: ['advertiser_id', 'stat_time_day', 'campaign_id'],
  windowColumn: 'stat_time_day',
  signature: 'BASIC AUCTION_CAMPAIGN day',
};

export const upsert = { disposition: 'merge', strategy: 'upsert' } as const;
export const deleteInsert = { disposition: 'merge', strategy: 'delete-insert' } as const;
export const replace = { disposition: 'replace', strategy: 'delete-insert' } as const;
export const append = { disposition: 'append', strategy: 'delete-insert' } as const;

export function scope(advertiserId: string, window: Window | null, rows = 0): LoadScope {
  const totals = { spend: '12.34', clicks: '5' };
  return {
    advertiserId,
    window,
    rows,
    apiRows: rows,
    apiTotals: totals,
    proof: 'total_metrics',
    startedAt: '2024-03-01T00:00:00.000Z',
  };
}

export function request(given: Pick<LoadRequest, 'table' | 'staged' | 'write' | 'scopes'> & Partial<LoadRequest>): LoadRequest {
  return { loadId: 'load-1', loadedAt: '2024-03-01T01:02:03.000Z', runId: 'run-1', markMissing: false, ...given };
}

/** The whole table as rows of values, in the order of the first three of the columns. */
export async function rowsOf(
  session: Session,
  table: string,
  columns: readonly string[],
): Promise<readonly (readonly SqlValue[])[]> {
  const names = columns.map(session.dialect.identifier).join(', ');
  const order = columns.slice(0, 3).map(session.dialect.identifier).join(', ');
  const rows = await session.query({ sql: `SELECT ${names} FROM ${session.qualified(table)} ORDER BY ${order}` });
  return rows.map((row) => columns.map((column) => row[session.dialect.storedName(column).toLowerCase()] ?? null));
}

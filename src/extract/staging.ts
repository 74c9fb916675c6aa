import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { InternalError } from '../errors.ts';
import type { ColumnType, Window } from '../table.ts';
import { createPageFiles, type PageFile, type PageFiles } from './page-files.ts';
import {
  createRowsTable,
  insertRows,
  narrowColumns,
  quoteName,
  quoteText,
  type RowField,
  type RowLayout,
  stagingType,
  structureOfRecords,
  untypedValues,
} from './rows.ts';
import { createUnitsTable } from './select.ts';

/** One answer of the source, and which unit, pass and page of a layout it is. */
export interface StagedPage {
  readonly unit: number;
  readonly pass: number;
  readonly page: number;
  /** Records on the page as the API counts them; 0 if it does not say. */
  readonly records: number;
  /** The body as received; given away with the call. */
  readonly body: Buffer;
}

/** Values that no column type could hold: they are NULL in the table, and the report says so. */
export interface UntypedValues {
  readonly table: string;
  readonly column: string;
  readonly count: number;
  readonly example: string;
}

/**
 * Where pages wait and become typed rows: raw bodies in files, rows in a DuckDB database of the run's own on disk. All row work is done
 * by DuckDB's engine, set-wise, a few megabytes at a time, so that memory stays flat.
 */
export interface Staging {
  /** A second connection to the same database, for loading: its transactions must not take in the staging's own statements. */
  readonly loadConnection: DuckDBConnection;
  readonly directory: string;
  /** Notes whose rows a unit's will be. `account` is null where one unit has several. */
  readonly openUnit: (
    unit: number,
    task: { readonly advertiserIds: readonly string[]; readonly window: Window | null },
    account: UnitAccount | null,
  ) => Promise<void>;
  readonly append: (layout: RowLayout, page: StagedPage) => Promise<void>;
  /** Types everything received for a layout so far. Gives the layout's fields with those found on the way. */
  readonly flush: (layout: RowLayout) => Promise<readonly RowField[]>;
  /** Forgets all rows of these units, or those of one pass. */
  readonly discard: (layout: RowLayout, units: readonly number[], pass?: number) => Promise<void>;
  readonly rows: (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;
  readonly run: (sql: string) => Promise<void>;
  readonly untyped: () => readonly UntypedValues[];
  /** Waits for the statements under way; later ones are refused. */
  readonly close: () => Promise<void>;
}

/** What a row takes from its account. */
export interface UnitAccount {
  readonly id: string;
  readonly currency: string | null;
  readonly timeZone: string;
}

export interface StagingOptions {
  /** A folder for the files of all runs; this run makes one of its own in it and removes it on close. */
  readonly parent: string;
  /** Names the run's folder; holds the process's id so that what a killed run left is found. */
  readonly processId: number;
  readonly memoryLimitMb: number;
  readonly threads: number;
  readonly isAlive: (processId: number) => boolean;
}

/** Raw bytes after which a file of pages is typed. Smaller takes more time, since DuckDB then rewrites its last row group more often. */
const fileBytes = 16 * 1024 * 1024;
/** Raw bytes typed after which the C library gives unused memory back to the system; by itself it keeps what DuckDB has freed. */
const trimBytes = 16 * 1024 * 1024;

interface Pending {
  fields: readonly RowField[];
  readonly files: PageFiles;
  turn: Promise<void>;
  created: boolean;
}

export async function openStaging(options: StagingOptions): Promise<Staging> {
  removeLeftBehind(options);
  const directory = join(options.parent, `run-${options.processId}-${Math.trunc(performance.timeOrigin)}-${sequence()}`);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(options.threads),
    memory_limit: `${options.memoryLimitMb}MB`,
    temp_directory: join(directory, 'spill'),
    preserve_insertion_order: 'false',
    autoinstall_known_extensions: 'false',
  });
  const connection = await instance.connect();
  // Rows are forgotten when this process ends, so a log to recover them from would only cost time.
  await connection.run(`ATTACH ${quoteText(join(directory, 'staging.duckdb'))} AS staging (RECOVERY_MODE no_wal_writes)`);
  await connection.run('USE staging');
  await connection.run(createUnitsTable);
  const loadConnection = await instance.connect();
  await loadConnection.run('USE staging');
  const pending = new Map<string, Pending>();
  const lost: UntypedValues[] = [];

  const stateOf = (layout: RowLayout): Pending => {
    const known = pending.get(layout.name);
    if (known) return known;
    const state: Pending = {
      fields: layout.fields,
      files: createPageFiles(directory, layout),
      turn: Promise.resolve(),
      created: false,
    };
    pending.set(layout.name, state);
    return state;
  };
  let closing = false;
  const underWay = new Set<Promise<unknown>>();
  const whileOpen = async <T>(work: () => Promise<T>): Promise<T> => {
    if (closing) throw new InternalError('The staging database is closed.');
    const statement = work();
    underWay.add(statement);
    try {
      return await statement;
    } finally {
      underWay.delete(statement);
    }
  };
  const run = (sql: string): Promise<void> =>
    whileOpen(async () => {
      await connection.run(sql);
    });
  const rows = (sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> =>
    whileOpen(async () => (await connection.runAndReadAll(sql)).getRowObjectsJS());

  let untrimmed = 0;
  /** Setting the limit, to whatever it is just now, makes DuckDB call malloc_trim. */
  const trim = async (): Promise<void> => {
    untrimmed = 0;
    await run("SET memory_limit = current_setting('memory_limit')");
  };

  const drain = (layout: RowLayout, state: Pending): Promise<void> => {
    const files = state.files.take();
    const samples = state.files.samples();
    const mine = state.turn.then(async () => {
      if (!state.created) {
        await run(createRowsTable({ ...layout, fields: state.fields }));
        state.created = true;
      }
      if (layout.keepsUnknown) for (const sample of samples) await adopt(layout, state, keysOfSample(sample));
      for (const file of files) {
        if (layout.keepsUnknown && (file.kind === 'pages' || layout.framing === 'objects'))
          await adopt(layout, state, keysOfStructure(await rows(structureOfRecords(layout, file))));
        await typeFile(layout, state, file);
        untrimmed += file.bytes;
        rmSync(file.path);
      }
      if (untrimmed >= trimBytes) await trim();
    });
    state.turn = mine.catch(() => undefined);
    return mine;
  };

  const typeFile = async (layout: RowLayout, state: Pending, file: PageFile): Promise<void> => {
    const current = { ...layout, fields: state.fields };
    try {
      await run(insertRows(current, file, 'strict'));
    } catch (error) {
      if (!isConversionError(error)) throw error;
      await widenDecimals(layout, state, file);
      const wide = { ...layout, fields: state.fields };
      for (const row of await rows(untypedValues(wide, file))) {
        lost.push({
          table: layout.name,
          column: String(row['column_name']),
          count: Number(row['values_lost']),
          example: String(row['example']),
        });
      }
      await run(insertRows(wide, file, 'lenient'));
    }
  };

  /** Fields that nobody declared become columns: nothing that the API sends is dropped. */
  const adopt = async (layout: RowLayout, state: Pending, keys: readonly FoundKey[]): Promise<void> => {
    const at = layout.framing === 'report-rows' ? 1 : 0;
    // DuckDB reads no two keys that differ in upper and lower case only: the one known first is read.
    const known = new Set(
      state.fields.filter((field) => field.path.length === at + 1).map((field) => field.path[at]?.toLowerCase()),
    );
    for (const { key, type } of keys) {
      if (key === '' || known.has(key.toLowerCase())) continue;
      known.add(key.toLowerCase());
      const field: RowField = {
        column: freeName(key, [...state.fields.map((one) => one.column), ...layout.reserved]),
        path: at === 1 ? ['metrics', key] : [key],
        type,
        dashIsNull: at === 1,
      };
      state.fields = [...state.fields, field];
      await run(`ALTER TABLE ${quoteName(layout.name)} ADD COLUMN ${quoteName(field.column)} ${stagingType(field.type)}`);
    }
  };

  const widenDecimals = async (layout: RowLayout, state: Pending, file: PageFile): Promise<void> => {
    const found = await rows(narrowColumns({ ...layout, fields: state.fields }, file));
    const narrow = new Set(found.map((row) => String(row['column_name'])));
    for (const column of narrow)
      await run(`ALTER TABLE ${quoteName(layout.name)} ALTER ${quoteName(column)} TYPE ${stagingType('wide_decimal')}`);
    state.fields = state.fields.map((field) => (narrow.has(field.column) ? { ...field, type: 'wide_decimal' } : field));
  };

  return {
    loadConnection,
    directory,
    openUnit: async (unit, task, account) => {
      const values = [account?.id, account?.currency, account?.timeZone, task.window?.start, task.window?.end];
      await run(
        `INSERT INTO _units VALUES (${unit}, ${values.map((value) => (value == null ? 'NULL' : quoteText(value))).join(', ')})`,
      );
    },
    append: async (layout, page) => {
      const state = stateOf(layout);
      if (state.files.write(page) >= fileBytes) await drain(layout, state);
    },
    flush: async (layout) => {
      const state = stateOf(layout);
      await drain(layout, state);
      return state.fields;
    },
    discard: async (layout, units, pass) => {
      if (units.length > 0 && stateOf(layout).created)
        await run(
          `DELETE FROM ${quoteName(layout.name)} WHERE _unit IN (${units.join(', ')})${pass === undefined ? '' : ` AND _pass = ${pass}`}`,
        );
    },
    rows,
    run,
    untyped: () => lost,
    close: async () => {
      closing = true;
      // A connection closed under a statement that runs waits for itself for ever.
      await Promise.allSettled(underWay);
      loadConnection.closeSync();
      connection.closeSync();
      instance.closeSync();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** A key that records have, and the type of a column for it. */
interface FoundKey {
  readonly key: string;
  readonly type: ColumnType;
}

/** Of the metrics of a report row. */
function keysOfSample(record: Readonly<Record<string, unknown>>): readonly FoundKey[] {
  const metrics = record['metrics'];
  if (typeof metrics !== 'object' || metrics === null) return [];
  return Object.entries(metrics).map(([key, value]) => ({
    key,
    type: typeof value === 'object' && value !== null ? 'json' : 'text',
  }));
}

/** Of records as DuckDB sums them up: `{"name":"VARCHAR","list":["UBIGINT"],"tree":{…},"flag":"BOOLEAN"}`. */
function keysOfStructure([row]: readonly Readonly<Record<string, unknown>>[]): readonly FoundKey[] {
  const structure: unknown = JSON.parse(String(row?.['structure'] ?? 'null'));
  if (typeof structure !== 'object' || structure === null) return [];
  return Object.entries(structure).map(([key, type]) => ({
    key,
    type: typeof type === 'object' ? 'json' : type === 'BOOLEAN' ? 'boolean' : 'text',
  }));
}

/** A column name that is not taken yet; DuckDB takes no two that differ in upper and lower case only. */
function freeName(key: string, taken: readonly string[]): string {
  const names = new Set(['_unit', '_pass', '_page', '', ...taken.map((name) => name.toLowerCase())]);
  let name = key;
  while (names.has(name.toLowerCase())) name = `${name}_api`;
  return name;
}

function isConversionError(error: unknown): boolean {
  return (
    error instanceof Error &&
    /Conversion Error|Invalid Input Error: more digits|Could not convert|out of range/i.test(error.message)
  );
}

let opened = 0;
/** Distinguishes the folders of several runs in one process (tests). */
function sequence(): number {
  opened += 1;
  return opened;
}

function removeLeftBehind(options: StagingOptions): void {
  let names: readonly string[] = [];
  try {
    names = readdirSync(options.parent);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT'))
      throw new InternalError(`The staging folder ${options.parent} cannot be read.`, { cause: error });
  }
  for (const name of names) {
    const owner = /^run-(\d+)-/.exec(name)?.[1];
    if (owner && Number(owner) !== options.processId && !options.isAlive(Number(owner)))
      rmSync(join(options.parent, name), { recursive: true, force: true });
  }
}

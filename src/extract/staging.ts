import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { InternalError } from '../errors.ts';
import { createQueue, type Queue } from '../queue.ts';
import type { ColumnType, Window } from '../table.ts';
import { createPageFiles, type PageFile, type PageFiles } from './page-files.ts';
import { copyRows, createRowsView, type RowFile } from './row-files.ts';
import {
  createRowsTable,
  narrowColumns,
  quoteName,
  quoteText,
  type RowField,
  type RowLayout,
  selectTyped,
  stagingType,
  structureOfRecords,
  type Typing,
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
  ) => void;
  readonly append: (layout: RowLayout, page: StagedPage) => Promise<void>;
  /** Types everything received for a layout so far. Gives the layout's fields with those found on the way. */
  readonly flush: (layout: RowLayout) => Promise<readonly RowField[]>;
  /**
   * Makes a view of the rows of these units, for another connection: what is discarded of other units meanwhile does not touch it. What
   * is flushed is in the view named like the layout, too, but that one is for this connection only.
   */
  readonly createView: (view: string, layout: RowLayout, units: readonly number[]) => Promise<void>;
  /** Forgets all rows of these units, or those of one pass. */
  readonly discard: (layout: RowLayout, units: readonly number[], pass?: number) => Promise<void>;
  readonly rows: (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;
  readonly run: (sql: string) => Promise<void>;
  readonly untyped: () => readonly UntypedValues[];
  /** Does something else while no statement of the staging runs. The work must not wait for one. */
  readonly alone: <T>(work: () => Promise<T>) => Promise<T>;
  /** Gives memory that nothing uses back to the system; worth it before and after work that needs much of it. */
  readonly trim: () => Promise<void>;
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

/** Raw bytes after which a file of pages is typed. */
const fileBytes = 16 * 1024 * 1024;
/** Raw bytes waiting in all files of a layout after which all of them are typed. */
const waitingBytesMax = 128 * 1024 * 1024;
/** Raw bytes of a file from which on its rows are worth a file of their own; those of smaller ones share a table. */
const rowFileBytesMin = 4 * 1024 * 1024;
/** Raw bytes typed after which the C library gives unused memory back to the system; by itself it keeps what DuckDB has freed. */
const trimBytes = 32 * 1024 * 1024;
/** A statement takes memory for each of its rows. */
const unitsPerStatement = 1_000;

const trimEveryMs = 200;
/** Setting the limit, to whatever it is just now, makes DuckDB call malloc_trim. */
const trimStatement = "SET memory_limit = current_setting('memory_limit')";

interface Pending {
  fields: readonly RowField[];
  readonly files: PageFiles;
  /** Rows of small files. */
  readonly table: string;
  rowFiles: readonly RowFile[];
  readonly inTurn: Queue;
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
    // The system keeps what was read of a file of rows in its own cache, which is not this process's memory.
    enable_external_file_cache: 'false',
    // By default five row groups, all their columns uncompressed, come together before they are written.
    write_buffer_row_group_count: '1',
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
  /** Rows of `_units` that are written with the next flush, before which nobody looks for them: one statement for many tasks. */
  const newUnits: string[] = [];

  const stateOf = (layout: RowLayout): Pending => {
    const known = pending.get(layout.name);
    if (known) return known;
    const state: Pending = {
      fields: layout.fields,
      files: createPageFiles(directory, layout, fileBytes),
      table: `${layout.name}_of_small_files`,
      rowFiles: [],
      inTurn: createQueue(),
      created: false,
    };
    pending.set(layout.name, state);
    return state;
  };
  let closing = false;
  /** One statement after the other: one that waits for the connection would hold a thread meanwhile. */
  const statements = createQueue();
  const inTurn: Queue = (work) =>
    closing ? Promise.reject(new InternalError('The staging database is closed.')) : statements(work);
  const run = (sql: string): Promise<void> =>
    inTurn(async () => {
      await connection.run(sql);
    });
  const rows = (sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> =>
    inTurn(async () => (await connection.runAndReadAll(sql)).getRowObjectsJS());

  let untrimmed = 0;
  const trim = async (): Promise<void> => {
    untrimmed = 0;
    await run(trimStatement);
  };

  /** Work of many seconds is one statement: what it frees is given back while it goes on. */
  const whileTrimming = async <T>(work: () => Promise<T>): Promise<T> => {
    let trimming: Promise<unknown> = Promise.resolve();
    const timer = setInterval(() => {
      trimming = connection.run(trimStatement).catch(() => undefined);
    }, trimEveryMs);
    try {
      return await work();
    } finally {
      clearInterval(timer);
      await trimming;
    }
  };

  /** Types files, and shows their rows in the layout's view. */
  const drain = (layout: RowLayout, state: Pending, files: readonly PageFile[]): Promise<void> => {
    const samples = state.files.samples();
    return state.inTurn(async () => {
      if (!state.created) await run(createRowsTable(state.table, { ...layout, fields: state.fields }));
      if (layout.keepsUnknown) for (const sample of samples) await adopt(layout, state, keysOfSample(sample));
      for (const file of files) {
        if (layout.keepsUnknown && (file.kind === 'pages' || layout.framing === 'objects'))
          await adopt(layout, state, keysOfStructure(await rows(structureOfRecords(layout, file))));
        await typeFile(layout, state, file);
        untrimmed += file.bytes;
        rmSync(file.path);
      }
      if (files.length > 0 || !state.created) await showRows(layout, state);
      state.created = true;
      if (untrimmed >= trimBytes) await trim();
    });
  };

  const showRows = (layout: RowLayout, state: Pending): Promise<void> =>
    run(createRowsView(layout.name, { ...layout, fields: state.fields }, state.table, state.rowFiles));

  const typeFile = async (layout: RowLayout, state: Pending, file: PageFile): Promise<void> => {
    try {
      await writeRows({ ...layout, fields: state.fields }, state, file, 'strict');
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
      await writeRows(wide, state, file, 'lenient');
    }
  };

  const writeRows = async (layout: RowLayout, state: Pending, file: PageFile, typing: Typing): Promise<void> => {
    const typed = selectTyped(layout, file, typing);
    if (file.kind === 'pages' || file.bytes < rowFileBytesMin) {
      await run(`INSERT INTO ${quoteName(state.table)} ${typed}`);
      return;
    }
    const path = `${file.path}.parquet`;
    await run(copyRows(typed, layout.fields, path));
    state.rowFiles = [...state.rowFiles, { path, unit: file.unit, pass: file.pass, fields: layout.fields }];
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
      await run(`ALTER TABLE ${quoteName(state.table)} ADD COLUMN ${quoteName(field.column)} ${stagingType(field.type)}`);
    }
  };

  const widenDecimals = async (layout: RowLayout, state: Pending, file: PageFile): Promise<void> => {
    const found = await rows(narrowColumns({ ...layout, fields: state.fields }, file));
    const narrow = new Set(found.map((row) => String(row['column_name'])));
    for (const column of narrow)
      await run(`ALTER TABLE ${quoteName(state.table)} ALTER ${quoteName(column)} TYPE ${stagingType('wide_decimal')}`);
    state.fields = state.fields.map((field) => (narrow.has(field.column) ? { ...field, type: 'wide_decimal' } : field));
  };

  const unitsInTurn = createQueue();
  /** Resolves when every unit noted so far is there, whoever wrote it: rows of one that is not would be joined to nothing and lost. */
  const writeUnits = (): Promise<void> =>
    unitsInTurn(async () => {
      while (newUnits.length > 0) {
        const units = newUnits.slice(0, unitsPerStatement);
        await run(`INSERT INTO _units VALUES ${units.join(', ')}`);
        newUnits.splice(0, units.length);
      }
    });

  return {
    loadConnection,
    directory,
    openUnit: (unit, task, account) => {
      const values = [account?.id, account?.currency, account?.timeZone, task.window?.start, task.window?.end];
      newUnits.push(`(${unit}, ${values.map((value) => (value == null ? 'NULL' : quoteText(value))).join(', ')})`);
    },
    append: async (layout, page) => {
      const state = stateOf(layout);
      const waiting = state.files.write(page);
      const files = waiting >= waitingBytesMax ? state.files.take() : state.files.takeFull();
      if (files.length > 0) await drain(layout, state, files);
    },
    flush: async (layout) => {
      await writeUnits();
      const state = stateOf(layout);
      await drain(layout, state, state.files.take());
      return state.fields;
    },
    createView: async (view, layout, units) => {
      const state = stateOf(layout);
      const files = state.rowFiles.filter((file) => units.includes(file.unit));
      await run(createRowsView(view, { ...layout, fields: state.fields }, state.table, files));
    },
    discard: async (layout, units, pass) => {
      const state = stateOf(layout);
      if (units.length === 0 || !state.created) return;
      await run(
        `DELETE FROM ${quoteName(state.table)} WHERE _unit IN (${units.join(', ')})${pass === undefined ? '' : ` AND _pass = ${pass}`}`,
      );
      const gone = state.rowFiles.filter((file) => units.includes(file.unit) && (pass === undefined || file.pass === pass));
      if (gone.length === 0) return;
      state.rowFiles = state.rowFiles.filter((file) => !gone.includes(file));
      // Statements go one after the other: when the view is changed, none that reads these files is under way.
      await showRows(layout, state);
      for (const file of gone) rmSync(file.path);
    },
    rows,
    run,
    untyped: () => lost,
    alone: (work) => inTurn(() => whileTrimming(work)),
    trim,
    close: async () => {
      closing = true;
      // A connection closed under a statement that runs waits for itself for ever.
      await statements(async () => undefined);
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

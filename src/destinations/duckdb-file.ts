import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { DestinationError } from '../errors.ts';
import { createQueue, type Queue } from '../queue.ts';
import type { ConnectEnvironment } from './destination.ts';
import { quoteIdentifier } from './dialect.ts';

type Work<T> = (connection: DuckDBConnection) => Promise<T>;

/** A DuckDB file that is attached to the staging database only while something works on it. */
export interface DuckDbFile {
  /** Name of the attached database in SQL. */
  readonly catalog: string;
  /** Work that changes nothing. The file may stay attached a moment longer, for what comes next. */
  readonly read: <T>(work: Work<T>) => Promise<T>;
  /** Work after which the file is released at once, with its log written into it. */
  readonly write: <T>(work: Work<T>) => Promise<T>;
  readonly close: () => Promise<void>;
}

interface FileRequest {
  readonly path: string;
  readonly lockTimeoutMs: number;
  readonly environment: ConnectEnvironment;
}

/** A file as all databases of this process share it. */
interface SharedFile {
  readonly inTurn: Queue;
  /** Releases the file while it stays attached for a moment though nobody uses it; null at other times. */
  endRest: (() => Promise<void>) | null;
}

/**
 * DuckDB locks a file against other processes only (a POSIX lock belongs to the process), so two databases of one process would
 * both get in; this state is the process's as the lock is.
 */
const files = new Map<string, SharedFile>();

/** Half of DuckDB's default: an insert holds one row group uncompressed in memory. */
const rowGroupRows = 61_440;
/** Waiting longer than this is said once in the log. */
const quietWaitMs = 2000;
/** Whoever used the file longer than this without pause leaves a gap in which a waiting process can come in. */
const burstMs = 250;
const gapMs = 20;
/** A file that was read stays attached so long: attaching it takes longer than most of the small reads that follow one another. */
const restMs = 10;
/** Reads that follow one another keep the file so long at most: a program that does not wait for the lock finds more gaps between them. */
const restBurstMs = 50;
/** Work that took longer than this may have left much freed memory with the C library, which one such after another would add to. */
const heavyMs = 40;

export function openDuckDbFile({ path, lockTimeoutMs, environment }: FileRequest): DuckDbFile {
  const { staging, signal, now, log } = environment;
  const catalog = '_destination';
  const file = sharedFile(realPath(path));
  let burst = { startedAt: 0, endedAt: 0 };
  let ended = false;
  let needsMemory = false;

  /** Attaching and detaching both may have to write the file's log into it; once that took more memory than there is, it gets more. */
  const roomy = (work: () => Promise<void>): Promise<void> => (needsMemory ? withMemoryToTidy(staging, work) : work());

  const attach = (): Promise<void> => roomy(() => attachWhenFree({ path, lockTimeoutMs, environment }, catalog));

  const release = async (): Promise<void> => {
    try {
      await roomy(() => detach(staging, catalog, path));
    } catch (error) {
      if (needsMemory || !isOutOfMemory(error)) throw error;
      // Released it is, and what was committed lies in the file's log: whoever attaches the file next reads it.
      needsMemory = true;
      await attach();
      await roomy(() => detach(staging, catalog, path));
    }
  };

  /** Releases the file if it is at rest. Released it is in any case; what its log holds is then left to whoever attaches it next. */
  const endRest = async (): Promise<void> => {
    if (file.endRest !== endRest) return;
    file.endRest = null;
    await release().catch((error: unknown) => log(error instanceof Error ? error.message : String(error)));
  };

  const rest = (): void => {
    file.endRest = endRest;
    const since = burst.endedAt;
    // In turn, and only if nobody has used it since.
    const timer = setTimeout(() => file.inTurn(async () => (burst.endedAt === since ? endRest() : undefined)), restMs);
    // A process that has nothing else to do ends, and its lock with it.
    timer.unref();
  };

  const attachInTurn = async (): Promise<void> => {
    if (file.endRest === endRest) {
      file.endRest = null;
      return;
    }
    await file.endRest?.();
    const pausing = now() - burst.endedAt < gapMs;
    const long = burst.endedAt - burst.startedAt > burstMs;
    if (pausing && long) await sleep(gapMs, undefined, { signal });
    await attach().catch((error: unknown) => {
      if (needsMemory || !isOutOfMemory(error)) throw error;
      needsMemory = true;
      return attach();
    });
    if (!pausing || long) burst = { startedAt: now(), endedAt: 0 };
  };

  const attached = async <T>(work: Work<T>, restsAfter: boolean): Promise<T> => {
    if (ended) throw new DestinationError(`The session on ${path} is closed.`);
    signal.throwIfAborted();
    await attachInTurn();
    const interrupt = (): void => staging.interrupt();
    signal.addEventListener('abort', interrupt, { once: true });
    const startedAt = now();
    let done = false;
    try {
      const result = await work(staging);
      done = true;
      return result;
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener('abort', interrupt);
      burst = { ...burst, endedAt: now() };
      const heavy = burst.endedAt - startedAt >= heavyMs;
      if (done && restsAfter && !heavy && burst.endedAt - burst.startedAt <= restBurstMs) rest();
      else await release();
      if (heavy) await trim(staging);
    }
  };

  return {
    catalog,
    read: (work) => file.inTurn(() => attached(work, true)),
    write: (work) => file.inTurn(() => attached(work, false)),
    close: async () => {
      ended = true;
      await file.inTurn(endRest);
    },
  };
}

function sharedFile(path: string): SharedFile {
  const file = files.get(path) ?? { inTurn: createQueue(), endRest: null };
  files.set(path, file);
  return file;
}

/** Two spellings of one file are one file. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // A file that does not exist yet is known by its directory, or, if that is missing too, by its name; attaching tells the user.
    try {
      return join(realpathSync(dirname(path)), basename(path));
    } catch {
      return path;
    }
  }
}

async function attachWhenFree({ path, lockTimeoutMs, environment }: FileRequest, catalog: string): Promise<void> {
  const { staging, signal, now, log } = environment;
  const startedAt = now();
  let said = false;
  for (let attempt = 0; ; attempt += 1) {
    signal.throwIfAborted();
    try {
      await staging.run(attachStatement(path, catalog, environment.readOnly === true));
      return;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const holder = holderOf(message);
      if (holder === null) throw explained(message, path, error);
      const waitedMs = now() - startedAt;
      if (waitedMs >= lockTimeoutMs) throw lockedError(path, holder, waitedMs, error);
      if (waitedMs >= quietWaitMs && !said) {
        said = true;
        log(`Waiting for the DuckDB file ${path}, which is held by ${holder}.`);
      }
      await sleep(pollMs(attempt, now()), undefined, { signal });
    }
  }
}

/** 5 to 15 ms in the first second or so, then 15 to 45; the clock's last digits keep waiting processes out of step. */
function pollMs(attempt: number, nowMs: number): number {
  const spread = ((nowMs * 31 + attempt * 17) % 100) / 100;
  return attempt < 100 ? 5 + 10 * spread : 15 + 30 * spread;
}

function holderOf(message: string): string | null {
  if (!/could not set lock on file/i.test(message)) return null;
  return /lock is held in (?<holder>.+? \(PID \d+\))/i.exec(message)?.groups?.['holder'] ?? 'another process';
}

function lockedError(path: string, holder: string, waitedMs: number, cause: unknown): DestinationError {
  return new DestinationError(`The DuckDB file ${path} is held by ${holder}; waited ${Math.round(waitedMs / 1000)} s for it.`, {
    code: 'destination_locked',
    retryable: true,
    hint: 'Close that program or let it finish, then run again; `lock_timeout_seconds` in `destination_config` sets how long to wait.',
    cause,
  });
}

function explained(message: string, path: string, cause: unknown): DestinationError {
  const known = knownRefusals.find(({ pattern }) => pattern.test(message));
  if (known === undefined) {
    return new DestinationError(`The DuckDB file ${path} cannot be opened: ${message}`, { code: 'duckdb_open', cause });
  }
  return new DestinationError(`The DuckDB file ${path} ${known.what}.`, {
    code: known.code,
    retryable: known.retryable ?? false,
    hint: known.hint,
    cause,
  });
}

export const diskFull = {
  code: 'disk_full',
  retryable: true,
  hint: 'Free some space on the disk of that file, then run again. Nothing was half-written.',
} as const;

const knownRefusals: readonly {
  readonly pattern: RegExp;
  readonly code: string;
  readonly what: string;
  readonly hint: string;
  readonly retryable?: boolean;
}[] = [
  {
    pattern: /in read-only mode: database does not exist/i,
    code: 'no_table',
    what: 'does not exist',
    hint: 'Materialize the asset first, in the same working directory.',
  },
  {
    pattern: /can only read versions? between/i,
    code: 'duckdb_newer_format',
    what: 'was made by a newer DuckDB (such as Python’s DuckDB 2) in a format that this engine cannot read',
    hint:
      "Use another file, or make this one readable from Python: ATTACH 'new.duckdb' (STORAGE_VERSION 'v1.0.0'), then COPY FROM DATABASE the old one. " +
      'Files that this program makes can be read by DuckDB 1.1 to 2.',
  },
  {
    pattern: /no such file or directory/i,
    code: 'duckdb_no_directory',
    what: 'cannot be made: its directory does not exist',
    hint: 'Create the directory, or mend the path. A URL with an absolute path has four slashes: duckdb:////data/file.duckdb.',
  },
  {
    pattern: /permission denied|read-only file system|operation not permitted/i,
    code: 'duckdb_not_writable',
    what: 'cannot be written: permission denied',
    hint: 'Give the user who runs Dagster the right to write the file and its directory.',
  },
  {
    pattern: /not a valid duckdb database file|is a directory|could not read enough bytes/i,
    code: 'duckdb_not_a_database',
    what: 'exists and is not a DuckDB database',
    hint: 'Name another file in `destination_config`, or move this one away.',
  },
  { pattern: /no space left/i, what: 'cannot be written: the disk is full', ...diskFull },
];

function attachStatement(path: string, catalog: string, readOnly: boolean): string {
  const options = readOnly ? 'READ_ONLY' : `ROW_GROUP_SIZE ${rowGroupRows}`;
  return `ATTACH '${path.replaceAll("'", "''")}' AS ${quoteIdentifier(catalog)} (${options})`;
}

async function detach(staging: DuckDBConnection, catalog: string, path: string): Promise<void> {
  try {
    await staging.run(`DETACH ${quoteIdentifier(catalog)}`);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // Released it is; what was committed lies in the file's log, which whoever attaches the file next writes into it.
    throw new DestinationError(`The DuckDB file ${path} could not be tidied when it was released: ${message}`, {
      ...(isDiskFull(message) ? diskFull : { code: 'duckdb_detach' }),
      retryable: true,
      cause: error,
    });
  }
}

export function isDiskFull(message: string): boolean {
  return /no space left|disk full/i.test(message);
}

/** Setting the limit, to whatever it is just now, makes DuckDB call malloc_trim. */
async function trim(staging: DuckDBConnection): Promise<void> {
  await staging.run("SET memory_limit = current_setting('memory_limit')");
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && /out of memory|failed to (pin|allocate)/i.test(error.message);
}

/**
 * Writing its log into the file, DuckDB puts parts of a table together that lost rows, and that takes up to half a megabyte a column: for the
 * 157 columns of ad groups more than a load has. It is lent for that time only, so that ordinary work stays small.
 */
const tidyingMemory = '1GB';

async function withMemoryToTidy(staging: DuckDBConnection, work: () => Promise<void>): Promise<void> {
  const [row] = (await staging.runAndReadAll("SELECT current_setting('memory_limit') AS usual")).getRowObjectsJS();
  await staging.run(`SET memory_limit = '${tidyingMemory}'`);
  try {
    await work();
  } finally {
    // Refused while more is in use; the limit then stays what it was lent for.
    await staging.run(`SET memory_limit = '${String(row?.['usual']).replaceAll(' ', '')}'`).catch(() => undefined);
  }
}

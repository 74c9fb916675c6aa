import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What is remembered of one app's requests: enough to say when the next one may be sent. */
export interface QuotaState {
  /** Send times of the newest requests, oldest first, at most one second's worth. Milliseconds since 1970. */
  recent: number[];
  /** Requests per whole second since 1970, for the last 61 seconds. */
  seconds: Record<string, number>;
  /** UTC date, and the requests sent on it. */
  day: string;
  dayCount: number;
  /** TikTok asked for silence until then; 0 if not. */
  pausedUntil: number;
}

/** Where the state of an app's quota lies. `update` is exclusive: no other holder runs between its reading and its writing. */
export interface QuotaStore {
  readonly update: <T>(change: (state: QuotaState) => T) => Promise<T>;
}

const empty = (): QuotaState => ({ recent: [], seconds: {}, day: '', dayCount: 0, pausedUntil: 0 });

/** One process alone. */
export function memoryQuotaStore(): QuotaStore {
  const state = empty();
  return { update: async (change) => change(state) };
}

/** How long a lock may be held before it counts as left behind. One update takes well under a millisecond. */
const staleLockMs = 5_000;

/**
 * Several processes of one app on one machine share its quota through a file. Nothing has to be given back: a process that
 * dies has used at most the requests that it noted. `app` is the app's id, or any text that only its holders know.
 */
export function fileQuotaStore(directory: string, app: string): QuotaStore {
  const name = createHash('sha256').update(app).digest('hex').slice(0, 24);
  const path = join(directory, `quota-${name}.json`);
  const lock = `${path}.lock`;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return {
    update: async (change) => {
      await takeLock(lock);
      try {
        const state = read(path);
        const result = change(state);
        const next = `${path}.${process.pid}.new`;
        writeFileSync(next, JSON.stringify(state), { mode: 0o600 });
        renameSync(next, path);
        return result;
      } finally {
        rmSync(lock, { force: true });
      }
    },
  };
}

async function takeLock(lock: string): Promise<void> {
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx', mode: 0o600 });
      return;
    } catch (error) {
      if (!isCode(error, 'EEXIST')) throw error;
    }
    if (isLeftBehind(lock)) {
      // The rename is atomic: of several that see a dead lock, one removes it and the others come around again.
      const aside = `${lock}.${process.pid}`;
      try {
        renameSync(lock, aside);
        rmSync(aside, { force: true });
      } catch (error) {
        if (!isCode(error, 'ENOENT')) throw error;
      }
      continue;
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

function isLeftBehind(lock: string): boolean {
  try {
    if (Date.now() - statSync(lock).mtimeMs > staleLockMs) return true;
    const holder = Number(readFileSync(lock, 'utf8'));
    if (!Number.isInteger(holder) || holder <= 0) return false;
    process.kill(holder, 0);
    return false;
  } catch (error) {
    return isCode(error, 'ESRCH');
  }
}

function read(path: string): QuotaState {
  try {
    const found: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (isState(found)) return found;
  } catch {
    // Missing, or cut by a crash of the machine: the quota of the last minute is forgotten, which 40100 then teaches again.
  }
  return empty();
}

function isState(found: unknown): found is QuotaState {
  if (!isRecord(found) || !Array.isArray(found['recent']) || !isRecord(found['seconds'])) return false;
  const numbers = [...found['recent'], ...Object.values(found['seconds']), found['dayCount'], found['pausedUntil']];
  return typeof found['day'] === 'string' && numbers.every((value) => typeof value === 'number');
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

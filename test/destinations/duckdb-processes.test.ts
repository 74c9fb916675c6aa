import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { duckdb } from '../../src/destinations/duckdb.ts';
import { DestinationError } from '../../src/errors.ts';
import { countRows } from '../../src/load/inspect.ts';
import { type Bench, openBench } from '../contract/destination-fixtures.ts';
import { expectFailureThenSuccess } from '../contract/failures.ts';

const directory = mkdtempSync(join(tmpdir(), 'duckdb-processes-'));
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

/** Starts another process on the file and resolves when it says that it is ready. */
async function start(path: string, ...words: readonly string[]): Promise<{ child: ChildProcess; exit: Promise<unknown[]> }> {
  const script = join(import.meta.dirname, 'duckdb-child.ts');
  const child = spawn(process.execPath, [script, path, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const exit = once(child, 'exit');
  await Promise.race([child.stdout === null ? exit : once(child.stdout, 'data'), exit]);
  return { child, exit };
}

/** Resolves when the process has said a word so many times. */
async function said(child: ChildProcess, word: string, times: number): Promise<void> {
  for (let heard = 0; heard < times && child.stdout !== null; ) {
    const [bytes] = await once(child.stdout, 'data');
    heard += String(bytes).split(word).length - 1;
  }
}

function bench(path: string, lockTimeoutSeconds = 60): Promise<Bench> {
  const config = { credentials: path, lock_timeout_seconds: lockTimeoutSeconds };
  return openBench({ definition: duckdb, given: { config, url: null, datasetName: 'shared', directory } });
}

describe('A DuckDB file that another process holds', () => {
  test('is waited for, and a long wait is said once', async () => {
    const path = join(directory, 'waited.duckdb');
    const { child, exit } = await start(path, 'hold', '2600');
    const waiting = await bench(path);
    try {
      await waiting.session.ensureSchema();
      expect(waiting.logged).toEqual([expect.stringContaining(`PID ${child.pid}`)]);
    } finally {
      await waiting.close();
      await exit;
    }
  });

  test('ends the run with a retryable error that names the holder, once the limit has passed', async () => {
    const path = join(directory, 'limit.duckdb');
    const { child, exit } = await start(path, 'hold', '60000');
    const refusal = await bench(path, 0.3).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(DestinationError);
    expect(refusal).toMatchObject({
      code: 'destination_locked',
      retryable: true,
      message: expect.stringContaining(`PID ${child.pid}`),
    });
    child.kill('SIGKILL');
    await exit;
  });
});

describe('A load that another process keeps from the DuckDB file', () => {
  test('changes nothing, names the holder, and succeeds once that process has ended', async () => {
    const own = await bench(join(directory, 'kept.duckdb'), 0.3);
    const holders: Awaited<ReturnType<typeof start>>[] = [];
    try {
      const error = await expectFailureThenSuccess(
        own,
        { code: 'destination_locked', retryable: true, hint: expect.stringContaining('lock_timeout_seconds') },
        {
          cause: async () => {
            holders.push(await start(join(directory, 'kept.duckdb'), 'hold', '60000'));
          },
          mend: async () => {
            holders[0]?.child.kill('SIGKILL');
            await holders[0]?.exit;
          },
        },
      );
      expect(String(error)).toContain(`PID ${holders[0]?.child.pid}`);
    } finally {
      await own.close();
    }
  });
});

describe('A DuckDB file that was read and is not closed', () => {
  test('is free for another process a moment later', async () => {
    const path = join(directory, 'read.duckdb');
    const own = await bench(path);
    try {
      await own.session.ensureSchema();
      expect(await own.session.columnsOf('reports')).toBeNull();
      const { exit } = await start(path, 'load', 'other', '1', '1', '10');
      expect(await exit).toEqual([0, null]);
      expect(await countRows(own.session, 'reports')).toBe(10);
    } finally {
      await own.close();
    }
  });

  test('is free at once for another session of the same process, however they take turns', async () => {
    const path = join(directory, 'sessions.duckdb');
    const [one, other] = [await bench(path), await bench(path)];
    try {
      await one.session.ensureSchema();
      const table = one.session.qualified('numbers');
      await one.session.execute([{ sql: `CREATE TABLE ${table} (number INTEGER)` }]);
      const count = async ({ session }: Bench): Promise<number> => countRows(session, 'numbers');
      for (let number = 0; number < 30; number += 1) {
        const [writer, reader] = number % 2 === 0 ? [one, other] : [other, one];
        await Promise.all([
          count(reader),
          writer.session.transaction([{ sql: `INSERT INTO ${table} VALUES (${number})` }]),
          count(writer),
        ]);
        // Both see at once what one of them has written: neither has the file open beside the other.
        expect(await Promise.all([count(reader), count(writer)])).toEqual([number + 1, number + 1]);
      }
    } finally {
      await other.close();
      await one.close();
    }
  });
});

describe('Several processes on one DuckDB file', () => {
  test('all succeed when they load at once, and none loses rows', async () => {
    const path = join(directory, 'together.duckdb');
    const running = await Promise.all(
      ['1', '2', '3'].map((account) => start(path, 'load', `process-${account}`, account, '5', '2000')),
    );
    expect(await Promise.all(running.map(({ exit }) => exit))).toEqual([
      [0, null],
      [0, null],
      [0, null],
    ]);
    const { session, close } = await bench(path);
    try {
      expect(await countRows(session, 'reports')).toBe(6000);
      expect(await countRows(session, '_loads')).toBe(15);
    } finally {
      await close();
    }
  });
});

describe('A process killed at any moment', () => {
  test('leaves each table as it was or as it should be, and the next one goes on', async () => {
    const path = join(directory, 'killed.duckdb');
    const rows = 20_000;
    const states = new Set<number>();
    for (let turn = 0; turn < 14; turn += 1) {
      const { child, exit } = await start(path, 'load', `turn-${turn}`, '1', '1000', String(rows));
      // Some are killed in their first load, some in their second or third, wherever in it.
      await said(child, 'loaded', turn % 3);
      await sleep(turn * 23);
      child.kill('SIGKILL');
      await exit;
      const { session, close } = await bench(path);
      try {
        if ((await session.columnsOf('reports')) === null) continue;
        const found = await session.query({
          sql: `SELECT _load_id, clicks, count(*) AS row_count, sum(spend) AS spend FROM ${session.qualified('reports')} GROUP BY ALL`,
        });
        const committed = await session.query({
          sql: `SELECT load_id FROM ${session.qualified('_loads')} ORDER BY rowid DESC LIMIT 1`,
        });
        expect(found.length).toBeLessThanOrEqual(1);
        expect(committed.map((row) => row['load_id'])).toEqual(found.map((row) => row['_load_id']));
        for (const row of found) {
          expect(row).toMatchObject({ row_count: rows, spend: String((rows * (rows - 1)) / 2) });
          states.add(Number(row['clicks']));
        }
      } finally {
        await close();
      }
    }
    expect(states.size).toBeGreaterThan(1);
  });
});

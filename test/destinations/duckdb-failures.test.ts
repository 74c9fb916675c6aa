import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { duckdb } from '../../src/destinations/duckdb.ts';
import { type Bench, openBench } from '../contract/destination-fixtures.ts';
import { expectLoads, loadOne, stageMany } from '../contract/failures.ts';
import { makeSmallDisk } from './servers/small-disk.ts';

const disk = makeSmallDisk(32);
const directory = mkdtempSync(join(tmpdir(), 'duckdb-failures-'));
afterAll(() => {
  disk?.remove();
  rmSync(directory, { recursive: true, force: true });
});

async function withBench(path: string, work: (bench: Bench) => Promise<unknown>): Promise<void> {
  const given = { config: { credentials: path }, url: null, datasetName: 'shared', directory };
  const bench = await openBench({ definition: duckdb, given });
  try {
    await work(bench);
  } finally {
    await bench.close();
  }
}

describe.skipIf(disk === null)('A disk without room for the DuckDB file', () => {
  const fullError = {
    name: 'DestinationError',
    code: 'disk_full',
    retryable: true,
    hint: expect.stringContaining('space'),
  };

  test('leaves the tables as they were when it fills up in a load, and the next run gives the true ones', async () => {
    const path = join(disk?.path ?? '', 'filled.duckdb');
    await withBench(path, async (bench) => {
      await loadOne(bench, { loadId: 'load-1' });
      const staged = await stageMany(bench, 300_000);
      disk?.fill(3000);
      const error = await loadOne(bench, { staged, loadId: 'load-2' }).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ ...fullError, message: expect.stringContaining(path) });
      await expectLoads(bench, ['load-1']);
      disk?.free();
      await loadOne(bench, { loadId: 'load-2' });
      await expectLoads(bench, ['load-1', 'load-2']);
    });
    // The file is whole for whoever opens it next.
    await withBench(path, (bench) => expectLoads(bench, ['load-1', 'load-2']));
  });

  test('leaves a table as it was or as it should be wherever the load ran out of room', async () => {
    // The last few lie about where the rows fit and what comes with the commit, or behind it, does not.
    for (const [turn, kilobytes] of [200, 3000, 7064, 7192, 7256, 7320, 7384, 8000].entries()) {
      const path = join(disk?.path ?? '', `swept-${turn}.duckdb`);
      await withBench(path, async (bench) => {
        await loadOne(bench, { loadId: 'load-1' });
        const staged = await stageMany(bench, 300_000);
        disk?.fill(kilobytes);
        const error = await loadOne(bench, { staged, loadId: 'load-2' }).then(
          () => null,
          (thrown: unknown) => thrown,
        );
        disk?.free();
        if (error !== null) expect(error).toMatchObject(fullError);
        const [found] = await bench.session.query({
          sql: `SELECT COUNT(*) AS row_count, MAX(_load_id) AS load_id FROM ${bench.session.qualified('reports')}`,
        });
        const committed = await bench.session.query({
          sql: `SELECT load_id FROM ${bench.session.qualified('_loads')} ORDER BY 1`,
        });
        const whole = Number(found?.['row_count']) === 300_000;
        expect(found).toEqual(whole ? { row_count: 300_000, load_id: 'load-2' } : { row_count: 1, load_id: 'load-1' });
        expect(committed.map((row) => row['load_id'])).toEqual(whole ? ['load-1', 'load-2'] : ['load-1']);
        await loadOne(bench, { loadId: 'load-2' });
        await expectLoads(bench, ['load-1', 'load-2']);
      });
      rmSync(path);
    }
  });

  test('leaves them so too when it was full before, and loses nothing that was committed', async () => {
    const path = join(disk?.path ?? '', 'full.duckdb');
    await withBench(path, (bench) => loadOne(bench, { loadId: 'load-1' }));
    disk?.fill();
    try {
      const error = await withBench(path, (bench) => loadOne(bench, { loadId: 'load-2' })).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject(fullError);
    } finally {
      disk?.free();
    }
    await withBench(path, async (bench) => {
      await expectLoads(bench, ['load-1']);
      await loadOne(bench, { loadId: 'load-2' });
      await expectLoads(bench, ['load-1', 'load-2']);
    });
  });

  test('is told where even the file cannot be made', async () => {
    disk?.fill();
    try {
      const error = await withBench(join(disk?.path ?? '', 'new.duckdb'), loadOne).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject(fullError);
    } finally {
      disk?.free();
    }
  });
});

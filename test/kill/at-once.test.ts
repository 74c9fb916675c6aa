import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { startSimulator } from '../../src/simulator/index.ts';
import { temporaryFolder } from '../support/folders.ts';
import { endPrograms, startProgram, until } from '../support/program.ts';
import { queryWarehouse } from '../support/warehouse.ts';
import { expectTrueTables, settledPast, settledWorld } from '../support/wholeness.ts';

afterEach(endPrograms);

const past = settledPast();

test('Two runs at once on one file, with accounts of their own or the same ones, all succeed and lose no rows', async () => {
  const simulator = await startSimulator(settledWorld);
  try {
    const folder = temporaryFolder('at-once');
    const [first = '', ...others] = simulator.advertiserIds;
    const runs = [
      { id: 'one', ids: [first] },
      { id: 'two', ids: others },
      { id: 'three', ids: [...simulator.advertiserIds] },
    ].map(({ id, ids }) => {
      const attributes = { ...past.attributes, advertiser_ids: ids };
      return startProgram({ simulator, folder, attributes, words: ['--resume', id] });
    });
    const ended = await Promise.all(runs.map((run) => run.ended));
    expect(ended.map(({ code, result }) => ({ code, error: result?.error }))).toEqual(runs.map(() => ({ code: 0, error: null })));
    await expectTrueTables(simulator, join(folder, 'warehouse.duckdb'), past);
  } finally {
    await simulator.close();
  }
}, 60_000);

test('A run that is killed while another waits for the file does not keep the other from it', async () => {
  const simulator = await startSimulator(settledWorld);
  try {
    const folder = temporaryFolder('at-once');
    const given = { simulator, folder, attributes: past.attributes };
    const killed = startProgram({ ...given, words: ['--resume', 'killed'] });
    const other = startProgram({ ...given, words: ['--resume', 'other'] });
    await until(() => killed.errors().includes('✓'));
    killed.kill('SIGKILL');
    await killed.ended;
    expect((await other.ended).code).toBe(0);
    const path = join(folder, 'warehouse.duckdb');
    await expectTrueTables(simulator, path, past);
    // Which of the two wrote a table last is left to chance, so only what the other committed is counted, not whose rows stand there now.
    const [row] = await queryWarehouse(
      path,
      "SELECT count(*)::INTEGER AS scopes FROM ads._loads WHERE status = 'committed' AND load_id = 'other'",
    );
    expect(row?.['scopes']).toBe(3 * (3 + 2 * 2));
  } finally {
    await simulator.close();
  }
}, 60_000);

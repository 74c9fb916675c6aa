import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/index.ts';
import { temporaryFolder } from '../support/folders.ts';
import { endPrograms, type ProgramRun, startProgram, until } from '../support/program.ts';
import { committedBy, expectTrueTables, requestsFor, settledPast, settledWorld } from '../support/wholeness.ts';

let simulator: Simulator;
beforeEach(async () => {
  simulator = await startSimulator(settledWorld);
});
afterEach(async () => {
  endPrograms();
  await simulator.close();
});

const past = settledPast();
const committedTables = (errors: string): number => errors.split('\n').filter((line) => line.startsWith('✓')).length;

/** Starts it, waits for the moment, and takes the process away without a warning. */
async function killAt(given: ProgramRun, moment: (errors: () => string) => boolean): Promise<void> {
  const running = startProgram(given);
  await until(() => moment(running.errors));
  running.kill('SIGKILL');
  expect(await running.ended).toMatchObject({ code: null, signal: 'SIGKILL' });
}

test('A load killed again and again goes on where it stopped, and asks for nothing that it has committed', async () => {
  const folder = temporaryFolder('kill');
  const path = join(folder, 'warehouse.duckdb');
  const given = { simulator, folder, attributes: past.attributes, words: ['--resume', 'one-load'] };
  const moments = [
    { path: 'advertiser/info/', committed: 0 },
    { path: 'report/integrated/get/', committed: 3 },
    { path: 'report/integrated/get/', committed: 0 },
  ];
  for (const moment of moments) {
    simulator.resetStats();
    const before = moment === moments[0] ? [] : await committedBy(path, 'one-load');
    simulator.faults.clear();
    // After the first few, the account's answers stay away: what does not need them is committed meanwhile.
    simulator.faults.add([{ match: { path: moment.path }, after: moment.committed, effect: { kind: 'hang' } }]);
    await killAt(given, (errors) => simulator.faults.read()[0]?.hits !== 0 && committedTables(errors()) >= moment.committed);
    expect(requestsFor(simulator, before)).toEqual([]);
    const after = await committedBy(path, 'one-load');
    expect(after).toEqual(expect.arrayContaining([...before]));
  }
  const before = await committedBy(path, 'one-load');
  expect(new Set(before.map((one) => one.table))).toEqual(new Set(['campaigns', 'ad_groups', 'ads']));
  simulator.faults.clear();
  simulator.resetStats();
  const { code, result } = await startProgram(given).ended;
  expect({ code, error: result?.error }).toEqual({ code: 0, error: null });
  expect(requestsFor(simulator, before)).toEqual([]);
  expect(result?.checks.filter((check) => !check.passed)).toEqual([]);
  await expectTrueTables(simulator, path, past);
  await committedBy(path, 'one-load');
  expect(readdirSync(join(folder, 'temporary')).flatMap((one) => readdirSync(join(folder, 'temporary', one)))).toEqual([]);
}, 120_000);

test('Killed at any moment of loading, the tables are as they were or as they should be, and a new run completes them', async () => {
  for (const afterMs of [0, 40, 120, 300]) {
    const folder = temporaryFolder('kill');
    const path = join(folder, 'warehouse.duckdb');
    const given = { simulator, folder, attributes: past.attributes };
    simulator.resetStats();
    // The last calls are made when more than forty were, and none has come for a while.
    await killAt({ ...given, words: ['--resume', 'killed'] }, () => {
      const { calls, lastCallAt } = simulator.stats();
      return calls > 40 && Date.now() - (lastCallAt ?? 0) >= afterMs;
    });
    await committedBy(path, 'killed');
    const { code, result } = await startProgram(given).ended;
    expect({ code, error: result?.error }).toEqual({ code: 0, error: null });
    await expectTrueTables(simulator, path, past);
    await committedBy(path, result?.load_id ?? '');
  }
}, 180_000);

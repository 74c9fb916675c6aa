import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/index.ts';
import { temporaryFolder } from '../support/folders.ts';
import { endPrograms, startProgram, until } from '../support/program.ts';
import { committedBy, expectTrueTables, settledPast, settledWorld } from '../support/wholeness.ts';

let simulator: Simulator;
beforeEach(async () => {
  simulator = await startSimulator(settledWorld);
});
afterEach(async () => {
  endPrograms();
  await simulator.close();
});

const past = settledPast();
const endsWithinMs = 6_000;
const hits = (): number => simulator.faults.read()[0]?.hits ?? 0;

/** Folders of runs below the temporary folder of a working directory. */
function runFolders(folder: string): readonly string[] {
  const parent = join(folder, 'temporary');
  return existsSync(parent) ? readdirSync(parent).flatMap((user) => readdirSync(join(parent, user))) : [];
}

/** Where a run may be when it is told to stop, as faults and attributes that keep it there. */
const stops = {
  'while an answer stays away': { faults: [{ after: 12, effect: { kind: 'hang' } }], attributes: {} },
  'while it waits out a refusal': { faults: [{ after: 5, effect: { kind: 'code', code: 40_100 } }], attributes: {} },
  'while it waits to ask again': { faults: [{ after: 5, effect: { kind: 'code', code: 50_000 } }], attributes: {} },
  'while it waits for its share of the quota': {
    faults: [{ after: 2, effect: { kind: 'latency', ms: 1 } }],
    attributes: { requests_per_second: 0.5 },
  },
} as const;

test.each(Object.entries(stops))('A run that is cancelled %s ends in seconds with nothing half-written', async (_, stop) => {
  const folder = temporaryFolder('cancel');
  const given = { simulator, folder, attributes: { ...past.attributes, ...stop.attributes }, words: ['--resume', 'cancelled'] };
  simulator.faults.add(stop.faults);
  const running = startProgram(given);
  await until(() => hits() > 0);
  const askedAt = Date.now();
  running.kill('SIGINT');
  const { code, errors } = await running.ended;
  expect({ code, said: errors.includes('Cancelled: nothing is half-written') }).toEqual({ code: 130, said: true });
  expect(Date.now() - askedAt).toBeLessThan(endsWithinMs);
  expect(runFolders(folder)).toEqual([]);
  expect((await committedBy(join(folder, 'warehouse.duckdb'), 'cancelled')).map((one) => one.table)).not.toContain('reports');
});

test('A run cancelled while it loads leaves whole tables, and the same load goes on from them', async () => {
  const folder = temporaryFolder('cancel');
  const given = { simulator, folder, attributes: past.attributes, words: ['--resume', 'cancelled'] };
  const running = startProgram(given);
  await until(() => running.errors().includes('✓'));
  running.kill('SIGTERM');
  expect((await running.ended).code).toBe(130);
  const path = join(folder, 'warehouse.duckdb');
  expect((await committedBy(path, 'cancelled')).length).toBeGreaterThan(0);
  const { code } = await startProgram(given).ended;
  expect(code).toBe(0);
  await committedBy(path, 'cancelled');
  await expectTrueTables(simulator, path, past);
});

test('The end of the parent process, however sudden, ends the run', async () => {
  const folder = temporaryFolder('cancel');
  simulator.faults.add([{ after: 3, effect: { kind: 'hang' } }]);
  const given = { simulator, folder, attributes: past.attributes };
  const watching = startProgram({ ...given, environment: { TIKTOK_ADS_WATCH_STDIN: '1' } });
  await until(() => hits() > 0);
  const goneAt = Date.now();
  watching.endInput();
  expect((await watching.ended).code).toBe(130);
  expect(Date.now() - goneAt).toBeLessThan(endsWithinMs);
  expect(runFolders(folder)).toEqual([]);
});

test('The files of a killed run are removed by the next one, and those of a living run are left alone', async () => {
  const folder = temporaryFolder('cancel');
  const given = { simulator, folder, attributes: past.attributes };
  simulator.faults.add([{ after: 3, effect: { kind: 'hang' } }]);
  const killed = startProgram(given);
  await until(() => hits() > 0);
  const left = runFolders(folder);
  expect(left).toEqual([expect.stringContaining(`run-${killed.pid}-`)]);
  killed.kill('SIGKILL');
  await killed.ended;
  expect(runFolders(folder)).toEqual(left);

  const [user = ''] = readdirSync(join(folder, 'temporary'));
  const living = join(folder, 'temporary', user, `run-${process.pid}-1-1`);
  mkdirSync(living);
  writeFileSync(join(living, 'pages.ndjson'), '');
  simulator.faults.clear();
  expect((await startProgram(given).ended).code).toBe(0);
  expect(runFolders(folder)).toEqual([`run-${process.pid}-1-1`]);
});

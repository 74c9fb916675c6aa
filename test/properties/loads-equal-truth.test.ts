import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { startSimulator } from '../../src/simulator/index.ts';
import { temporaryFolder } from '../support/folders.ts';
import { loadedEntities, loadedFigures, trueEntities, trueFigures } from '../support/truth.ts';
import { contentsOf } from '../support/warehouse.ts';
import { accountsOf, callsPlanned, databaseName, runWhole, type WholeRun } from '../support/whole-run.ts';
import { faults } from './faults.ts';
import { runs, timeLimitMs } from './seeds.ts';
import { type Asked, asked, attributesOf, comparedReport, type World, world } from './worlds.ts';

test(
  'Whatever the accounts, the report and the faults, tables equal the truth, every call is accounted for, and a second run changes nothing',
  async () => {
    await fc.assert(
      fc.asyncProperty(world, asked, faults, async (one, wanted, troubles) => {
        const simulator = await startSimulator({ ...one.options, quota: false, faults: [...troubles] });
        try {
          const folder = temporaryFolder('property');
          const attributes = attributesOf(wanted, one.now);
          const given: WholeRun = { attributes, simulator, folder, loadId: 'first' };
          const told = await runWhole(given);
          expect(told.outcome.failure).toBeNull();
          expectCallsAccountedFor(given, told.calls, simulator.stats().calls);
          expect(told.checks.filter((check) => !check.passed && check.severity === 'ERROR')).toEqual([]);
          const path = join(folder, databaseName);
          await expectTruth(simulator, path, one, wanted);

          const before = await contentsOf(path, 'ads');
          simulator.faults.clear();
          await runWhole({ ...given, loadId: 'second' });
          expect(await contentsOf(path, 'ads')).toEqual(before);
        } finally {
          await simulator.close();
        }
      }),
      runs(14),
    );
  },
  timeLimitMs,
);

type Simulator = Awaited<ReturnType<typeof startSimulator>>;

/** Calls made = planned + further pages + splits + readings again + control, probe and reach + retries, by three independent counts. */
function expectCallsAccountedFor(given: WholeRun, calls: Awaited<ReturnType<typeof runWhole>>['calls'], served: number): void {
  const reasons = Object.values(calls.byReason).reduce((sum, count) => sum + count, 0);
  expect({ made: calls.made, planned: calls.byReason.planned }).toEqual({
    made: reasons + calls.retries,
    planned: callsPlanned(given, accountsOf(given.simulator)),
  });
  expect(calls.made).toBe(served);
}

async function expectTruth(simulator: Simulator, path: string, { now }: World, wanted: Asked): Promise<void> {
  const reports = [
    { table: 'reports', shape: wanted.report },
    ...(wanted.second ? [{ table: 'report_second', shape: wanted.second }] : []),
  ];
  for (const { table, shape } of reports) {
    for (const { id, timeZone } of accountsOf(simulator)) {
      const compared = comparedReport(wanted, shape, table, now, timeZone);
      const loaded = await loadedFigures(path, 'ads', compared);
      expect({ table, id, ...loaded.get(id) }).toEqual({ table, id, ...trueFigures(simulator, compared, [id]).get(id) });
    }
  }
  for (const entity of wanted.entities) {
    if (entity === 'advertisers') continue;
    const loaded = await loadedEntities(path, 'ads', entity);
    expect(loaded).toEqual(trueEntities(simulator, entity, wanted.includeDeleted, simulator.advertiserIds));
  }
}

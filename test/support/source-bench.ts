import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { CheckResult } from '../../src/checks/check.ts';
import { type Simulator, startSimulator } from '../../src/simulator/index.ts';
import type { SimulatorOptions } from '../../src/simulator/options.ts';
import { temporaryFolder } from './folders.ts';
import { loadedFigures, type ReportAsked, trueFigures } from './truth.ts';
import { databaseName, runWhole, type Told, type WholeRun } from './whole-run.ts';

/** The report of `reports`, as the truth is asked for it. */
const asked: ReportAsked = {
  table: 'reports',
  dataLevel: 'AUCTION_AD',
  granularity: 'day',
  breakdowns: [],
  includeDeleted: true,
  start: '2026-01-20',
  end: '2026-03-05',
};
const dates = { start_date: asked.start, end_date: asked.end };
export const reports = { resources: 'reports', data_level: 'AUCTION_AD', ...dates };

/** A simulated world in which time stands still, and a folder with the warehouse of its loads. */
interface SourceBench {
  readonly simulator: Simulator;
  readonly path: string;
  /** Runs with attributes of its own; each load has another id unless one is given. */
  readonly load: (attributes: Readonly<Record<string, unknown>>, more?: Partial<WholeRun>) => Promise<Told>;
}

export async function bench(options: SimulatorOptions = {}): Promise<SourceBench> {
  const simulator = await startSimulator({
    now: '2026-03-10T12:00:00Z',
    frozen: true,
    quota: false,
    advertisers: 2,
    campaigns: 4,
    adGroupsPerCampaign: 2,
    adsPerAdGroup: 2,
    ...options,
  });
  onTestFinished(() => simulator.close());
  const folder = temporaryFolder('source');
  let loads = 0;
  return {
    simulator,
    path: join(folder, databaseName),
    load: (attributes, more) => {
      loads += 1;
      return runWhole({ attributes, simulator, folder, loadId: `load ${loads}`, ...more });
    },
  };
}

/** The report table holds exactly what is true. */
export async function expectTruth(
  { simulator, path }: SourceBench,
  given: Partial<ReportAsked> = {},
  advertiserIds = simulator.advertiserIds,
): Promise<void> {
  const compared = { ...asked, ...given };
  expect(await loadedFigures(path, 'ads', compared)).toEqual(trueFigures(simulator, compared, advertiserIds));
}

export function checkOf(told: Told, name: string): CheckResult | undefined {
  return told.checks.find((check) => check.name === name);
}

/** Requests for rows of a report, as `advertiser start..end`. */
export function reportRequests(simulator: Simulator): readonly string[] {
  return simulator
    .stats()
    .requests.filter((request) => request.path === 'report/integrated/get/' && request.parameters['data_level'] === 'AUCTION_AD')
    .map(({ parameters }) => `${parameters['advertiser_id']} ${parameters['start_date']}..${parameters['end_date']}`);
}

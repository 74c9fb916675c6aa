import type { CheckResult } from '../../src/checks/check.ts';
import type { Clock } from '../../src/clock.ts';
import { parseConfig } from '../../src/config/config.ts';
import { infoIdsMax, isAccountList } from '../../src/extract/accounts.ts';
import type { CallReason } from '../../src/extract/ledger.ts';
import type { Account } from '../../src/plan/account.ts';
import { planTables, planTasks, type Selection } from '../../src/plan/plan.ts';
import type { Reporter } from '../../src/reporter.ts';
import { type RunOutcome, run } from '../../src/run.ts';
import type { Simulator } from '../../src/simulator/index.ts';
import { createHastyClock } from './hasty-clock.ts';

export interface WholeRun {
  /** Attributes of the YAML beyond those that every run needs. */
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly simulator: Simulator;
  /** For the DuckDB file, temporary files and the shared quota. */
  readonly folder: string;
  readonly loadId: string;
  readonly clock?: Clock;
  readonly selection?: Selection;
  readonly signal?: AbortSignal;
  readonly requestTimeoutMs?: number;
  readonly memoryLimitMb?: number;
}

/** What one run did, as it told Dagster. */
export interface Told {
  readonly outcome: RunOutcome;
  readonly checks: readonly CheckResult[];
  /** Of the last materialization, or of the last observation where only a part was loaded. */
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly calls: CallsTold;
  readonly log: readonly string[];
}

export interface CallsTold {
  readonly made: number;
  readonly retries: number;
  readonly byReason: Readonly<Record<CallReason, number>>;
}

export const databaseName = 'warehouse.duckdb';

/** A run of the whole program inside this process: real HTTP, real files, a real DuckDB. Waits pass at once unless a clock is given. */
export async function runWhole(given: WholeRun): Promise<Told> {
  const { simulator, folder } = given;
  const log: string[] = [];
  let metadata: Readonly<Record<string, unknown>> = {};
  const reporter: Reporter = {
    log: (level, message) => void log.push(`${level}: ${message}`),
    progress: () => undefined,
    materialized: (one) => {
      metadata = one.metadata;
    },
    observed: (one) => {
      metadata = one.metadata;
    },
    checked: () => undefined,
    failed: () => undefined,
  };
  const outcome = await run({
    config: configOf(given),
    selection: given.selection ?? { partitions: null, resources: null },
    assetKeys: { '*': 'ads' },
    checks: null,
    loadId: given.loadId,
    runId: null,
    reporter,
    environment: {
      clock: given.clock ?? clockAt(simulator.clock.now()),
      random: () => 0,
      signal: given.signal ?? new AbortController().signal,
      directory: folder,
      temporaryDirectory: `${folder}/temporary`,
      stateDirectory: `${folder}/state`,
      processId: process.pid,
      isAlive: () => true,
      requestTimeoutMs: given.requestTimeoutMs ?? 20_000,
      memoryLimitMb: given.memoryLimitMb ?? 256,
    },
  });
  return { outcome, checks: outcome.checks, metadata, calls: callsTold(metadata), log };
}

function configOf({ attributes, simulator }: WholeRun) {
  return parseConfig(
    {
      asset_name: 'ads',
      access_token: 'simulated-access-token',
      advertiser_ids: [...simulator.advertiserIds],
      api_base_url: simulator.url,
      destination_config: { credentials: databaseName },
      requests_per_second: 1_000,
      requests_per_minute: 60_000,
      ...attributes,
    },
    {},
  );
}

/** The calls that `tiktok-ads plan` foretells: accounts, and the first page of every query. */
export function callsPlanned(given: WholeRun, accounts: readonly Account[]): number {
  const config = configOf(given);
  const tables = planTables(config, given.selection?.resources ?? null);
  const selection = given.selection ?? { partitions: null, resources: null };
  const tasks = planTasks(config, tables, accounts, selection, given.simulator.clock.now());
  const asked = tasks.filter((task) => !isAccountList(task.table)).reduce((sum, task) => sum + task.queries.length, 0);
  return asked + Math.ceil(accounts.length / infoIdsMax);
}

/** Accounts as advertiser/info would describe them. */
export function accountsOf(simulator: Simulator): readonly Account[] {
  return simulator.advertiserIds.map((id) => {
    const profile = simulator.world.account(id)?.profile;
    return {
      id,
      name: null,
      timeZone: profile?.timezone ?? 'UTC',
      currency: profile?.currency ?? null,
      createdAt: null,
      known: true,
    };
  });
}

/** Waits pass at once, and the time is the simulated one. */
function clockAt(startsAt: number): Clock {
  const hasty = createHastyClock();
  const offset = startsAt - hasty.now();
  return { now: () => hasty.now() + offset, sleep: hasty.sleep };
}

function callsTold(metadata: Readonly<Record<string, unknown>>): CallsTold {
  return {
    made: Number(raw(metadata['api_calls'])),
    retries: Number(raw(metadata['api_retries'])),
    // The report writes the ledger's counts there as they are.
    byReason: (raw(metadata['api_calls_by_reason']) ?? {}) as Readonly<Record<CallReason, number>>,
  };
}

function raw(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'raw_value' in value ? raw(value.raw_value) : value;
}

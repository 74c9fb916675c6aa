import type { Config } from '../config/config.ts';
import type { Hours, Window } from '../table.ts';
import { workOut } from '../tiktok/report.ts';
import { resources } from '../tiktok/resources/index.ts';
import { type Account, todayOf } from './account.ts';
import { planReport, planResource } from './layouts.ts';
import { type ReportScope, reportQueries, resourceQueries } from './queries.ts';
import { type ExtractTask, type TablePlan, taskOf } from './task.ts';
import { addDays, chunks, joined } from './window.ts';

/** What a run's partitions ask for; without partitions the configuration's dates count. */
export interface Selection {
  /** One a partition: dates (inclusive, of the account's zone), accounts, or both. Null: not partitioned. */
  readonly partitions: readonly PartitionWindow[] | null;
  /** Names of resources to load, or null for all of the configuration. */
  readonly resources: readonly string[] | null;
  /** Dates that other runs of the same backfill read; they need not be read again here. */
  readonly coveredElsewhere?: readonly Window[];
}

export interface PartitionWindow {
  readonly key: string;
  readonly window: Window | null;
  readonly advertiserId: string | null;
  /** Of an hourly partition: which of its days' hours are its own. The days are read whole. */
  readonly hours?: Hours | null;
}

/** The tables of a run, in the order in which the configuration names them; reports come last. */
export function planTables(config: Config, selected: readonly string[] | null): readonly TablePlan[] {
  const wanted = (name: string): boolean => selected === null || selected.includes(name);
  const entities = resources
    .filter((resource) => config.resources.some((name) => name === resource.name) && wanted(resource.name))
    .map((resource) => planResource(resource));
  const reports = config.reports.filter((report) => wanted(report.table)).map((report) => planReport(workOut(report)));
  return [...entities, ...reports];
}

/** The table that stands for the asset: its report if it has one, else its first. */
export function mainTable(tables: readonly TablePlan[]): TablePlan | undefined {
  return tables.find((table) => table.source.kind === 'report') ?? tables[0];
}

/** Every task of the run. Pure: the same input gives the same tasks in the same order. `now` in milliseconds since 1970. */
export function planTasks(
  config: Config,
  tables: readonly TablePlan[],
  accounts: readonly Account[],
  selection: Selection,
  now: number,
): readonly ExtractTask[] {
  return tables.flatMap((table) =>
    table.source.kind === 'resource'
      ? resourceTasks(config, table, accounts)
      : accounts.flatMap((account) => reportTasks(config, table, account, selection, now)),
  );
}

function resourceTasks(config: Config, table: TablePlan, accounts: readonly Account[]): readonly ExtractTask[] {
  if (table.source.kind !== 'resource') return [];
  const { resource } = table.source;
  const perRequest = resource.advertisers.kind === 'many-per-request' ? resource.advertisers.max : 1;
  const ids = accounts.map((account) => account.id);
  const tasks: ExtractTask[] = [];
  for (let at = 0; at < ids.length; at += perRequest) {
    const advertiserIds = ids.slice(at, at + perRequest);
    const queries = () => resourceQueries(table, resource, advertiserIds, config.includeDeleted);
    tasks.push(taskOf({ table, advertiserIds, window: null }, queries));
  }
  return tasks;
}

function reportTasks(
  config: Config,
  table: TablePlan,
  account: Account,
  selection: Selection,
  now: number,
): readonly ExtractTask[] {
  const today = todayOf(account, now);
  return reportWindows(config, table, account, selection, now).map((window) =>
    reportTask(config, table, account.id, window, today),
  );
}

/** One task of a report; used again where a window is halved. `today` serves the reports without dates that the API wants dates for. */
export function reportTask(
  config: Config,
  table: TablePlan,
  advertiserId: string,
  window: Window | null,
  today: string,
): ExtractTask {
  if (table.source.kind !== 'report') throw new RangeError(`${table.schema.name} is no report`);
  const { report } = table.source;
  const asked =
    window ?? (report.windowDaysMax === null ? null : { start: addDays(today, 1 - report.windowDaysMax), end: today });
  const scope: ReportScope = {
    advertiserId,
    window: asked,
    includeDeleted: config.includeDeleted,
    totals: config.mode !== 'sandbox',
  };
  return taskOf({ table, advertiserIds: [advertiserId], window }, () => reportQueries(table, report, scope, 'all', null));
}

/** The windows to read for one account, each within the API's span; `[null]` where the report has no dates, none where the run has none for this account. */
export function reportWindows(
  config: Config,
  table: TablePlan,
  account: Account,
  selection: Selection,
  now: number,
): readonly (Window | null)[] {
  if (table.source.kind !== 'report') return [];
  const { report } = table.source;
  const today = todayOf(account, now);
  const mine =
    selection.partitions?.filter((partition) => partition.advertiserId === null || partition.advertiserId === account.id) ?? null;
  if (mine?.length === 0) return [];
  if (report.schema.windowColumn === null) return [null];
  const dated = mine?.flatMap((partition) => (partition.window ? [partition.window] : [])) ?? [];
  const asked =
    dated.length > 0
      ? joined([...dated, ...restated(config, dated, today, selection.coveredElsewhere ?? [])])
      : [configuredWindow(config, report.spec.name, today)];
  return asked.flatMap((window) => chunks(window, report.windowDaysMax ?? 365));
}

/** The dates of the configuration; 30 days ago to today where it has none. */
function configuredWindow(config: Config, reportName: string, today: string): Window {
  const own = config.reports.find((report) => report.name === reportName);
  const end = own?.endDate ?? config.endDate ?? today;
  const start = own?.startDate ?? config.startDate ?? addDays(end < today ? end : today, -30);
  return { start, end };
}

/**
 * The days before the asked ones that TikTok may still have changed: only where the window ends near today, not before the first
 * partition, and not what the same backfill reads anyway (ruling 4).
 */
function restated(
  config: Config,
  windows: readonly Window[],
  today: string,
  coveredElsewhere: readonly Window[],
): readonly Window[] {
  const settled = addDays(today, -config.restateDays);
  const days = windows
    .filter((window) => config.restateDays > 0 && window.end >= settled)
    .flatMap((window) =>
      Array.from({ length: config.restateDays }, (_, index) => addDays(window.start, index - config.restateDays)),
    )
    .filter(
      (day) =>
        day >= (config.partitionStart ?? day) && !coveredElsewhere.some((window) => window.start <= day && day <= window.end),
    );
  return joined(days.map((day) => ({ start: day, end: day })));
}

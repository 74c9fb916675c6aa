import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CheckResult } from './checks/check.ts';
import { failedAccounts, namesOf, runChecks } from './checks/run-checks.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config/config.ts';
import type { Session } from './destinations/destination.ts';
import { openDestination } from './destinations/index.ts';
import { describe, SourceError } from './errors.ts';
import { type Accounts, findAccounts, isAccountList } from './extract/accounts.ts';
import { campaignPath, createEntityIds } from './extract/entity-ids.ts';
import { createExtractor, type Extractor } from './extract/extract.ts';
import { createLedger, type Ledger } from './extract/ledger.ts';
import { openStaging, type Staging } from './extract/staging.ts';
import { type CommittedScope, committedScopes, knowingLoadsTable } from './load/loads-table.ts';
import { ensureViews, type ReportView } from './load/views.ts';
import { notesOn } from './notes.ts';
import { committedFor, runPipeline, type TableResult } from './pipeline.ts';
import { mainTable, planTables, planTasks, type Selection } from './plan/plan.ts';
import type { ExtractTask, TablePlan } from './plan/task.ts';
import { reportAsset } from './report.ts';
import type { Reporter, RunStatus } from './reporter.ts';
import { restatedOf } from './restated.ts';
import { createSourceClient } from './source.ts';
import type { Client } from './tiktok/client.ts';
import { unlimitedPerSecond } from './tiktok/rate-limit.ts';

/** What a run needs of the world around it. */
export interface RunEnvironment {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** Working directory: relative paths of the configuration are meant from here. */
  readonly directory: string;
  /** For files of this run; removed at its end. */
  readonly temporaryDirectory: string;
  /** For what several processes of one app share. */
  readonly stateDirectory: string;
  readonly processId: number;
  readonly isAlive: (processId: number) => boolean;
  /** Longest wait for one answer of TikTok. */
  readonly requestTimeoutMs: number;
  readonly memoryLimitMb: number;
}

export interface RunRequest {
  readonly config: Config;
  readonly selection: Selection;
  /** By table, or `*` for the one asset of all tables. Escaped form, as Pipes has it. */
  readonly assetKeys: Readonly<Record<string, string>>;
  /** Which checks are reported; null: all, if the configuration wants checks. */
  readonly checks: readonly string[] | null;
  /** Rows and `_loads` carry it; a retry of the same run has the same. */
  readonly loadId: string;
  readonly runId: string | null;
  readonly environment: RunEnvironment;
  readonly reporter: Reporter;
}

export interface RunOutcome {
  readonly results: readonly TableResult[];
  readonly checks: readonly CheckResult[];
  /** What failed although the run went on; null if all accounts were loaded, or `on_advertiser_error` is `skip`. */
  readonly failure: SourceError | null;
}

/** config → accounts → plan → extract and load → report. Throws IngestError for what ends it; committed tables stay reported. */
export async function run(given: RunRequest): Promise<RunOutcome> {
  // Whatever ends the run ends what it has under way: requests, waits, statements.
  const stop = new AbortController();
  const signal = AbortSignal.any([given.environment.signal, stop.signal]);
  const request: RunRequest = { ...given, environment: { ...given.environment, signal } };
  const { config, environment } = request;
  const startedAt = environment.clock.now();
  await using resources = new AsyncDisposableStack();
  mkdirSync(environment.temporaryDirectory, { recursive: true });
  const tables = planTables(config, request.selection.resources);
  const staging = await openStaging({
    parent: environment.temporaryDirectory,
    processId: environment.processId,
    memoryLimitMb: Math.max(memoryForRowsMb(tables, environment.memoryLimitMb), memoryForJoinsMb(tables)),
    threads: 1,
    isAlive: environment.isAlive,
  });
  resources.defer(() => staging.close());
  const session = await connect(request, staging);
  resources.defer(() => session.close());
  // One task may end what the others ask for; what was read is then still committed.
  const reading = new AbortController();
  const readingEnvironment = { ...environment, signal: AbortSignal.any([signal, reading.signal]) };
  const source = await createSourceClient(config, readingEnvironment, (message) => request.reporter.log('warning', message));
  resources.defer(source.close);
  resources.defer(() => stop.abort(new Error('The run has ended.')));
  const { client } = source;

  const ledger = createLedger();
  const accounts = await findAccounts(client, source.config, ledger, advertisersOf(request.selection));
  for (const warning of accounts.warnings) request.reporter.log('warning', warning);
  const tasks = planTasks(config, tables, accounts.accounts, request.selection, environment.clock.now());
  request.reporter.log(
    'info',
    `${tables.map((table) => table.schema.name).join(', ')} of ${accounts.accounts.length} account(s): ${tasks.length} task(s).`,
  );

  const extractor = extractorFor(
    { ...request, config: source.config, environment: readingEnvironment },
    client,
    staging,
    accounts,
    tables,
    ledger,
  );
  const context: Context = {
    request,
    session,
    client,
    ledger,
    accounts,
    extractor,
    staging,
    startedAt,
    reported: new Set(),
    committed: new Map(),
  };
  const committed = await committedScopes(session, request.loadId);
  request.reporter.started?.(statusOf(context, tasks, committed));
  const pipeline = runPipeline({
    config,
    tables,
    tasks,
    extractor,
    staging,
    session,
    loadId: request.loadId,
    runId: request.runId,
    committed,
    signal: environment.signal,
    stopReading: (reason) => reading.abort(reason),
    now: environment.clock.now,
    wholeTables: config.writeDisposition === 'replace' && request.selection.partitions === null && accounts.failures.length === 0,
    onTable: (result, finished) => onTable(context, result, finished),
  });
  const results = await pipeline.catch((error: unknown) => {
    tellPart(context, error);
    throw error;
  });
  await makeViews(session, config, results);
  return await finish(context, results);
}

/** How far the run is, whenever it is asked. */
function statusOf(
  { client, ledger }: Context,
  tasks: readonly ExtractTask[],
  committed: readonly CommittedScope[],
): () => RunStatus {
  const asked = tasks.filter((task) => !isAccountList(task.table) && committedFor(task, committed).length === 0);
  const firstPages = asked.reduce((sum, task) => sum + task.queries.length, 0);
  const unplanned = (): number => {
    const { planned: _, further_page: __, ...others } = ledger.counts();
    return Object.values(others).reduce((sum, count) => sum + count, 0);
  };
  const accountCalls = ledger.counts().planned;
  return () => {
    const { calls, retries } = client.stats();
    const { pages, records } = ledger.seen();
    return {
      callsMade: calls - Object.values(retries).reduce((sum, count) => sum + count, 0),
      callsPlanned: accountCalls + firstPages + pages + unplanned(),
      records,
    };
  };
}

/** Of up to so many columns. */
const narrowColumnsMax = 60;

/** Rows of few columns need less, and what a database may have it fills with what it might read again. */
function memoryForRowsMb(tables: readonly TablePlan[], limitMb: number): number {
  return tables.every((table) => table.schema.columns.length <= narrowColumnsMax) ? Math.ceil(limitMb * 0.75) : limitMb;
}

/** A report read in several calls is joined from as many tables, and DuckDB keeps buffers for each column: 1.5 MB a column were enough, measured from 170 to 1,061 columns. */
function memoryForJoinsMb(tables: readonly TablePlan[]): number {
  const joined = tables.filter((table) => table.source.kind === 'report' && table.layouts.length > 1);
  return Math.ceil(Math.max(0, ...joined.map((table) => table.schema.columns.length)) * 1.5);
}

/** What is at hand while a run goes on. */
interface Context {
  readonly request: RunRequest;
  readonly session: Session;
  readonly client: Client;
  readonly ledger: Ledger;
  readonly accounts: Accounts;
  readonly extractor: Extractor;
  readonly staging: Staging;
  readonly startedAt: number;
  /** Asset keys that were reported. */
  readonly reported: Set<string>;
  /** Rows committed so far, by table. */
  readonly committed: Map<string, number>;
}

export async function connect(request: RunRequest, staging: Staging): Promise<Session> {
  const { config, environment, reporter } = request;
  const { name, config: options, url } = config.destination;
  const directory = join(staging.directory, 'destination');
  mkdirSync(directory, { recursive: true });
  const session = await openDestination(
    name,
    { config: options, url, datasetName: config.datasetName, directory: environment.directory },
    {
      staging: staging.loadConnection,
      directory,
      signal: environment.signal,
      now: environment.clock.now,
      log: (message) => reporter.log('info', message),
      alone: staging.alone,
    },
  );
  return knowingLoadsTable(session);
}

/** The accounts that the partitions name, or null if they name none. */
function advertisersOf(selection: Selection): readonly string[] | null {
  const named =
    selection.partitions?.flatMap((partition) => (partition.advertiserId === null ? [] : [partition.advertiserId])) ?? [];
  return named.length === 0 ? null : [...new Set(named)];
}

function extractorFor(
  { config, environment, reporter }: RunRequest,
  client: Client,
  staging: Staging,
  accounts: Accounts,
  tables: readonly TablePlan[],
  ledger: Ledger,
): Extractor {
  const byId = new Map(accounts.accounts.map((account) => [account.id, account]));
  return createExtractor({
    client,
    staging,
    config,
    account: (id) => byId.get(id) ?? { id, name: null, timeZone: 'UTC', currency: null, createdAt: null, known: false },
    ledger,
    entityIds: createEntityIds(client, ledger),
    prefetched: accounts.answers,
    pagesUnderWay: config.quota.maxConcurrency ?? (config.quota.perSecond >= unlimitedPerSecond ? 16 : 140),
    topViewEarly: !tables.some(({ source }) => source.kind === 'resource' && source.resource.path === campaignPath),
    signal: environment.signal,
    now: environment.clock.now,
    log: (level, message) => reporter.log(level, message),
  });
}

/** Views: the nested spelling of each report, and the report under the asset's own name. */
async function makeViews(session: Session, config: Config, results: readonly TableResult[]): Promise<void> {
  const reports = results.flatMap(({ table }): readonly ReportView[] => {
    if (table.source.kind !== 'report') return [];
    const { report } = table.source;
    const columns = table.schema.columns.map((column) => column.name);
    const firstMetric = columns.indexOf('_loaded_at') + 1;
    return [
      {
        table: table.schema.name,
        columns,
        dimensions: columns.slice(0, firstMetric - 2),
        metrics: report.schema.columns.slice(firstMetric).map((column) => column.name),
      },
    ];
  });
  const main = mainResult(results);
  if (!main) return;
  const columns = main.table.schema.columns.map((column) => column.name);
  await ensureViews(session, {
    reports,
    assetView: { name: config.assetKey.at(-1) ?? config.assetName, table: main.table.schema.name, columns },
  });
}

function mainResult(results: readonly TableResult[]): TableResult | undefined {
  const main = mainTable(results.map((result) => result.table));
  return results.find((result) => result.table === main);
}

/** A table that is an asset of its own is reported as soon as it is whole, whatever becomes of the others. */
async function onTable(context: Context, result: TableResult, finished: boolean): Promise<void> {
  const { request } = context;
  const name = result.table.schema.name;
  context.committed.set(name, result.rowsLoaded);
  request.reporter.progress({ table: name, finished, rowsLoaded: result.rowsLoaded, calls: context.client.stats().calls });
  const key = request.assetKeys[name];
  const whole = result.failures.length === 0 && context.accounts.failures.length === 0;
  if (finished && key !== undefined && whole) await reportOne(context, key, [result], null);
}

/** A run that ends early has not made its one asset; what it committed is told all the same (ruling 14). */
function tellPart({ request, committed }: Context, error: unknown): void {
  const assetKey = request.assetKeys['*'];
  const rows = [...committed].filter(([, count]) => count > 0);
  if (assetKey === undefined || rows.length === 0) return;
  request.reporter.observed({
    assetKey,
    partitionKey: null,
    description: `Loaded only in part: ${describe(error).message}`,
    metadata: { ...Object.fromEntries(rows.map(([table, count]) => [`rows_${table}`, count])), load_id: request.loadId },
  });
}

async function finish(context: Context, results: readonly TableResult[]): Promise<RunOutcome> {
  const { request, accounts, reported } = context;
  const failure = failureOf(context, results);
  for (const note of notesOn(results, accounts.accounts, request.environment.clock.now())) request.reporter.log('warning', note);
  const main = mainResult(results);
  const single = request.assetKeys['*'];
  const assets =
    single === undefined
      ? results.flatMap((result) => {
          const key = request.assetKeys[result.table.schema.name];
          return key === undefined ? [] : [{ key, results: [result] }];
        })
      : [{ key: single, results: main ? [main, ...results.filter((result) => result !== main)] : [] }];
  for (const asset of assets) if (!reported.has(asset.key)) await reportOne(context, asset.key, asset.results, failure);
  const checks: CheckResult[] = [];
  for (const asset of assets) checks.push(...(await reportChecks(context, asset.results, results, asset.key)));
  return { results, checks, failure };
}

async function reportOne(
  context: Context,
  assetKey: string,
  results: readonly TableResult[],
  failure: SourceError | null,
): Promise<void> {
  const { request, accounts } = context;
  const { config, reporter, selection } = request;
  const { metadata, partitions } = await reportAsset({
    session: context.session,
    results,
    accounts: accounts.accounts,
    partitions: selection.partitions,
    resourcesRequested: selection.resources ?? config.resources,
    destination: config.destination.name,
    datasetName: config.datasetName,
    loadId: request.loadId,
    stats: context.client.stats(),
    callCounts: context.ledger.counts(),
    durationMs: request.environment.clock.now() - context.startedAt,
    previewRows: config.includePreview ? config.previewRows : null,
    notes: notesOn(results, accounts.accounts, request.environment.clock.now()),
  });
  context.reported.add(assetKey);
  const incomplete = failure !== null && (accounts.failures.length > 0 || results.some((result) => result.failures.length > 0));
  // Downstream must not start on half an asset (ruling 14).
  if (incomplete)
    reporter.observed({ assetKey, partitionKey: null, description: `Loaded only in part: ${failure.message}`, metadata });
  else {
    reportRestated(context, assetKey, results);
    reporter.materialized({ assetKey, metadata, dataVersion: request.loadId, partitions });
  }
}

/** Partitions of days that were read again are told as observations: their own runs stay their materializations. */
function reportRestated({ request }: Context, assetKey: string, results: readonly TableResult[]): void {
  const dated = results.find((result) => result.scopes.some((scope) => scope.window !== null));
  const { days, partitionKeys } = dated ? restatedOf(dated, request.selection.partitions) : { days: [], partitionKeys: [] };
  const [first] = days;
  if (first === undefined) return;
  const description = `Read again because TikTok may have restated it (restate_days: ${request.config.restateDays}).`;
  const metadata = { restated_days: days.length, start_date: first, end_date: days.at(-1) ?? first, load_id: request.loadId };
  for (const partitionKey of partitionKeys.length > 0 ? partitionKeys : [null])
    request.reporter.observed({ assetKey, partitionKey, description, metadata });
}

async function reportChecks(
  context: Context,
  results: readonly TableResult[],
  allResults: readonly TableResult[],
  assetKey: string,
): Promise<readonly CheckResult[]> {
  const { request, session, accounts, extractor, staging } = context;
  if (!request.config.checks) return [];
  const own = new Set(results.map((result) => result.table.schema.name));
  const checks = await runChecks(namesOf(request.checks), {
    config: request.config,
    session,
    results,
    allResults,
    accountsAsked: accounts.accounts.length + accounts.failures.length,
    accountFailures: accounts.failures,
    refusedMetrics: extractor.refusedMetrics().filter((one) => own.has(one.table)),
    unreachable: extractor.unreachable().filter((one) => own.has(one.table)),
    untyped: staging
      .untyped()
      .filter((one) => results.some((result) => result.table.layouts.some((layout) => layout.name === one.table))),
    loadId: request.loadId,
  });
  for (const check of checks) request.reporter.checked(check, assetKey);
  return checks;
}

/** One error for all that is missing, if the configuration wants a run to fail for it. */
function failureOf({ request, accounts }: Context, results: readonly TableResult[]): SourceError | null {
  const failed = failedAccounts({ accountFailures: accounts.failures, results });
  const asked = accounts.accounts.length + accounts.failures.length;
  const all = [
    ...accounts.failures.map((one) => one.error),
    ...results.flatMap((result) => result.failures.map((one) => one.error)),
  ];
  const [first] = all;
  if (!first) return null;
  // `skip` is for accounts that TikTok refuses; what a later attempt can read is not given up.
  const passing = all.some((error) => error.retryable);
  if (request.config.onAdvertiserError === 'skip' && failed.size < asked && !passing) return null;
  const list = [...failed].slice(0, 10).map(([id, why]) => `${id}: ${why}`);
  const some = failed.size < asked;
  const said = some
    ? `${failed.size} of ${asked} account(s) could not be loaded completely; the others are.`
    : `None of the ${asked} account(s) could be loaded completely.`;
  const way = some && !passing ? ' To go on without refused accounts, set `on_advertiser_error: skip`.' : '';
  return new SourceError(`${said} ${list.join(' | ')}`, {
    ...(first.code ? { code: first.code } : {}),
    retryable: passing,
    hint: `${first.hint ?? ''}${way}`.trim(),
    cause: first,
  });
}

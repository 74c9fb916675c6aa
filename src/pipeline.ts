import type { Config } from './config/config.ts';
import type { Session } from './destinations/destination.ts';
import { SourceError } from './errors.ts';
import type { Extractor, ReadUnit } from './extract/extract.ts';
import { quoteName } from './extract/rows.ts';
import { selectedColumns, selectRows } from './extract/select.ts';
import type { Staging } from './extract/staging.ts';
import { passTotals } from './extract/totals.ts';
import { repeatsHours, unsoundUnits } from './extract/verify.ts';
import { type LoadScope, load } from './load/load.ts';
import { type CommittedScope, recordFailure } from './load/loads-table.ts';
import { isViewName } from './load/views.ts';
import type { ExtractTask, TablePlan } from './plan/task.ts';
import { joined } from './plan/window.ts';
import type { Window, Write } from './table.ts';

/** What became of one table. */
export interface TableResult {
  readonly table: TablePlan;
  /** Committed by this run, or earlier under the same load id. */
  readonly scopes: readonly LoadScope[];
  readonly rowsLoaded: number;
  /** Committed before this attempt, so not read again. */
  readonly resumedScopes: number;
  readonly failures: readonly {
    readonly advertiserIds: readonly string[];
    readonly window: string;
    readonly error: SourceError;
  }[];
  readonly addedColumns: readonly string[];
  readonly widenedColumns: readonly string[];
  readonly created: boolean;
}

export interface PipelineOptions {
  readonly config: Config;
  readonly tables: readonly TablePlan[];
  readonly tasks: readonly ExtractTask[];
  readonly extractor: Extractor;
  readonly staging: Staging;
  readonly session: Session;
  readonly loadId: string;
  readonly runId: string | null;
  readonly committed: readonly CommittedScope[];
  readonly signal: AbortSignal;
  /** Ends the requests and waits of all other tasks when one has ended the run. */
  readonly stopReading: (reason: unknown) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** The whole table is replaced, not only what was asked for: it then commits once, at the end. */
  readonly wholeTables: boolean;
  /** After each commit, and after the last task of a table (`finished`). */
  readonly onTable: (result: TableResult, finished: boolean) => Promise<void>;
}

/** Raw bytes that wait for one commit. A commit costs a lock and a transaction, so small tasks are committed together. */
const commitBytes = 48 * 1024 * 1024;
const commitUnits = 1_000;
/** Raw bytes of a commit from which on it is worth giving memory back before and after it, which takes some milliseconds. */
const trimmedBytesMin = 1024 * 1024;
/** A page set that is still moving after this many readings is an error that a later run may not have. */
const readingsMax = 4;
/** Tasks begun and not ended; their requests share the client's own limits. */
const tasksUnderWay = 64;

interface State {
  readonly plan: TablePlan;
  remaining: number;
  ready: ReadUnit[];
  readyBytes: number;
  result: TableResult;
  commits: number;
}

/** Reads all tasks and loads their tables. Throws what ends the run; what concerns one account is in the results. */
export async function runPipeline(options: PipelineOptions): Promise<readonly TableResult[]> {
  const states = new Map(options.tables.map((plan) => [plan.schema.name, newState(plan)]));
  const stateOf = (task: ExtractTask): State => states.get(task.table.schema.name) ?? newState(task.table);
  const pending: ExtractTask[] = [];
  for (const task of options.tasks) {
    const state = stateOf(task);
    const before = committedFor(task, options.committed);
    if (before.length > 0)
      state.result = {
        ...state.result,
        scopes: [...state.result.scopes, ...before],
        resumedScopes: state.result.resumedScopes + before.length,
      };
    else {
      state.remaining += 1;
      pending.push(task);
    }
  }

  // Commits of all tables go one after the other: a warehouse session does one thing at a time.
  let turn: Promise<void> = Promise.resolve();
  const commitLater = (work: () => Promise<void>): Promise<void> => {
    turn = turn.then(work);
    return turn;
  };
  const finish = (state: State): Promise<void> =>
    commitLater(async () => {
      await commitReady(options, state);
      await options.onTable(state.result, true);
    });

  const runTask = async (task: ExtractTask): Promise<void> => {
    const state = stateOf(task);
    const outcome = await options.extractor.read(task);
    if (outcome.kind === 'failed') await fail(options, state, outcome.task, outcome.error);
    else {
      state.ready.push(...outcome.units);
      state.readyBytes += outcome.units.reduce((sum, unit) => sum + unit.bytes, 0);
    }
    state.remaining -= 1;
    const full = state.readyBytes >= commitBytes || state.ready.length >= commitUnits;
    if (state.remaining === 0) await finish(state);
    else if (full && !options.wholeTables) await commitLater(() => commitReady(options, state));
  };

  for (const state of states.values()) {
    if (state.remaining === 0) await finish(state);
  }
  try {
    await inParallel(pending, tasksUnderWay, options, runTask);
  } catch (error) {
    // What was read whole before the end is kept, so that the next attempt need not read it again.
    if (!options.signal.aborted && error instanceof SourceError && !options.wholeTables) {
      // The error that ended the run is the one to tell.
      for (const state of states.values())
        if (state.ready.length > 0) await commitLater(() => commitReady(options, state)).catch(() => undefined);
    }
    throw error;
  }
  await turn;
  return [...states.values()].map((state) => state.result);
}

function newState(plan: TablePlan): State {
  return { plan, remaining: 0, ready: [], readyBytes: 0, result: emptyResult(plan), commits: 0 };
}

/** A table of which nothing was loaded. */
export function emptyResult(table: TablePlan): TableResult {
  return {
    table,
    scopes: [],
    rowsLoaded: 0,
    resumedScopes: 0,
    failures: [],
    addedColumns: [],
    widenedColumns: [],
    created: false,
  };
}

/** What an earlier attempt of this load has already committed of a task; empty if anything of it is missing. */
export function committedFor(task: ExtractTask, committed: readonly CommittedScope[]): readonly LoadScope[] {
  const scopes = task.advertiserIds.map((advertiserId) => {
    const mine = committed.filter((scope) => scope.table === task.table.schema.name && scope.advertiserId === advertiserId);
    return task.window === null ? mine.filter((scope) => scope.window === null) : covering(mine, task.window);
  });
  return scopes.every((found) => found.length > 0) ? scopes.flat().map((scope) => ({ ...scope, startedAt: '' })) : [];
}

/** Scopes that together are the window, which may have been split when it was read; none if a day of it is missing. */
function covering(scopes: readonly CommittedScope[], window: Window): readonly CommittedScope[] {
  const inside = scopes.filter((scope) => scope.window && scope.window.start >= window.start && scope.window.end <= window.end);
  const [whole, ...others] = joined(inside.flatMap((scope) => (scope.window ? [scope.window] : [])));
  return others.length === 0 && whole?.start === window.start && whole.end === window.end ? inside : [];
}

async function fail(options: PipelineOptions, state: State, task: ExtractTask, error: SourceError): Promise<void> {
  const window = task.window ? `${task.window.start} to ${task.window.end}` : '';
  state.result = { ...state.result, failures: [...state.result.failures, { advertiserIds: task.advertiserIds, window, error }] };
  const at = new Date(options.now()).toISOString();
  for (const advertiserId of task.advertiserIds) {
    await recordFailure(options.session, {
      loadId: options.loadId,
      table: state.plan.schema.name,
      advertiserId,
      window: task.window,
      startedAt: at,
      failedAt: at,
      error: error.message,
      runId: options.runId,
      signature: state.plan.schema.signature,
    });
  }
}

async function commitReady(options: PipelineOptions, state: State): Promise<void> {
  options.signal.throwIfAborted();
  const units = await soundUnits(options, state);
  if (units.length === 0 && state.commits > 0) return;
  await commit(options, state, units);
  state.commits += 1;
  if (state.remaining > 0) await options.onTable(state.result, false);
}

/** The waiting units, each with as many rows as the API counted; those that have not are read again. */
async function soundUnits(options: PipelineOptions, state: State): Promise<readonly ReadUnit[]> {
  const sound: ReadUnit[] = [];
  let waiting = state.ready;
  state.ready = [];
  state.readyBytes = 0;
  while (waiting.length > 0) {
    for (const layout of state.plan.layouts) await options.staging.flush(layout);
    const unsound = new Map(await unsoundUnits(options.staging, state.plan, waiting));
    sound.push(...waiting.filter((unit) => !unsound.has(unit.unit)));
    const again = waiting.filter((unit) => unsound.has(unit.unit));
    for (const layout of state.plan.layouts)
      await options.staging.discard(
        layout,
        again.map((unit) => unit.unit),
      );
    const outcomes = await Promise.all(again.map((unit) => readAgain(options, unit, unsound.get(unit.unit) ?? '')));
    waiting = [];
    for (const outcome of outcomes) {
      if (outcome.kind === 'failed') await fail(options, state, outcome.task, outcome.error);
      else waiting.push(...outcome.units);
    }
  }
  return sound;
}

async function readAgain(options: PipelineOptions, unit: ReadUnit, why: string): ReturnType<Extractor['reread']> {
  if (unit.readings < readingsMax) return options.extractor.reread(unit);
  const error = new SourceError(
    `${unit.task.queries[0]?.label ?? unit.task.table.schema.name}: the pages did not fit together in ${readingsMax} readings (${why}).`,
    {
      code: 'moving_pages',
      retryable: true,
      hint: 'The account is being changed while it is read; run again in some minutes.',
    },
  );
  return { kind: 'failed', task: unit.task, error };
}

async function commit(options: PipelineOptions, state: State, units: readonly ReadUnit[]): Promise<void> {
  const { staging, session, config, now } = options;
  const { plan } = state;
  const fields = [];
  for (const layout of plan.layouts) fields.push(await staging.flush(layout));
  const columns = selectedColumns(plan, fields);
  const numbers = units.map((unit) => unit.unit);
  const passes = Math.max(1, ...units.map((unit) => unit.passes));
  const relation = `_staged_${plan.schema.name}_${state.commits}`;
  const layouts = plan.layouts.map((layout) => ({ ...layout, name: `${relation}_${layout.name}` }));
  for (const [at, layout] of plan.layouts.entries()) await staging.createView(layouts[at]?.name ?? '', layout, numbers);
  // -1 is no unit: a table of which nothing was asked still comes to exist, with its columns.
  const select = selectRows({ ...plan, layouts }, columns, numbers.length > 0 ? numbers : [-1], passes);
  await staging.run(`CREATE OR REPLACE VIEW ${quoteName(relation)} AS ${select}`);
  const counts = await staging.rows(`SELECT _unit, advertiser_id, count(*) AS rows FROM ${quoteName(relation)} GROUP BY ALL`);
  const rowsOf = new Map(counts.map((row) => [`${row['_unit']}/${row['advertiser_id']}`, Number(row['rows'])]));
  const totals = await passTotals(staging, plan, units);
  const scopes = units.flatMap((unit) =>
    unit.task.advertiserIds.map((advertiserId) => scopeOf(unit, advertiserId, rowsOf, totals)),
  );
  const rowCount = counts.reduce((sum, row) => sum + Number(row['rows']), 0);
  const large = units.reduce((sum, unit) => sum + unit.bytes, 0) >= trimmedBytesMin;
  if (large) await staging.trim();
  const result = await load(session, {
    table: plan.schema,
    // Each unit's keys were counted, and units do not overlap; only an hour may stand twice.
    staged: { relation: `staging.${quoteName(relation)}`, columns, rowCount, keysAreUnique: !repeatsHours(plan) },
    write: writeOf(config, plan),
    scopes,
    loadId: options.loadId,
    loadedAt: new Date(now()).toISOString(),
    runId: options.runId,
    markMissing: plan.source.kind === 'resource',
    // Rows of what could not be read, or was committed by an earlier attempt, must stay: then only what was read now is replaced.
    displacesView: isViewName(plan.schema.name, config.assetKey.at(-1) ?? config.assetName),
    wholeTable: options.wholeTables && units.length > 0 && state.result.failures.length === 0 && state.result.resumedScopes === 0,
  });
  if (large) await staging.trim();
  for (const view of [relation, ...layouts.map((layout) => layout.name)]) await staging.run(`DROP VIEW ${quoteName(view)}`);
  for (const layout of plan.layouts) await staging.discard(layout, numbers);
  const before = state.result;
  state.result = {
    ...before,
    scopes: [...before.scopes, ...scopes],
    rowsLoaded: before.rowsLoaded + result.rowsLoaded,
    addedColumns: [...before.addedColumns, ...(result.created ? [] : result.addedColumns)],
    widenedColumns: [...before.widenedColumns, ...result.widenedColumns],
    created: before.created || result.created,
  };
}

function scopeOf(
  unit: ReadUnit,
  advertiserId: string,
  rowsOf: ReadonlyMap<string, number>,
  totals: ReadonlyMap<number, Readonly<Record<string, string>> | null>,
): LoadScope {
  const counted = [...unit.expected].filter(([key]) => key.startsWith(`rows_${unit.task.table.schema.name}/`));
  return {
    advertiserId,
    window: unit.task.window,
    rows: rowsOf.get(`${unit.unit}/${advertiserId}`) ?? 0,
    apiRows:
      unit.task.advertiserIds.length === 1 && counted.length > 0 ? counted.reduce((sum, [, count]) => sum + count, 0) : null,
    apiTotals: totals.get(unit.unit) ?? null,
    proof: unit.proof,
    startedAt: new Date(unit.startedAt).toISOString(),
  };
}

/** Entities are merged by key, reports by deleting the window first; `replace` and `append` are as the configuration says. */
function writeOf(config: Config, plan: TablePlan): Write {
  return { disposition: config.writeDisposition, strategy: plan.source.kind === 'resource' ? 'upsert' : 'delete-insert' };
}

/** Runs `work` on all items, at most `limit` at once. The first throw ends it; it is thrown when none of the others is under way any more. */
async function inParallel<T>(
  items: readonly T[],
  limit: number,
  { signal, stopReading }: Pick<PipelineOptions, 'signal' | 'stopReading'>,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  let stopped = false;
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    while (next < items.length && !stopped && !signal.aborted) {
      const item = items[next];
      next += 1;
      if (item === undefined) continue;
      try {
        await work(item);
      } catch (error) {
        if (!stopped) stopReading(error);
        stopped = true;
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  signal.throwIfAborted();
  if (stopped) throw failures[0];
}

import type { Config } from '../config/config.ts';
import { SourceError } from '../errors.ts';
import { createGate } from '../gate.ts';
import { type Account, todayOf } from '../plan/account.ts';
import { reportTask } from '../plan/plan.ts';
import { controlParameters, type IdFilter, type ReportPass, reportQueries } from '../plan/queries.ts';
import type { ExtractTask, Query } from '../plan/task.ts';
import { halves, isTimeZone } from '../plan/window.ts';
import type { Window } from '../table.ts';
import { type ApiAction, apiCode } from '../tiktok/api-codes.ts';
import type { ApiAnswer, Client } from '../tiktok/client.ts';
import type { JsonValue } from '../tiktok/resource.ts';
import type { EntityIds } from './entity-ids.ts';
import type { CallReason, Ledger } from './ledger.ts';
import { readBeyondReach } from './reach.ts';
import type { Staging } from './staging.ts';
import { areWhole, controlTotals } from './totals.ts';

/** A task whose pages are all in the staging database, not yet checked against the API's counts. */
export interface ReadUnit {
  /** Number of its rows in the staging database. */
  readonly unit: number;
  readonly task: ExtractTask;
  /** Per layout name and pass: how many records the API says there are; absent where it does not say. */
  readonly expected: ReadonlyMap<string, number>;
  /** Totals that the API gave, per pass; null where none was obtained. */
  readonly totals: readonly (Readonly<Record<string, string>> | null)[];
  /** Where the totals came from, or why there are none; goes to `_loads.proof`. */
  readonly proof: string;
  readonly passes: number;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** How many times it was read because its pages changed meanwhile. */
  readonly readings: number;
}

/** Reading a task ended with rows, with several smaller units, or not at all. */
export type TaskOutcome =
  | { readonly kind: 'read'; readonly units: readonly ReadUnit[] }
  | { readonly kind: 'failed'; readonly task: ExtractTask; readonly error: SourceError };

/** A metric that TikTok does not have for an account: its column is NULL there. */
export interface RefusedMetric {
  readonly table: string;
  readonly advertiserId: string;
  readonly metric: string;
}

/** Records that TikTok counts but gives no way to read: files beyond the newest ones that no ad uses. */
export interface UnreachableRecords {
  readonly table: string;
  readonly advertiserId: string;
  /** Null where TikTok does not count them either. */
  readonly count: number | null;
}

export interface Extractor {
  /** Reads all pages of a task. Throws only what must end the run: a dead token, a cancelled run, a fault of ours. */
  readonly read: (task: ExtractTask) => Promise<TaskOutcome>;
  /** Reads a unit anew, because its pages turned out to have changed while they were read. */
  readonly reread: (unit: ReadUnit) => Promise<TaskOutcome>;
  readonly refusedMetrics: () => readonly RefusedMetric[];
  readonly unreachable: () => readonly UnreachableRecords[];
}

export interface ExtractorOptions {
  readonly client: Client;
  readonly staging: Staging;
  readonly config: Config;
  readonly account: (id: string) => Account;
  readonly ledger: Ledger;
  readonly entityIds: EntityIds;
  /** Answers that were read before the tasks began, by `prefetchKey`. */
  readonly prefetched: ReadonlyMap<string, ApiAnswer>;
  /** Requests sent or waiting for the staging database at once. */
  readonly pagesUnderWay: number;
  /** Nothing else in the run tells who has TopView campaigns, so that reports ask at once. */
  readonly topViewEarly: boolean;
  readonly signal: AbortSignal;
  readonly now: () => number;
  readonly log: (level: 'info' | 'warning', message: string) => void;
}

export function prefetchKey(path: string, advertiserIds: readonly string[]): string {
  return `${path}?${advertiserIds.join(',')}`;
}

/** Pages of one page set are read in parallel; the page size bounds how many there can be. */
const pagesMax = 100_000;

export function createExtractor(options: ExtractorOptions): Extractor {
  const { client, staging, config, ledger, entityIds } = options;
  const refused: RefusedMetric[] = [];
  const unreachable = new Map<string, number | null>();
  const places = createGate(() => options.pagesUnderWay);
  let lastUnit = 0;

  const read = (task: ExtractTask): Promise<TaskOutcome> => readOr(task, 'planned', 1);
  const reread = (unit: ReadUnit): Promise<TaskOutcome> => readOr(unit.task, 'reread', unit.readings + 1);

  const readOr = async (task: ExtractTask, reason: CallReason, readings: number, byId = false): Promise<TaskOutcome> => {
    try {
      return { kind: 'read', units: [await readUnit(task, reason, readings, byId)] };
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      return recover(task, error, readings, byId);
    }
  };

  /** What an answer other than success means for a task. */
  const recover = async (task: ExtractTask, error: SourceError, readings: number, byId: boolean): Promise<TaskOutcome> => {
    if (actionOf(error) === 'auth') throw error;
    const missing = invalidMetrics(error).filter((metric) => askedMetrics(task).includes(metric));
    if (missing.length > 0) {
      for (const metric of missing)
        refused.push({ table: task.table.schema.name, advertiserId: task.advertiserIds[0] ?? '', metric });
      return readOr(withoutMetrics(task, missing), 'split', readings, byId);
    }
    if (isTooLarge(error)) {
      const parts = smaller(task);
      if (parts) {
        options.log('info', `${error.message.trim()} It is asked for in ${parts.length} smaller parts.`);
        return combine(await Promise.all(parts.map((part) => readOr(part, 'split', readings))));
      }
      // One day, or no dates at all: what is left to split by is ids (ruling 6).
      if (!byId && hasIds(task)) return readOr(task, 'split', readings, true);
    }
    return { kind: 'failed', task, error };
  };

  const smaller = (task: ExtractTask): readonly ExtractTask[] | null => {
    const advertiserId = task.advertiserIds[0];
    if (task.advertiserIds.length > 1 && task.table.source.kind === 'resource') return null;
    const windows = task.window ? halves(task.window) : null;
    if (!windows || !advertiserId) return null;
    const today = todayOf(options.account(advertiserId), options.now());
    return windows.map((window) => withoutMetrics(reportTask(config, task.table, advertiserId, window, today), refusedOf(task)));
  };

  const readUnit = async (task: ExtractTask, reason: CallReason, readings: number, byId: boolean): Promise<ReadUnit> => {
    const startedAt = options.now();
    const unit = openUnit(task);
    const progress: Progress = { unit, expected: new Map(), totals: [], cut: byId, bytes: 0 };
    try {
      // Asked beside the pages, since it is needed right behind them; its failure is met where it is awaited.
      if (options.topViewEarly && mayHaveTopView(task)) entityIds.hasTopView(task.advertiserIds[0] ?? '').catch(() => undefined);
      if (!byId) await Promise.all(task.queries.map((query) => readQuery(task, query, progress, reason)));
      const { passes, proof } = await complete(task, progress, reason, byId);
      return {
        unit,
        task,
        expected: progress.expected,
        totals: progress.totals,
        proof,
        passes,
        bytes: progress.bytes,
        startedAt,
        readings,
      };
    } catch (error) {
      await discard(task, unit);
      throw error;
    }
  };

  /** Reports below the account leave TopView rows to a pass of their own; at the account they are in its sums. */
  const mayHaveTopView = ({ table: { source } }: ExtractTask): boolean =>
    source.kind === 'report' &&
    config.mode !== 'sandbox' &&
    source.report.spec.reportType !== 'PLAYABLE_MATERIAL' &&
    source.report.spec.dataLevel !== 'AUCTION_ADVERTISER';

  const hasTopView = async (task: ExtractTask): Promise<boolean> =>
    mayHaveTopView(task) && (await entityIds.hasTopView(task.advertiserIds[0] ?? ''));

  /** What a report needs beyond its plain pages: the TopView pass, splitting where ids were cut, the control read. */
  const complete = async (
    task: ExtractTask,
    progress: Progress,
    reason: CallReason,
    byId: boolean,
  ): Promise<{ passes: number; proof: string }> => {
    const { source } = task.table;
    const advertiserId = task.advertiserIds[0] ?? '';
    if (source.kind === 'resource') {
      const beyond = await readBeyondReach(
        { client, staging, ledger, includeDeleted: config.includeDeleted, append: appendAnswer },
        task,
        progress,
      );
      if (beyond.unreachable !== 0) unreachable.set(`${task.table.schema.name}/${advertiserId}`, beyond.unreachable);
      const passes = Math.max(...task.queries.map((query) => query.pass)) + 1 + beyond.passes;
      return { passes, proof: 'record count of the API' };
    }
    let passes = 1;
    if (progress.cut && hasIds(task)) await readById(task, 'all', progress);
    if (await hasTopView(task)) {
      passes = 2;
      await readTopView(task, progress, reason === 'planned' ? 'probe' : reason, byId);
    }
    return { passes, proof: await prove(task, progress, passes) };
  };

  /** TopView entities in a pass of their own, which has the same limits as the first. */
  const readTopView = async (task: ExtractTask, progress: Progress, reason: CallReason, byId: boolean): Promise<void> => {
    if (task.table.source.kind !== 'report') return;
    const scope = { ...scopeOf(task), totals: config.mode !== 'sandbox' };
    const queries = withoutRefused(reportQueries(task.table, task.table.source.report, scope, 'top-view', null), task);
    const own: Progress = { unit: progress.unit, expected: new Map(), totals: progress.totals, cut: byId, bytes: 0 };
    if (!byId) await Promise.all(queries.map((query) => readQuery(task, query, own, reason)));
    if (own.cut) await readById(task, 'top-view', own);
    for (const [key, count] of own.expected) progress.expected.set(key, count);
    progress.bytes += own.bytes;
    progress.cut ||= own.cut;
  };

  const prove = async (task: ExtractTask, progress: Progress, passes: number): Promise<string> => {
    const proof = await obtainTotals(task, progress, passes);
    // Totals of one pass of two, or of an answer that was cut, prove nothing.
    if (proof.startsWith('not provable')) progress.totals.length = 0;
    return proof;
  };

  const obtainTotals = async (task: ExtractTask, progress: Progress, passes: number): Promise<string> => {
    if (task.table.source.kind !== 'report') return 'none';
    const { report } = task.table.source;
    if (config.mode === 'sandbox') return 'not provable: the sandbox has no totals';
    // Totals share the cut, so after it only the account's own total proves anything (ruling 8).
    const allGiven =
      !progress.cut &&
      Array.from({ length: passes }, (_, pass) => progress.totals[pass]).every((totals) =>
        areWhole(totals, metricsOf(task.queries[0])),
      );
    if (allGiven) return 'total_metrics of the report';
    if (report.proof === 'none') return 'not provable: playable reports have no totals';
    if (!config.includeDeleted) return 'not provable: the account total includes deleted entities, which this load leaves out';
    const advertiserId = task.advertiserIds[0] ?? '';
    ledger.note('control');
    const asked = client.get({
      path: 'report/integrated/get/',
      query: controlParameters(report, advertiserId, windowOf(task)),
      label: `the control total of ${task.queries[0]?.label ?? ''}`,
      advertiserIds: task.advertiserIds,
      priority: 1,
      wantsTotals: true,
    });
    // The rows are there: a proof that TikTok refuses is missing, and said to be, but takes nothing from them.
    const answer = await asked.catch((error: unknown) => {
      if (error instanceof SourceError && !error.retryable && actionOf(error) !== 'auth') return error;
      throw error;
    });
    if (answer instanceof SourceError) return `not provable: the control read was refused (code ${answer.code})`;
    const totals = controlTotals(answer);
    progress.totals.splice(0, progress.totals.length, totals);
    return totals ? 'AUCTION_ADVERTISER control read' : 'not provable: the control read gave no totals';
  };

  /** More ids than one call considers: the same call again for some ids at a time (ruling 9). */
  const readById = async (task: ExtractTask, pass: ReportPass, progress: Progress): Promise<void> => {
    if (task.table.source.kind !== 'report') return;
    const { dataLevel: level } = task.table.source.report.spec;
    const filters = await entityIds.filters({ advertiserId: task.advertiserIds[0] ?? '', level, pass });
    if (filters.length === 0) {
      // Where all campaigns are TopView, their own pass reads everything.
      if (progress.bytes === 0 && pass === 'all' && !(await hasTopView(task)))
        throw new SourceError(`${task.queries[0]?.label ?? ''} is too large a query, and there are no entities to split it by.`, {
          code: '40067',
          hint: 'Ask for fewer metrics or a coarser `data_level`.',
        });
      // What was read is kept then, and the proof tells whether it is all.
      return;
    }
    await discard(task, progress.unit, pass === 'all' ? 0 : 1);
    progress.expected.clear();
    options.log(
      'info',
      `${task.queries[0]?.label ?? ''}: the account has more ids than one answer considers; asked for in ${filters.length} parts by ${filters[0]?.field ?? 'ids'}.`,
    );
    await Promise.all(filters.map((filter) => readFiltered(task, pass, filter, progress)));
  };

  const scopeOf = (task: ExtractTask) => ({
    advertiserId: task.advertiserIds[0] ?? '',
    window: windowOf(task),
    includeDeleted: config.includeDeleted,
  });

  const readFiltered = async (task: ExtractTask, pass: ReportPass, filter: IdFilter, progress: Progress): Promise<void> => {
    if (task.table.source.kind !== 'report') return;
    const scope = { ...scopeOf(task), totals: false };
    const queries = withoutRefused(reportQueries(task.table, task.table.source.report, scope, pass, filter), task);
    const own: Progress = { unit: progress.unit, expected: new Map(), totals: [], cut: false, bytes: 0 };
    const tooLarge = await Promise.all(queries.map((query) => readQuery(task, query, own, 'split', true))).then(
      () => null,
      (error: unknown) => {
        // Rows of a part that is asked for again in smaller ones would come twice.
        if (error instanceof SourceError && isTooLarge(error) && own.bytes === 0) return error;
        throw error;
      },
    );
    if (own.cut || tooLarge) {
      const { dataLevel: level } = task.table.source.report.spec;
      const finer = await entityIds.finer({ advertiserId: scope.advertiserId, level, pass }, filter);
      if (finer.length > 0) {
        await Promise.all(finer.map((part) => readFiltered(task, pass, part, progress)));
        return;
      }
      if (tooLarge) throw tooLarge;
      // Nothing smaller can be asked for: the header then speaks of the account, not of this answer.
      await Promise.all(queries.map((query) => readQuery(task, query, own, 'split')));
    }
    for (const [key, count] of own.expected) progress.expected.set(key, (progress.expected.get(key) ?? 0) + count);
    progress.bytes += own.bytes;
  };

  /** All pages of one query. With `onlyWhole`, an answer that was cut is not kept: it will be asked for in smaller parts. */
  const readQuery = async (
    task: ExtractTask,
    query: Query,
    progress: Progress,
    reason: CallReason,
    onlyWhole = false,
  ): Promise<void> => {
    const first = await withPlace(2, async () => {
      const answer = await getPage(task, query, 1, reason);
      if (answer.cut) progress.cut = true;
      if (answer.cut && onlyWhole) return answer;
      await appendAnswer(query, progress, 1, answer);
      return answer;
    });
    if (first.cut && onlyWhole) return;
    if (query.wantsTotals) progress.totals[query.pass] = first.envelope.totalMetrics;
    entityIds.learn(query, task.advertiserIds, first);
    const info = first.envelope.pageInfo;
    if (query.pageSize === null) return;
    if (!info) throw withoutPageInfo(query);
    progress.expected.set(
      `${query.layout.name}/${query.pass}`,
      (progress.expected.get(`${query.layout.name}/${query.pass}`) ?? 0) + info.totalNumber,
    );
    const pages = Math.min(info.totalPage, reachedPages(task, query));
    if (pages > pagesMax)
      throw new SourceError(`${query.label} has ${pages} pages, more than can be right.`, { code: 'too_large' });
    ledger.foresee(Math.max(0, pages - 1));
    await Promise.all(
      Array.from({ length: Math.max(0, pages - 1) }, (_, index) =>
        withPlace(1, async () => {
          const answer = await getPage(task, query, index + 2, 'further_page');
          // A count that moved means that the pages do not belong together: -1 equals no count, so the unit is read again.
          if (answer.envelope.pageInfo && answer.envelope.pageInfo.totalNumber !== info.totalNumber)
            progress.expected.set(`${query.layout.name}/${query.pass}`, -1);
          await appendAnswer(query, progress, index + 2, answer);
        }),
      ),
    );
  };

  /** Holds one of a limited number of places from the request until its page is in the staging database: that bounds memory. */
  const withPlace = async <T>(priority: number, work: () => Promise<T>): Promise<T> => {
    const leave = await places.enter(priority, options.signal);
    try {
      return await work();
    } finally {
      leave();
    }
  };

  const getPage = (task: ExtractTask, query: Query, page: number, reason: CallReason): Promise<ApiAnswer> => {
    const prefetched = options.prefetched.get(prefetchKey(query.path, task.advertiserIds));
    if (prefetched && reason === 'planned') return Promise.resolve({ ...prefetched, giveBack: () => undefined });
    ledger.note(reason);
    const paging: Readonly<Record<string, JsonValue>> = query.pageSize === null ? {} : { page, page_size: query.pageSize };
    return client.get({
      path: query.path,
      query: { ...query.parameters, ...paging, ...(page > 1 && query.wantsTotals ? { enable_total_metrics: false } : {}) },
      label: page > 1 ? `${query.label}, page ${page}` : query.label,
      advertiserIds: task.advertiserIds,
      priority: page > 1 ? 1 : 2,
      wantsTotals: query.wantsTotals && page === 1,
    });
  };

  const appendAnswer = async (query: Query, progress: Progress, page: number, answer: ApiAnswer): Promise<void> => {
    progress.bytes += answer.body.length;
    const records = recordsOn(answer);
    ledger.receive(records);
    await staging.append(query.layout, {
      unit: progress.unit,
      pass: query.pass,
      page,
      records,
      body: answer.body,
    });
    answer.giveBack();
  };

  const openUnit = (task: ExtractTask): number => {
    lastUnit += 1;
    const unit = lastUnit;
    const account = task.advertiserIds.length === 1 ? options.account(task.advertiserIds[0] ?? '') : null;
    // An unknown zone counts as UTC here as in the plan; the database would refuse it.
    const timeZone = account && isTimeZone(account.timeZone) ? account.timeZone : 'UTC';
    staging.openUnit(unit, task, account && { ...account, timeZone });
    return unit;
  };

  const discard = async (task: ExtractTask, unit: number, pass?: number): Promise<void> => {
    for (const layout of task.table.layouts) {
      await staging.flush(layout);
      await staging.discard(layout, [unit], pass);
    }
  };

  const refusedOf = (task: ExtractTask): readonly string[] =>
    refused
      .filter((one) => one.advertiserId === task.advertiserIds[0] && one.table === task.table.schema.name)
      .map((one) => one.metric);

  const withoutRefused = (queries: readonly Query[], task: ExtractTask): readonly Query[] =>
    lessMetrics(queries, refusedOf(task));

  return {
    read,
    reread,
    refusedMetrics: () => refused,
    unreachable: () =>
      [...unreachable].map(([key, count]) => {
        const [table = '', id = ''] = key.split('/');
        return { table, advertiserId: id, count };
      }),
  };
}

/** Records on an answer's page, by its own count; 0 where it gives none. */
function recordsOn(answer: ApiAnswer): number {
  const info = answer.envelope.pageInfo;
  return info ? Math.max(0, Math.min(info.pageSize, info.totalNumber - (info.page - 1) * info.pageSize)) : 0;
}

/** What is known of a unit while it is read. */
export interface Progress {
  readonly unit: number;
  readonly expected: Map<string, number>;
  readonly totals: (Readonly<Record<string, string>> | null)[];
  cut: boolean;
  bytes: number;
}

function combine(outcomes: readonly TaskOutcome[]): TaskOutcome {
  const failed = outcomes.find((outcome) => outcome.kind === 'failed');
  return failed ?? { kind: 'read', units: outcomes.flatMap((outcome) => (outcome.kind === 'read' ? outcome.units : [])) };
}

/** The dates a task's calls carry; a report without a window column may still be asked with dates. */
function windowOf(task: ExtractTask): Window | null {
  const parameters = task.queries[0]?.parameters ?? {};
  const { start_date: start, end_date: end } = parameters;
  return typeof start === 'string' && typeof end === 'string' ? { start, end } : null;
}

function reachedPages(task: ExtractTask, query: Query): number {
  const { source } = task.table;
  if (source.kind !== 'resource' || !source.resource.reach || query.pageSize === null) return pagesMax + 1;
  return Math.ceil(source.resource.reach.newest / query.pageSize);
}

function actionOf(error: SourceError): ApiAction | null {
  return error.code && /^\d+$/.test(error.code) ? apiCode(Number(error.code)).action : null;
}

/** TikTok says so, or cannot answer in time. */
function isTooLarge(error: SourceError): boolean {
  return actionOf(error) === 'split' || error.code === 'timeout';
}

/** Reports whose rows have an id that a filter can name. */
function hasIds({ table: { source } }: ExtractTask): boolean {
  return (
    source.kind === 'report' &&
    source.report.spec.reportType !== 'PLAYABLE_MATERIAL' &&
    source.report.spec.dataLevel !== 'AUCTION_ADVERTISER'
  );
}

/** Without it nobody knows how many pages there are, and a part would pass for the whole. */
function withoutPageInfo(query: Query): SourceError {
  return new SourceError(`TikTok's answer to ${query.label} does not say how many records there are.`, {
    code: 'malformed',
    retryable: true,
    hint: 'Usually passing. If it stays, look for a proxy that changes answers.',
  });
}

/** Names in "Invalid metric fields: ['a', 'b']" (code 40002). */
function invalidMetrics(error: SourceError): readonly string[] {
  if (error.code !== '40002') return [];
  const list = /invalid metric fields?:\s*\[([^\]]*)\]/i.exec(error.message)?.[1] ?? '';
  return [...list.matchAll(/['"]([^'"]+)['"]/g)].map((match) => match[1] ?? '');
}

function askedMetrics(task: ExtractTask): readonly string[] {
  return task.queries.flatMap(metricsOf);
}

function metricsOf(query: Query | undefined): readonly string[] {
  const metrics = query?.parameters['metrics'];
  return Array.isArray(metrics) ? metrics.map(String) : [];
}

function withoutMetrics(task: ExtractTask, missing: readonly string[]): ExtractTask {
  return { ...task, queries: lessMetrics(task.queries, missing) };
}

/** A call that is left with no metric is not made, unless it is the one that brings the rows: TikTok would answer with metrics of its own choice. */
function lessMetrics(queries: readonly Query[], missing: readonly string[]): readonly Query[] {
  if (missing.length === 0) return queries;
  return queries.flatMap((query, at): readonly Query[] => {
    const asked = query.parameters['metrics'];
    if (!Array.isArray(asked)) return [query];
    const metrics = asked.filter((metric) => !missing.includes(String(metric)));
    return metrics.length === 0 && at > 0 ? [] : [{ ...query, parameters: { ...query.parameters, metrics } }];
  });
}

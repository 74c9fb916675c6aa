import type { Config } from '../config/config.ts';
import type { Session } from '../destinations/destination.ts';
import type { AccountFailure } from '../extract/accounts.ts';
import type { RefusedMetric, UnreachableRecords } from '../extract/extract.ts';
import type { UntypedValues } from '../extract/staging.ts';
import { countDuplicateKeys } from '../load/inspect.ts';
import type { TableResult } from '../pipeline.ts';
import { type CheckName, type CheckResult, checkNames } from './check.ts';
import { levelsReconcile } from './levels.ts';
import { matchesApiTotal, type RowsCounted } from './totals.ts';

export interface CheckInput {
  readonly config: Config;
  readonly session: Session;
  /** The tables of the asset. */
  readonly results: readonly TableResult[];
  /** All tables of the run: levels are compared with each other whatever assets they are. */
  readonly allResults: readonly TableResult[];
  readonly accountsAsked: number;
  readonly accountFailures: readonly AccountFailure[];
  readonly refusedMetrics: readonly RefusedMetric[];
  readonly unreachable: readonly UnreachableRecords[];
  readonly untyped: readonly UntypedValues[];
  /** The load that the scopes belong to; null where they are of several. */
  readonly loadId: string | null;
}

/** The checks to run: all, or those that were selected. */
export function namesOf(selected: readonly string[] | null): readonly CheckName[] {
  return checkNames.filter((name) => selected === null || selected.includes(name));
}

/** Runs the named checks on what the tables hold now. */
export async function runChecks(names: readonly CheckName[], input: CheckInput): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  for (const name of names) results.push(await runCheck(name, input));
  return results;
}

function runCheck(name: CheckName, input: CheckInput): Promise<CheckResult> {
  switch (name) {
    case 'matches_api_total':
      return matchesApiTotal(input.session, input.results, rowsCounted(input));
    case 'unique_key':
      return uniqueKey(input);
    case 'levels_reconcile':
      return levelsReconcile(input.session, input.allResults);
    case 'accounts_loaded':
      return Promise.resolve(accountsLoaded(input));
    case 'schema_unchanged':
      return Promise.resolve(schemaUnchanged(input));
  }
}

/** An append keeps the rows of earlier loads beside its own: TikTok's total is that of one load. */
function rowsCounted({ config, loadId }: CheckInput): RowsCounted {
  if (config.writeDisposition !== 'append') return { kind: 'all' };
  return loadId === null ? { kind: 'unknown' } : { kind: 'load', loadId };
}

async function uniqueKey({ session, results, config }: CheckInput): Promise<CheckResult> {
  const duplicates: Record<string, number> = {};
  for (const { table } of results) duplicates[table.schema.name] = await countDuplicateKeys(session, table.schema);
  const wrong = Object.entries(duplicates).filter(([, count]) => count > 0);
  const keys = Object.fromEntries(results.map(({ table }) => [table.schema.name, table.schema.primaryKey.join(', ')]));
  const byDesign = config.writeDisposition === 'append';
  const cause = byDesign
    ? 'write_disposition is append, which keeps every load by design.'
    : 'Likely: rows were inserted by something else. Load the accounts again.';
  return {
    name: 'unique_key',
    passed: wrong.length === 0,
    severity: byDesign ? 'WARN' : 'ERROR',
    summary:
      wrong.length === 0
        ? `Each key stands once in ${results.length} table(s).`
        : `${wrong.map(([table, count]) => `${table}: ${count} keys stand more than once`).join('; ')}. ${cause}`,
    figures: { duplicate_keys: duplicates, keys },
  };
}

function accountsLoaded(input: CheckInput): CheckResult {
  const failed = failedAccounts(input);
  const loaded = input.accountsAsked - failed.size;
  const missing = input.refusedMetrics.map((one) => `${one.metric} of advertiser ${one.advertiserId}`);
  const figures = {
    accounts_asked: input.accountsAsked,
    accounts_loaded: loaded,
    accounts_failed: Object.fromEntries(failed),
    metrics_refused: [...new Set(missing)].slice(0, 50),
    records_out_of_reach: input.unreachable,
    values_without_type: input.untyped
      .slice(0, 20)
      .map((one) => ({ table: one.table.replace(/^rows_/, ''), column: one.column, values: one.count, example: one.example })),
  };
  const parts = [
    ...(failed.size > 0
      ? [
          `${failed.size} of ${input.accountsAsked} account(s) are not completely loaded: ${[...failed]
            .slice(0, 5)
            .map(([id, why]) => `${id} (${why})`)
            .join('; ')}`,
        ]
      : []),
    ...(missing.length > 0 ? [`TikTok refused metrics, which are NULL: ${[...new Set(missing)].slice(0, 5).join('; ')}`] : []),
    ...input.unreachable.map((one) => `${outOfReach(one)}: TikTok's search shows the newest 10,000 only, and no ad uses them`),
    ...(input.untyped.length > 0
      ? [
          `values that fit no column type are NULL: ${input.untyped
            .slice(0, 5)
            .map((one) => `${one.count} of ${one.column}, such as ${JSON.stringify(one.example)}`)
            .join('; ')}`,
        ]
      : []),
  ];
  return {
    name: 'accounts_loaded',
    passed: parts.length === 0,
    severity: failed.size > 0 && input.config.onAdvertiserError === 'fail' ? 'ERROR' : 'WARN',
    summary: parts.length === 0 ? `All ${input.accountsAsked} account(s) are loaded.` : `${parts.join('. ')}.`,
    figures,
  };
}

function outOfReach({ table, advertiserId, count }: UnreachableRecords): string {
  return count === null
    ? `older ${table} of advertiser ${advertiserId}, if there are more, cannot be read`
    : `${count} older ${table} of advertiser ${advertiserId} cannot be read`;
}

/** Accounts with something missing, and the first reason. */
export function failedAccounts(input: Pick<CheckInput, 'accountFailures' | 'results'>): ReadonlyMap<string, string> {
  const failed = new Map<string, string>();
  for (const { advertiserId, error } of input.accountFailures) failed.set(advertiserId, error.message);
  for (const result of input.results) {
    for (const { advertiserIds, error } of result.failures)
      for (const id of advertiserIds) if (!failed.has(id)) failed.set(id, error.message);
  }
  return failed;
}

function schemaUnchanged({ results }: CheckInput): CheckResult {
  const added = Object.fromEntries(
    results.filter((one) => one.addedColumns.length > 0).map((one) => [one.table.schema.name, one.addedColumns]),
  );
  const widened = Object.fromEntries(
    results.filter((one) => one.widenedColumns.length > 0).map((one) => [one.table.schema.name, one.widenedColumns]),
  );
  const unchanged = Object.keys(added).length === 0 && Object.keys(widened).length === 0;
  const list = [
    ...Object.entries(added).map(([table, columns]) => `${table} has new columns ${columns.join(', ')}`),
    ...Object.entries(widened).map(([table, columns]) => `${table} has wider columns ${columns.join(', ')}`),
  ];
  return {
    name: 'schema_unchanged',
    passed: unchanged,
    severity: 'WARN',
    summary: unchanged
      ? 'No column was added or widened.'
      : `${list.join('; ')}. Likely: the configuration asks for more, or TikTok added a field.`,
    figures: {
      added_columns: added,
      widened_columns: widened,
      created: results.filter((one) => one.created).map((one) => one.table.schema.name),
    },
  };
}

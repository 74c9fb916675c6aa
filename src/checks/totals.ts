import { formatDecimal, parseDecimal } from '../decimal.ts';
import type { Session } from '../destinations/destination.ts';
import { provenMetrics } from '../extract/totals.ts';
import { scopeFigures } from '../load/inspect.ts';
import type { LoadScope } from '../load/load.ts';
import type { TableResult } from '../pipeline.ts';
import type { CheckResult } from './check.ts';

/** Differences and reasons that are listed; all are counted. */
const listedMax = 20;

interface Difference {
  readonly table: string;
  readonly advertiser_id: string;
  readonly window: string;
  readonly metric: string;
  readonly loaded: string;
  readonly api: string;
  readonly difference: string;
  readonly total_from: string;
}

interface Comparison {
  readonly differences: readonly Difference[];
  /** Differences that say nothing, because the breakdown does not cover all delivery. */
  readonly partial: readonly Difference[];
  /** Reasons why a scope could not be proven, and how many there were of each. */
  readonly unproven: ReadonlyMap<string, number>;
  readonly proven: number;
  readonly counted: readonly LoadScope[];
}

/** Which rows of a scope are to equal TikTok's total. `unknown`: those of one load among several, nobody can tell which. */
export type RowsCounted =
  | { readonly kind: 'all' }
  | { readonly kind: 'load'; readonly loadId: string }
  | { readonly kind: 'unknown' };

/** Sums of the rows in the tables against TikTok's own totals of the same accounts and windows. */
export async function matchesApiTotal(
  session: Session,
  results: readonly TableResult[],
  counted: RowsCounted,
): Promise<CheckResult> {
  const differences: Difference[] = [];
  const partial: Difference[] = [];
  const unproven = new Map<string, number>();
  let proven = 0;
  for (const result of results.filter((one) => one.table.source.kind === 'report')) {
    const metrics = provenMetrics.filter((metric) => result.table.schema.columns.some((column) => column.name === metric));
    const loadId = counted.kind === 'load' ? counted.loadId : null;
    const figures = await scopeFigures(session, result.table.schema, result.scopes, metrics, loadId);
    for (const [index, scope] of result.scopes.entries()) {
      const loaded = figures[index];
      if (!scope.apiTotals || !loaded || counted.kind === 'unknown') {
        const reason = scope.apiTotals ? 'write_disposition append keeps several loads of these dates' : scope.proof;
        unproven.set(reason, (unproven.get(reason) ?? 0) + 1);
        continue;
      }
      const found = compare(result.table.schema.name, scope, loaded.sums, loaded.rows);
      // Equal all the same: nothing has moved since. Else nobody can tell what moved from what was changed by hand.
      if (found.length > 0 && scope.replacedInPart) {
        const reason = 'a later load replaced some of these dates with other figures; to prove the rest, load it again';
        unproven.set(reason, (unproven.get(reason) ?? 0) + 1);
        continue;
      }
      const breakdown = partialBreakdownOf(result);
      if (found.length > 0 && breakdown) {
        const reason = `rows by ${breakdown} need not add up to the account's total`;
        unproven.set(reason, (unproven.get(reason) ?? 0) + 1);
        partial.push(...found);
        continue;
      }
      proven += 1;
      differences.push(...found);
    }
  }
  const entityLists = results.filter((one) => one.table.source.kind === 'resource').flatMap((one) => one.scopes);
  return verdict({ differences, partial, unproven, proven, counted: entityLists });
}

/** What TikTok breaks down only in part (delivery without a search term has no row) or more than once (a person has many interests). */
function partialBreakdownOf({ table: { source } }: TableResult): string | null {
  return source.kind === 'report' ? source.report.partialBreakdown : null;
}

/**
 * Counts have to be equal. Money too, except that TikTok rounds each row to its minor unit and the total only once: where all counts
 * are equal, up to half a minor unit a row is rounding (ruling 8).
 */
function compare(table: string, scope: LoadScope, sums: Readonly<Record<string, string>>, rows: number): readonly Difference[] {
  const found = Object.entries(scope.apiTotals ?? {}).flatMap(([metric, api]): readonly Difference[] => {
    const loaded = sums[metric];
    if (loaded === undefined) return [];
    const difference = parseDecimal(loaded) - parseDecimal(api);
    if (difference === 0n) return [];
    const window = scope.window ? `${scope.window.start}..${scope.window.end}` : 'all';
    return [
      {
        table,
        advertiser_id: scope.advertiserId,
        window,
        metric,
        loaded,
        api,
        difference: formatDecimal(difference),
        total_from: scope.proof,
      },
    ];
  });
  const onlyMoney = found.every((one) => one.metric === 'spend');
  const halfUnit = parseDecimal('0.005') * BigInt(rows);
  return found.filter((one) => !(onlyMoney && magnitude(parseDecimal(one.difference)) <= halfUnit && hasFraction(one)));
}

/** Amounts without decimals were not rounded to hundredths. */
function hasFraction(one: Difference): boolean {
  return one.api.includes('.') || one.loaded.includes('.');
}

function verdict({ differences, partial, unproven, proven, counted }: Comparison): CheckResult {
  const figures = {
    scopes_proven: proven,
    scopes_not_provable: [...unproven.values()].reduce((sum, count) => sum + count, 0),
    scopes_different: new Set(differences.map((one) => `${one.table}/${one.advertiser_id}/${one.window}`)).size,
    differences: differences.slice(0, listedMax),
    partly_covered: partial.slice(0, listedMax),
    not_provable: Object.fromEntries(unproven),
    entity_lists_counted: counted.length,
  };
  const name = 'matches_api_total' as const;
  if (differences.length > 0) {
    const first = differences[0];
    return {
      name,
      passed: false,
      severity: 'ERROR',
      summary:
        `${first?.table}, advertiser ${first?.advertiser_id}, ${first?.window}: ${first?.metric} is ${first?.loaded} in the table and ${first?.api} at TikTok ` +
        `(difference ${first?.difference}); ${differences.length} difference(s) in all. ${causeOf(differences)}`,
      figures,
    };
  }
  if (unproven.size > 0) {
    const reasons = [...unproven].map(([reason, count]) => `${reason} (${count})`).join('; ');
    return {
      name,
      passed: false,
      severity: 'WARN',
      summary: `Not provable for ${figures.scopes_not_provable} of ${proven + figures.scopes_not_provable} account windows: ${reasons}.`,
      figures,
    };
  }
  const entities = counted.length > 0 ? ` ${counted.length} entity lists have as many records as TikTok counts.` : '';
  if (proven > 0) {
    const reports = `Spend, impressions and clicks of ${proven} account window(s) equal TikTok's own totals.`;
    return { name, passed: true, severity: 'ERROR', summary: `${reports}${entities}`, figures };
  }
  // Without reports nothing but the counts was to be proven.
  return { name, passed: counted.length > 0, severity: 'WARN', summary: `No report was loaded.${entities}`, figures };
}

/** Where the account's own total is higher than rows that were found by ids or by breakdown, restatement is not the first guess. */
function causeOf(differences: readonly Difference[]): string {
  const missing = differences.every((one) => one.difference.startsWith('-'));
  const byControl = differences.every((one) => one.total_from.includes('control read'));
  const others =
    missing && byControl
      ? "the account's total holds delivery that TikTok shows in no other way (ads of GMV Max are in no list) or shows later (breakdowns are up to a day behind); or "
      : '';
  return `Likely: ${others}TikTok restated the numbers since they were loaded, or rows were changed by hand. Load this window again.`;
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

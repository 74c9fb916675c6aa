import { parseDecimal, sumDecimals } from '../decimal.ts';
import type { Session } from '../destinations/destination.ts';
import { type Scope, type ScopeFigures, scopeFigures } from '../load/inspect.ts';
import type { TableResult } from '../pipeline.ts';
import { joined } from '../plan/window.ts';
import type { Window } from '../table.ts';
import type { Report } from '../tiktok/report.ts';
import type { DataLevel } from '../tiktok/report-types.ts';
import type { CheckResult } from './check.ts';

/** From the smallest to the largest. */
const order: readonly DataLevel[] = ['AUCTION_AD', 'AUCTION_ADGROUP', 'AUCTION_CAMPAIGN', 'AUCTION_ADVERTISER'];
const compared = ['spend', 'impressions', 'clicks'] as const;
const halfCent = parseDecimal('0.005');

interface LevelSums {
  readonly level: DataLevel;
  readonly table: string;
  /** By advertiser and dates: only what is loaded over the same dates can be compared. */
  readonly sums: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** Rows by the same keys. */
  readonly rows: ReadonlyMap<string, number>;
}

/** What ads spent is part of what their ad groups spent, and so on up: a lower level that has more shows rows missing above. */
export async function levelsReconcile(session: Session, results: readonly TableResult[]): Promise<CheckResult> {
  const name = 'levels_reconcile' as const;
  const levels: LevelSums[] = [];
  for (const result of results)
    if (result.table.source.kind === 'report' && isPlain(result.table.source.report))
      levels.push(await sumsOf(session, result, result.table.source.report));
  levels.sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level));
  const distinct = new Set(levels.map((one) => one.level));
  if (distinct.size < 2) {
    return {
      name,
      passed: true,
      severity: 'WARN',
      summary: 'Fewer than two levels were loaded in this run: there is nothing to compare.',
      figures: { levels: [...distinct] },
    };
  }
  const wrong: Record<string, unknown>[] = [];
  let comparisons = 0;
  for (const [at, lower] of levels.entries()) {
    for (const upper of levels.slice(at + 1).filter((one) => one.level !== lower.level)) {
      for (const [key, low] of lower.sums) {
        const high = upper.sums.get(key);
        if (!high) continue;
        for (const metric of compared) {
          comparisons += 1;
          // TikTok rounds the money of each row, so that many small rows may come to a little more than a large one.
          const rounding = metric === 'spend' ? halfCent * BigInt((lower.rows.get(key) ?? 0) + (upper.rows.get(key) ?? 0)) : 0n;
          if (parseDecimal(low[metric] ?? '0') > parseDecimal(high[metric] ?? '0') + rounding) {
            wrong.push({ account_and_dates: key, metric, [lower.table]: low[metric], [upper.table]: high[metric] });
          }
        }
      }
    }
  }
  const levelNames = [...distinct].join(', ');
  const figures = { levels: [...distinct], comparisons, contradictions: wrong.length, examples: wrong.slice(0, 10) };
  if (wrong.length === 0)
    return {
      name,
      passed: true,
      severity: 'WARN',
      summary:
        comparisons > 0
          ? `${comparisons} comparisons between ${levelNames}: no lower level has more than a higher one.`
          : `No account is loaded over the same dates at two levels of ${levelNames}: there is nothing to compare.`,
      figures,
    };
  const summary = `${wrong.length} time(s) a lower level has more than a higher one. Likely: TikTok restated numbers between two reads of this run; load the higher level again.`;
  return { name, passed: false, severity: 'WARN', summary, figures };
}

function isPlain(report: Report): boolean {
  return report.spec.reportType === 'BASIC' && report.spec.breakdowns.length === 0;
}

async function sumsOf(session: Session, result: TableResult, report: Report): Promise<LevelSums> {
  const scopes = [...Map.groupBy(result.scopes, (one) => one.advertiserId)].flatMap(([advertiserId, own]) =>
    datesOf(own).map((window) => ({ advertiserId, window })),
  );
  const figures = await scopeFigures(session, result.table.schema, scopes, compared);
  const byKey = new Map<string, readonly ScopeFigures[]>();
  for (const [advertiserId, own] of Map.groupBy(figures, (one) => one.advertiserId)) {
    const dates = own.map(({ window }) => (window ? `${window.start}..${window.end}` : 'lifetime'));
    byKey.set(`${advertiserId} ${dates.join(', ')}`, own);
  }
  return {
    level: report.spec.dataLevel,
    table: result.table.schema.name,
    sums: new Map(
      [...byKey].map(([key, own]) => [
        key,
        Object.fromEntries(compared.map((metric) => [metric, sumDecimals(own.map((one) => one.sums[metric] ?? '0'))])),
      ]),
    ),
    rows: new Map([...byKey].map(([key, own]) => [key, own.reduce((sum, one) => sum + one.rows, 0)])),
  };
}

/** The dates that an account's scopes cover, each once; null: all. */
function datesOf(scopes: readonly Scope[]): readonly (Window | null)[] {
  const windows = scopes.flatMap((one) => (one.window ? [one.window] : []));
  return windows.length < scopes.length ? [null] : joined(windows);
}

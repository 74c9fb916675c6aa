import { parseDecimal, sumDecimals } from '../decimal.ts';
import type { Session } from '../destinations/destination.ts';
import { scopeFigures } from '../load/inspect.ts';
import type { TableResult } from '../pipeline.ts';
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
  /** By advertiser and span, only of accounts loaded over the same dates. */
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
  const figures = { levels: [...distinct], comparisons, contradictions: wrong.length, examples: wrong.slice(0, 10) };
  if (wrong.length === 0)
    return {
      name,
      passed: true,
      severity: 'WARN',
      summary: `${comparisons} comparisons between ${[...distinct].join(', ')}: no lower level has more than a higher one.`,
      figures,
    };
  const summary = `${wrong.length} time(s) a lower level has more than a higher one. Likely: TikTok restated numbers between two reads of this run; load the higher level again.`;
  return { name, passed: false, severity: 'WARN', summary, figures };
}

function isPlain(report: Report): boolean {
  return report.spec.reportType === 'BASIC' && report.spec.breakdowns.length === 0;
}

async function sumsOf(session: Session, result: TableResult, report: Report): Promise<LevelSums> {
  const figures = await scopeFigures(session, result.table.schema, result.scopes, compared);
  const parts = new Map<
    string,
    {
      readonly first: string;
      readonly last: string;
      readonly rows: number;
      readonly sums: Record<string, readonly string[]>;
    }
  >();
  for (const one of figures) {
    const before = parts.get(one.advertiserId);
    const start = one.window?.start ?? 'lifetime';
    const end = one.window?.end ?? 'lifetime';
    parts.set(one.advertiserId, {
      first: before && before.first < start ? before.first : start,
      last: before && before.last > end ? before.last : end,
      rows: (before?.rows ?? 0) + one.rows,
      sums: Object.fromEntries(compared.map((metric) => [metric, [...(before?.sums[metric] ?? []), one.sums[metric] ?? '0']])),
    });
  }
  const keyed = [...parts].map(([advertiserId, part]) => ({ key: `${advertiserId} ${part.first}..${part.last}`, part }));
  return {
    level: report.spec.dataLevel,
    table: result.table.schema.name,
    sums: new Map(
      keyed.map(({ key, part }) => [
        key,
        Object.fromEntries(compared.map((metric) => [metric, sumDecimals(part.sums[metric] ?? [])])),
      ]),
    ),
    rows: new Map(keyed.map(({ key, part }) => [key, part.rows])),
  };
}

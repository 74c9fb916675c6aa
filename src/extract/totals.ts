import { sumDecimals } from '../decimal.ts';
import type { TablePlan } from '../plan/task.ts';
import type { ApiAnswer } from '../tiktok/client.ts';
import type { ReadUnit } from './extract.ts';
import { quoteName } from './rows.ts';
import type { Staging } from './staging.ts';

/** Metrics whose sums are compared with TikTok's own. */
export const provenMetrics = ['spend', 'impressions', 'clicks'] as const;

/** The API's totals of one answer: metric → number as text. */
export type Totals = Readonly<Record<string, string>>;

/** Whether an answer's totals say something of every metric that is compared and that its call asked for. */
export function areWhole(totals: Totals | null | undefined, asked: readonly string[]): totals is Totals {
  const compared = provenMetrics.filter((metric) => asked.includes(metric));
  return totals !== null && totals !== undefined && compared.length > 0 && compared.every((metric) => isNumber(totals[metric]));
}

/**
 * What a control read says in all: its totals, or where it has none the sum of its rows, which are one a day. No rows at all are a total
 * of nothing. Null where neither can be told.
 */
export function controlTotals(answer: ApiAnswer): Totals | null {
  const { totalMetrics, pageInfo } = answer.envelope;
  if (areWhole(totalMetrics, provenMetrics)) return totalMetrics;
  // The client has checked the envelope; these are at most 365 rows.
  const parsed = JSON.parse(answer.body.toString('utf8')) as {
    readonly data?: { readonly list?: readonly { readonly metrics?: Readonly<Record<string, unknown>> }[] };
  };
  const rows = (parsed.data?.list ?? []).map((row) =>
    Object.fromEntries(provenMetrics.map((metric) => [metric, String(row.metrics?.[metric] ?? '-')])),
  );
  if (rows.length !== pageInfo?.totalNumber || !rows.every((row) => areWhole(row, provenMetrics))) return null;
  return Object.fromEntries(provenMetrics.map((metric) => [metric, sumDecimals(rows.map((row) => row[metric] ?? '0'))]));
}

function isNumber(text: string | undefined): boolean {
  return text !== undefined && /^-?\d+(\.\d+)?$/.test(text.trim());
}

/**
 * The API's totals of each unit: those of its passes together, less the rows that two passes share (an auction report may already hold
 * reservation rows). Null where no total was obtained.
 */
export async function passTotals(
  staging: Staging,
  plan: TablePlan,
  units: readonly ReadUnit[],
): Promise<ReadonlyMap<number, Readonly<Record<string, string>> | null>> {
  const result = new Map<number, Readonly<Record<string, string>> | null>();
  for (const unit of units) {
    const given = unit.totals.filter((totals) => totals !== null && totals !== undefined);
    if (given.length === 0) result.set(unit.unit, null);
    else if (given.length === 1) result.set(unit.unit, proven(given[0] ?? {}));
    else result.set(unit.unit, await joined(staging, plan, unit, given));
  }
  return result;
}

function proven(totals: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    provenMetrics.flatMap((metric) => (totals[metric] !== undefined && totals[metric] !== '-' ? [[metric, totals[metric]]] : [])),
  );
}

async function joined(
  staging: Staging,
  plan: TablePlan,
  unit: ReadUnit,
  given: readonly Readonly<Record<string, string>>[],
): Promise<Readonly<Record<string, string>>> {
  const layout = plan.layouts[0];
  if (!layout || plan.source.kind !== 'report') return {};
  const keys = plan.source.report.dimensions.map(quoteName).join(', ');
  const metrics = provenMetrics.filter((metric) => layout.fields.some((field) => field.column === metric));
  // Exact: DuckDB adds decimals, not floating-point numbers, and gives them back as text.
  const values = metrics.map((metric) => {
    const announced = given
      .map((totals) => `${Number.isFinite(Number(totals[metric])) ? `'${totals[metric]}'` : '0'}::DECIMAL(38,9)`)
      .join(' + ');
    return `(${announced} - coalesce(sum(${quoteName(metric)}), 0))::VARCHAR AS ${quoteName(metric)}`;
  });
  const shared = `SELECT * FROM ${quoteName(layout.name)} WHERE _unit = ${unit.unit} AND _pass > 0
    AND (${keys}) IN (SELECT (${keys}) FROM ${quoteName(layout.name)} WHERE _unit = ${unit.unit} AND _pass = 0)`;
  const [row] = await staging.rows(`SELECT ${values.join(', ')} FROM (${shared})`);
  return Object.fromEntries(metrics.map((metric) => [metric, plain(String(row?.[metric] ?? '0'))]));
}

function plain(decimal: string): string {
  return decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal;
}

import { dimensions } from '../tiktok/dimensions.ts';
import { metrics } from '../tiktok/metrics.ts';
import { type DataLevel, dataLevels, type Granularity, type ReportType } from '../tiktok/report-types.ts';

/**
 * What the simulator takes from the catalogue: facts about metrics and dimensions. Which request is refused, and how, is decided
 * here anew, so that a mistake in the client's own checks shows.
 */
export type { Metric as MetricFact } from '../tiktok/metrics.ts';
export type { DataLevel, Granularity, ReportType };
export { dimensions, metrics };

export interface MetricContext {
  readonly reportType: ReportType;
  readonly dataLevel: DataLevel | null;
  readonly granularity: Granularity;
  readonly breakdowns: readonly string[];
  readonly idDimension: string | null;
  /** Names that no source shows to be right in such reports. */
  readonly acceptUnproven: boolean;
  /** Metrics beside those that the API's documents list for a breakdown; one connector asks for some of them in production. */
  readonly acceptUndocumentedBreakdowns: boolean;
}

/** Whether TikTok answers this metric in such a report. */
export function isMetricAllowed(name: string, context: MetricContext): boolean {
  const metric = metrics.get(name);
  if (metric === undefined) return false;
  // No document says which attributes AUDIENCE reports lack. The Singer tap (1.2.1) asks for many, also for what belongs to a level above.
  if (context.acceptUndocumentedBreakdowns && context.reportType === 'AUDIENCE' && metric.attribute)
    return context.idDimension !== null && isOfLevelOrAbove(metric.levels, context.dataLevel);
  if (!metric.reportTypes.includes(context.reportType)) return false;
  if (!metric.proven && !context.acceptUnproven) return false;
  if (context.dataLevel !== null && !metric.levels.includes(context.dataLevel)) return false;
  if (!metric.granularities.includes(context.granularity)) return false;
  if (metric.needsIdDimension && context.idDimension === null) return false;
  if (metric.needsDimension !== undefined && !context.breakdowns.includes(metric.needsDimension)) return false;
  if (metric.conflictsWith !== undefined && metric.conflictsWith === context.idDimension) return false;
  if (!metric.withBreakdowns && context.breakdowns.length > 0) return false;
  if (metric.attribute || context.acceptUndocumentedBreakdowns) return true;
  return context.breakdowns.every((breakdown) => {
    const allowed = dimensions.get(breakdown)?.metricsAllowed?.[context.reportType];
    return allowed === undefined || allowed.includes(name);
  });
}

function isOfLevelOrAbove(levels: readonly DataLevel[], level: DataLevel | null): boolean {
  const highest = Math.min(...levels.map((one) => dataLevels.indexOf(one)));
  return level === null || highest <= dataLevels.indexOf(level);
}

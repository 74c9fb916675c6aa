import { aliases } from './aliases.ts';
import { dimensions } from './dimensions.ts';
import { defaultMetricNames } from './metric-sets.ts';
import type { Metric } from './metrics/metric.ts';
import { metrics } from './metrics.ts';
import { type ReportMessages, reportMessages } from './report-messages.ts';
import {
  breakdownCounts,
  breakdownPairs,
  type DataLevel,
  type Granularity,
  granularitiesOf,
  levelIds,
  type ReportType,
  timeDimensions,
} from './report-types.ts';

/**
 * All that is needed to check a report, as plain JSON: what `checkReport` reads here, and what a second interpreter reads elsewhere.
 * `report-rules.ts` is the interpreter to follow: the same checks in the same order give the same violations with the same words.
 */
export interface RulesData {
  /** Changes when an interpreter of this object has to change. */
  readonly shape: 1;
  readonly levelIds: Readonly<Record<DataLevel, string>>;
  readonly timeDimensions: Readonly<Record<Granularity, string | null>>;
  readonly granularitiesOf: Readonly<Record<ReportType, readonly Granularity[]>>;
  /** How many breakdowns a request has; each of `breakdownPairs` counts as one. */
  readonly breakdownCounts: Readonly<Record<ReportType, { readonly min: number; readonly max: number }>>;
  readonly breakdownPairs: readonly (readonly string[])[];
  /** What holds for many metrics at once. */
  readonly profiles: readonly MetricProfile[];
  /** Metric → its profile's index. In catalogue order. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly dimensions: Readonly<Record<string, DimensionRules>>;
  readonly aliases: Readonly<Record<string, { readonly kind: 'copy' | 'sum'; readonly metrics: readonly string[] }>>;
  readonly defaultMetrics: Readonly<Record<ReportType, readonly string[]>>;
  /** Texts with `{placeholders}`; see `ReportMessages`. */
  readonly messages: ReportMessages;
}

export interface MetricProfile {
  readonly attribute: boolean;
  readonly reportTypes: readonly ReportType[];
  readonly levels: readonly DataLevel[];
  readonly granularities: readonly Granularity[];
  readonly withBreakdowns: boolean;
  readonly needsDimension: string | null;
  readonly conflictsWith: string | null;
  readonly onlyIn: string | null;
}

export interface DimensionRules {
  readonly role: 'id' | 'time' | 'breakdown';
  readonly reportTypes: readonly ReportType[];
  readonly levels: readonly DataLevel[];
  readonly granularities: readonly Granularity[];
  /** Report type → the metrics that may stand next to it, attributes apart. A type that is left out takes all. */
  readonly metricsAllowed: Partial<Readonly<Record<ReportType, readonly string[]>>>;
  readonly onlyIn: string | null;
}

/** The rules of the catalogue as plain data. The same object each time. */
export function rulesData(): RulesData {
  return data;
}

const profiles: MetricProfile[] = [];
const indexes = new Map<string, number>();

const data: RulesData = {
  shape: 1,
  levelIds,
  timeDimensions,
  granularitiesOf,
  breakdownCounts,
  breakdownPairs,
  profiles,
  metrics: Object.fromEntries([...metrics.values()].map((metric) => [metric.name, profileIndex(metric)])),
  dimensions: Object.fromEntries(
    [...dimensions.values()].map(({ name, role, reportTypes, levels, granularities, metricsAllowed, onlyIn }) => [
      name,
      { role, reportTypes, levels, granularities, metricsAllowed: metricsAllowed ?? {}, onlyIn: onlyIn ?? null },
    ]),
  ),
  aliases: Object.fromEntries(
    [...aliases.values()].map(({ name, kind, metrics: sources }) => [name, { kind, metrics: sources }]),
  ),
  defaultMetrics: defaultMetricNames,
  messages: reportMessages,
};

function profileIndex(metric: Metric): number {
  const profile: MetricProfile = {
    attribute: metric.attribute,
    reportTypes: metric.reportTypes,
    levels: metric.levels,
    granularities: metric.granularities,
    withBreakdowns: metric.withBreakdowns,
    needsDimension: metric.needsDimension ?? null,
    conflictsWith: metric.conflictsWith ?? null,
    onlyIn: metric.onlyIn ?? null,
  };
  const key = JSON.stringify(profile);
  const known = indexes.get(key);
  if (known !== undefined) return known;
  indexes.set(key, profiles.length);
  return profiles.push(profile) - 1;
}

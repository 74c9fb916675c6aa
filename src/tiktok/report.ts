import { type Column, type ColumnType, loadColumns, type TableSchema } from '../table.ts';
import { aliases } from './aliases.ts';
import { dimensions, idDimensionOf, timeDimensionOf } from './dimensions.ts';
import { metrics } from './metrics.ts';
import { allowedMetrics } from './report-rules.ts';
import type { DataLevel, Granularity, ReportType } from './report-types.ts';

/** A report as the configuration asks for it. */
export interface ReportSpec {
  readonly name: string;
  readonly table: string;
  readonly reportType: ReportType;
  readonly dataLevel: DataLevel;
  readonly granularity: Granularity;
  /** Names of the API. */
  readonly metrics: readonly string[];
  /** Extra columns under other names. */
  readonly aliases: readonly string[];
  readonly breakdowns: readonly string[];
}

/** A report worked out: what is asked of the API, and what the table looks like. */
export interface Report {
  readonly spec: ReportSpec;
  readonly schema: TableSchema;
  /** Sent as `dimensions`. */
  readonly dimensions: readonly string[];
  /** Metric lists of the calls that together give a row, each within the API's maximum. */
  readonly metricGroups: readonly (readonly string[])[];
  /** Column → its value from what the API sent: the metrics to add up (one: a copy). */
  readonly aliasSources: ReadonlyMap<string, readonly string[]>;
  /** The day comes from the window because the API has no time dimension (playables) or none next to the breakdown. */
  readonly dayFromWindow: boolean;
  /** Longest window of one call in days, or null where the dates are not used. */
  readonly windowDaysMax: number | null;
  /** How the sums can be proven. */
  readonly proof: 'total-metrics' | 'control-read' | 'none';
  /** The breakdown whose rows need not add up to the account's total, or null: a difference then proves nothing. */
  readonly partialBreakdown: string | null;
}

/** Docs 1740302848100353 advise no more metrics than this in a call. */
export const metricsPerCallMax = 100;

/** Wanted in every report where they exist: checks and downstream tools stand on them. */
const always = ['impressions', 'clicks', 'conversion', 'spend'] as const;

/** Columns that come last, in this order: tools that look for a metric by a part of its name take the last one that matches. */
const last: readonly string[] = ['impressions', 'clicks', 'conversions', 'spend'];

interface LevelFacts {
  readonly id: string;
  /** Ids of the parents and names, in table order; they are asked for as metrics. */
  readonly attributes: readonly string[];
  /** The field of a status filter, where the level has one. Without it deleted entities' spend is left out (docs via AB 65623). */
  readonly statusFilter: string | null;
}

export const levelFacts: Readonly<Record<DataLevel, LevelFacts>> = {
  AUCTION_ADVERTISER: { id: 'advertiser_id', attributes: [], statusFilter: null },
  AUCTION_CAMPAIGN: { id: 'campaign_id', attributes: ['campaign_name'], statusFilter: 'campaign_status' },
  AUCTION_ADGROUP: {
    id: 'adgroup_id',
    attributes: ['campaign_id', 'campaign_name', 'adgroup_name'],
    statusFilter: 'adgroup_status',
  },
  AUCTION_AD: {
    id: 'ad_id',
    attributes: ['campaign_id', 'campaign_name', 'adgroup_id', 'adgroup_name', 'ad_name'],
    statusFilter: 'ad_status',
  },
};

/** Order of ids and names in a report table, whatever the level. */
const idColumns = [
  'campaign_id',
  'campaign_name',
  'adgroup_id',
  'adgroup_name',
  'ad_id',
  'ad_id_v2',
  'ad_name',
  'playable_id',
] as const;

export function workOut(spec: ReportSpec): Report {
  const playable = spec.reportType === 'PLAYABLE_MATERIAL';
  const level = levelFacts[spec.dataLevel];
  const idDimension = idDimensionOf(spec);
  const breakdowns = spec.breakdowns.filter((name) => dimensions.get(name)?.role === 'breakdown');
  const attributes = playable ? [] : level.attributes;
  const time = timeOf(spec);
  const allowed = new Set(allowedMetrics(spec.reportType, spec.dataLevel, spec.granularity, spec.breakdowns));
  const aliasSources = aliasColumns(spec, allowed);
  // Keys come as dimensions, and the account is known: asked for as metrics too they would be columns a second time.
  const keyNames = new Set<string>([idDimension, 'advertiser_id', ...time.keys, ...breakdowns]);
  const asked = unique([
    ...attributes.filter((name) => allowed.has(name)),
    ...spec.metrics,
    ...[...aliasSources.values()].flat(),
    ...always.filter((name) => allowed.has(name)),
  ]).filter((name) => !keyNames.has(name));
  const ids = new Set<string>([idDimension, ...attributes]);
  const keyIds = idDimension === 'advertiser_id' ? [] : [idDimension];
  const measured = asked.filter((name) => !ids.has(name) && name !== 'currency');
  const columns: readonly Column[] = [
    text('advertiser_id', 'id', 'Ad account.'),
    ...time.columns,
    ...idColumns.filter((name) => ids.has(name)).map(columnOf),
    ...breakdowns.map(columnOf),
    text('currency', 'text', "The account's currency; money columns are in it."),
    ...loadColumns,
    ...measured.filter((name) => !last.includes(name)).map(columnOf),
    ...[...aliasSources.keys()].filter((name) => !last.includes(name)).map((name) => aliasColumn(name, aliasSources)),
    ...last
      .filter((name) => measured.includes(name) || aliasSources.has(name))
      .map((name) => (aliasSources.has(name) ? aliasColumn(name, aliasSources) : columnOf(name))),
  ];
  return {
    spec,
    schema: {
      name: spec.table,
      description: describeReport(spec),
      columns,
      primaryKey: ['advertiser_id', ...time.keys, ...keyIds, ...breakdowns],
      windowColumn: time.windowColumn,
      signature: [
        spec.reportType,
        playable ? '-' : spec.dataLevel,
        spec.granularity,
        [...spec.breakdowns].sort().join('+') || '-',
      ].join('/'),
    },
    dimensions: [idDimension, ...(time.dimension ? [time.dimension] : []), ...breakdowns],
    metricGroups: inGroups(
      measured,
      asked.filter((name) => ids.has(name)),
    ),
    aliasSources,
    dayFromWindow: spec.granularity === 'day' && time.dimension === null,
    windowDaysMax: windowDaysMax(spec),
    proof: proofOf(spec),
    partialBreakdown: breakdowns.find((name) => dimensions.get(name)?.addsUp === false) ?? null,
  };
}

interface TimeFacts {
  readonly dimension: string | null;
  readonly columns: readonly Column[];
  readonly keys: readonly string[];
  readonly windowColumn: string | null;
}

function timeOf(spec: ReportSpec): TimeFacts {
  const day = text('stat_time_day', 'date', "Day of the account's own time zone.");
  switch (spec.granularity) {
    case 'day':
      return { dimension: timeDimensionOf(spec), columns: [day], keys: ['stat_time_day'], windowColumn: 'stat_time_day' };
    case 'hour':
      return {
        dimension: 'stat_time_hour',
        columns: [
          text('stat_time_hour', 'local_timestamp', "Hour of the account's own time zone, as the API gives it."),
          text(
            'stat_time_hour_utc',
            'timestamp',
            'The same hour as an instant in UTC; unique also where the clocks are set back.',
          ),
        ],
        keys: ['stat_time_hour', 'stat_time_hour_utc'],
        windowColumn: 'stat_time_hour',
      };
    case 'lifetime':
      return { dimension: null, columns: [], keys: [], windowColumn: null };
  }
}

/** Spans that the API allows in one call (docs 1740302848100353): 30 days by day, 1 by hour, 365 without time. */
function windowDaysMax(spec: ReportSpec): number | null {
  if (spec.reportType === 'PLAYABLE_MATERIAL') return spec.granularity === 'lifetime' ? null : 1;
  switch (spec.granularity) {
    case 'day':
      return timeDimensionOf(spec) === null ? 1 : 30;
    case 'hour':
      return 1;
    case 'lifetime':
      // AUDIENCE has no query_lifetime; its "lifetime" is the longest range without a time dimension.
      return spec.reportType === 'BASIC' ? null : 365;
  }
}

/** `enable_total_metrics` takes effect only in auction BASIC reports with one id dimension and/or `stat_time_day` (docs 1740302848100353). */
function proofOf(spec: ReportSpec): Report['proof'] {
  if (spec.reportType === 'PLAYABLE_MATERIAL') return 'none';
  if (spec.reportType === 'BASIC' && spec.granularity !== 'hour' && spec.breakdowns.length === 0) return 'total-metrics';
  return 'control-read';
}

function aliasColumns(spec: ReportSpec, allowed: ReadonlySet<string>): ReadonlyMap<string, readonly string[]> {
  const sources = new Map<string, readonly string[]>();
  for (const name of unique([...spec.aliases, 'conversion_value', 'conversions'])) {
    const found = (aliases.get(name)?.metrics ?? []).filter((metric) => allowed.has(metric));
    if (found.length > 0) sources.set(name, found);
  }
  return sources;
}

function aliasColumn(name: string, sources: ReadonlyMap<string, readonly string[]>): Column {
  const from = sources.get(name) ?? [];
  const type = from.map((metric) => columnOf(metric).type)[0] ?? 'decimal';
  return text(name, type, `${aliases.get(name)?.description ?? ''} (${from.join(' + ')})`.trim());
}

function columnOf(name: string): Column {
  const metric = metrics.get(name);
  if (metric) return text(name, columnTypeOf(metric.kind), metric.description);
  const dimension = dimensions.get(name);
  if (dimension) return text(name, dimension.columnType, dimension.description);
  return text(name, name.endsWith('_id') ? 'id' : 'text', '');
}

function columnTypeOf(kind: 'count' | 'money' | 'percent' | 'decimal' | 'text' | 'id'): ColumnType {
  switch (kind) {
    case 'count':
      return 'count';
    case 'money':
    case 'percent':
    case 'decimal':
      return 'decimal';
    case 'text':
      return 'text';
    case 'id':
      return 'id';
  }
}

/**
 * Attributes and what TikTok's totals are compared with go with the first group, whose call asks for the totals; the others carry only
 * the key, on which they are joined.
 */
function inGroups(measured: readonly string[], attributes: readonly string[]): readonly (readonly string[])[] {
  const all = unique([...attributes, ...always.filter((name) => measured.includes(name)), ...measured]);
  const groups: string[][] = [];
  for (let at = 0; at < all.length; at += metricsPerCallMax) groups.push(all.slice(at, at + metricsPerCallMax));
  return groups;
}

function describeReport(spec: ReportSpec): string {
  const by = spec.granularity === 'lifetime' ? 'over its lifetime' : `by ${spec.granularity}`;
  const breakdown = spec.breakdowns.length > 0 ? ` and ${spec.breakdowns.join(', ')}` : '';
  return spec.reportType === 'PLAYABLE_MATERIAL'
    ? `Playable creatives ${by}${breakdown}.`
    : `${spec.reportType} report, one row per ${levelFacts[spec.dataLevel].id}${breakdown}, ${by}.`;
}

function text(name: string, type: ColumnType, description: string): Column {
  return { name, type, description };
}

function unique<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)];
}

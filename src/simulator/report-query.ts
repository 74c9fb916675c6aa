import {
  type DataLevel,
  dimensions as dimensionFacts,
  type Granularity,
  isMetricAllowed,
  type MetricContext,
  metrics as metricFacts,
  type ReportType,
} from './facts.ts';
import { missing, notAcceptable, type Parameters } from './parameters.ts';
import { parameterError, Refusal } from './refusal.ts';
import { type ReportFilters, readFilters } from './report-filters.ts';

/** A report request that broke no rule. */
export interface ReportQuery {
  readonly reportType: ReportType;
  readonly dataLevel: DataLevel | null;
  readonly dimensions: readonly string[];
  readonly idDimension: string | null;
  readonly time: 'day' | 'hour' | null;
  readonly breakdowns: readonly string[];
  readonly metrics: readonly string[];
  /** Days since 1970-01-01, both included; null: the whole history. */
  readonly days: { readonly start: number; readonly end: number } | null;
  readonly filters: ReportFilters;
  readonly orderField: string | null;
  readonly descending: boolean;
  readonly totals: boolean;
  readonly utc: boolean;
}

export interface QueryRules extends Pick<MetricContext, 'acceptUnproven' | 'acceptUndocumentedBreakdowns'> {
  readonly sandbox: boolean;
  /** Asynchronous reports have no limit of days and take more ids. */
  readonly asynchronous: boolean;
  readonly multipleAdvertisers: boolean;
}

const levelDimensions: Readonly<Record<DataLevel, readonly string[]>> = {
  AUCTION_ADVERTISER: ['advertiser_id'],
  AUCTION_CAMPAIGN: ['campaign_id'],
  AUCTION_ADGROUP: ['adgroup_id'],
  AUCTION_AD: ['ad_id', 'ad_id_v2'],
};
const dataLevels = ['AUCTION_AD', 'AUCTION_ADGROUP', 'AUCTION_CAMPAIGN', 'AUCTION_ADVERTISER'] as const;
const reportTypes = ['BASIC', 'AUDIENCE', 'PLAYABLE_MATERIAL', 'CATALOG', 'BC', 'TT_SHOP'] as const;

export function readReportQuery(parameters: Parameters, rules: QueryRules): ReportQuery {
  const reportType = readReportType(parameters, rules);
  parameters.choice('service_type', ['AUCTION', 'RESERVATION']);
  const dataLevel = readLevel(parameters, reportType, rules);
  const { dimensions, idDimension, time, breakdowns } = readDimensions(parameters, reportType, dataLevel, rules);
  const lifetime = parameters.boolean('query_lifetime');
  if (lifetime) checkLifetime(reportType, time, breakdowns);
  const granularity: Granularity = lifetime ? 'lifetime' : time === 'hour' ? 'hour' : 'day';
  const metrics = readMetrics(parameters, {
    reportType,
    dataLevel,
    granularity,
    breakdowns,
    idDimension,
    acceptUnproven: rules.acceptUnproven,
    acceptUndocumentedBreakdowns: rules.acceptUndocumentedBreakdowns,
  });
  const days = lifetime ? null : readDays(parameters, time, rules);
  const orderField = parameters.text('order_field') ?? null;
  if (orderField !== null && (metricFacts.get(orderField)?.attribute !== false || !metrics.includes(orderField))) {
    throw parameterError(`order_field: ${orderField} is not a metric of this report that rows can be ordered by.`);
  }
  const descending = (parameters.choice('order_type', ['ASC', 'DESC']) ?? 'DESC') === 'DESC';
  const filters = readFilters(parameters.list('filtering'), { dataLevel, dimensions, idsMax: rules.asynchronous ? 20_000 : 100 });
  const totals =
    parameters.boolean('enable_total_metrics') &&
    !rules.sandbox &&
    reportType === 'BASIC' &&
    breakdowns.length === 0 &&
    time !== 'hour';
  const utc = parameters.boolean('multi_adv_report_in_utc_time') && rules.multipleAdvertisers;
  return {
    reportType,
    dataLevel,
    dimensions,
    idDimension,
    time,
    breakdowns,
    metrics,
    days,
    filters,
    orderField: rules.sandbox ? null : orderField,
    descending,
    totals,
    utc,
  };
}

function readReportType(parameters: Parameters, rules: QueryRules): ReportType {
  const given = parameters.choice('report_type', reportTypes);
  if (given === undefined) throw missing('report_type');
  if (given !== 'BASIC' && given !== 'AUDIENCE' && given !== 'PLAYABLE_MATERIAL') {
    throw parameterError(`report_type: ${given} is not served by this simulator.`);
  }
  if (given === 'PLAYABLE_MATERIAL' && (rules.asynchronous || rules.multipleAdvertisers || rules.sandbox)) {
    throw notAcceptable('report_type', ['BASIC', 'AUDIENCE']);
  }
  return given;
}

function readLevel(parameters: Parameters, reportType: ReportType, rules: QueryRules): DataLevel | null {
  if (reportType === 'PLAYABLE_MATERIAL') return null;
  const level = parameters.choice('data_level', dataLevels);
  if (level === undefined) throw missing('data_level');
  if (rules.sandbox && level === 'AUCTION_ADVERTISER') throw unsupportedLevel(level);
  return level;
}

interface DimensionRoles {
  readonly dimensions: readonly string[];
  readonly idDimension: string | null;
  readonly time: 'day' | 'hour' | null;
  readonly breakdowns: readonly string[];
}

function readDimensions(
  parameters: Parameters,
  reportType: ReportType,
  level: DataLevel | null,
  rules: QueryRules,
): DimensionRoles {
  const dimensions = parameters.texts('dimensions');
  if (dimensions === undefined) throw missing('dimensions');
  if (dimensions.length < 1 || dimensions.length > 4) throw parameterError('dimensions: Length must be between 1 and 4.');
  const unknown = dimensions.filter((name) => !dimensionFacts.has(name));
  if (unknown.length > 0)
    throw parameterError(
      `Please correct the information in invalid dimension fields and try again. Invalid dimension fields: ${quoted(unknown)}. `,
    );
  if (new Set(dimensions).size < dimensions.length) throw parameterError('dimensions: the values must not repeat.');
  const roles = dimensions.map((name) => dimensionFacts.get(name)?.role);
  const ids = dimensions.filter((_, i) => roles[i] === 'id');
  const times = dimensions.filter((_, i) => roles[i] === 'time');
  const breakdowns = dimensions.filter((_, i) => roles[i] === 'breakdown');
  if (reportType === 'PLAYABLE_MATERIAL') return playableDimensions(dimensions);
  const withAdvertiser = rules.asynchronous && rules.multipleAdvertisers;
  const own = ids.filter((name) => !(withAdvertiser && ids.length === 2 && name === 'advertiser_id'));
  if (own.length > 1) throw parameterError(`dimensions: only one ID dimension is supported, but got ${quoted(own)}.`);
  const idDimension = own[0] ?? null;
  if (level !== null && idDimension !== null && !levelDimensions[level].includes(idDimension)) {
    throw parameterError(`data_level ${level} and dimension ${idDimension} do not match.`);
  }
  if (times.length > 1) throw parameterError('dimensions: only one of stat_time_day and stat_time_hour is supported.');
  const misplaced = breakdowns.filter((name) => !(dimensionFacts.get(name)?.reportTypes ?? []).includes(reportType));
  if (misplaced.length > 0)
    throw parameterError(`dimensions: ${quoted(misplaced)} are not supported when report_type is ${reportType}.`);
  checkBreakdowns(reportType, breakdowns, level, times[0]);
  return {
    dimensions,
    idDimension,
    time: times[0] === undefined ? null : times[0] === 'stat_time_day' ? 'day' : 'hour',
    breakdowns,
  };
}

function playableDimensions(dimensions: readonly string[]): DimensionRoles {
  const rest = dimensions.filter((name) => name !== 'playable_id');
  if (rest.length === dimensions.length || rest.some((name) => name !== 'country_code')) {
    throw parameterError(
      "dimensions: when report_type is PLAYABLE_MATERIAL, use ['playable_id'] or ['playable_id', 'country_code'].",
    );
  }
  return { dimensions, idDimension: 'playable_id', time: null, breakdowns: rest };
}

function checkBreakdowns(
  reportType: ReportType,
  breakdowns: readonly string[],
  level: DataLevel | null,
  time: string | undefined,
): void {
  const pair = breakdowns.length === 2 && breakdowns.includes('age') && breakdowns.includes('gender');
  if (reportType === 'AUDIENCE' && breakdowns.length === 0)
    throw parameterError('dimensions: an AUDIENCE report needs an audience dimension.');
  if (breakdowns.length > 1 && !(reportType === 'AUDIENCE' && pair)) {
    throw parameterError(`dimensions: ${quoted(breakdowns)} cannot be used together.`);
  }
  for (const name of breakdowns) {
    const fact = dimensionFacts.get(name);
    if (level !== null && fact !== undefined && !fact.levels.includes(level)) {
      throw parameterError(`dimensions: ${name} is not supported when data_level is ${level}.`);
    }
    const granularity = time === 'stat_time_day' ? 'day' : 'hour';
    if (time !== undefined && fact !== undefined && !(fact.timeDimension && fact.granularities.includes(granularity))) {
      throw parameterError(`dimensions: ${name} and ${time} cannot be used together.`);
    }
  }
}

function checkLifetime(reportType: ReportType, time: string | null, breakdowns: readonly string[]): void {
  if (reportType === 'AUDIENCE') throw parameterError('query_lifetime is not supported when report_type is AUDIENCE.');
  if (time !== null) throw parameterError('query_lifetime: time dimensions are not supported when query_lifetime is true.');
  if (breakdowns.includes('country_code'))
    throw parameterError('query_lifetime: country_code is not supported when query_lifetime is true.');
}

function readMetrics(parameters: Parameters, context: MetricContext): readonly string[] {
  const metrics = parameters.texts('metrics') ?? ['spend', 'impressions'];
  if (metrics.length > 100) throw parameterError('metrics: Length must be less than or equal to 100.');
  const invalid = metrics.filter((name) => !isMetricAllowed(name, context));
  if (invalid.length > 0) {
    throw parameterError(
      `Please correct the information in invalid metric fields and try again. Invalid metric fields: ${quoted(invalid)}. `,
    );
  }
  if (metrics.includes('ad_id') && metrics.includes('ad_id_v2'))
    throw parameterError('ad_id and ad_id_v2 cannot be used together.');
  return [...new Set(metrics)];
}

/** The most days a window may have: 30 by day, 1 by hour, 365 without a time dimension. */
function readDays(
  parameters: Parameters,
  time: 'day' | 'hour' | null,
  rules: QueryRules,
): { readonly start: number; readonly end: number } {
  const start = parameters.day('start_date');
  const end = parameters.day('end_date');
  if (start === undefined) throw missing('start_date');
  if (end === undefined) throw missing('end_date');
  if (end < start) throw parameterError('end_date: must not be earlier than start_date.');
  const max = time === 'hour' ? 1 : time === 'day' ? 30 : 365;
  if (!rules.asynchronous && end - start + 1 > max) {
    throw parameterError(
      `The time range between start_date and end_date must not exceed ${max} day${max === 1 ? '' : 's'} for these dimensions.`,
    );
  }
  return { start, end };
}

function unsupportedLevel(level: DataLevel): Error {
  return new Refusal(40009, `Unsupported data_level in sandbox environment: ${level}.`);
}

function quoted(names: readonly string[]): string {
  return `[${names.map((name) => `'${name}'`).join(', ')}]`;
}

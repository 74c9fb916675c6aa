import type { ConfigIssue } from '../errors.ts';
import { aliases } from '../tiktok/aliases.ts';
import { dimensions } from '../tiktok/dimensions.ts';
import { metrics } from '../tiktok/metrics.ts';
import { checkReport, defaultMetrics, type ReportRequest } from '../tiktok/report-rules.ts';
import { type DataLevel, type Granularity, levelIds, type ReportType, timeDimensions } from '../tiktok/report-types.ts';
import type { Read } from './field-types.ts';
import type { AttributeReads } from './read-attributes.ts';
import { reportAttributes } from './report-attributes.ts';
import { timeAxis } from './time-axis.ts';

/** One report to load into one table. */
export interface ReportConfig {
  /** `reports` for the component's own, else the name the user gave. */
  readonly name: string;
  readonly table: string;
  readonly reportType: ReportType;
  readonly dataLevel: DataLevel;
  readonly granularity: Granularity;
  /** The API's names, in the order the user gave them, or the default set. */
  readonly metrics: readonly string[];
  /** Aliases that were asked for; their sources need not be among `metrics`. */
  readonly aliases: readonly string[];
  /** Dimensions beside the level's id and the time. */
  readonly breakdowns: readonly string[];
  /** Inclusive, `YYYY-MM-DD`; null: as the component's description of the attribute says. */
  readonly startDate: string | null;
  readonly endDate: string | null;
}

/** Breakdowns of a report type that needs one. */
export const defaultBreakdowns: Readonly<Partial<Record<ReportType, readonly string[]>>> = { AUDIENCE: ['age', 'gender'] };

/** The name and table of the component's own report. */
const mainReport = 'reports';

type ReportReads = Readonly<Record<keyof typeof reportAttributes, Read<unknown>>>;

/** All reports to load: the component's own first if it is asked for, then the named ones. Of reads without mistakes. */
export function reportConfigs(reads: AttributeReads): readonly ReportConfig[] {
  const main = reads.resources.value?.includes(mainReport) ? [reportConfig(mainReport, mainReport, reads, reads)] : [];
  const named = (reads.reports.value ?? []).map(({ reads: own }) => {
    const name = String(own['name']?.value);
    return reportConfig(name, `report_${name}`, own as ReportReads, reads); // An entry of `reports` has all report attributes.
  });
  return [...main, ...named];
}

/** What the catalogue says of each report: metrics, dimensions and their combinations. What is not known yet passes. */
export function checkReports(reads: AttributeReads): readonly ConfigIssue[] {
  const named = (reads.reports.value ?? []).flatMap(({ index, reads: own }) =>
    checkOne(own as ReportReads, reads, `reports[${index}].`),
  );
  // Metrics and dimensions are checked where they are given, even if no report is loaded.
  const isWanted =
    reads.resources.value?.includes(mainReport) === true ||
    [reads.metrics, reads.dimensions].some(({ state }) => state === 'value');
  return [...(isWanted ? checkOne(reads, reads, '') : []), ...named];
}

function reportConfig(name: string, table: string, own: ReportReads, component: AttributeReads): ReportConfig {
  const { reportType, dataLevel, granularity, metrics: asked, aliases: renamed, breakdowns } = requestOf(own, component);
  const implied: readonly (string | null)[] = [levelIds[dataLevel], timeDimensions[granularity], 'playable_id'];
  return {
    name,
    table,
    reportType,
    dataLevel,
    granularity,
    metrics: asked,
    aliases: renamed,
    breakdowns: breakdowns.filter((dimension) => !implied.includes(dimension)),
    startDate: textOf(own.start_date) ?? textOf(component.start_date) ?? null,
    endDate: textOf(own.end_date) ?? textOf(component.end_date) ?? null,
  };
}

/** Where the report's shape cannot be known yet, only names that do not exist at all are mistakes. */
function checkOne(own: ReportReads, component: AttributeReads, prefix: string): readonly ConfigIssue[] {
  const isKnown = [own.report_type, own.data_level, own.time_granularity, own.dimensions].every(
    ({ state }) => state === 'value' || state === 'absent',
  );
  const given = listOf(own.metrics) ?? [];
  const positions = given.flatMap((name, index) => (aliases.has(name) ? [] : [index]));
  const aliasPositions = given.flatMap((name, index) => (aliases.has(name) ? [index] : []));
  const exists = (name: string) => metrics.has(name) || aliases.has(name) || dimensions.has(name);
  return checkReport(requestOf(own, component))
    .filter(({ path, value }) => isKnown || (path.endsWith(']') && !exists(value)))
    .map(({ path, message, allowed, suggestion }) => ({
      path: prefix + attributePath(path, positions, aliasPositions),
      message,
      ...(allowed === undefined ? {} : { allowed }),
      ...(suggestion === undefined ? {} : { suggestion }),
    }));
}

/** Rules count API metrics and aliases apart; the user wrote them in one list. */
function attributePath(path: string, positions: readonly number[], aliasPositions: readonly number[]): string {
  const match = /^(metrics|aliases)\[(\d+)\]$/.exec(path);
  if (match === null) return path;
  const index = Number(match[2]);
  return `metrics[${(match[1] === 'metrics' ? positions[index] : aliasPositions[index]) ?? index}]`;
}

function requestOf(own: ReportReads, component: AttributeReads): ReportRequest {
  // The choices of these attributes are the members of their types; what has no value yet is taken to have the default.
  const reportType = (own.report_type.value ?? reportAttributes.report_type.default) as ReportType;
  const dataLevel = (own.data_level.value ?? reportAttributes.data_level.default) as DataLevel;
  const granularity = (own.time_granularity.value as Granularity | undefined) ?? defaultGranularity(component);
  const breakdowns = listOf(own.dimensions) ?? defaultBreakdowns[reportType] ?? [];
  const shape = { reportType, dataLevel, granularity, breakdowns };
  const given = listOf(own.metrics);
  const asked = given?.filter((name) => aliases.has(name)) ?? [];
  return {
    ...shape,
    metrics: given?.filter((name) => !aliases.has(name)) ?? defaultMetrics({ ...shape, aliases: [] }),
    aliases: asked,
  };
}

function defaultGranularity(component: AttributeReads): Granularity {
  return timeAxis(component) === 'hourly' ? 'hour' : 'day';
}

function textOf(read: Read<unknown>): string | undefined {
  return typeof read.value === 'string' ? read.value : undefined;
}

function listOf(read: Read<unknown>): readonly string[] | undefined {
  return Array.isArray(read.value) ? read.value.map(String) : undefined;
}

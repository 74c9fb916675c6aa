import type { Window } from '../table.ts';
import { levelFacts, type Report } from '../tiktok/report.ts';
import type { JsonValue, Pass, ResourceDefinition } from '../tiktok/resource.ts';
import type { Query, TablePlan } from './task.ts';

/** Rows of a report call (docs 1740302848100353). */
export const reportPageSize = 1_000;
const reportPath = 'report/integrated/get/';

export interface ReportScope {
  readonly advertiserId: string;
  readonly window: Window | null;
  readonly includeDeleted: boolean;
  /** False in the sandbox, which does not know `enable_total_metrics`. */
  readonly totals: boolean;
}

/** A restriction of a report to some entities, where an account has more than one call considers. */
export interface IdFilter {
  readonly field: 'campaign_ids' | 'adgroup_ids' | 'ad_ids';
  readonly ids: readonly string[];
}

/** Of an account's entities all that a plain call returns, or the TopView ones, which have to be asked for by themselves. */
export type ReportPass = 'all' | 'top-view';

/** Calls that together give the report's rows of one account and window. `pass` numbers them: 0 auction, 1 TopView. */
export function reportQueries(
  plan: TablePlan,
  report: Report,
  scope: ReportScope,
  pass: ReportPass,
  filter: IdFilter | null,
): readonly Query[] {
  return report.metricGroups.map((metrics, group) => {
    const layout = plan.layouts[group];
    if (!layout) throw new RangeError(`report ${report.spec.name} has no layout ${group}`);
    const wantsTotals = scope.totals && report.proof === 'total-metrics' && group === 0;
    return {
      path: reportPath,
      parameters: reportParameters(report, scope, metrics, pass, filter, wantsTotals),
      pageSize: reportPageSize,
      layout,
      pass: pass === 'all' ? 0 : 1,
      wantsTotals,
      label: labelOf(plan.schema.name, scope),
    };
  });
}

function reportParameters(
  report: Report,
  scope: ReportScope,
  metrics: readonly string[],
  pass: ReportPass,
  filter: IdFilter | null,
  wantsTotals: boolean,
): Readonly<Record<string, JsonValue>> {
  const { spec } = report;
  const playable = spec.reportType === 'PLAYABLE_MATERIAL';
  const filtering = [
    ...(scope.includeDeleted ? statusFilter(report) : []),
    ...(pass === 'top-view' ? [listFilter('buying_type', ['RESERVATION_TOP_VIEW'])] : []),
    ...(filter ? [listFilter(filter.field, filter.ids)] : []),
  ];
  return {
    advertiser_id: scope.advertiserId,
    report_type: spec.reportType,
    ...(playable ? {} : { data_level: spec.dataLevel }),
    dimensions: report.dimensions,
    metrics,
    ...(scope.window ? { start_date: scope.window.start, end_date: scope.window.end } : { query_lifetime: true }),
    ...(filtering.length > 0 ? { filtering } : {}),
    ...(wantsTotals ? { enable_total_metrics: true } : {}),
  };
}

/** The account's own total of the same window, read at advertiser level, where the report itself cannot carry one. */
export function controlParameters(
  report: Report,
  advertiserId: string,
  window: Window | null,
): Readonly<Record<string, JsonValue>> {
  const byDay = report.schema.windowColumn !== null;
  return {
    advertiser_id: advertiserId,
    report_type: 'BASIC',
    data_level: 'AUCTION_ADVERTISER',
    dimensions: byDay ? ['advertiser_id', 'stat_time_day'] : ['advertiser_id'],
    metrics: ['spend', 'impressions', 'clicks'],
    ...(window ? { start_date: window.start, end_date: window.end } : { query_lifetime: true }),
    enable_total_metrics: true,
    page: 1,
    page_size: reportPageSize,
  };
}

function statusFilter(report: Report): readonly JsonValue[] {
  if (report.spec.reportType === 'PLAYABLE_MATERIAL') return [];
  const field = levelFacts[report.spec.dataLevel].statusFilter;
  return field ? [listFilter(field, ['STATUS_ALL'])] : [];
}

function listFilter(field: string, values: readonly string[]): JsonValue {
  return { field_name: field, filter_type: 'IN', filter_value: JSON.stringify(values) };
}

/** Calls that together give a resource's records of one account, or of several where the endpoint takes several. */
export function resourceQueries(
  plan: TablePlan,
  resource: ResourceDefinition,
  advertiserIds: readonly string[],
  includeDeleted: boolean,
): readonly Query[] {
  const layout = plan.layouts[0];
  if (!layout) throw new RangeError(`resource ${resource.name} has no layout`);
  const label = `${resource.name} of ${advertiserLabel(advertiserIds)}`;
  const pageSizeMax = resource.pagination.kind === 'page-number' ? resource.pagination.pageSizeMax : null;
  const queries = passesOf(resource.passes, includeDeleted).map((pass, index) => ({
    path: resource.path,
    parameters: { ...advertiserParameter(resource, advertiserIds), ...pass.query },
    pageSize: pageSizeMax === null ? null : (pass.pageSizeMax ?? pageSizeMax),
    layout,
    pass: index,
    wantsTotals: false,
    label: index === 0 ? label : `${label} (${pass.name})`,
  }));
  const { companion } = resource;
  const companionLayout = plan.layouts[1];
  if (!companion || !companionLayout) return queries;
  return [
    ...queries,
    ...passesOf(companion.passes, includeDeleted).map((pass, index) => ({
      path: companion.path,
      parameters: { ...advertiserParameter(resource, advertiserIds), fields: Object.keys(companion.fields), ...pass.query },
      pageSize: pass.pageSizeMax ?? companion.pageSizeMax,
      layout: companionLayout,
      pass: index,
      wantsTotals: false,
      label: `${label} (their ${companion.path.split('/')[0]}s)`,
    })),
  ];
}

export function passesOf(passes: readonly Pass[], includeDeleted: boolean): readonly Pass[] {
  return passes.filter((pass) => pass.when === 'always' || (pass.when === 'include-deleted') === includeDeleted);
}

function advertiserParameter(
  resource: ResourceDefinition,
  advertiserIds: readonly string[],
): Readonly<Record<string, JsonValue>> {
  switch (resource.advertisers.kind) {
    case 'one-per-request':
      return { [resource.advertisers.parameter]: advertiserIds[0] ?? '' };
    case 'many-per-request':
      return { [resource.advertisers.parameter]: advertiserIds };
  }
}

export function labelOf(table: string, scope: { readonly advertiserId: string; readonly window: Window | null }): string {
  const when = scope.window ? `, ${scope.window.start} to ${scope.window.end}` : '';
  return `${table} of advertiser ${scope.advertiserId}${when}`;
}

function advertiserLabel(ids: readonly string[]): string {
  return ids.length === 1 ? `advertiser ${ids[0]}` : `${ids.length} advertisers`;
}

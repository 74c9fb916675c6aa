import type { TablePlan } from '../plan/task.ts';
import { type Column, deletedAtColumn, loadColumns } from '../table.ts';
import type { Report } from '../tiktok/report.ts';
import type { DerivedColumn, ResourceDefinition } from '../tiktok/resource.ts';
import { quoteName, quoteText, type RowField } from './rows.ts';

/** What the staging database knows of a unit. */
export const createUnitsTable =
  'CREATE TABLE _units (unit INTEGER, advertiser_id VARCHAR, currency VARCHAR, time_zone VARCHAR, window_start DATE, window_end DATE)';

/** Columns of a table's rows as they are handed to the load: the schema's, less those that the load sets, plus those found on the way. */
export function selectedColumns(plan: TablePlan, fields: readonly (readonly RowField[])[]): readonly Column[] {
  const set = new Set<string>([...loadColumns.map((column) => column.name), deletedAtColumn.name]);
  const declared = plan.schema.columns.filter((column) => !set.has(column.name));
  const wide = new Set(
    fields
      .flat()
      .filter((field) => field.type === 'wide_decimal')
      .map((field) => field.column),
  );
  const aliasSources = plan.source.kind === 'report' ? plan.source.report.aliasSources : new Map<string, readonly string[]>();
  const isWide = (name: string): boolean => wide.has(name) || (aliasSources.get(name) ?? []).some((source) => wide.has(source));
  const names = new Set(declared.map((column) => column.name));
  const found = fields.flat().filter((field) => !names.has(field.column) && !isHelper(plan, field));
  return [
    // A value that needed more digits has widened its column on the way.
    ...declared.map((column) => (isWide(column.name) ? { ...column, type: 'wide_decimal' as const } : column)),
    ...[...new Map(found.map((field) => [field.column, field])).values()].map((field) => ({
      name: field.column,
      type: field.type,
      description: 'Sent by the API; not described in its documentation.',
    })),
  ];
}

/** The companion's fields serve derived columns only. */
function isHelper(plan: TablePlan, field: RowField): boolean {
  return (
    plan.source.kind === 'resource' &&
    (plan.source.resource.companion ? field.column in plan.source.resource.companion.fields : false)
  );
}

/**
 * The rows of these units, as SQL on the staging database: passes made one by key, groups of metrics joined, derived columns worked out,
 * with `_unit` in front. `passes` is the greatest number of passes that any of them had.
 */
export function selectRows(plan: TablePlan, columns: readonly Column[], units: readonly number[], passes: number): string {
  switch (plan.source.kind) {
    case 'resource':
      return selectResource(plan, plan.source.resource, columns, units);
    case 'report':
      return selectReport(plan, plan.source.report, columns, units, passes);
  }
}

function selectResource(
  plan: TablePlan,
  resource: ResourceDefinition,
  columns: readonly Column[],
  units: readonly number[],
): string {
  const main = layoutName(plan, 0);
  const ownsAdvertiser = 'advertiser_id' in resource.columns;
  const key = resource.primaryKey.map((name) =>
    name === 'advertiser_id' ? advertiserOf(ownsAdvertiser) : `r.${quoteName(name)}`,
  );
  const values = columns.map((column) => {
    const name = quoteName(column.name);
    if (column.name === 'advertiser_id') return `${advertiserOf(ownsAdvertiser)} AS ${name}`;
    const derived = resource.derived[column.name];
    if (!derived) return `r.${name}`;
    return `${derivedValue(derived, column.name)} AS ${name}`;
  });
  const companion = resource.companion;
  const join = companion
    ? ` LEFT JOIN (SELECT _unit, ${quoteName(companion.on)}, ${companionAggregates(resource)} FROM ${layoutName(plan, 1)} WHERE ${inUnits('_unit', units)} GROUP BY ALL) c
        ON c._unit = r._unit AND c.${quoteName(companion.on)} = r.${quoteName(companion.on)}`
    : '';
  return `SELECT r._unit, ${values.join(', ')} FROM ${main} r JOIN _units u ON u.unit = r._unit${join}
    WHERE ${inUnits('r._unit', units)} QUALIFY row_number() OVER (PARTITION BY ${key.join(', ')} ORDER BY r._pass, r._page) = 1`;
}

function advertiserOf(own: boolean): string {
  return own ? 'coalesce(r."advertiser_id", u.advertiser_id)' : 'u.advertiser_id';
}

function companionAggregates(resource: ResourceDefinition): string {
  return Object.entries(resource.derived)
    .flatMap(([name, derived]) =>
      derived.kind === 'companion'
        ? [`${derived.aggregate}(${quoteName(derived.field)}) AS ${quoteName(`derived_${name}`)}`]
        : [],
    )
    .join(', ');
}

function derivedValue(derived: DerivedColumn, name: string): string {
  switch (derived.kind) {
    case 'companion':
      return `c.${quoteName(`derived_${name}`)}`;
    case 'first-of':
      return `coalesce(${derived.columns.map((column) => firstOfValue(derived, column)).join(', ')})`;
    case 'cases': {
      const cases = derived.cases.map((one) => `WHEN ${caseTest(one)} THEN ${quoteText(one.value)}`);
      const { otherwise } = derived;
      const rest =
        'column' in otherwise
          ? `r.${quoteName(otherwise.column)}`
          : otherwise.value === null
            ? 'NULL'
            : quoteText(otherwise.value);
      return `CASE ${cases.join(' ')} ELSE ${rest} END`;
    }
  }
}

function firstOfValue(derived: DerivedColumn, column: string): string {
  const value = `r.${quoteName(column)}`;
  return derived.type === 'decimal' || derived.type === 'count' ? `nullif(${value}, 0)` : `nullif(${value}, '')`;
}

function caseTest(one: {
  readonly column: string;
  readonly test: 'equals' | 'ends-with' | 'not-null';
  readonly operand?: string;
}): string {
  const value = `r.${quoteName(one.column)}`;
  switch (one.test) {
    case 'equals':
      return `${value} = ${quoteText(one.operand ?? '')}`;
    case 'ends-with':
      return `ends_with(${value}, ${quoteText(one.operand ?? '')})`;
    case 'not-null':
      return `nullif(${value}, '') IS NOT NULL`;
  }
}

function selectReport(
  plan: TablePlan,
  report: Report,
  columns: readonly Column[],
  units: readonly number[],
  passes: number,
): string {
  const keys = report.dimensions;
  const groups = report.metricGroups.map((_, group) => dedupedGroup(plan, report, group, units, passes));
  const joins = groups
    .slice(1)
    .map(
      (group, index) =>
        `FULL OUTER JOIN (${group}) g${index + 1} USING (_unit, _occurrence${keys.map((key) => `, ${quoteName(key)}`).join('')})`,
    );
  const values = columns.map((column) => `${reportValue(report, column)} AS ${quoteName(column.name)}`);
  return `SELECT _unit, ${values.join(', ')} FROM (${groups[0]}) g0 ${joins.join(' ')} JOIN _units u ON u.unit = _unit`;
}

/**
 * Of a key that several passes returned, the row of the first; of a key that one pass returned twice (a repeated hour), both.
 * Where neither can be, the sorting that this needs is left out: it would cost more than all else.
 */
function dedupedGroup(plan: TablePlan, report: Report, group: number, units: readonly number[], passes: number): string {
  const key = ['_unit', ...report.dimensions.map(quoteName)].join(', ');
  if (passes === 1 && report.spec.granularity !== 'hour') {
    return `SELECT * EXCLUDE (_pass, _page), 1 AS _occurrence FROM ${layoutName(plan, group)} WHERE ${inUnits('_unit', units)}`;
  }
  return `SELECT * EXCLUDE (_pass, _page), row_number() OVER (PARTITION BY ${key} ORDER BY _pass, _page) AS _occurrence FROM ${layoutName(plan, group)}
    WHERE ${inUnits('_unit', units)} QUALIFY _pass = min(_pass) OVER (PARTITION BY ${key})`;
}

function reportValue(report: Report, column: Column): string {
  const sources = report.aliasSources.get(column.name);
  if (sources) {
    if (sources.length === 1) return quoteName(sources[0] ?? '');
    // A sum of what is there; NULL only where all of it is.
    return `CASE WHEN coalesce(${sources.map(quoteName).join(', ')}) IS NOT NULL THEN ${sources.map((name) => `coalesce(${quoteName(name)}, 0)`).join(' + ')} END`;
  }
  switch (column.name) {
    case 'advertiser_id':
      return 'u.advertiser_id';
    case 'currency':
      return 'u.currency';
    case 'stat_time_day':
      return report.dayFromWindow ? 'u.window_start' : quoteName(column.name);
    case 'stat_time_hour_utc':
      return utcOfHour;
    default:
      return quoteName(column.name);
  }
}

/**
 * The instant of an account's hour. Where clocks are set back an hour occurs twice: the first row is the earlier instant.
 * DuckDB takes the later one for such an hour, which an hour later tells by being the same local time.
 */
const isRepeatedHour = `timezone(u.time_zone, timezone(u.time_zone, "stat_time_hour") - INTERVAL 1 HOUR) = "stat_time_hour"`;
const utcOfHour = `CASE WHEN _occurrence = 1 AND ${isRepeatedHour}
  THEN timezone('UTC', timezone(u.time_zone, "stat_time_hour") - INTERVAL 1 HOUR) ELSE timezone('UTC', timezone(u.time_zone, "stat_time_hour")) END`;

/**
 * Rows and distinct hashes of keys of each unit and pass. As many hashes as rows prove as many keys, with a fraction of the memory that
 * keys of long ids need; with fewer hashes, two keys may still have one hash, which only `countRows` tells.
 */
export function countHashes(layoutTable: string, keys: readonly string[], units: readonly number[]): string {
  return `SELECT _unit, _pass, count(*) AS rows, count(DISTINCT hash(${keys.map(quoteName).join(', ')})) AS keys FROM ${quoteName(layoutTable)}
    WHERE ${inUnits('_unit', units)} GROUP BY _unit, _pass`;
}

/** Rows and distinct keys of each unit and pass: what the API's own count is compared with. */
export function countRows(layoutTable: string, keys: readonly string[], units: readonly number[]): string {
  return `SELECT _unit, _pass, count(*) AS rows, count(DISTINCT (${keys.map(quoteName).join(', ')})) AS keys FROM ${quoteName(layoutTable)}
    WHERE ${inUnits('_unit', units)} GROUP BY _unit, _pass`;
}

/** The same of an hourly report, where the hour in which clocks are set back may come twice, and no other. */
export function countHours(layoutTable: string, keys: readonly string[], units: readonly number[]): string {
  const counted = `SELECT _unit, _pass, ${keys.map(quoteName).join(', ')}, count(*) AS copies FROM ${quoteName(layoutTable)}
    WHERE ${inUnits('_unit', units)} GROUP BY ALL`;
  return `SELECT _unit, _pass, sum(copies)::BIGINT AS rows, sum(CASE WHEN ${isRepeatedHour} THEN least(copies, 2) ELSE 1 END)::BIGINT AS keys
    FROM (${counted}) JOIN _units u ON u.unit = _unit GROUP BY _unit, _pass`;
}

function layoutName(plan: TablePlan, index: number): string {
  const layout = plan.layouts[index];
  if (!layout) throw new RangeError(`${plan.schema.name} has no layout ${index}`);
  return quoteName(layout.name);
}

function inUnits(column: string, units: readonly number[]): string {
  return `${column} IN (${units.join(', ')})`;
}

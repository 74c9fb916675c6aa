import type { Account } from './account.ts';
import { type Breakdown, breakdownOf } from './breakdowns.ts';
import { type AccountClock, type Cells, createCells, whole } from './cells.ts';
import { type MetricFormula, type MetricPlan, planMetrics } from './metric-plan.ts';
import { type Groups, groupsOf } from './report-groups.ts';
import type { ReportQuery } from './report-query.ts';
import type { Zones } from './zones.ts';

/** The rows of a report of one account: which there are, and how to get the numbers of each. */
export interface Section {
  readonly account: Account;
  readonly query: ReportQuery;
  readonly groups: Groups;
  readonly breakdown: Breakdown | undefined;
  readonly plan: MetricPlan;
  readonly cells: Cells;
  readonly days: { readonly start: number; readonly end: number };
  /** One number per row, see `rowAt`. */
  readonly codes: Float64Array;
  readonly rowAt: (code: number) => Row;
  /** Sums a row into `cells.sums`. */
  readonly sum: (row: Row) => void;
  /** What all rows add up to, by atom. Remembered: every page of a report asks. */
  readonly totals: () => Float64Array;
  /** How much smaller than a sum a count of people is. */
  readonly uniqueShare: number;
}

export interface Row {
  /** Index into `groups`, or -1 where the report has no id. */
  readonly group: number;
  /** Days since 1970-01-01, or -1 where the report has no time. */
  readonly day: number;
  readonly hour: number;
  readonly breakdown: number;
}

export interface SectionOptions {
  readonly account: Account;
  readonly query: ReportQuery;
  readonly clock: AccountClock;
  readonly zones: Zones;
  readonly idsMax: number;
  readonly topViewInAuctionReports: boolean;
}

const uniqueShares = { AUCTION_AD: 1, AUCTION_ADGROUP: 0.95, AUCTION_CAMPAIGN: 0.9, AUCTION_ADVERTISER: 0.85 } as const;

export function buildSection({ account, query, clock, zones, idsMax, topViewInAuctionReports }: SectionOptions): Section {
  const { dataLevel, idDimension, filters } = query;
  const groups = groupsOf(account, { dataLevel, idDimension, filters, idsMax, topViewInAuctionReports });
  const breakdown = breakdownOf(query.breakdowns);
  const plan = planMetrics(query.metrics, dataLevel);
  const cells = createCells({ account, clock, zones, derived: plan.derived, breakdown });
  // Before and after these there is nothing.
  const days = {
    start: Math.max(account.historyStart, query.days?.start ?? 0),
    end: Math.min(clock.today, query.days?.end ?? clock.today),
  };
  const groupCount = idDimension === null ? 1 : groups.ordinals.length;
  const dayCount = query.time === null ? 1 : Math.max(0, days.end - days.start + 1);
  const hourCount = query.time === 'hour' ? 24 : 1;
  const valueCount = breakdown?.cells.length ?? 1;
  const { counted, first, last } = groups;

  /** Calls `visit` for each ad and day of a row until it returns true. */
  function some(row: Row, visit: (ad: number, day: number, hour: number, breakdown: number) => boolean): boolean {
    const from = Math.max(0, row.group);
    const to = row.group < 0 ? groups.ordinals.length : row.group + 1;
    const startDay = row.day < 0 ? days.start : row.day;
    const endDay = row.day < 0 ? days.end : row.day;
    for (let group = from; group < to; group += 1) {
      for (let ad = first[group] ?? 0; ad < (last[group] ?? 0); ad += 1) {
        if (counted !== null && counted[ad] !== 1) continue;
        for (let day = startDay; day <= endDay; day += 1) if (visit(ad, day, row.hour, row.breakdown)) return true;
      }
    }
    return false;
  }

  function rowAt(code: number): Row {
    const value = code % valueCount;
    const hours = Math.floor(code / valueCount);
    const hour = hours % hourCount;
    const dayIndexes = Math.floor(hours / hourCount);
    return {
      group: idDimension === null ? -1 : Math.floor(dayIndexes / dayCount),
      day: query.time === null ? -1 : days.start + (dayIndexes % dayCount),
      hour: query.time === 'hour' ? hour : whole,
      breakdown: breakdown === undefined ? whole : value,
    };
  }

  /** Without a time, campaigns and ad groups come back with zeros where nothing was delivered; ads and everything finer do not. */
  const keepsZeros =
    query.time === null &&
    breakdown === undefined &&
    (groups.kind === 'campaign' || groups.kind === 'adgroup' || groups.kind === 'advertiser');
  const total = groupCount * dayCount * hourCount * valueCount;
  const list: number[] = [];
  for (let code = 0; code < total; code += 1) {
    if (keepsZeros || some(rowAt(code), cells.delivers)) list.push(code);
  }

  const codes = Float64Array.from(list);

  function sum(row: Row): void {
    cells.clear();
    some(row, addAll);
  }

  function addAll(ad: number, day: number, hour: number, value: number): boolean {
    cells.add(ad, day, hour, value);
    return false;
  }

  let remembered: Float64Array | undefined;
  function totals(): Float64Array {
    if (remembered === undefined) {
      remembered = new Float64Array(cells.sums.length);
      for (const code of codes) {
        sum(rowAt(code));
        for (let atom = 0; atom < remembered.length; atom += 1)
          remembered[atom] = (remembered[atom] ?? 0) + (cells.sums[atom] ?? 0);
      }
    }
    return remembered;
  }

  const spanDays = query.time === null ? Math.max(0, Math.min(30, days.end - days.start)) : 0;
  const uniqueShare = (dataLevel === null ? 1 : uniqueShares[dataLevel]) * 0.98 ** spanDays;
  const section = { account, query, groups, breakdown, plan, cells, days, codes, rowAt, sum, totals, uniqueShare };
  return query.orderField === null ? section : { ...section, codes: ordered(section, query.orderField) };
}

function ordered(section: Section, field: string): Float64Array {
  const formula = section.plan.formulas[section.query.metrics.indexOf(field)] ?? { kind: 'unavailable' };
  const values = new Map<number, number>();
  for (const code of section.codes) {
    section.sum(section.rowAt(code));
    values.set(code, numberFor(formula, section));
  }
  const sign = section.query.descending ? -1 : 1;
  return section.codes.toSorted((a, b) => sign * ((values.get(a) ?? 0) - (values.get(b) ?? 0)) || a - b);
}

/** The number of a formula after `sum`: counts as they are, money in minor units, ratios as they are. */
export function numberFor(formula: MetricFormula, { cells: { sums }, uniqueShare }: Section): number {
  switch (formula.kind) {
    case 'count':
    case 'money':
      return sums[formula.atom] ?? 0;
    case 'unique':
      return uniqueOf(sums[formula.atom] ?? 0, uniqueShare);
    case 'ratio': {
      const below = sums[formula.denominator] ?? 0;
      const denominator = formula.uniqueDenominator ? uniqueOf(below, uniqueShare) : below;
      return denominator === 0 ? 0 : ((sums[formula.numerator] ?? 0) * formula.factor) / denominator;
    }
    case 'attribute':
    case 'unavailable':
      return 0;
  }
}

function uniqueOf(sum: number, share: number): number {
  return sum === 0 ? 0 : Math.max(1, Math.floor(sum * share));
}

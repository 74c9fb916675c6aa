import type { DataLevel, Granularity, ReportType } from '../report-types.ts';

/** count: whole number · money: amount in the account's currency · percent: 1.23 means 1.23 % · decimal: ratio or seconds · text · id: text that identifies. */
export type MetricKind = 'count' | 'money' | 'percent' | 'decimal' | 'text' | 'id';

/** One metric of the reporting API, with all that is known about where it may be asked for. */
export interface Metric {
  /** As the API spells it. */
  readonly name: string;
  readonly kind: MetricKind;
  /** A property of the campaign, ad group or ad rather than a measurement. */
  readonly attribute: boolean;
  /** Values of several rows (days, ads) may be summed. Rates, averages and counts of people may not. */
  readonly additive: boolean;
  /** `account currency`, `percent`, `seconds`, `ratio`, `count`, `text` or `id`. */
  readonly unit: string;
  readonly group: string;
  readonly description: string;
  /** Levels that have it; not looked at in PLAYABLE_MATERIAL reports, which have no level. */
  readonly levels: readonly DataLevel[];
  /** Empty for a name that none of the reports made here can carry; `onlyIn` then says where it lives. */
  readonly reportTypes: readonly ReportType[];
  readonly granularities: readonly Granularity[];
  /** Refused without an id dimension. */
  readonly needsIdDimension: boolean;
  /** The one breakdown it needs. */
  readonly needsDimension?: string;
  /** False: refused with any breakdown. */
  readonly withBreakdowns: boolean;
  /** An id dimension that it cannot stand next to. */
  readonly conflictsWith?: string;
  /** False where no source shows that the reporting API takes the name; it may then be refused and loaded as NULL. */
  readonly proven: boolean;
  /** What to use instead. */
  readonly deprecated?: string;
  readonly onlyIn?: string;
}

/** What a data file says of one metric; everything left out follows from its name, its kind and its group. */
export type MetricRow = MetricKind | (Partial<Omit<Metric, 'name'>> & { readonly kind: MetricKind });

/** Metrics of one heading of the API's own list, in its order. */
export interface MetricGroup {
  readonly group: string;
  /** What holds for every metric of the group unless its row says otherwise. */
  readonly traits?: Partial<Omit<Metric, 'name' | 'kind' | 'group'>>;
  readonly rows: Readonly<Record<string, MetricRow>>;
}

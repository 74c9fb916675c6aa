import fc from 'fast-check';
import { addDays, dateIn } from '../../src/plan/window.ts';
import type { SimulatorOptions } from '../../src/simulator/options.ts';
import type { ReportAsked } from '../support/truth.ts';

/** A simulated world and what is asked of it. */
export interface World {
  readonly options: SimulatorOptions;
  readonly now: string;
}

const zones = [
  'UTC',
  'Etc/GMT+8',
  'Etc/GMT-14',
  'Europe/Berlin',
  'America/Los_Angeles',
  'America/Sao_Paulo',
  'Asia/Kolkata',
  'Asia/Tokyo',
  'Pacific/Auckland',
  'Australia/Lord_Howe',
];

/** Around changes of the clocks on both sides of the world, a year's end, and an ordinary day. */
const nows = [
  '2026-03-10T05:00:00Z',
  '2026-03-30T23:30:00Z',
  '2026-04-06T11:00:00Z',
  '2026-10-26T02:15:00Z',
  '2026-11-02T13:00:00Z',
  '2027-01-01T00:30:00Z',
];

const account = fc.record({
  currency: fc.constantFrom('USD', 'EUR', 'JPY', 'KRW', 'BRL', 'INR'),
  timezone: fc.constantFrom(...zones),
  displayTimezone: fc.constantFrom(...zones),
  name: fc.constantFrom('Shop', 'Ünïcødé "quoted"', "O'Brien; DROP TABLE ads", '広告\tアカウント', '\u0000\\n}},{"'),
  campaigns: fc.integer({ min: 0, max: 6 }),
  adGroupsPerCampaign: fc.integer({ min: 1, max: 3 }),
  adsPerAdGroup: fc.integer({ min: 1, max: 4 }),
  videos: fc.integer({ min: 0, max: 130 }),
  images: fc.integer({ min: 0, max: 30 }),
  topViewCampaigns: fc.integer({ min: 0, max: 2 }),
  promotedCampaigns: fc.integer({ min: 0, max: 1 }),
  deletedPercent: fc.constantFrom(0, 10, 50),
  deliveryPercent: fc.constantFrom(30, 100),
  alwaysOn: fc.boolean(),
});

export const world: fc.Arbitrary<World> = fc
  .record({
    seed: fc.integer({ min: 1, max: 1_000_000 }),
    now: fc.constantFrom(...nows),
    advertisers: fc.array(account, { minLength: 1, maxLength: 4 }),
    topViewInAuctionReports: fc.boolean(),
    totalMetrics: fc.constantFrom('given' as const, 'none' as const, 'dashes' as const),
    restatement: fc.boolean(),
    gzip: fc.boolean(),
    reportIdsMax: fc.constantFrom(20_000, 20_000, 9),
    reportCellsMax: fc.constantFrom(0, 0, 0, 1_000),
  })
  .map(({ now, advertisers, ...rest }) => ({
    now,
    options: {
      ...rest,
      now,
      frozen: true,
      historyStart: '2025-11-01',
      advertisers: advertisers.map((one, index) => ({ id: `71000000000000000${10 + index}`, ...one })),
    },
  }));

const entityNames = ['advertisers', 'campaigns', 'ad_groups', 'ads', 'videos', 'images'] as const;

/** Attributes of a configuration. Its dates count back from the day of the simulated time in UTC. */
export interface Asked {
  readonly entities: readonly (typeof entityNames)[number][];
  readonly report: ReportShape;
  /** A named report beside the main one. */
  readonly second: ReportShape | null;
  readonly includeDeleted: boolean;
  readonly disposition: 'merge' | 'replace';
  /** First day and number of days; null: the default of the last 30 days. */
  readonly window: { readonly daysAgo: number; readonly days: number } | null;
}

export interface ReportShape {
  readonly level: ReportAsked['dataLevel'];
  readonly granularity: 'day' | 'hour' | 'lifetime';
  readonly type: 'BASIC' | 'AUDIENCE';
  readonly breakdowns: readonly string[];
}

const level = fc.constantFrom('AUCTION_ADVERTISER', 'AUCTION_CAMPAIGN', 'AUCTION_ADGROUP', 'AUCTION_AD');
const basic = fc.record({
  level,
  granularity: fc.constantFrom('day', 'day', 'hour', 'lifetime'),
  type: fc.constant('BASIC'),
  breakdowns: fc.constant([]),
});
const audience = fc.record({
  level,
  granularity: fc.constantFrom('day', 'day', 'hour'),
  type: fc.constant('AUDIENCE'),
  breakdowns: fc.constantFrom(['age', 'gender'], ['gender'], ['country_code'], ['platform']),
});
const report: fc.Arbitrary<ReportShape> = fc.oneof({ weight: 3, arbitrary: basic }, { weight: 1, arbitrary: audience });

export const asked: fc.Arbitrary<Asked> = fc.record({
  entities: fc.subarray([...entityNames]),
  report,
  second: fc.option(report, { freq: 3 }),
  includeDeleted: fc.boolean(),
  disposition: fc.constantFrom('merge', 'merge', 'replace'),
  window: fc.option(fc.record({ daysAgo: fc.integer({ min: 0, max: 50 }), days: fc.integer({ min: 1, max: 45 }) }), { freq: 5 }),
});

export function attributesOf(all: Asked, now: string) {
  const { entities, report: main, second, includeDeleted, disposition } = all;
  const dates = datesOf(all, main, now);
  return {
    resources: [...entities, 'reports'],
    ...shapeOf(main),
    ...(second ? { reports: [{ name: 'second', ...shapeOf(second), ...datesOf(all, second, now) }] } : {}),
    ...dates,
    include_deleted: includeDeleted,
    write_disposition: disposition,
  };
}

function shapeOf(shape: ReportShape) {
  return {
    report_type: shape.type,
    data_level: shape.level,
    time_granularity: shape.granularity,
    ...(shape.breakdowns.length > 0 ? { dimensions: [...shape.breakdowns] } : {}),
  };
}

/** Hours are many rows and a call a day each, so few days of them. */
function datesOf(
  { window, report, second }: Asked,
  shape: ReportShape,
  now: string,
): { readonly start_date?: string; readonly end_date?: string } {
  const hourly = [report, second].some((one) => one?.granularity === 'hour');
  if (window === null && !hourly) return {};
  const { daysAgo, days } = window ?? { daysAgo: 1, days: 2 };
  const start = addDays(now.slice(0, 10), -daysAgo);
  return { start_date: start, end_date: addDays(start, Math.min(days, shape.granularity === 'hour' ? 3 : 45) - 1) };
}

/** What to compare of one account: its own window where the dates are left to the program. */
export function comparedReport(all: Asked, shape: ReportShape, table: string, now: string, zone: string): ReportAsked {
  const today = dateIn(zone, Date.parse(now));
  const { start_date: start, end_date: end } = datesOf(all, shape, now);
  const { level: dataLevel, breakdowns } = shape;
  const compared = { table, dataLevel, breakdowns, includeDeleted: all.includeDeleted };
  if (shape.granularity === 'lifetime') return { ...compared, granularity: 'none', start: '2025-11-01', end: today };
  return { ...compared, granularity: shape.granularity, start: start ?? addDays(today, -30), end: end ?? today };
}

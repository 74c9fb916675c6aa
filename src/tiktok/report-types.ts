/** Levels at which a BASIC or AUDIENCE report has its rows, from the whole account down to one ad. */
export const dataLevels = ['AUCTION_ADVERTISER', 'AUCTION_CAMPAIGN', 'AUCTION_ADGROUP', 'AUCTION_AD'] as const;
export type DataLevel = (typeof dataLevels)[number];

export const reportTypes = ['BASIC', 'AUDIENCE', 'PLAYABLE_MATERIAL'] as const;
export type ReportType = (typeof reportTypes)[number];

/** day: `stat_time_day`, or one request per day where the API has no time dimension · hour: `stat_time_hour` · lifetime: `query_lifetime`. */
export const granularities = ['day', 'hour', 'lifetime'] as const;
export type Granularity = (typeof granularities)[number];

/** The id dimension that a level has; the API refuses any other level's id next to it (docs 1740302848100353). */
export const levelIds = {
  AUCTION_ADVERTISER: 'advertiser_id',
  AUCTION_CAMPAIGN: 'campaign_id',
  AUCTION_ADGROUP: 'adgroup_id',
  AUCTION_AD: 'ad_id',
} as const satisfies Record<DataLevel, string>;

/** The time dimension of a granularity; lifetime has none. */
export const timeDimensions = {
  day: 'stat_time_day',
  hour: 'stat_time_hour',
  lifetime: null,
} as const satisfies Record<Granularity, string | null>;

/** Granularities each report type can be read with: AUDIENCE has no `query_lifetime`, PLAYABLE_MATERIAL no time dimension. */
export const granularitiesOf = {
  BASIC: ['day', 'hour', 'lifetime'],
  AUDIENCE: ['day', 'hour'],
  PLAYABLE_MATERIAL: ['day', 'lifetime'],
} as const satisfies Record<ReportType, readonly Granularity[]>;

/** How many breakdowns, besides id and time, a request of each type has. `age` and `gender` together count as one. */
export const breakdownCounts = {
  BASIC: { min: 0, max: 1 },
  AUDIENCE: { min: 1, max: 1 },
  PLAYABLE_MATERIAL: { min: 0, max: 1 },
} as const satisfies Record<ReportType, { readonly min: number; readonly max: number }>;

/** Breakdowns that may be asked for together. */
export const breakdownPairs = [['age', 'gender']] as const;

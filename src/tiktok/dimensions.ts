import type { ColumnType } from '../table.ts';
import {
  audience,
  audienceByBehavior,
  audienceByCountry,
  basicByAdType,
  basicByComponent,
  basicByCountry,
  basicByPage,
  basicByPost,
  basicByRoom,
  basicBySearchTerms,
} from './metric-sets.ts';
import {
  type DataLevel,
  dataLevels,
  type Granularity,
  granularities,
  levelIds,
  type ReportType,
  timeDimensions,
} from './report-types.ts';

/** What a report can be split by. */
export interface Dimension {
  /** As the API spells it. */
  readonly name: string;
  readonly role: 'id' | 'time' | 'breakdown';
  readonly columnType: ColumnType;
  readonly description: string;
  readonly reportTypes: readonly ReportType[];
  /** Levels that have it; not looked at in PLAYABLE_MATERIAL reports, which have no level. */
  readonly levels: readonly DataLevel[];
  readonly granularities: readonly Granularity[];
  /** False: refused next to `stat_time_day` and `stat_time_hour`. Days are then read one by one, each with a request of its own. */
  readonly timeDimension: boolean;
  /** False: its rows leave out delivery, or count it more than once, so that they do not add up to the account's total. */
  readonly addsUp: boolean;
  /** The metrics it may be asked with, attributes apart, by report type; a type that is left out has no known limit. */
  readonly metricsAllowed?: Partial<Readonly<Record<ReportType, readonly string[]>>>;
  /** Why none of the reports made here can have it. */
  readonly onlyIn?: string;
}

type DimensionRow = Partial<Omit<Dimension, 'name'>> & Pick<Dimension, 'description'>;

const playableId = 'playable_id';

const ids: Readonly<Record<string, DimensionRow>> = {
  advertiser_id: { description: 'Id of the ad account.', levels: ['AUCTION_ADVERTISER'] },
  campaign_id: { description: 'Id of the campaign.', levels: ['AUCTION_CAMPAIGN'] },
  adgroup_id: { description: 'Id of the ad group.', levels: ['AUCTION_ADGROUP'] },
  ad_id: { description: 'Id of the ad; of the creative in upgraded Smart+ campaigns.', levels: ['AUCTION_AD'] },
  ad_id_v2: {
    description: 'Id of the ad, also in upgraded Smart+ campaigns; instead of ad_id.',
    levels: ['AUCTION_AD'],
    reportTypes: ['BASIC'],
  },
  [playableId]: {
    description: 'Id of the playable.',
    levels: [],
    reportTypes: ['PLAYABLE_MATERIAL'],
    granularities: ['day', 'lifetime'],
  },
};

const times: Readonly<Record<string, DimensionRow>> = {
  stat_time_day: { description: "Day of the account's own time zone.", columnType: 'date', granularities: ['day'] },
  stat_time_hour: { description: "Hour of the account's own time zone.", columnType: 'local_timestamp', granularities: ['hour'] },
};

/** `country_code` by hour: one source says it is refused, another asks for it daily. It is allowed here; TikTok has the last word. */
const shared: Readonly<Record<string, DimensionRow>> = {
  country_code: {
    description: 'Country, as its two letters.',
    columnType: 'text',
    reportTypes: ['BASIC', 'AUDIENCE', 'PLAYABLE_MATERIAL'],
    granularities: ['day', 'hour'],
    metricsAllowed: { BASIC: basicByCountry, AUDIENCE: audienceByCountry },
  },
  ad_type: {
    description: 'Kind of ad.',
    columnType: 'text',
    reportTypes: ['BASIC', 'AUDIENCE'],
    levels: ['AUCTION_CAMPAIGN', 'AUCTION_ADGROUP', 'AUCTION_AD'],
    metricsAllowed: { BASIC: basicByAdType, AUDIENCE: audienceByBehavior },
  },
};

const basic: Readonly<Record<string, DimensionRow>> = {
  custom_event_type: { description: 'Optimization event.', columnType: 'text' },
  event_source_id: { description: 'Id of the event source.' },
  page_id: { description: 'Id of the TikTok page.', metricsAllowed: { BASIC: basicByPage } },
  component_name: {
    description: 'Component of the instant form.',
    columnType: 'text',
    metricsAllowed: { BASIC: basicByComponent },
  },
  room_id: { description: 'Id of the LIVE room.', metricsAllowed: { BASIC: basicByRoom } },
  post_id: { description: 'Id of the TikTok post.', metricsAllowed: { BASIC: basicByPost } },
  image_id: { description: 'Id of the image in a carousel.', levels: ['AUCTION_AD'] },
  video_material_id: { description: 'Id of the video material.', levels: ['AUCTION_AD'] },
  minis_id: { description: 'Id of the TikTok Mini.' },
  search_terms: {
    description: 'What the person searched for.',
    columnType: 'text',
    levels: ['AUCTION_AD'],
    metricsAllowed: { BASIC: basicBySearchTerms },
  },
  search_keyword: { description: 'Keyword that the ad group bids on.', columnType: 'text' },
  match_type: { description: 'How search term and keyword were matched.', columnType: 'text' },
  skan_postback_sequence: { description: "Number of Apple's postback, from 1.", columnType: 'count' },
};

const interest = { columnType: 'id', timeDimension: false, granularities: ['day'], addsUp: false } as const;
const behavior = { metricsAllowed: { AUDIENCE: audienceByBehavior }, columnType: 'text', addsUp: false } as const;

const audienceBreakdowns: Readonly<Record<string, DimensionRow>> = {
  age: { description: 'Age group, as AGE_25_34; NONE where it is not known.', columnType: 'text' },
  gender: { description: 'FEMALE or MALE; NONE where it is not known.', columnType: 'text' },
  province_id: { description: 'Id of the province; incomplete by design.', addsUp: false },
  dma_id: { description: 'Id of the designated market area.', addsUp: false },
  platform: { description: 'Operating system or device, as ANDROID or IPHONE.', columnType: 'text' },
  ac: { description: 'Kind of network, as WIFI or 4G.', columnType: 'text' },
  language: { description: 'Language of the device, as en.', columnType: 'text' },
  placement: { description: 'Where the ad was shown.', columnType: 'text' },
  interest_category: { description: 'Id of the interest.', ...interest },
  interest_category_tier2: { description: 'Id of the interest, second tier.', ...interest },
  interest_category_tier3: { description: 'Id of the interest, third tier.', ...interest },
  interest_category_tier4: { description: 'Id of the interest, fourth tier.', ...interest },
  device_brand_id: { description: 'Id of the device brand.', ...interest },
  contextual_tag: { description: 'Contextual tag of the placement.', columnType: 'text', addsUp: false },
  behavior_id: { description: 'Id of the behavior.', addsUp: false },
  hashtag: { description: 'Hashtag.', ...behavior },
  audience_tags: { description: 'Tag of the audience.', ...behavior },
  purchase_intention: { description: 'Purchase intention.', ...behavior },
  additional_interests: { description: 'Additional interest.', columnType: 'text', addsUp: false },
  bucket_id: {
    description: 'Bucket of real-time bidding.',
    reportTypes: [],
    metricsAllowed: {},
    onlyIn: 'requests for the metric `cost` of real-time bidding, which are not made here',
  },
};

/** Every dimension by name: ids, times, then breakdowns. */
export const dimensions: ReadonlyMap<string, Dimension> = new Map([
  ...named(ids, { role: 'id', reportTypes: ['BASIC', 'AUDIENCE'] }),
  ...named(times, { role: 'time', reportTypes: ['BASIC', 'AUDIENCE'] }),
  ...named(shared, { role: 'breakdown' }),
  // Delivery without a form, a post, a search term … has no row here.
  ...named(basic, { role: 'breakdown', reportTypes: ['BASIC'], addsUp: false }),
  ...named(audienceBreakdowns, {
    role: 'breakdown',
    reportTypes: ['AUDIENCE'],
    granularities: ['day', 'hour'],
    metricsAllowed: { AUDIENCE: audience },
  }),
]);

function named(
  rows: Readonly<Record<string, DimensionRow>>,
  traits: Partial<Dimension> & Pick<Dimension, 'role'>,
): readonly (readonly [string, Dimension])[] {
  const defaults = {
    columnType: 'id',
    reportTypes: [],
    levels: dataLevels,
    granularities,
    timeDimension: true,
    addsUp: true,
  } as const;
  return Object.entries(rows).map(([name, row]) => [name, { ...defaults, ...traits, ...row, name }] as const);
}

/** The id dimension of a report: the level's own, or the one that its dimensions name instead. */
export function idDimensionOf(report: {
  readonly reportType: ReportType;
  readonly dataLevel: DataLevel;
  readonly breakdowns: readonly string[];
}): string {
  if (report.reportType === 'PLAYABLE_MATERIAL') return playableId;
  return report.breakdowns.find((name) => dimensions.get(name)?.role === 'id') ?? levelIds[report.dataLevel];
}

/**
 * The time dimension to ask for, or null where the API has none (playables, lifetime) or refuses one next to a breakdown. With granularity
 * `day` and null, every day needs a request of its own.
 */
export function timeDimensionOf(report: {
  readonly reportType: ReportType;
  readonly granularity: Granularity;
  readonly breakdowns: readonly string[];
}): string | null {
  if (report.reportType === 'PLAYABLE_MATERIAL') return null;
  if (report.breakdowns.some((name) => dimensions.get(name)?.timeDimension === false)) return null;
  return timeDimensions[report.granularity];
}

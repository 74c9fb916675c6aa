import { dataLevels, granularities, reportTypes } from '../tiktok/report-types.ts';
import type { FieldDefinition } from './field-types.ts';

/** What a report asks for: attributes of the component for its main report, and fields of each entry of `reports`. */
export const reportAttributes = {
  start_date: {
    kind: 'date',
    group: 'Reports',
    description:
      'First day of the reports, inclusive, in each account’s own time zone. Ignored in a run that has a time partition, which brings its own window.',
    examples: ['2024-01-01'],
    defaultText: '30 days ago',
  },
  end_date: {
    kind: 'date',
    group: 'Reports',
    description:
      'Last day of the reports, inclusive, in each account’s own time zone. Ignored in a run that has a time partition.',
    examples: ['2024-12-31'],
    defaultText: 'today',
  },
  report_type: {
    kind: 'enum',
    group: 'Reports',
    description:
      'BASIC: delivery and results. AUDIENCE: the same by who saw the ads. PLAYABLE_MATERIAL: playable creatives, by day.',
    default: 'BASIC',
    choices: reportTypes,
    expected: 'a report type',
    examples: ['BASIC'],
  },
  data_level: {
    kind: 'enum',
    group: 'Reports',
    description:
      'One row per advertiser, campaign, ad group or ad. Ids and names of the level and of its parents come with each row. PLAYABLE_MATERIAL has no level.',
    default: 'AUCTION_CAMPAIGN',
    choices: dataLevels,
    expected: 'a data level',
    examples: ['AUCTION_AD'],
  },
  metrics: {
    kind: 'words',
    group: 'Reports',
    description:
      'Metrics of the catalogue (`tiktok-ads catalog` lists them), or aliases such as conversions. An alias is also the name of the column.',
    defaultText: 'a set that suits report type and level',
    expected: 'a metric',
    allowed: 'names of metrics, as a list or separated by commas',
    examples: ['spend,impressions,clicks,conversions', ['spend', 'impressions']],
  },
  dimensions: {
    kind: 'words',
    group: 'Reports',
    description:
      'Breakdown beside the level’s id and the time, which are always there. One at most; AUDIENCE needs one, and takes age and gender together.',
    defaultText: 'age, gender for AUDIENCE; none otherwise',
    expected: 'a dimension',
    allowed: 'names of dimensions, as a list or separated by commas',
    examples: ['country_code', ['age', 'gender']],
  },
  time_granularity: {
    kind: 'enum',
    group: 'Reports',
    description: 'One row per day, per hour, or one for the whole life of the account (dates are then ignored).',
    defaultText: 'day; hour with hourly partitions',
    choices: granularities,
    expected: 'a granularity',
    examples: ['day'],
  },
} as const satisfies Readonly<Record<string, FieldDefinition>>;

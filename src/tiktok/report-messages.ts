/** What is wrong, and shortly what would be right. No full stop at the end: whoever shows it sets one. */
export interface ReportMessage {
  readonly message: string;
  readonly allowed?: string;
}

export type ReportMessages = Readonly<Record<MessageKey, ReportMessage>>;

export type MessageKey =
  | 'granularity'
  | 'dimensionUnknown'
  | 'dimensionOnlyIn'
  | 'dimensionType'
  | 'dimensionIdLevel'
  | 'dimensionLevel'
  | 'dimensionTime'
  | 'dimensionGranularity'
  | 'dimensionExclusive'
  | 'breakdownsTooMany'
  | 'breakdownMissing'
  | 'metricUnknown'
  | 'metricOnlyIn'
  | 'metricType'
  | 'metricIdLevel'
  | 'metricLevel'
  | 'metricGranularity'
  | 'metricNeeds'
  | 'metricPlain'
  | 'metricBreakdown'
  | 'metricConflict';

/**
 * Placeholders: `{value}` the word as JSON text, an alias with its metrics behind it · `{type}`, `{level}`, `{granularity}` of the report ·
 * `{types}`, `{levels}`, `{granularities}` that have the metric or dimension, joined by `, ` · `{where}` its `onlyIn` · `{needs}` the dimension it
 * needs · `{conflict}` the id it excludes · `{breakdown}` the first breakdown that refuses it · `{names}` the names that would be right, the first
 * twelve and `…` · `{id}` the report's id dimension.
 */
export const reportMessages: ReportMessages = {
  granularity: { message: '{value} is not possible in {type} reports', allowed: '{granularities}' },
  dimensionUnknown: { message: '{value} is not a dimension', allowed: '{names}' },
  dimensionOnlyIn: { message: '{value} exists only in {where}' },
  dimensionType: { message: '{value} is a dimension of {types} reports, not of {type}', allowed: '{names}' },
  dimensionIdLevel: {
    message: '{value} is the id of {levels}; at {level} the ids of parents are columns without asking',
    allowed: 'leave it out, or data_level: {levels}',
  },
  dimensionLevel: { message: '{value} does not exist at {level}', allowed: 'data_level: {levels}' },
  dimensionTime: {
    message: '{value} does not go with time_granularity: {granularity}',
    allowed: 'leave it out, or time_granularity: {granularities}',
  },
  dimensionGranularity: {
    message: '{value} is not possible with time_granularity: {granularity}',
    allowed: 'time_granularity: {granularities}',
  },
  dimensionExclusive: { message: '{value} cannot stand next to {id}', allowed: 'one of them' },
  breakdownsTooMany: { message: '{value} is one breakdown too many', allowed: 'one breakdown; age and gender may go together' },
  breakdownMissing: { message: '{type} reports need a breakdown', allowed: '{names}' },
  metricUnknown: { message: '{value} is not a metric', allowed: 'what `tiktok-ads catalog` lists' },
  metricOnlyIn: { message: '{value} exists only in {where}' },
  metricType: { message: '{value} does not exist in {type} reports', allowed: 'report_type: {types}' },
  metricIdLevel: { message: '{value} is a column at {level} without asking', allowed: 'leave it out' },
  metricLevel: { message: '{value} exists only at {levels}, not at {level}', allowed: 'data_level: {levels}' },
  metricGranularity: {
    message: '{value} is not possible with time_granularity: {granularity}',
    allowed: 'time_granularity: {granularities}',
  },
  metricNeeds: { message: '{value} exists only with the dimension {needs}', allowed: 'dimensions: {needs}' },
  metricPlain: { message: '{value} cannot be split by {breakdown}', allowed: 'a report without dimensions' },
  metricBreakdown: { message: '{value} cannot be split by {breakdown}', allowed: '{names}' },
  metricConflict: { message: '{value} cannot stand next to {conflict}', allowed: 'leave it out' },
};

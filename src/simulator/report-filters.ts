import type { DataLevel } from './facts.ts';
import { isRecord, missing, notAcceptable, timeOf } from './parameters.ts';
import { parameterError, Refusal } from './refusal.ts';

/** What a report's `filtering` leaves in. */
export interface ReportFilters {
  readonly campaignIds: readonly string[] | undefined;
  readonly adGroupIds: readonly string[] | undefined;
  readonly adIds: readonly string[] | undefined;
  readonly adIdsV2: readonly string[] | undefined;
  /** Statuses of the level's entities; what TikTok takes by default is already here. */
  readonly statuses: readonly string[];
  readonly buyingTypes: readonly string[] | undefined;
  readonly automationTypes: readonly string[] | undefined;
  readonly objectiveTypes: readonly string[] | undefined;
  readonly promotionTypes: readonly string[] | undefined;
  readonly playableStatuses: readonly string[] | undefined;
  /** Seconds since 1970, both included. */
  readonly createdFrom: number;
  readonly createdTo: number;
}

export interface FilterContext {
  readonly dataLevel: DataLevel | null;
  readonly dimensions: readonly string[];
  readonly idsMax: number;
}

const filterTypes = [
  'IN',
  'NOT_IN',
  'CONTAIN_ANY_OF',
  'MATCH',
  'GREATER_EQUAL',
  'GREATER_THAN',
  'LOWER_EQUAL',
  'LOWER_THAN',
  'BETWEEN',
  'RANGE',
] as const;

const primaryStatuses: readonly string[] = [
  'STATUS_ALL',
  'STATUS_NOT_DELETE',
  'STATUS_DELETE',
  'STATUS_DELIVERY_OK',
  'STATUS_DISABLE',
  'STATUS_NOT_DELIVERY',
  'STATUS_TIME_DONE',
  'STATUS_RF_CLOSED',
  'STATUS_FROZEN',
  'STATUS_DELIVERY_PARTIAL',
  'STATUS_DELIVERY_CATALOG',
];

/** The level at which a status may be filtered: any other is refused. */
const statusLevels: Readonly<Record<string, DataLevel>> = {
  campaign_status: 'AUCTION_CAMPAIGN',
  adgroup_status: 'AUCTION_ADGROUP',
  ad_status: 'AUCTION_AD',
};

export function readFilters(list: readonly unknown[] | undefined, context: FilterContext): ReportFilters {
  const found = new Map<string, { readonly type: string; readonly value: string }>();
  for (const [index, one] of (list ?? []).entries()) {
    const at = `filtering.${index}`;
    if (!isRecord(one)) throw parameterError(`${at}: Not a valid mapping type.`);
    const { field_name: field, filter_type: type, filter_value: value } = one;
    for (const [name, part] of Object.entries({ field_name: field, filter_type: type, filter_value: value })) {
      if (part === undefined) throw missing(`${at}.${name}`);
      if (typeof part !== 'string') throw parameterError(`${at}.${name}: Not a valid string.`);
    }
    if (!filterTypes.some((known) => known === type)) throw notAcceptable(`${at}.filter_type`, filterTypes);
    if (!fieldNames.includes(String(field))) throw notAcceptable(`${at}.field_name`, fieldNames);
    found.set(String(field), { type: String(type), value: String(value) });
  }

  function values(field: string): readonly string[] | undefined {
    const filter = found.get(field);
    if (filter === undefined) return undefined;
    if (filter.type !== 'IN') throw parameterError(`filtering: filter_type of ${field} must be IN.`);
    let decoded: unknown;
    try {
      // Ids written as numbers are taken too; they must not pass through a JavaScript number.
      decoded = JSON.parse(filter.value.replace(/(^|[[,\s])(\d+)(?=[\],\s]|$)/g, '$1"$2"'));
    } catch {
      decoded = undefined;
    }
    if (!Array.isArray(decoded) || decoded.length === 0 || decoded.some((one) => typeof one !== 'string')) {
      throw parameterError(`filtering: filter_value of ${field} must be the JSON text of a list of strings.`);
    }
    return decoded.map(String);
  }

  function ids(field: string): readonly string[] | undefined {
    const list = values(field);
    if (list !== undefined && list.length > context.idsMax)
      throw new Refusal(40011, `The number of ${field} exceeds the limit of ${context.idsMax}.`);
    return list;
  }

  const adIdsV2 = ids('ad_ids_v2');
  if (adIdsV2 !== undefined && (context.dataLevel !== 'AUCTION_AD' || !context.dimensions.includes('ad_id_v2'))) {
    throw parameterError('filtering: ad_ids_v2 needs data_level AUCTION_AD and dimension ad_id_v2.');
  }
  if (found.has('ad_ids') && context.dimensions.includes('ad_id_v2'))
    throw parameterError('filtering: ad_ids does not go with dimension ad_id_v2.');
  let statuses: readonly string[] =
    context.dataLevel === null || context.dataLevel === 'AUCTION_ADVERTISER' ? [] : ['STATUS_NOT_DELETE'];
  for (const [field, level] of Object.entries(statusLevels)) {
    const given = values(field);
    if (given === undefined) continue;
    if (context.dataLevel !== level) throw parameterError(`filtering: ${field} is only supported when data_level is ${level}.`);
    const wrong = given.find((status) => !primaryStatuses.includes(status));
    if (wrong !== undefined) throw notAcceptable(`filtering.${field}`, primaryStatuses);
    statuses = given;
  }
  return {
    campaignIds: ids('campaign_ids'),
    adGroupIds: ids('adgroup_ids'),
    adIds: ids('ad_ids'),
    adIdsV2,
    statuses,
    buyingTypes: values('buying_type'),
    automationTypes: values('campaign_automation_type'),
    objectiveTypes: values('objective_type'),
    promotionTypes: values('promotion_type'),
    playableStatuses: values('playable_status'),
    ...creation(found.get('create_time')),
  };
}

const fieldNames: readonly string[] = [
  'campaign_ids',
  'adgroup_ids',
  'ad_ids',
  'ad_ids_v2',
  'campaign_status',
  'adgroup_status',
  'ad_status',
  'playable_status',
  'campaign_automation_type',
  'buying_type',
  'promotion_type',
  'objective_type',
  'create_time',
];

function creation(filter: { readonly type: string; readonly value: string } | undefined): {
  createdFrom: number;
  createdTo: number;
} {
  const open = { createdFrom: Number.NEGATIVE_INFINITY, createdTo: Number.POSITIVE_INFINITY };
  if (filter === undefined) return open;
  const { type, value } = filter;
  if (type === 'BETWEEN') {
    const pair: unknown = JSON.parse(value);
    if (!Array.isArray(pair) || pair.length !== 2)
      throw parameterError('filtering: filter_value of create_time must be a list of two times.');
    return { createdFrom: timeOf('filtering.create_time', pair[0]), createdTo: timeOf('filtering.create_time', pair[1]) };
  }
  const time = timeOf('filtering.create_time', value);
  if (type === 'GREATER_EQUAL') return { ...open, createdFrom: time };
  if (type === 'GREATER_THAN') return { ...open, createdFrom: time + 1 };
  if (type === 'LOWER_EQUAL') return { ...open, createdTo: time };
  if (type === 'LOWER_THAN') return { ...open, createdTo: time - 1 };
  throw parameterError('filtering: filter_type of create_time must be a comparison.');
}

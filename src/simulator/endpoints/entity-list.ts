import type { Account, EntityKind } from '../account.ts';
import { type Fields, payloadText, recordMaker } from '../entities/records.ts';
import {
  automationOf,
  buyingTypeOf,
  campaignOf,
  countOf,
  createdAt,
  modifiedAt,
  objectiveOf,
  originOf,
  statusOf,
} from '../entities/traits.ts';
import { ordinalOf } from '../ids.ts';
import { idList, notAcceptable, timeOf } from '../parameters.ts';
import { parameterError } from '../refusal.ts';
import { type Answer, type Call, pageInfo } from './endpoint.ts';

/** What the three lists of entities share: filters, pages, newest first. */
export interface EntityList {
  readonly kind: EntityKind;
  readonly fields: Fields<EntityPlace>;
  /** Filters of this list beside those that all three have. */
  readonly filters: Readonly<Record<string, (value: unknown, name: string) => (place: EntityPlace) => boolean>>;
  readonly statusPrefix: string;
  /** All that is told of one made in the TikTok app; left out where it is as much as of any other. */
  readonly promotedFields?: readonly string[];
}

export interface EntityPlace {
  readonly account: Account;
  readonly ordinal: number;
}

type Test = (place: EntityPlace) => boolean;

const primaryStatuses = [
  'STATUS_DELETE',
  'STATUS_DELIVERY_OK',
  'STATUS_DISABLE',
  'STATUS_NOT_DELIVERY',
  'STATUS_TIME_DONE',
  'STATUS_RF_CLOSED',
  'STATUS_FROZEN',
  'STATUS_ALL',
  'STATUS_NOT_DELETE',
  'STATUS_DELIVERY_PARTIAL',
  'STATUS_DELIVERY_CATALOG',
] as const;

export function listEntities(list: EntityList, { simulation, parameters, account: readAccount }: Call): Answer {
  const account = readAccount();
  const filtering = parameters.object('filtering') ?? {};
  const { tests, topView } = readTests(list, account, filtering);
  const page = parameters.integer('page', { min: 1, max: 1_000_000_000, otherwise: 1 });
  const pageSizeMax = topView && list.kind === 'adgroup' ? 100 : 1_000;
  const pageSize = parameters.integer('page_size', { min: 1, max: pageSizeMax, otherwise: 10 });
  // In the sandbox `secondary_status` is missing.
  const record = recordMaker(simulation.options.sandbox ? withoutStatus(list.fields) : list.fields, parameters);
  const first = (page - 1) * pageSize;
  const records: unknown[] = [];
  let total = 0;
  for (const ordinal of candidates(list.kind, account, filtering)) {
    const place = { account, ordinal };
    if (!tests.every((test) => test(place))) continue;
    if (total >= first && total < first + pageSize) records.push(shortened(list, place, record(place)));
    total += 1;
  }
  return { kind: 'json', json: payloadText({ list: records, page_info: pageInfo(page, pageSize, total) }), rows: records.length };
}

function shortened(list: EntityList, { account, ordinal }: EntityPlace, record: Record<string, unknown>): unknown {
  const { promotedFields } = list;
  if (!promotedFields || originOf(account, campaignOf(account, list.kind, ordinal)) !== 'PROMOTE') return record;
  return Object.fromEntries(Object.entries(record).filter(([name]) => promotedFields.includes(name)));
}

/** Newest first; only those named, if ids are given. */
function candidates(kind: EntityKind, account: Account, filtering: Readonly<Record<string, unknown>>): readonly number[] {
  const count = countOf(account, kind);
  const ids = filtering[`${kind}_ids`];
  if (!Array.isArray(ids)) return Array.from({ length: count }, (_, index) => count - 1 - index);
  const ordinals = ids.map((id) => ordinalOf(account, kind, String(id))).filter((ordinal) => ordinal >= 0 && ordinal < count);
  return [...new Set(ordinals)].sort((a, b) => b - a);
}

function readTests(
  list: EntityList,
  account: Account,
  filtering: Readonly<Record<string, unknown>>,
): { tests: readonly Test[]; topView: boolean } {
  const { kind } = list;
  const tests: Test[] = [];
  const known = { ...shared(kind, account), ...list.filters };
  for (const [name, value] of Object.entries(filtering)) {
    if (value === null || value === undefined || handledApart.includes(name)) continue;
    const filter = known[name];
    // Unknown parameters are ignored, and so are unknown keys of a filter.
    if (filter !== undefined) tests.push(filter(value, `filtering.${name}`));
  }
  const buyingTypes = readBuyingTypes(filtering['buying_types']);
  tests.push(({ ordinal }) => buyingTypes.includes(buyingTypeOf(account, campaignOf(account, kind, ordinal))));
  const status = statusTest(list, filtering);
  if (status !== undefined) tests.push(status);
  const origins = readOrigins(filtering['campaign_system_origins']);
  tests.push(({ ordinal }) => origins.includes(originOf(account, campaignOf(account, kind, ordinal))));
  return { tests, topView: buyingTypes.includes('RESERVATION_TOP_VIEW') };
}

const handledApart: readonly string[] = ['primary_status', 'secondary_status', 'buying_types', 'campaign_system_origins'];

/** Campaigns made in the TikTok app come only if they are asked for. */
function readOrigins(value: unknown): readonly string[] {
  if (value === undefined || value === null) return ['TT_ADS_PLATFORM'];
  const origins = idList('filtering.campaign_system_origins', value, 10);
  const known = ['TT_ADS_PLATFORM', 'PROMOTE'];
  if (origins.some((origin) => !known.includes(origin))) throw notAcceptable('filtering.campaign_system_origins', known);
  return origins;
}

/** TopView only comes in a pass of its own. */
function readBuyingTypes(value: unknown): readonly string[] {
  if (value === undefined || value === null) return ['AUCTION', 'RESERVATION_RF'];
  const types = idList('filtering.buying_types', value, 3);
  const known = ['AUCTION', 'RESERVATION_RF', 'RESERVATION_TOP_VIEW'];
  if (types.some((type) => !known.includes(type))) throw notAcceptable('filtering.buying_types', known);
  if (types.length > 1 && types.includes('RESERVATION_TOP_VIEW')) {
    throw parameterError('filtering.buying_types: RESERVATION_TOP_VIEW cannot be used together with other values.');
  }
  return types;
}

function statusTest({ kind, statusPrefix }: EntityList, filtering: Readonly<Record<string, unknown>>): Test | undefined {
  const { primary_status: primary, secondary_status: secondary } = filtering;
  const tests: Test[] = [];
  if (secondary !== undefined && secondary !== null) {
    if (typeof secondary !== 'string' || !/^(AD_STAT|ADGROUP_STATUS_|CAMPAIGN_STATUS_|ADVERTISER_)/.test(secondary)) {
      throw notAcceptable('filtering.secondary_status', [
        `${statusPrefix}_STATUS_ALL`,
        `${statusPrefix}_STATUS_NOT_DELETE`,
        `${statusPrefix}_STATUS_DELETE`,
      ]);
    }
    if (!secondary.startsWith(`${statusPrefix}_STAT`) && !secondary.startsWith('ADVERTISER_')) {
      throw notAcceptable('filtering.secondary_status', [`${statusPrefix}_STATUS_ALL`]);
    }
    if (secondary.endsWith('_NOT_DELETE'))
      tests.push(({ account, ordinal }) => statusOf(account, kind, ordinal).primary !== 'STATUS_DELETE');
    else if (!secondary.endsWith('_ALL'))
      tests.push(({ account, ordinal }) => statusOf(account, kind, ordinal).secondary === secondary);
  }
  if (primary !== undefined && primary !== null) {
    if (!primaryStatuses.some((known) => known === primary)) throw notAcceptable('filtering.primary_status', primaryStatuses);
    if (primary === 'STATUS_NOT_DELETE')
      tests.push(({ account, ordinal }) => statusOf(account, kind, ordinal).primary !== 'STATUS_DELETE');
    else if (primary !== 'STATUS_ALL') tests.push(({ account, ordinal }) => statusOf(account, kind, ordinal).primary === primary);
  } else if (secondary === undefined || secondary === null) {
    tests.push(({ account, ordinal }) => statusOf(account, kind, ordinal).primary !== 'STATUS_DELETE');
  }
  return tests.length === 0 ? undefined : (place) => tests.every((test) => test(place));
}

function shared(kind: EntityKind, account: Account): EntityList['filters'] {
  const campaign = (ordinal: number) => campaignOf(account, kind, ordinal);
  const ids = (wanted: EntityKind, ordinalIn: (ordinal: number) => number) => (value: unknown, name: string) => {
    const ordinals = new Set(idList(name, value, 100).map((id) => ordinalOf(account, wanted, id)));
    return ({ ordinal }: EntityPlace) => ordinals.has(ordinalIn(ordinal));
  };
  const filters: Record<string, EntityList['filters'][string]> = {
    campaign_ids: ids('campaign', campaign),
    objective_type: (value) => {
      const same = value === 'CONVERSIONS' || value === 'WEB_CONVERSIONS' ? ['CONVERSIONS', 'WEB_CONVERSIONS'] : [String(value)];
      return ({ ordinal }) => same.includes(objectiveOf(account, campaign(ordinal)));
    },
    is_smart_performance_campaign:
      (value) =>
      ({ ordinal }) =>
        (automationOf(account, campaign(ordinal)) === 'SMART_PLUS') === (value === true || value === 'true'),
    creation_filter_start_time: (value, name) => {
      const from = timeOf(name, value);
      return ({ ordinal }) => createdAt(account, kind, ordinal) >= from;
    },
    creation_filter_end_time: (value, name) => {
      const to = timeOf(name, value);
      return ({ ordinal }) => createdAt(account, kind, ordinal) <= to;
    },
  };
  if (kind !== 'campaign')
    filters['adgroup_ids'] = ids('adgroup', (ordinal) => (kind === 'adgroup' ? ordinal : (account.adGroupOfAd[ordinal] ?? -1)));
  if (kind === 'ad') {
    filters['ad_ids'] = ids('ad', (ordinal) => ordinal);
    filters['modified_after'] = (value, name) => {
      const after = timeOf(name, value);
      return ({ ordinal }) => (modifiedAt(account, kind, ordinal) ?? createdAt(account, kind, ordinal)) >= after;
    };
  }
  return filters;
}

function withoutStatus(fields: Fields<EntityPlace>): Fields<EntityPlace> {
  const { secondary_status: _, ...rest } = fields;
  return rest;
}

/** A fuzzy search in a name. */
export function nameFilter(nameIn: (place: EntityPlace) => string): EntityList['filters'][string] {
  return (value) => (place) => nameIn(place).toLowerCase().includes(String(value).toLowerCase());
}

import type { Account, EntityKind } from './account.ts';
import {
  adsBelow,
  automationOf,
  buyingTypeOf,
  campaignOf,
  countOf,
  createdAt,
  objectiveOf,
  promotionTypeOf,
  statusOf,
} from './entities/traits.ts';
import type { DataLevel } from './facts.ts';
import { ordinalOf } from './ids.ts';
import type { ReportFilters } from './report-filters.ts';

/** The ids of a report, newest first, and the ads each one sums up. */
export interface Groups {
  readonly kind: EntityKind | 'advertiser' | 'ad_v2' | 'playable';
  readonly ordinals: Int32Array;
  /** Ads from `first` to `last`, the last excluded. */
  readonly first: Int32Array;
  readonly last: Int32Array;
  /** 1 for ads that count; null: all do. */
  readonly counted: Uint8Array | null;
  /** The ids were more than a synchronous report considers; the oldest are missing. */
  readonly cut: boolean;
}

export interface GroupRequest {
  readonly dataLevel: DataLevel | null;
  readonly idDimension: string | null;
  readonly filters: ReportFilters;
  readonly idsMax: number;
  readonly topViewInAuctionReports: boolean;
}

const kinds: Readonly<Record<Exclude<DataLevel, 'AUCTION_ADVERTISER'>, EntityKind>> = {
  AUCTION_CAMPAIGN: 'campaign',
  AUCTION_ADGROUP: 'adgroup',
  AUCTION_AD: 'ad',
};

export function groupsOf(account: Account, request: GroupRequest): Groups {
  const { dataLevel, filters } = request;
  if (dataLevel === null) return playables(account);
  const counted = countedAds(account, request);
  if (dataLevel === 'AUCTION_ADVERTISER') {
    const all = { ordinals: Int32Array.of(0), first: Int32Array.of(0), last: Int32Array.of(account.adCount) };
    return { kind: 'advertiser', ...all, counted, cut: false };
  }
  const kind = kinds[dataLevel];
  const wanted = request.idDimension === 'ad_id_v2' ? adsV2(account) : undefined;
  const ordinals: number[] = [];
  let cut = false;
  for (let ordinal = (wanted?.length ?? countOf(account, kind)) - 1; ordinal >= 0; ordinal -= 1) {
    const own = wanted === undefined ? ordinal : (wanted[ordinal]?.[0] ?? 0);
    if (!isIncluded(account, kind, own, filters, request.topViewInAuctionReports)) continue;
    if (wanted !== undefined && !isIncludedV2(account, own, filters.adIdsV2)) continue;
    if (counted !== null && !hasCounted(counted, wanted?.[ordinal] ?? adsBelow(account, kind, ordinal))) continue;
    if (ordinals.length === request.idsMax) {
      cut = true;
      break;
    }
    ordinals.push(ordinal);
  }
  const ranges = ordinals.map((ordinal) => wanted?.[ordinal] ?? adsBelow(account, kind, ordinal));
  return {
    kind: wanted === undefined ? kind : 'ad_v2',
    ordinals: Int32Array.from(wanted === undefined ? ordinals : ranges.map((range) => range[0])),
    first: Int32Array.from(ranges, (range) => range[0]),
    last: Int32Array.from(ranges, (range) => range[1]),
    counted,
    cut,
  };
}

function isIncluded(account: Account, kind: EntityKind, ordinal: number, filters: ReportFilters, withTopView: boolean): boolean {
  const { primary } = statusOf(account, kind, ordinal);
  if (!matchesStatus(primary, filters.statuses)) return false;
  const campaign = campaignOf(account, kind, ordinal);
  const buying = buyingTypeOf(account, campaign);
  const buyingTypes = filters.buyingTypes ?? (withTopView ? undefined : ['AUCTION', 'RESERVATION_RF']);
  if (buyingTypes !== undefined && !buyingTypes.includes(buying)) return false;
  if (filters.automationTypes?.includes(automationOf(account, campaign)) === false) return false;
  if (filters.objectiveTypes?.includes(objectiveOf(account, campaign)) === false) return false;
  const created = createdAt(account, kind, ordinal);
  return created >= filters.createdFrom && created <= filters.createdTo;
}

export function matchesStatus(primary: string, statuses: readonly string[]): boolean {
  if (statuses.length === 0 || statuses.includes('STATUS_ALL')) return true;
  if (statuses.includes('STATUS_NOT_DELETE') && primary !== 'STATUS_DELETE') return true;
  return statuses.includes(primary);
}

/** Which ads count, by the filters that name ids, promotion types, or at advertiser level buying types and campaigns. */
function countedAds(account: Account, { dataLevel, filters }: GroupRequest): Uint8Array | null {
  const { campaignIds, adGroupIds, adIds, promotionTypes } = filters;
  const atAdvertiser = dataLevel === 'AUCTION_ADVERTISER';
  const byCampaign = atAdvertiser && (filters.buyingTypes ?? filters.automationTypes ?? filters.objectiveTypes) !== undefined;
  if ((campaignIds ?? adGroupIds ?? adIds ?? promotionTypes) === undefined && !byCampaign) return null;
  const counted = new Uint8Array(account.adCount).fill(1);
  keepOnly(account, counted, 'campaign', campaignIds);
  keepOnly(account, counted, 'adgroup', adGroupIds);
  keepOnly(account, counted, 'ad', adIds);
  for (let ad = 0; ad < account.adCount; ad += 1) {
    const adGroup = account.adGroupOfAd[ad] ?? 0;
    const campaign = account.campaignOfAdGroup[adGroup] ?? 0;
    if (promotionTypes?.includes(promotionTypeOf(account, adGroup)) === false) counted[ad] = 0;
    if (!atAdvertiser) continue;
    if (filters.buyingTypes?.includes(buyingTypeOf(account, campaign)) === false) counted[ad] = 0;
    if (filters.automationTypes?.includes(automationOf(account, campaign)) === false) counted[ad] = 0;
    if (filters.objectiveTypes?.includes(objectiveOf(account, campaign)) === false) counted[ad] = 0;
  }
  return counted;
}

function keepOnly(account: Account, counted: Uint8Array, kind: EntityKind, ids: readonly string[] | undefined): void {
  if (ids === undefined) return;
  const kept = new Uint8Array(counted.length);
  for (const id of ids) {
    const ordinal = ordinalOf(account, kind, id);
    if (ordinal < 0 || ordinal >= countOf(account, kind)) continue;
    const [first, last] = adsBelow(account, kind, ordinal);
    for (let ad = first; ad < last; ad += 1) kept[ad] = counted[ad] ?? 0;
  }
  counted.set(kept);
}

function hasCounted(counted: Uint8Array, [first, last]: readonly [number, number]): boolean {
  for (let ad = first; ad < last; ad += 1) if (counted[ad] === 1) return true;
  return false;
}

/** In upgraded Smart+ campaigns an `ad_id` is a creative, and the ads of an ad group are one `ad_id_v2`. */
function adsV2(account: Account): readonly (readonly [number, number])[] {
  const ranges: (readonly [number, number])[] = [];
  for (let adGroup = 0; adGroup < account.adGroupCount; adGroup += 1) {
    const [first, last] = adsBelow(account, 'adgroup', adGroup);
    const together = automationOf(account, account.campaignOfAdGroup[adGroup] ?? 0) === 'UPGRADED_SMART_PLUS';
    if (together && last > first) ranges.push([first, last]);
    else for (let ad = first; ad < last; ad += 1) ranges.push([ad, ad + 1]);
  }
  return ranges;
}

function isIncludedV2(account: Account, firstAd: number, ids: readonly string[] | undefined): boolean {
  return ids === undefined || ids.some((id) => ordinalOf(account, 'ad_v2', id) === firstAd);
}

/** Each ad group of an app campaign has one playable. */
function playables(account: Account): Groups {
  const ordinals: number[] = [];
  for (let adGroup = account.adGroupCount - 1; adGroup >= 0; adGroup -= 1) {
    if (adGroup % 4 === 1) ordinals.push(adGroup);
  }
  const ranges = ordinals.map((adGroup) => adsBelow(account, 'adgroup', adGroup));
  return {
    kind: 'playable',
    ordinals: Int32Array.from(ordinals),
    first: Int32Array.from(ranges, (range) => range[0]),
    last: Int32Array.from(ranges, (range) => range[1]),
    counted: null,
    cut: false,
  };
}

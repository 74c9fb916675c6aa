import type { AccountProfile } from './accounts.ts';
import { below, hashText, mix } from './hash.ts';

export type EntityKind = 'campaign' | 'adgroup' | 'ad';

/** How large an account is; every number already decided. */
export interface AccountShape {
  readonly campaigns: number;
  readonly adGroupsPerCampaign: number;
  readonly adsPerAdGroup: number;
  readonly videos: number;
  readonly images: number;
  readonly topViewCampaigns: number;
  readonly promotedCampaigns: number;
  readonly deletedPercent: number;
  readonly deliveryPercent: number;
  readonly alwaysOn: boolean;
}

/** A change made while the simulator runs: an entity added behind the newest, or one deleted. */
export type AccountChange =
  | { readonly kind: 'insert'; readonly entity: EntityKind; readonly atSecond: number }
  | { readonly kind: 'delete'; readonly entity: EntityKind; readonly ordinal: number; readonly day: number };

export interface AccountPlan {
  readonly id: string;
  readonly name: string;
  readonly seed: number;
  readonly profile: AccountProfile;
  readonly access: 'granted' | 'denied' | 'deleted';
  readonly shape: AccountShape;
  /** First day of delivery and the day on which the simulation began; days since 1970-01-01. */
  readonly historyStart: number;
  readonly anchorDay: number;
}

/**
 * One ad account as a tree of ordinals, oldest first: campaign → ad groups → ads, children of one parent in a row. Everything
 * else about an entity follows from its ordinal, see `entities/` and `numbers.ts`.
 */
export interface Account extends AccountPlan {
  /** Grows with each change; part of every cache key. */
  readonly version: number;
  /** Ad groups of campaign c: `campaignFirst[c]` to `campaignFirst[c + 1] - 1`. */
  readonly campaignFirst: Int32Array;
  /** Ads of ad group g. */
  readonly adGroupFirst: Int32Array;
  readonly campaignOfAdGroup: Int32Array;
  readonly adGroupOfAd: Int32Array;
  readonly campaignCount: number;
  readonly adGroupCount: number;
  readonly adCount: number;
  /** 1 where the entity itself was deleted. */
  readonly campaignDeleted: Uint8Array;
  readonly adGroupDeleted: Uint8Array;
  readonly adDeleted: Uint8Array;
  readonly adCreated: Float64Array;
  readonly delivery: Delivery;
}

/** What an ad's numbers are made of, per ad. */
export interface Delivery {
  readonly seed: Int32Array;
  /** Typical impressions a day. */
  readonly scale: Int32Array;
  /** Cost of 1024 impressions in minor units. */
  readonly cpm: Int32Array;
  /** Clicks per 65536 impressions. */
  readonly ctr: Int32Array;
  /** Conversions per 1024 clicks. */
  readonly cvr: Int32Array;
  /** First and last day of delivery. */
  readonly start: Int32Array;
  readonly end: Int32Array;
  /** Of 1024 days, how many deliver. */
  readonly density: number;
}

const forever = 2_000_000;

export function buildAccount(plan: AccountPlan, changes: readonly AccountChange[]): Account {
  const { shape, seed } = plan;
  const adGroupsOf: number[] = Array.from({ length: shape.campaigns }, () => shape.adGroupsPerCampaign);
  const adsOf: number[] = Array.from({ length: shape.campaigns * shape.adGroupsPerCampaign }, () => shape.adsPerAdGroup);
  const baseAdGroups = adsOf.length;
  const baseAds = baseAdGroups * shape.adsPerAdGroup;
  const insertedAt: number[] = [];
  for (const change of changes)
    if (change.kind === 'insert') insert(hasLivingParents() ? change.entity : 'campaign', change.atSecond);

  function hasLivingParents(): boolean {
    const [campaign, adGroup] = [adGroupsOf.length - 1, adsOf.length - 1];
    const bornDeleted = campaign < shape.campaigns && isBornDeleted(shape, 'campaign', campaign);
    return !bornDeleted && !(adGroup < baseAdGroups && isBornDeleted(shape, 'adgroup', adGroup));
  }

  function insert(entity: EntityKind, atSecond: number): void {
    if (entity === 'campaign' || adGroupsOf.length === 0) adGroupsOf.push(0);
    if (entity !== 'ad' || adsOf.length === 0) {
      adsOf.push(0);
      adGroupsOf[adGroupsOf.length - 1] = (adGroupsOf.at(-1) ?? 0) + 1;
    }
    adsOf[adsOf.length - 1] = (adsOf.at(-1) ?? 0) + 1;
    insertedAt.push(atSecond);
  }

  const campaignFirst = startsOf(adGroupsOf);
  const adGroupFirst = startsOf(adsOf);
  const campaignOfAdGroup = parentsOf(adGroupsOf);
  const adGroupOfAd = parentsOf(adsOf);
  const adCount = adGroupOfAd.length;
  const deletedDay = new Map<string, number>();
  const campaignDeleted = marks('campaign', adGroupsOf.length, shape.campaigns);
  const adGroupDeleted = marks('adgroup', adsOf.length, baseAdGroups);
  const adDeleted = marks('ad', adCount, baseAds);
  const marksOf = { campaign: campaignDeleted, adgroup: adGroupDeleted, ad: adDeleted };
  for (const change of changes) {
    if (change.kind !== 'delete') continue;
    marksOf[change.entity][change.ordinal] = 1;
    deletedDay.set(`${change.entity} ${change.ordinal}`, change.day);
  }

  /** What was inserted later is never born deleted. */
  function marks(entity: EntityKind, count: number, base: number): Uint8Array {
    return Uint8Array.from({ length: count }, (_, ordinal) => (ordinal < base && isBornDeleted(shape, entity, ordinal) ? 1 : 0));
  }

  function lastDay(entity: EntityKind, ordinal: number): number {
    if (marksOf[entity][ordinal] !== 1) return forever;
    return deletedDay.get(`${entity} ${ordinal}`) ?? plan.anchorDay - 3 - below(mix(seed ^ hashText(entity), ordinal), 40);
  }

  const delivery: Delivery = {
    seed: new Int32Array(adCount),
    scale: new Int32Array(adCount),
    cpm: new Int32Array(adCount),
    ctr: new Int32Array(adCount),
    cvr: new Int32Array(adCount),
    start: new Int32Array(adCount),
    end: new Int32Array(adCount),
    density: Math.round((shape.deliveryPercent * 1024) / 100),
  };
  const adCreated = new Float64Array(adCount);
  const span = Math.max(0, plan.anchorDay - plan.historyStart) * 86_400 * 0.8;
  const price = { JPY: 1.5, KRW: 14, INR: 20, BRL: 5 }[plan.profile.currency] ?? 1;
  for (let ad = 0; ad < adCount; ad += 1) {
    const hash = mix(seed ^ 0x5ad, ad);
    const adGroup = adGroupOfAd[ad] ?? 0;
    const inserted = ad >= baseAds ? insertedAt[ad - baseAds] : undefined;
    const share = shape.alwaysOn || baseAds === 0 ? 0 : ad / baseAds;
    const created = inserted ?? plan.historyStart * 86_400 - 172_800 + Math.floor(share * span) + ad;
    adCreated[ad] = created;
    delivery.seed[ad] = hash;
    delivery.scale[ad] = 150 + below(mix(hash, 1), below(mix(hash, 2), 10) === 0 ? 20_000 : 2_000);
    delivery.cpm[ad] = Math.round((200 + below(mix(hash, 3), 1_000)) * price);
    delivery.ctr[ad] = 300 + below(mix(hash, 4), 1_300);
    delivery.cvr[ad] = 40 + below(mix(hash, 5), 160);
    const start =
      shape.alwaysOn && inserted === undefined
        ? plan.historyStart
        : Math.floor(created / 86_400) + (inserted === undefined ? 2 : 0);
    const life =
      shape.alwaysOn || (hash & 0x10000) === 0 || inserted !== undefined ? forever : start + 20 + below(mix(hash, 6), 400);
    delivery.start[ad] = start;
    delivery.end[ad] = Math.min(
      life,
      lastDay('campaign', campaignOfAdGroup[adGroup] ?? 0),
      lastDay('adgroup', adGroup),
      lastDay('ad', ad),
    );
  }
  return {
    ...plan,
    version: changes.length,
    campaignFirst,
    adGroupFirst,
    campaignOfAdGroup,
    adGroupOfAd,
    campaignCount: adGroupsOf.length,
    adGroupCount: adsOf.length,
    adCount,
    campaignDeleted,
    adGroupDeleted,
    adDeleted,
    adCreated,
    delivery,
  };
}

const deletedPhases = { campaign: 3, adgroup: 5, ad: 7 } as const;

/** Deleted entities are spread evenly, so that small accounts have some too. */
function isBornDeleted({ deletedPercent }: AccountShape, entity: EntityKind, ordinal: number): boolean {
  const place = ((ordinal - deletedPhases[entity]) * deletedPercent) % 100;
  return (place < 0 ? place + 100 : place) < deletedPercent;
}

/** Where each parent's children start, with one entry more than there are parents. */
function startsOf(children: readonly number[]): Int32Array {
  const starts = new Int32Array(children.length + 1);
  for (let i = 0; i < children.length; i += 1) starts[i + 1] = (starts[i] ?? 0) + (children[i] ?? 0);
  return starts;
}

function parentsOf(children: readonly number[]): Int32Array {
  const parents = new Int32Array(children.reduce((sum, n) => sum + n, 0));
  let at = 0;
  for (let parent = 0; parent < children.length; parent += 1) {
    parents.fill(parent, at, at + (children[parent] ?? 0));
    at += children[parent] ?? 0;
  }
  return parents;
}

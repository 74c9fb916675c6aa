import { type Account, type AccountChange, type AccountShape, buildAccount, type EntityKind } from './account.ts';
import { minorDigitsOf, profileAt, profileOf } from './accounts.ts';
import { dayOf } from './days.ts';
import { hashText, mix } from './hash.ts';
import type { AdvertiserOptions, Options } from './options.ts';
import { createZones, type Zones } from './zones.ts';

/** All accounts, made when first asked for and forgotten again when there are too many; the seed brings them back unchanged. */
export interface World {
  readonly zones: Zones;
  /** Ids of the listed accounts. */
  readonly advertiserIds: readonly string[];
  /** The account, or undefined if there is none of this id. */
  readonly account: (advertiserId: string) => Account | undefined;
  readonly change: (advertiserId: string, change: AccountChange) => void;
  readonly insert: (advertiserId: string, entity: EntityKind, atSecond: number) => void;
  /** Undoes all changes. */
  readonly reset: () => void;
}

/** Ads kept in memory at most, about 40 bytes each. */
const adsKeptMax = 2_000_000;

/** 2020-11-01: the sandbox has numbers of December 2020. */
const sandboxHistoryStart = 18_567;

export function createWorld(options: Options, startedAtMs: number): World {
  const listed = listedAdvertisers(options);
  const indexOf = new Map(listed.map((advertiser, index) => [advertiser.id, index]));
  const changes = new Map<string, AccountChange[]>();
  const built = new Map<string, Account>();
  let adsKept = 0;
  const historyStart = Math.min(
    dayOf(options.historyStart) ?? 0,
    options.sandbox ? sandboxHistoryStart : Number.POSITIVE_INFINITY,
  );
  const anchorDay = Math.floor(startedAtMs / 86_400_000);

  function build(id: string): Account | undefined {
    const index = indexOf.get(id);
    if (index === undefined && !(options.anyAdvertiser && /^\d{1,20}$/.test(id))) return undefined;
    const given = index === undefined ? undefined : listed[index];
    const seed = mix(options.seed, hashText(id));
    const base = index === undefined ? profileOf(seed) : profileAt(index);
    const currency = given?.currency ?? base.currency;
    const timezone = given?.timezone ?? base.timezone;
    const profile = {
      ...base,
      currency,
      minorDigits: minorDigitsOf(currency),
      timezone,
      displayTimezone: given?.displayTimezone ?? given?.timezone ?? base.displayTimezone,
    };
    const name = given?.name ?? `${base.country} account ${id.slice(-4)}`;
    const access = given?.access ?? 'granted';
    return buildAccount(
      { id, name, seed, profile, access, shape: shapeOf(options, given), historyStart, anchorDay },
      changes.get(id) ?? [],
    );
  }

  function account(id: string): Account | undefined {
    let found = built.get(id);
    if (found === undefined) {
      found = build(id);
      if (found === undefined) return undefined;
      built.set(id, found);
      adsKept += found.adCount;
      for (const [oldId, old] of built) {
        if (adsKept <= adsKeptMax || oldId === id) break;
        built.delete(oldId);
        adsKept -= old.adCount;
      }
    }
    return found;
  }

  function change(id: string, one: AccountChange): void {
    const list = changes.get(id) ?? [];
    list.push(one);
    changes.set(id, list);
    forget(id);
  }

  function forget(id: string): void {
    adsKept -= built.get(id)?.adCount ?? 0;
    built.delete(id);
  }

  return {
    zones: createZones(),
    advertiserIds: listed.map((advertiser) => advertiser.id),
    account,
    change,
    insert: (id, entity, atSecond) => change(id, { kind: 'insert', entity, atSecond }),
    reset: () => {
      for (const id of changes.keys()) forget(id);
      changes.clear();
    },
  };
}

function listedAdvertisers(options: Options): readonly AdvertiserOptions[] {
  if (typeof options.advertisers !== 'number')
    return options.advertisers.map((one) => (typeof one === 'string' ? { id: one } : one));
  return Array.from({ length: options.advertisers }, (_, index) => ({
    id: `7${String(100_000 + ((mix(options.seed, 0xad5) >>> 0) % 800_000))}${String(10_000_000_000 + index * 13 + 7).padStart(12, '0')}`,
  }));
}

function shapeOf(options: Options, given: AdvertiserOptions | undefined): AccountShape {
  const campaigns = given?.campaigns ?? options.campaigns ?? 6;
  const adGroupsPerCampaign = given?.adGroupsPerCampaign ?? options.adGroupsPerCampaign ?? 3;
  const adsPerAdGroup = given?.adsPerAdGroup ?? options.adsPerAdGroup ?? 3;
  const ads = campaigns * adGroupsPerCampaign * adsPerAdGroup;
  return {
    campaigns,
    adGroupsPerCampaign,
    adsPerAdGroup,
    videos: given?.videos ?? options.videos ?? Math.ceil(ads / 2),
    images: given?.images ?? options.images ?? Math.ceil(ads / 3),
    promotedCampaigns: given?.promotedCampaigns ?? options.promotedCampaigns ?? 0,
    topViewCampaigns: Math.min(campaigns, given?.topViewCampaigns ?? options.topViewCampaigns ?? (campaigns >= 3 ? 1 : 0)),
    deletedPercent: given?.deletedPercent ?? options.deletedPercent ?? 10,
    deliveryPercent: given?.deliveryPercent ?? options.deliveryPercent ?? 70,
    alwaysOn: given?.alwaysOn ?? options.alwaysOn ?? options.sandbox,
  };
}

import type { Account, EntityKind } from '../account.ts';
import { below, mix, pick } from '../hash.ts';

export type BuyingType = 'AUCTION' | 'RESERVATION_RF' | 'RESERVATION_TOP_VIEW';
export type Origin = 'TT_ADS_PLATFORM' | 'PROMOTE';
export type AutomationType = 'MANUAL' | 'SMART_PLUS' | 'UPGRADED_SMART_PLUS';

const auctionObjectives: readonly [string, ...string[]] = [
  'WEB_CONVERSIONS',
  'TRAFFIC',
  'REACH',
  'APP_PROMOTION',
  'VIDEO_VIEWS',
  'LEAD_GENERATION',
  'PRODUCT_SALES',
];

export function buyingTypeOf(account: Account, campaign: number): BuyingType {
  if (campaign < account.shape.topViewCampaigns) return 'RESERVATION_TOP_VIEW';
  return campaign % 7 === 2 && originOf(account, campaign) !== 'PROMOTE' ? 'RESERVATION_RF' : 'AUCTION';
}

/** The campaigns behind the TopView ones, so many, were made in the TikTok app. */
export function originOf(account: Account, campaign: number): Origin {
  const { topViewCampaigns, promotedCampaigns } = account.shape;
  return campaign >= topViewCampaigns && campaign < topViewCampaigns + promotedCampaigns ? 'PROMOTE' : 'TT_ADS_PLATFORM';
}

export function automationOf(account: Account, campaign: number): AutomationType {
  if (buyingTypeOf(account, campaign) !== 'AUCTION' || originOf(account, campaign) === 'PROMOTE') return 'MANUAL';
  return campaign % 5 === 1 ? 'UPGRADED_SMART_PLUS' : campaign % 5 === 4 ? 'SMART_PLUS' : 'MANUAL';
}

export function objectiveOf(account: Account, campaign: number): string {
  const buying = buyingTypeOf(account, campaign);
  if (buying === 'RESERVATION_TOP_VIEW') return 'TOPVIEW_REACH';
  if (buying === 'RESERVATION_RF') return 'RF_REACH';
  return pick(mix(account.seed ^ 0x0b, campaign), auctionObjectives);
}

export function promotionTypeOf(account: Account, adGroup: number): string {
  const objective = objectiveOf(account, account.campaignOfAdGroup[adGroup] ?? 0);
  if (objective === 'APP_PROMOTION') return adGroup % 2 === 0 ? 'APP_ANDROID' : 'APP_IOS';
  return objective === 'LEAD_GENERATION' ? 'LEAD_GENERATION' : objective === 'PRODUCT_SALES' ? 'TIKTOK_SHOP' : 'WEBSITE';
}

/** The three ways TikTok speaks of a status: what the user set, why it does or does not deliver, and the class that filters use. */
export interface Status {
  readonly operation: 'ENABLE' | 'DISABLE' | 'DELETE';
  readonly secondary: string;
  readonly primary: 'STATUS_DELETE' | 'STATUS_DISABLE' | 'STATUS_NOT_DELIVERY' | 'STATUS_TIME_DONE' | 'STATUS_DELIVERY_OK';
}

export function campaignStatus(account: Account, campaign: number): Status {
  if (account.campaignDeleted[campaign] === 1)
    return { operation: 'DELETE', secondary: 'CAMPAIGN_STATUS_DELETE', primary: 'STATUS_DELETE' };
  if (isDisabled(account, 0xca, campaign))
    return { operation: 'DISABLE', secondary: 'CAMPAIGN_STATUS_DISABLE', primary: 'STATUS_DISABLE' };
  return { operation: 'ENABLE', secondary: 'CAMPAIGN_STATUS_ENABLE', primary: 'STATUS_DELIVERY_OK' };
}

export function adGroupStatus(account: Account, adGroup: number): Status {
  const parent = campaignStatus(account, account.campaignOfAdGroup[adGroup] ?? 0);
  if (account.adGroupDeleted[adGroup] === 1)
    return { operation: 'DELETE', secondary: 'ADGROUP_STATUS_DELETE', primary: 'STATUS_DELETE' };
  const operation = isDisabled(account, 0xa6, adGroup) ? 'DISABLE' : 'ENABLE';
  if (parent.primary === 'STATUS_DELETE')
    return { operation: 'DELETE', secondary: 'ADGROUP_STATUS_CAMPAIGN_DELETE', primary: 'STATUS_DELETE' };
  if (operation === 'DISABLE') return { operation, secondary: 'ADGROUP_STATUS_DISABLE', primary: 'STATUS_DISABLE' };
  if (parent.operation === 'DISABLE')
    return { operation, secondary: 'ADGROUP_STATUS_CAMPAIGN_DISABLE', primary: 'STATUS_NOT_DELIVERY' };
  return { operation, secondary: 'ADGROUP_STATUS_DELIVERY_OK', primary: 'STATUS_DELIVERY_OK' };
}

export function adStatus(account: Account, ad: number): Status {
  const adGroup = account.adGroupOfAd[ad] ?? 0;
  if (account.adDeleted[ad] === 1) return { operation: 'DELETE', secondary: 'AD_STATUS_DELETE', primary: 'STATUS_DELETE' };
  const parent = adGroupStatus(account, adGroup);
  if (parent.primary === 'STATUS_DELETE') {
    const secondary = account.adGroupDeleted[adGroup] === 1 ? 'AD_STATUS_ADGROUP_DELETE' : 'AD_STATUS_CAMPAIGN_DELETE';
    return { operation: 'DELETE', secondary, primary: 'STATUS_DELETE' };
  }
  const operation = isDisabled(account, 0xad, ad) ? 'DISABLE' : 'ENABLE';
  if (operation === 'DISABLE') return { operation, secondary: 'AD_STATUS_DISABLE', primary: 'STATUS_DISABLE' };
  if (parent.operation === 'DISABLE')
    return { operation, secondary: 'AD_STATUS_ADGROUP_DISABLE', primary: 'STATUS_NOT_DELIVERY' };
  if (parent.primary === 'STATUS_NOT_DELIVERY')
    return { operation, secondary: 'AD_STATUS_CAMPAIGN_DISABLE', primary: 'STATUS_NOT_DELIVERY' };
  return { operation, secondary: 'AD_STATUS_DELIVERY_OK', primary: 'STATUS_DELIVERY_OK' };
}

export function statusOf(account: Account, kind: EntityKind, ordinal: number): Status {
  switch (kind) {
    case 'campaign':
      return campaignStatus(account, ordinal);
    case 'adgroup':
      return adGroupStatus(account, ordinal);
    case 'ad':
      return adStatus(account, ordinal);
  }
}

export function countOf(account: Account, kind: EntityKind): number {
  switch (kind) {
    case 'campaign':
      return account.campaignCount;
    case 'adgroup':
      return account.adGroupCount;
    case 'ad':
      return account.adCount;
  }
}

/** The campaign an entity belongs to. */
export function campaignOf(account: Account, kind: EntityKind, ordinal: number): number {
  switch (kind) {
    case 'campaign':
      return ordinal;
    case 'adgroup':
      return account.campaignOfAdGroup[ordinal] ?? 0;
    case 'ad':
      return account.campaignOfAdGroup[account.adGroupOfAd[ordinal] ?? 0] ?? 0;
  }
}

/** First and last ad below an entity, the last excluded. */
export function adsBelow(account: Account, kind: EntityKind, ordinal: number): readonly [number, number] {
  switch (kind) {
    case 'campaign':
      return [
        account.adGroupFirst[account.campaignFirst[ordinal] ?? 0] ?? 0,
        account.adGroupFirst[account.campaignFirst[ordinal + 1] ?? 0] ?? 0,
      ];
    case 'adgroup':
      return [account.adGroupFirst[ordinal] ?? 0, account.adGroupFirst[ordinal + 1] ?? 0];
    case 'ad':
      return [ordinal, ordinal + 1];
  }
}

/** When an entity was created, in seconds since 1970: parents a little before their first child. */
export function createdAt(account: Account, kind: EntityKind, ordinal: number): number {
  const [first] = adsBelow(account, kind, ordinal);
  const lead = { campaign: 300, adgroup: 60, ad: 0 }[kind];
  return (account.adCreated[first] ?? account.historyStart * 86_400) - lead;
}

/** The last change, in seconds since 1970; undefined for ads of upgraded Smart+ campaigns, which have none. */
export function modifiedAt(account: Account, kind: EntityKind, ordinal: number): number | undefined {
  if (kind === 'ad' && automationOf(account, campaignOf(account, kind, ordinal)) === 'UPGRADED_SMART_PLUS') return undefined;
  const created = createdAt(account, kind, ordinal);
  const last = account.anchorDay * 86_400;
  return created + below(mix(account.seed ^ 0x30d, ordinal), Math.max(1, last - created));
}

/** One entity in nine is switched off by its owner. It still has the delivery of earlier days. */
function isDisabled(account: Account, salt: number, ordinal: number): boolean {
  return below(mix(account.seed ^ salt, ordinal), 9) === 0;
}

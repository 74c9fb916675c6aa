import type { Account } from './account.ts';
import { adGroupBudget, adGroupName, adName, adText, callToAction, campaignBudget, campaignName } from './entities/texts.ts';
import { adGroupStatus, automationOf, objectiveOf, promotionTypeOf } from './entities/traits.ts';
import { entityId } from './ids.ts';
import type { Groups } from './report-groups.ts';

/** Ordinals of the entity a row is about and of those above it; -1 where there is none. */
interface Place {
  readonly account: Account;
  readonly campaign: number;
  readonly adGroup: number;
  readonly ad: number;
}

/** The text of an attribute metric for a row, as reports show it: display names, not the API's enums. */
export function attributeText(account: Account, kind: Groups['kind'], ordinal: number, name: string): string {
  return texts[name]?.(placeOf(account, kind, ordinal)) ?? '-';
}

function placeOf(account: Account, kind: Groups['kind'], ordinal: number): Place {
  const ad = kind === 'ad' || kind === 'ad_v2' ? ordinal : -1;
  const adGroup = ad >= 0 ? (account.adGroupOfAd[ad] ?? -1) : kind === 'adgroup' || kind === 'playable' ? ordinal : -1;
  const campaign = adGroup >= 0 ? (account.campaignOfAdGroup[adGroup] ?? -1) : kind === 'campaign' ? ordinal : -1;
  return { account, campaign, adGroup, ad };
}

const promotionNames: Readonly<Record<string, string>> = {
  APP_ANDROID: 'App',
  APP_IOS: 'App',
  WEBSITE: 'Website',
  LEAD_GENERATION: 'Lead generation',
  TIKTOK_SHOP: 'TikTok Shop',
};

const placements = ['Automatic Placement', 'TikTok', 'TikTok,News Feed App Series,Helo,Pangle'] as const;

function money(account: Account, minor: number): string {
  return (minor / 10 ** account.profile.minorDigits).toFixed(account.profile.minorDigits);
}

const texts: Readonly<Record<string, (place: Place) => string>> = {
  advertiser_id: ({ account }) => account.id,
  advertiser_name: ({ account }) => account.name,
  currency: ({ account }) => account.profile.currency,
  timezone: ({ account }) => account.profile.timezone,
  campaign_id: ({ account, campaign }) => entityId(account, 'campaign', campaign),
  campaign_name: ({ account, campaign }) => campaignName(account, campaign),
  objective_type: ({ account, campaign }) => displayName(objectiveOf(account, campaign)),
  campaign_automation_type: ({ account, campaign, ad }) => {
    const type = automationOf(account, campaign);
    return type === 'UPGRADED_SMART_PLUS' && ad >= 0 ? 'UPGRADED_SMART_PLUS_CREATIVE' : type;
  },
  campaign_budget: ({ account, campaign }) => money(account, campaignBudget(account, campaign)),
  campaign_dedicate_type: () => '-',
  app_promotion_type: ({ account, campaign }) => (objectiveOf(account, campaign) === 'APP_PROMOTION' ? 'APP_INSTALL' : 'UNSET'),
  split_test: () => '-',
  rf_campaign_type: ({ account, campaign }) => (objectiveOf(account, campaign) === 'TOPVIEW_REACH' ? 'TOPVIEW' : 'STANDARD'),
  adgroup_id: ({ account, adGroup }) => entityId(account, 'adgroup', adGroup),
  adgroup_name: ({ account, adGroup }) => adGroupName(account, adGroup),
  placement_type: ({ adGroup }) => placements[adGroup % placements.length] ?? placements[0],
  promotion_type: ({ account, adGroup }) => promotionNames[promotionTypeOf(account, adGroup)] ?? 'Website',
  opt_status: ({ account, adGroup }) => displayName(adGroupStatus(account, adGroup).operation),
  adgroup_download_url: () => '-',
  profile_image: () => '-',
  dpa_target_audience_type: () => '-',
  smart_target: ({ adGroup }) => (adGroup % 2 === 0 ? 'Conversion' : 'Click'),
  billing_event: ({ adGroup }) => (adGroup % 2 === 0 ? 'Clicks' : 'Impression'),
  pricing_category: ({ adGroup }) => (adGroup % 2 === 0 ? 'CPC' : 'CPM'),
  bid_strategy: () => 'Lowest cost',
  aeo_type: () => '-',
  tt_app_id: () => '0',
  tt_app_name: () => '0',
  mobile_app_id: () => '0',
  budget: ({ account, adGroup }) => money(account, adGroupBudget(account, adGroup)),
  bid: ({ account }) => money(account, 0),
  bid_secondary_goal: () => '-',
  is_aco: () => 'false',
  ad_id: ({ account, ad }) => entityId(account, 'ad', ad),
  ad_id_v2: ({ account, ad }) => entityId(account, 'ad_v2', ad),
  ad_name: ({ account, ad }) => adName(account, ad),
  ad_text: ({ account, ad }) => adText(account, ad),
  call_to_action: ({ account, ad }) => displayName(callToAction(account, ad)),
  ad_profile_image: () => '-',
  ad_url: () => 'https://shop.example/landing',
  image_mode: ({ ad }) => (ad % 5 === 4 ? 'Single image' : 'Vertical video'),
  is_smart_creative: () => 'false',
};

/** `LEARN_MORE` → `Learn more`. */
function displayName(value: string): string {
  const words = value.toLowerCase().replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

import type { MetricGroup } from './metric.ts';

const everywhere = ['AUCTION_ADVERTISER', 'AUCTION_CAMPAIGN', 'AUCTION_ADGROUP', 'AUCTION_AD'] as const;
const fromCampaign = ['AUCTION_CAMPAIGN', 'AUCTION_ADGROUP', 'AUCTION_AD'] as const;
const fromAdGroup = ['AUCTION_ADGROUP', 'AUCTION_AD'] as const;
const ad = ['AUCTION_AD'] as const;
const manyAdvertisers = 'requests for several advertisers at once, which are not made here';
const smartPlus = 'Smart+ material reports, which are not read here';

/** Properties that the API gives as if they were metrics, of the row's own level and of its parents. */
export const attributes = {
  group: 'Attributes',
  traits: { attribute: true, needsIdDimension: true },
  rows: {
    advertiser_name: { kind: 'text', levels: everywhere, description: 'Name of the ad account.' },
    advertiser_id: { kind: 'id', levels: fromCampaign, description: 'Id of the ad account.' },
    currency: { kind: 'text', levels: everywhere, description: 'Currency of the ad account, as USD.' },
    timezone: { kind: 'text', reportTypes: [], onlyIn: manyAdvertisers, description: 'Time zone of the ad account.' },
    campaign_name: { kind: 'text', levels: fromCampaign, description: 'Name of the campaign.' },
    objective_type: { kind: 'text', levels: fromCampaign, description: 'Objective of the campaign.' },
    split_test: { kind: 'text', levels: fromCampaign, description: 'Whether the campaign is a split test.' },
    campaign_budget: { kind: 'money', levels: fromCampaign, description: 'Budget of the campaign.' },
    campaign_dedicate_type: { kind: 'text', levels: fromCampaign, description: 'Whether the campaign is dedicated to iOS 14.' },
    app_promotion_type: { kind: 'text', levels: fromCampaign, description: 'Kind of app promotion; UNSET where there is none.' },
    campaign_automation_type: {
      kind: 'text',
      levels: fromCampaign,
      description: 'MANUAL, SMART_PLUS, UPGRADED_SMART_PLUS or UPGRADED_SMART_PLUS_CREATIVE.',
    },
    rf_campaign_type: { kind: 'text', levels: ['AUCTION_CAMPAIGN'], description: 'Kind of a reach-and-frequency campaign.' },
    campaign_id: { kind: 'id', levels: fromAdGroup, description: 'Id of the campaign.' },
    adgroup_name: { kind: 'text', levels: fromAdGroup, description: 'Name of the ad group.' },
    placement_type: { kind: 'text', levels: fromAdGroup, description: 'Placement, as TikTok shows it to people.' },
    promotion_type: {
      kind: 'text',
      levels: fromAdGroup,
      description: 'What the ad group promotes, as TikTok shows it to people.',
    },
    opt_status: { kind: 'text', levels: fromAdGroup, description: 'Whether the ad group is switched on.' },
    adgroup_download_url: { kind: 'text', levels: fromAdGroup, description: 'Download address of the promoted app.' },
    profile_image: { kind: 'text', levels: fromAdGroup, description: 'Profile image of the ad group.' },
    dpa_target_audience_type: { kind: 'text', levels: fromAdGroup, description: 'Audience of catalog ads.' },
    smart_target: { kind: 'text', levels: fromAdGroup, description: 'Optimization goal of the ad group.' },
    pricing_category: {
      kind: 'text',
      levels: fromAdGroup,
      deprecated: 'Use billing_event.',
      description: 'What the ad group is billed by.',
    },
    billing_event: {
      kind: 'text',
      levels: fromAdGroup,
      description: 'What the ad group is billed by, as TikTok shows it to people.',
    },
    bid_strategy: { kind: 'text', levels: fromAdGroup, description: 'Bidding strategy of the ad group.' },
    aeo_type: { kind: 'text', levels: fromAdGroup, description: 'Kind of app event optimization.' },
    budget: { kind: 'money', levels: fromAdGroup, description: 'Budget of the ad group.' },
    bid: { kind: 'money', levels: fromAdGroup, description: 'Bid of the ad group.' },
    bid_secondary_goal: { kind: 'money', levels: fromAdGroup, description: 'Bid of the ad group for its second goal.' },
    tt_app_id: { kind: 'id', levels: fromAdGroup, description: "TikTok's id of the promoted app; 0 where there is none." },
    tt_app_name: { kind: 'text', levels: fromAdGroup, description: 'Name of the promoted app; 0 where there is none.' },
    mobile_app_id: {
      kind: 'id',
      levels: fromAdGroup,
      description: "The app store's id of the promoted app; 0 where there is none.",
    },
    is_aco: { kind: 'text', levels: ['AUCTION_ADGROUP'], description: 'Whether creatives are optimized automatically.' },
    adgroup_id: { kind: 'id', levels: ad, description: 'Id of the ad group.' },
    ad_name: { kind: 'text', levels: ad, description: 'Name of the ad.' },
    ad_text: { kind: 'text', levels: ad, description: 'Text of the ad.' },
    call_to_action: { kind: 'text', levels: ad, description: "Text of the ad's button." },
    ad_profile_image: { kind: 'text', levels: ad, description: 'Profile image of the ad.' },
    ad_url: { kind: 'text', levels: ad, description: 'Landing page of the ad.' },
    image_mode: { kind: 'text', levels: ad, description: 'Format of the creative.' },
    ad_id: {
      kind: 'id',
      levels: ad,
      conflictsWith: 'ad_id_v2',
      description: 'Id of the ad; of the creative in upgraded Smart+ campaigns.',
    },
    ad_id_v2: { kind: 'id', levels: ad, conflictsWith: 'ad_id', description: 'Id of the ad, also in upgraded Smart+ campaigns.' },
    is_smart_creative: { kind: 'text', levels: ad, description: 'Whether the ad was made by Smart Creative.' },
    minis_name: { kind: 'text', needsDimension: 'minis_id', description: 'Name of the TikTok Mini.' },
    optimization_event: { kind: 'text', needsDimension: 'minis_id', description: 'Event that is optimized for.' },
    video_id: { kind: 'id', reportTypes: [], onlyIn: smartPlus, description: 'Id of the video.' },
    file_name: { kind: 'text', reportTypes: [], onlyIn: smartPlus, description: 'Name of the file.' },
    is_removed_from_spc: {
      kind: 'text',
      reportTypes: [],
      onlyIn: smartPlus,
      description: 'Whether the material was taken out of its Smart+ campaign.',
    },
    identity_id: { kind: 'id', reportTypes: [], onlyIn: smartPlus, description: 'Id of the identity that the post belongs to.' },
    tiktok_item_id: { kind: 'id', reportTypes: [], onlyIn: smartPlus, description: 'Id of the TikTok post.' },
    tiktok_name: { kind: 'text', reportTypes: [], onlyIn: smartPlus, description: 'Name of the TikTok account.' },
    catalog_name: { kind: 'text', reportTypes: [], onlyIn: smartPlus, description: 'Name of the catalog.' },
    catalog_modify_time: { kind: 'text', reportTypes: [], onlyIn: smartPlus, description: 'Last change of the catalog.' },
  },
} as const satisfies MetricGroup;

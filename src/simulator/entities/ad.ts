import { timeText } from '../days.ts';
import type { EntityPlace } from '../endpoints/entity-list.ts';
import { entityId, imageId, videoId } from '../ids.ts';
import { type Fields, nulls, same } from './records.ts';
import { adGroupName, adName, adText, callToAction, campaignName } from './texts.ts';
import { adStatus, automationOf, createdAt, modifiedAt } from './traits.ts';

const adGroup = ({ account, ordinal }: EntityPlace): number => account.adGroupOfAd[ordinal] ?? 0;
const campaign = (place: EntityPlace): number => place.account.campaignOfAdGroup[adGroup(place)] ?? 0;
const isSmart = (place: EntityPlace): boolean => automationOf(place.account, campaign(place)) === 'UPGRADED_SMART_PLUS';

/** Four of five ads are videos; one of ten pulls an existing post (Spark Ads), which has no `video_id` of its own. */
const isImage = ({ account, ordinal }: EntityPlace): boolean => ordinal % 5 === 4 && account.shape.images > 0;
const isSpark = ({ ordinal }: EntityPlace): boolean => ordinal % 10 === 2;

function images({ account, ordinal }: EntityPlace): readonly string[] {
  const { shape } = account;
  if (ordinal % 5 === 4 && shape.images > 0) {
    const first = imageId(account, ordinal % shape.images);
    return ordinal % 15 === 14 && shape.images > 1 ? [first, imageId(account, (ordinal + 1) % shape.images)] : [first];
  }
  // The cover of a video made in Ads Manager is an image that the library does not return.
  return ordinal % 10 === 2 ? [] : [`tos-alisg-p-0051c001/${account.seed >>> 0}${ordinal}`];
}

/** Fields of an ad (docs 1735735588640770). */
export const adFields: Fields<EntityPlace> = {
  advertiser_id: ({ account }) => account.id,
  campaign_id: (place) => entityId(place.account, 'campaign', campaign(place)),
  campaign_name: (place) => campaignName(place.account, campaign(place)),
  campaign_automation_type: (place) => automationOf(place.account, campaign(place)),
  campaign_system_origin: () => 'TT_ADS_PLATFORM',
  adgroup_id: (place) => entityId(place.account, 'adgroup', adGroup(place)),
  adgroup_name: (place) => adGroupName(place.account, adGroup(place)),
  ad_id: ({ account, ordinal }) => entityId(account, 'ad', ordinal),
  smart_plus_ad_id: (place) =>
    isSmart(place) ? entityId(place.account, 'ad_v2', place.account.adGroupFirst[adGroup(place)] ?? 0) : null,
  ad_name: ({ account, ordinal }) => adName(account, ordinal),
  create_time: ({ account, ordinal }) => timeText(createdAt(account, 'ad', ordinal)),
  modify_time: ({ account, ordinal }) => {
    const seconds = modifiedAt(account, 'ad', ordinal);
    return seconds === undefined ? null : timeText(seconds);
  },
  operation_status: ({ account, ordinal }) => adStatus(account, ordinal).operation,
  secondary_status: ({ account, ordinal }) => adStatus(account, ordinal).secondary,
  ...same({ is_aco: false, is_new_structure: true, creative_authorized: false }),
  ad_format: (place) => (isImage(place) ? (images(place).length > 1 ? 'CAROUSEL_ADS' : 'SINGLE_IMAGE') : 'SINGLE_VIDEO'),
  video_id: (place) =>
    isImage(place) || isSpark(place) || place.account.shape.videos === 0
      ? null
      : videoId(place.account, place.ordinal % place.account.shape.videos),
  image_ids: images,
  ...nulls('carousel_image_index', 'carousel_image_labels'),
  music_id: (place) => (images(place).length > 1 ? '7055555555555555555' : null),
  tiktok_item_id: (place) => (isSpark(place) ? `7${String(200_000_000_000_000_000 + place.ordinal)}` : null),
  ad_text: ({ account, ordinal }) => adText(account, ordinal),
  ad_texts: (place) => (isSmart(place) ? [adText(place.account, place.ordinal)] : null),
  call_to_action: (place) => (isSmart(place) ? null : callToAction(place.account, place.ordinal)),
  call_to_action_id: (place) => (isSmart(place) ? '7022222222222222222' : null),
  ...nulls('card_id', 'creative_type', 'image_mode', 'dynamic_format'),
  vertical_video_strategy: () => 'UNSET',
  playable_url: () => '',
  page_id: ({ ordinal }) => (ordinal % 17 === 9 ? '7399999999999999999' : null),
  ...nulls('premium_badge_id', 'aigc_disclosure_type', 'disclaimer_type', 'disclaimer_text', 'disclaimer_clickable_texts'),
  identity_id: () => '7050000000000000001',
  identity_type: (place) => (isSpark(place) ? 'AUTH_CODE' : 'CUSTOMIZED_USER'),
  ...nulls('identity_authorized_bc_id'),
  display_name: ({ account }) => account.name,
  app_name: () => '',
  profile_image_url: () => 'https://p.example/profile.jpg',
  avatar_icon_web_uri: () => 'ad-site-i18n-sg/avatar',
  landing_page_url: ({ account, ordinal }) =>
    `https://shop.example/${account.profile.country.toLowerCase()}?ad=${ordinal}&utm="q"`,
  ...nulls('landing_page_urls'),
  utm_params: ({ ordinal }) => (ordinal % 4 === 0 ? [{ key: 'utm_source', value: '__CAMPAIGN_NAME__' }] : []),
  deeplink: () => '',
  deeplink_type: () => 'NORMAL',
  ...nulls('deeplink_format_type', 'shopping_ads_deeplink_type', 'deeplink_utm_params'),
  fallback_type: () => 'UNSET',
  ...nulls('shopping_ads_fallback_type', 'dynamic_destination', 'cpp_url', 'tiktok_page_category'),
  ...nulls('phone_region_code', 'phone_region_calling_code', 'phone_number', 'auto_message_id'),
  ...nulls(
    'catalog_id',
    'product_set_id',
    'product_specific_type',
    'item_group_ids',
    'sku_ids',
    'vehicle_ids',
    'showcase_products',
  ),
  ...nulls('shopping_ads_video_package_id', 'end_card_cta'),
  tracking_pixel_id: ({ ordinal }) => (ordinal % 3 === 0 ? '7100000000000000001' : null),
  tracking_app_id: () => '0',
  ...same({ tracking_offline_event_set_ids: [], tracking_message_event_set_id: null }),
  ...nulls('impression_tracking_url', 'click_tracking_url', 'video_view_tracking_url'),
  ...same({
    vast_moat_enabled: false,
    viewability_postbid_partner: 'UNSET',
    viewability_vast_url: null,
    brand_safety_postbid_partner: 'UNSET',
  }),
  ...nulls('brand_safety_vast_url', 'optimization_event'),
  ...same({
    promotional_music_disabled: false,
    item_duet_status: 'ENABLE',
    item_stitch_status: 'ENABLE',
    dark_post_status: 'OFF',
    branded_content_disabled: false,
  }),
};

/**
 * What each breakdown may be asked with: docs 1759239462689793 (BASIC) and 1762404685488130 (AUDIENCE). Attributes come on top
 * wherever the level has them. A breakdown for which no list is known takes every metric of its report type.
 */
const cost = ['spend', 'cpc', 'cpm', 'impressions', 'clicks', 'ctr'] as const;
const gross = ['gross_impressions'] as const;
const conversions = ['conversion', 'cost_per_conversion', 'conversion_rate'] as const;
const realTimeConversions = ['real_time_conversion', 'real_time_cost_per_conversion', 'real_time_conversion_rate'] as const;
const overImpressions = ['conversion_rate_v2', 'real_time_conversion_rate_v2'] as const;
const results = ['result', 'cost_per_result', 'result_rate'] as const;
const realTimeResults = ['real_time_result', 'real_time_cost_per_result', 'real_time_result_rate'] as const;
const quartiles = ['video_views_p25', 'video_views_p50', 'video_views_p75', 'video_views_p100'] as const;
const video = ['video_play_actions', 'video_watched_2s', 'video_watched_6s', 'average_video_play', ...quartiles] as const;
const focusedViews = ['engaged_view', 'engaged_view_15s'] as const;
const social = [
  'clicks_on_music_disc',
  'follows',
  'likes',
  'comments',
  'shares',
  'profile_visits',
  'profile_visits_rate',
] as const;
const landingPage = ['total_landing_page_view', 'cost_per_landing_page_view', 'landing_page_view_rate'] as const;
const skan = [
  'skan_conversion',
  'skan_cost_per_conversion',
  'skan_conversion_rate',
  'skan_app_install',
  'skan_cost_per_app_install',
  'skan_app_install_withheld',
] as const;
/** Events of apps and websites that BASIC reports split by country, each with its cost and its rate. */
const eventsByCountry = [
  ...['registration', 'cost_per_registration', 'registration_rate'],
  ...['purchase', 'cost_per_purchase', 'purchase_rate'],
  ...['complete_payment', 'cost_per_complete_payment', 'complete_payment_rate'],
  ...['page_browse_view', 'cost_per_page_browse_view', 'page_browse_view_rate'],
  ...['button_click', 'cost_per_button_click', 'button_click_rate'],
  ...['online_consult', 'cost_per_online_consult', 'online_consult_rate'],
  ...['form', 'cost_per_form', 'form_rate'],
  ...['download_start', 'cost_per_download_start', 'download_start_rate'],
] as const;
const onsitePages = [
  'onsite_form',
  'onsite_download_start',
  'ix_page_view_count',
  'ix_button_click_count',
  'ix_product_click_count',
] as const;
const instantPage = [
  'ix_page_duration_avg',
  'ix_page_viewrate_avg',
  'ix_video_views',
  'ix_video_views_p25',
  'ix_video_views_p50',
  'ix_video_views_p75',
  'ix_video_views_p100',
  'ix_average_video_play',
] as const;
const wishlist = [
  'onsite_add_to_wishlist',
  'cost_per_onsite_add_to_wishlist',
  'onsite_add_to_wishlist_rate',
  'value_per_onsite_add_to_wishlist',
  'total_onsite_add_to_wishlist_value',
] as const;
const productClicks = [
  'live_product_clicks',
  'ix_product_click_count',
  'cost_per_ix_product_click_count',
  'ix_product_click_count_rate',
] as const;
const shop = [
  'onsite_shopping_roas',
  'onsite_shopping',
  'cost_per_onsite_shopping',
  'onsite_shopping_rate',
  'value_per_onsite_shopping',
  'total_onsite_shopping_value',
  'shop_total_purchase_by_order_submission',
  'shop_gross_revenue_by_order_submission',
  'shop_total_items_purchased',
  'onsite_initiate_checkout_count',
  'cost_per_onsite_initiate_checkout_count',
  'onsite_initiate_checkout_count_rate',
  'value_per_onsite_initiate_checkout_count',
  'total_onsite_initiate_checkout_count_value',
  'onsite_on_web_detail',
  'cost_per_onsite_on_web_detail',
  'onsite_on_web_detail_rate',
  'value_per_onsite_on_web_detail',
  'total_onsite_on_web_detail_value',
  'onsite_on_web_cart',
  'cost_per_onsite_on_web_cart',
  'onsite_on_web_cart_rate',
  'value_per_onsite_on_web_cart',
  'total_onsite_on_web_cart_value',
] as const;

const countryShared = [...cost, ...gross, ...conversions, ...realTimeConversions, ...video, ...social, ...landingPage] as const;
const pages = [...instantPage, ...cost, ...gross, ...conversions, ...realTimeConversions, ...overImpressions] as const;
const rooms = [...cost, ...conversions, 'conversion_rate_v2', ...wishlist, ...productClicks, ...shop] as const;

export const basicByCountry = [
  ...countryShared,
  ...focusedViews,
  ...['reach', 'frequency'],
  ...results,
  ...realTimeResults,
  ...['live_product_clicks', 'real_time_app_install', 'real_time_app_install_cost', 'app_install', 'cost_per_app_install'],
  ...eventsByCountry,
] as const;

export const basicByAdType = [
  ...cost,
  ...gross,
  ...conversions,
  ...realTimeConversions,
  ...overImpressions,
  ...video,
  ...focusedViews,
  ...social,
  ...landingPage,
  ...skan,
] as const;

export const basicBySearchTerms = [
  ...cost,
  ...conversions,
  'real_time_conversion',
  ...results,
  'video_play_actions',
  ...focusedViews,
] as const;

export const basicByPage = [...onsitePages, ...pages] as const;
export const basicByComponent = pages;
export const basicByRoom = rooms;
export const basicByPost = [...rooms, ...video, 'engaged_view'] as const;

export const audienceByCountry = [...countryShared, ...results, ...realTimeResults] as const;

export const audienceByBehavior = [
  ...cost,
  ...conversions,
  ...realTimeConversions,
  ...overImpressions,
  ...video,
  ...focusedViews,
  ...social,
  ...landingPage,
] as const;

/** Every metric that some AUDIENCE breakdown is documented with; what the undocumented ones are taken to allow. */
export const audience = [...audienceByCountry, ...overImpressions, ...focusedViews] as const;

/** Attributes that AUDIENCE reports were seen to take in production. */
export const audienceAttributes = [
  'campaign_name',
  'campaign_id',
  'adgroup_name',
  'adgroup_id',
  'ad_name',
  'ad_text',
  'placement_type',
  'tt_app_id',
  'tt_app_name',
  'mobile_app_id',
  'promotion_type',
  'dpa_target_audience_type',
  'rf_campaign_type',
] as const;

/** What PLAYABLE_MATERIAL shares with BASIC; its own names are in `metrics/playable.ts`. */
export const playableShared = [
  'spend',
  'cpm',
  'impressions',
  'clicks',
  'ctr',
  'conversion',
  'cost_per_conversion',
  'conversion_rate',
  'currency',
  'app_install',
  'cost_per_app_install',
  'playable_page_view_count',
  'playable_first_scene_view_count',
  'playable_second_scene_view_count',
  'playable_third_scene_view_count',
] as const;

const sales = [
  'complete_payment',
  'total_complete_payment_rate',
  'complete_payment_roas',
  'total_purchase',
  'total_purchase_value',
] as const;

/** What a report loads whose configuration names no metrics, in column order; names that the report cannot have are left out. */
export const defaultMetricNames = {
  BASIC: [
    ...cost,
    ...['cash_spend', 'voucher_spend', 'reach', 'frequency', 'cost_per_1000_reached'],
    ...conversions,
    ...realTimeConversions,
    ...results,
    ...video,
    'average_video_play_per_user',
    ...social,
    ...sales,
  ],
  AUDIENCE: [...cost, ...conversions, ...realTimeConversions, ...results],
  PLAYABLE_MATERIAL: [
    ...['playable_name', 'spend', 'cpm', 'impressions', 'clicks', 'ctr', 'conversion', 'cost_per_conversion', 'conversion_rate'],
    ...['playable_page_view_count', 'playable_cta_click'],
  ],
} as const;

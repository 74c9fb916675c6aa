import type { MetricGroup } from './metric.ts';

export const core = {
  group: 'Core',
  rows: {
    spend: {
      kind: 'money',
      description: 'Money spent on the ads, cash and vouchers together. Restated by TikTok on the next day.',
    },
    billed_cost: {
      kind: 'money',
      description: 'Money billed for delivery, after credits. From 2023-09-01 on, about 11 hours late.',
    },
    cash_spend: {
      kind: 'money',
      levels: ['AUCTION_ADVERTISER'],
      granularities: ['day'],
      description: 'Part of the spend that was paid in cash. Only for whole accounts, by day; 16 to 48 hours late.',
    },
    voucher_spend: {
      kind: 'money',
      levels: ['AUCTION_ADVERTISER'],
      granularities: ['day'],
      description: 'Part of the spend that was paid with vouchers. Only for whole accounts, by day; 16 to 48 hours late.',
    },
    cpc: { kind: 'money', description: 'Average cost per click on a destination.' },
    cpm: { kind: 'money', description: 'Average cost per 1,000 impressions.' },
    impressions: { kind: 'count', description: 'Times the ads were shown.' },
    gross_impressions: { kind: 'count', description: 'Times the ads were shown, invalid impressions included.' },
    clicks: { kind: 'count', description: 'Clicks from an ad to its destination.' },
    ctr: { kind: 'percent', description: 'Clicks as a percentage of impressions.' },
    reach: {
      kind: 'count',
      description: 'People who saw an ad at least once. Not a sum: the same person counts once per row. About 16 hours late.',
    },
    cost_per_1000_reached: { kind: 'money', description: 'Average cost per 1,000 people reached.' },
    frequency: { kind: 'decimal', description: 'Average number of times that each person reached saw the ads.' },
    conversion: {
      kind: 'count',
      description:
        'Times the optimization event happened, counted on the day of the ad interaction; past days keep growing until the attribution window closes.',
    },
    cost_per_conversion: { kind: 'money', description: 'Average cost per conversion, on the day of the ad interaction.' },
    conversion_rate: {
      kind: 'percent',
      description: 'Conversions as a percentage of impressions (of clicks, before late October 2023).',
    },
    conversion_rate_v2: { kind: 'percent', description: 'Conversions as a percentage of impressions, for all dates.' },
    real_time_conversion: {
      kind: 'count',
      description: 'Times the optimization event happened, counted on the day it happened.',
    },
    real_time_cost_per_conversion: { kind: 'money', description: 'Average cost per conversion, on the day of the conversion.' },
    real_time_conversion_rate: {
      kind: 'percent',
      description: 'Conversions on the day they happened, as a percentage of impressions (of clicks, before late October 2023).',
    },
    real_time_conversion_rate_v2: {
      kind: 'percent',
      description: 'Conversions on the day they happened, as a percentage of impressions, for all dates.',
    },
    result: {
      kind: 'count',
      additive: false,
      description:
        'Times the goal that the ad group is optimized for was reached. People, not events, under a reach goal; goals of unlike ad groups do not add up.',
    },
    cost_per_result: { kind: 'money', description: 'Average cost per result.' },
    result_rate: { kind: 'percent', description: 'Results as a percentage of impressions.' },
    real_time_result: { kind: 'count', additive: false, description: 'Results, counted on the day they happened.' },
    real_time_cost_per_result: { kind: 'money', description: 'Average cost per result, on the day of the result.' },
    real_time_result_rate: { kind: 'percent', description: 'Results on the day they happened, as a percentage of impressions.' },
    secondary_goal_result: {
      kind: 'count',
      additive: false,
      description: 'Times the second, deeper goal was reached; empty where there is none.',
    },
    cost_per_secondary_goal_result: { kind: 'money', description: 'Average cost per result of the second goal.' },
    secondary_goal_result_rate: { kind: 'percent', description: 'Results of the second goal as a percentage of impressions.' },
  },
} as const satisfies MetricGroup;

export const coreSkan = {
  group: 'Core, SKAN',
  rows: {
    skan_result: { kind: 'count', additive: false, description: 'Results as reported by Apple through SKAdNetwork.' },
    skan_cost_per_result: { kind: 'money', description: 'Average cost per result that Apple reported through SKAdNetwork.' },
    skan_result_rate: {
      kind: 'percent',
      description: 'Results that Apple reported through SKAdNetwork, as a percentage of impressions.',
    },
    skan_conversion: { kind: 'count', description: 'Conversions as reported by Apple through SKAdNetwork.' },
    skan_cost_per_conversion: {
      kind: 'money',
      description: 'Average cost per conversion that Apple reported through SKAdNetwork.',
    },
    skan_conversion_rate_v2: {
      kind: 'percent',
      description: 'Conversions that Apple reported through SKAdNetwork, as a percentage of impressions.',
    },
  },
} as const satisfies MetricGroup;

export const video = {
  group: 'Video',
  rows: {
    video_play_actions: { kind: 'count', description: 'Times a video started to play, replays left out.' },
    organic_video_views: { kind: 'count', description: 'Plays of the same videos that no ad paid for.' },
    video_watched_2s: { kind: 'count', description: 'Plays of at least 2 seconds.' },
    video_watched_6s: { kind: 'count', description: 'Plays of at least 6 seconds, or to the end of a shorter video.' },
    video_views_p25: { kind: 'count', description: 'Plays that reached a quarter of the video.' },
    video_views_p50: { kind: 'count', description: 'Plays that reached half of the video.' },
    video_views_p75: { kind: 'count', description: 'Plays that reached three quarters of the video.' },
    video_views_p100: { kind: 'count', description: 'Plays that reached the end of the video.' },
    average_video_play: { kind: 'decimal', unit: 'seconds', description: 'Average seconds watched per play.' },
    average_video_play_per_user: {
      kind: 'decimal',
      unit: 'seconds',
      description: 'Average seconds watched per person, over all plays.',
    },
    engaged_view: {
      kind: 'count',
      description: 'Focused views: plays of at least 6 seconds, or with an interaction in the first 6 seconds.',
    },
    paid_engaged_view: {
      kind: 'count',
      granularities: ['day', 'lifetime'],
      withBreakdowns: false,
      description: 'Focused views of 6 seconds that were paid for.',
    },
    paid_engagement_engaged_view: {
      kind: 'count',
      granularities: ['day', 'lifetime'],
      withBreakdowns: false,
      description: 'Paid focused views of 6 seconds that came with an interaction.',
    },
    engaged_view_15s: {
      kind: 'count',
      description: 'Focused views of at least 15 seconds, or with an interaction in the first 15 seconds.',
    },
    paid_engaged_view_15s: {
      kind: 'count',
      granularities: ['day', 'lifetime'],
      withBreakdowns: false,
      description: 'Focused views of 15 seconds that were paid for.',
    },
    paid_engagement_engaged_view_15s: {
      kind: 'count',
      granularities: ['day', 'lifetime'],
      withBreakdowns: false,
      description: 'Paid focused views of 15 seconds that came with an interaction.',
    },
  },
} as const satisfies MetricGroup;

export const click = {
  group: 'Click',
  rows: {
    engagements: {
      kind: 'count',
      description: 'All clicks on the ads: on destinations, profiles, music, likes, shares and the rest.',
    },
    engagement_rate: { kind: 'percent', description: 'All clicks as a percentage of impressions.' },
    clicks_on_music_disc: { kind: 'count', description: 'Clicks on the music disc of an ad.' },
    duet_clicks: { kind: 'count', description: 'Clicks on Duet.' },
    stitch_clicks: { kind: 'count', description: 'Clicks on Stitch.' },
    sound_usage_clicks: { kind: 'count', description: "Clicks on using an ad's sound." },
    anchor_clicks: { kind: 'count', description: 'Clicks on the anchor link of an ad.' },
    anchor_click_rate: { kind: 'percent', description: 'Clicks on the anchor link as a percentage of impressions.' },
    clicks_on_hashtag_challenge: { kind: 'count', description: 'Clicks on a hashtag challenge.' },
  },
} as const satisfies MetricGroup;

export const social = {
  group: 'Social / page',
  rows: {
    follows: { kind: 'count', description: 'New followers within a day of seeing an ad.' },
    likes: { kind: 'count', description: 'Likes within a day of seeing an ad.' },
    comments: { kind: 'count', description: 'Comments within a day of seeing an ad.' },
    shares: { kind: 'count', description: 'Shares within a day of seeing an ad.' },
    profile_visits: { kind: 'count', description: 'Visits to the profile within a day of seeing an ad.' },
    profile_visits_rate: { kind: 'percent', description: 'Profile visits as a percentage of impressions.' },
    tt_playlist_visit: { kind: 'count', description: 'Visits to a TikTok playlist.' },
    tt_playlist_visit_rate: { kind: 'percent', description: 'Visits to a TikTok playlist as a percentage of impressions.' },
    cost_per_consideration: {
      kind: 'money',
      granularities: ['day', 'lifetime'],
      withBreakdowns: false,
      description: 'Average cost per person who newly considers the brand.',
    },
    new_consideration_rate: {
      kind: 'percent',
      granularities: ['day', 'lifetime'],
      withBreakdowns: false,
      description: 'People who newly consider the brand, as a percentage of people reached.',
    },
    new_consideration_size: {
      kind: 'count',
      additive: false,
      granularities: ['day', 'lifetime'],
      withBreakdowns: false,
      description: 'People who newly consider the brand.',
    },
    earned_page_video_views: { kind: 'count', description: 'Video views on a page that the ads led to but did not pay for.' },
    earned_page_video_views_p100: {
      kind: 'count',
      description: 'Video views to the end on a page that the ads led to but did not pay for.',
    },
    earned_page_clicks: { kind: 'count', description: 'Clicks on a page that the ads led to but did not pay for.' },
  },
} as const satisfies MetricGroup;

export const live = {
  group: 'LIVE',
  rows: {
    live_views: { kind: 'count', description: 'Views of a LIVE video.' },
    live_unique_views: { kind: 'count', description: 'People who viewed a LIVE video.' },
    live_effective_views: { kind: 'count', description: 'Views of a LIVE video of at least 10 seconds.' },
    live_product_clicks: { kind: 'count', description: 'Clicks on products in a LIVE video.' },
  },
} as const satisfies MetricGroup;

export const carouselImage = {
  group: 'Carousel image',
  traits: { needsDimension: 'image_id', levels: ['AUCTION_AD'] },
  rows: {
    single_image_impressions: { kind: 'count', description: 'Times one image of a carousel was shown.' },
    single_image_impression_rate: { kind: 'percent', description: "One image's impressions as a percentage of the carousel's." },
    single_image_ctr: { kind: 'percent', description: 'Clicks on one image of a carousel as a percentage of its impressions.' },
  },
} as const satisfies MetricGroup;

export const interactiveAddOn = {
  group: 'Interactive add-on',
  rows: {
    interactive_add_on_impressions: { kind: 'count', description: 'Times an interactive add-on was shown.' },
    interactive_add_on_destination_clicks: {
      kind: 'count',
      description: 'Clicks from an interactive add-on to its destination.',
    },
    interactive_add_on_activity_clicks: { kind: 'count', description: 'Clicks on an interactive add-on that stay on TikTok.' },
    interactive_add_on_option_a_clicks: { kind: 'count', description: 'Clicks on the first option of an interactive add-on.' },
    interactive_add_on_option_b_clicks: { kind: 'count', description: 'Clicks on the second option of an interactive add-on.' },
    countdown_sticker_recall_clicks: { kind: 'count', description: 'Clicks on the reminder of a countdown sticker.' },
  },
} as const satisfies MetricGroup;

export const instantExperience = {
  group: 'Instant experience',
  rows: {
    ix_page_duration_avg: { kind: 'decimal', unit: 'seconds', description: 'Average seconds spent on an instant page.' },
    ix_page_viewrate_avg: { kind: 'percent', description: 'Average percentage of an instant page that was viewed.' },
    ix_video_views: { kind: 'count', description: 'Video plays on an instant page.' },
    ix_video_views_p25: 'count',
    ix_video_views_p50: 'count',
    ix_video_views_p75: 'count',
    ix_video_views_p100: 'count',
    ix_average_video_play: {
      kind: 'decimal',
      unit: 'seconds',
      description: 'Average seconds of video watched on an instant page.',
    },
  },
} as const satisfies MetricGroup;
